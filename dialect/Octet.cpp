// Registration of the dialect and functions on its types and locations.

#include "dialect/Octet.h"

#include "dialect/LogicOps.h"
#include "dialect/MathOps.h"
#include "dialect/TransformerOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "dialect/OctetDialect.cpp.inc"
#include "dialect/OctetEnums.cpp.inc"
#include "dialect/OctetInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/OctetAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/OctetOps.cpp.inc"

namespace octet {

// Families of ops with headers of their own.
void registerExtentOps(OctetDialect &dialect);
void registerIndexOps(OctetDialect &dialect);
void registerSampleOps(OctetDialect &dialect);

void OctetDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/OctetAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/OctetOps.cpp.inc"
      >();
  registerLogicOps(*this);
  registerExtentOps(*this);
  registerIndexOps(*this);
  registerMathOps(*this);
  registerTransformerOps(*this);
  registerSampleOps(*this);
}

Operation *OctetDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                             Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  return elements ? ConstantOp::create(builder, loc, type, elements) : nullptr;
}

bool areCompatibleResultTypes(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [expected, got] : llvm::zip(inferred, actual)) {
    auto e = cast<RankedTensorType>(expected), g = cast<RankedTensorType>(got);
    if (e.getShape() != g.getShape())
      return false;
    if (e.getElementType() != g.getElementType() && !isa<quant::QuantizedType>(g.getElementType()))
      return false;
  }
  return true;
}

bool isUniformQuantized(Type type) {
  auto quantized = dyn_cast<quant::QuantizedType>(type);
  return isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(type) &&
         quantized.getExpressedType().isF32() &&
         llvm::is_contained({8u, 16u, 32u}, quantized.getStorageTypeIntegralWidth());
}

bool hasScalePerChannel(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType());
  return !perAxis || (perAxis.getQuantizedDimension() < type.getRank() &&
                      static_cast<int64_t>(perAxis.getScales().size()) ==
                          type.getDimSize(perAxis.getQuantizedDimension()));
}

std::optional<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  SmallVector<int64_t> result(a);
  size_t offset = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t &extent = result[offset + i];
    if (extent == b[i] || b[i] == 1)
      continue;
    if (extent != 1)
      return std::nullopt;
    extent = b[i];
  }
  return result;
}

Type getStorageElementType(Type elementType) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(elementType))
    return IntegerType::get(elementType.getContext(), quantized.getStorageTypeIntegralWidth());
  return elementType;
}

RankedTensorType withElementType(RankedTensorType type, Type elementType) {
  return RankedTensorType::get(type.getShape(), elementType, type.getEncoding());
}

int64_t getElementBytes(Type elementType) {
  return llvm::divideCeil(getStorageElementType(elementType).getIntOrFloatBitWidth(), 8);
}

StringRef getNodeName(Location loc) {
  auto name = loc->findInstanceOf<NameLoc>();
  return name ? name.getName().strref() : StringRef();
}

StringRef getTensorName(Location loc) {
  auto node = loc->findInstanceOf<NameLoc>();
  auto tensor = node ? dyn_cast<NameLoc>(node.getChildLoc()) : NameLoc();
  return tensor ? tensor.getName().strref() : StringRef();
}

StringRef getNodeType(Location loc) {
  auto node = loc->findInstanceOf<NameLoc>();
  auto tensor = node ? dyn_cast<NameLoc>(node.getChildLoc()) : NameLoc();
  auto type = tensor ? dyn_cast<NameLoc>(tensor.getChildLoc()) : NameLoc();
  return type ? type.getName().strref() : StringRef();
}

Location getOnnxLocation(MLIRContext *context, StringRef node, StringRef tensor, StringRef type) {
  Location inner = UnknownLoc::get(context);
  if (!type.empty())
    inner = NameLoc::get(StringAttr::get(context, type));
  return NameLoc::get(StringAttr::get(context, node),
                      NameLoc::get(StringAttr::get(context, tensor), inner));
}

ElementsAttr getBlobAttr(RankedTensorType type, ArrayRef<char> bytes, StringRef name) {
  auto stored =
      RankedTensorType::get(type.getShape(), getStorageElementType(type.getElementType()));
  return DenseResourceElementsAttr::get(
      stored, name, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64));
}

SmallVector<char> getRawElements(ElementsAttr attr) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    assert(blob && "constant without its blob");
    return SmallVector<char>(blob->getData());
  }
  auto dense = cast<DenseElementsAttr>(attr);
  int64_t bytes = getElementBytes(dense.getElementType());
  SmallVector<char> result;
  if (dense.getElementType().isInteger(1)) {
    for (bool bit : dense.getValues<bool>())
      result.push_back(bit);
    return result;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat())
    return SmallVector<char>(raw);
  result.reserve(bytes * dense.getNumElements());
  for (int64_t i = 0; i < dense.getNumElements(); ++i)
    result.append(raw.begin(), raw.begin() + bytes);
  return result;
}

ElementsAttr getConstantValue(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getValue() : ElementsAttr();
}

} // namespace octet
