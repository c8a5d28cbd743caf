#include "frontend/NodeBuilder.h"

#include "dialect/reference/Evaluate.h"
#include "frontend/ElementTypes.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

RankedTensorType NodeBuilder::placeholder() {
  return RankedTensorType::get({}, builder.getF32Type());
}

// Only the last op of a node yields a tensor that the model names. The ones
// before it get names of their own, since calibration tables are keyed by them.
Location NodeBuilder::nextLoc() {
  std::string tensor = (getTensorName(node.getLoc()) + "/" + Twine(++steps)).str();
  return getOnnxLocation(builder.getContext(), getNodeName(node.getLoc()), tensor,
                         node.getOpType());
}

bool NodeBuilder::checkShape(ArrayRef<int64_t> shape) {
  if (countElements(shape, limits.rank, limits.elements))
    return true;
  node.error() << "expected a result of rank " << limits.rank << " and " << limits.elements
               << " elements at most, got " << printShape(shape);
  return false;
}

bool NodeBuilder::checkGenerated(int64_t elements) {
  budget.generated += elements;
  if (budget.generated <= limits.generatedElements)
    return true;
  node.error() << "expected generated constants of " << limits.generatedElements
               << " elements at most in all, got " << budget.generated;
  return false;
}

bool NodeBuilder::checkUnrolled(int64_t nodes) {
  budget.unrolledNodes += nodes;
  if (budget.unrolledNodes <= limits.unrolledNodes)
    return true;
  node.error() << "expected at most " << limits.unrolledNodes
               << " nodes of all loops, branches and functions when unrolled, got "
               << budget.unrolledNodes;
  return false;
}

// The generated checks of operand types speak of MLIR ("operand #0 must be statically
// shaped tensor of ..."); readers of the report know ONNX.
LogicalResult NodeBuilder::check(Operation *op) {
  ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &diagnostic) {
    std::string text = diagnostic.str();
    StringRef rest = StringRef(text).split("' op operand #").second;
    unsigned index;
    if (rest.consumeInteger(10, index) || index >= op->getNumOperands())
      return failure();
    auto type = mlir::cast<RankedTensorType>(op->getOperand(index).getType());
    emitError(node.getLoc()) << "expected "
                             << (rest.contains("32-bit float") ? "float32" : "int32 or int64")
                             << ", got " << getElementTypeName(type.getElementType());
    return success();
  });
  return verify(op);
}

Value NodeBuilder::finish(OperationState &state) {
  for (Type type : state.types)
    if (!checkShape(mlir::cast<RankedTensorType>(type).getShape()))
      return {};
  Operation *op = builder.create(state);
  if (mlir::failed(check(op))) {
    op->erase();
    node.fail();
    return {};
  }
  if (Value folded = fold(op))
    return folded;
  if (node.failed()) {
    op->erase();
    return {};
  }
  auto type = mlir::cast<RankedTensorType>(op->getResult(0).getType());
  // Nothing behind the frontend computes a tensor without elements: whatever it is made of, it
  // is this constant.
  if (type.getNumElements() == 0) {
    op->erase();
    return constant(reference::Tensor(type).toAttr(getTensorName(node.getLoc())));
  }
  created.insert(op);
  return op->getResult(0);
}

Value NodeBuilder::fold(Operation *op) {
  // Constants that come as integers stay integers.
  if (isa<DequantizeOp>(op))
    return {};
  int64_t largest = 1;
  for (Value operand : op->getOperands())
    largest = std::max(largest, mlir::cast<RankedTensorType>(operand.getType()).getNumElements());
  int64_t results = mlir::cast<RankedTensorType>(op->getResult(0).getType()).getNumElements();
  if (largest > largestFold || !reference::isFoldable(op, largestFold))
    return {};
  int64_t work = largest * std::max<int64_t>(results, 1);
  if (work > budget.work)
    return {};
  budget.work -= work;
  auto values = reference::foldConstants(op);
  if (mlir::failed(values)) {
    node.fail();
    return {};
  }
  auto constant = ConstantOp::create(builder, op->getLoc(), values->front());
  op->erase();
  created.insert(constant);
  return constant;
}

Value NodeBuilder::constant(ElementsAttr value) {
  if (node.failed())
    return {};
  auto op = ConstantOp::create(builder, nextLoc(), value);
  created.insert(op);
  return op;
}

Value NodeBuilder::constant(const LoadedTensor &tensor) {
  if (node.failed())
    return {};
  auto op = ConstantOp::create(builder, nextLoc(), tensor.type, tensor.elements);
  created.insert(op);
  return op;
}

Value NodeBuilder::constantIntegers(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(static_cast<int64_t>(values.size()), builder.getI64Type());
  return constant(reference::Tensor(type, ArrayRef(reinterpret_cast<const char *>(values.data()),
                                                   values.size() * sizeof(int64_t)))
                      .toAttr(getTensorName(node.getLoc())));
}

Value NodeBuilder::storedConstant(const reference::Tensor &integers) {
  if (node.failed())
    return {};
  auto op = ConstantOp::create(builder, nextLoc(), integers.getType(),
                               integers.toAttr(getTensorName(node.getLoc())));
  created.insert(op);
  return op;
}

Value NodeBuilder::scalar(Type type, double value) {
  reference::Tensor tensor(RankedTensorType::get({}, type));
  if (mlir::isa<FloatType>(type))
    tensor.setFloat(0, static_cast<float>(value));
  else if (-0x1p63 <= value && value < 0x1p63)
    tensor.setInteger(0, static_cast<int64_t>(value));
  else // An attribute may be any number.
    tensor.setInteger(0, reference::truncateToInteger(value, mlir::cast<IntegerType>(type)));
  return constant(tensor.toAttr(getTensorName(node.getLoc())));
}

Value NodeBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  if (node.failed())
    return {};
  auto type = mlir::cast<RankedTensorType>(x.getType());
  if (type.getShape() == shape)
    return x;
  auto count = countElements(shape, limits.rank, limits.elements);
  ElementsAttr value = getConstantValue(x);
  if (!value || count != type.getNumElements())
    return create<ReshapeOp>(x, shape);
  auto reshaped = RankedTensorType::get(shape, type.getElementType());
  if (auto resource = mlir::dyn_cast<DenseResourceElementsAttr>(value))
    return constant(DenseResourceElementsAttr::get(reshaped, resource.getRawHandle()));
  return constant(mlir::cast<DenseElementsAttr>(value).reshape(reshaped));
}

Value NodeBuilder::transpose(Value x, ArrayRef<int64_t> permutation) {
  return create<TransposeOp>(x, permutation);
}

Value NodeBuilder::cast(Value x, Type elementType) {
  if (node.failed())
    return {};
  auto type = mlir::cast<RankedTensorType>(x.getType());
  if (type.getElementType() == elementType)
    return x;
  if (elementType.isF32() && mlir::isa<FloatType>(type.getElementType()))
    return widen(x);
  return convert(CastOp::getOperationName(), x, elementType);
}

// Whether the importer rounded a result to the type that the model has for it. A cast that
// the model asks for is another thing.
static bool isImplicitNarrowing(CastOp cast) {
  StringRef type = getNodeType(cast.getLoc());
  return cast.getX().getType().getElementType().isF32() && type != "Cast" && type != "CastLike";
}

Value NodeBuilder::widen(Value x) {
  if (auto narrowing = x.getDefiningOp<CastOp>(); narrowing && isImplicitNarrowing(narrowing))
    return narrowing.getX();
  Value known = budget.wide.lookup(x);
  if (known && known.getParentBlock() == builder.getInsertionBlock())
    return known;
  auto constant = x.getDefiningOp<ConstantOp>();
  Value wide = constant ? widenConstant(constant)
                        : convert(CastOp::getOperationName(), x, builder.getF32Type());
  // The node's result may be renamed or folded away.
  if (wide && (constant || mlir::isa<BlockArgument>(x)))
    budget.wide[x] = wide;
  return wide;
}

Value NodeBuilder::widenConstant(ConstantOp constant) {
  auto type = RankedTensorType::get(constant.getY().getType().getShape(), builder.getF32Type());
  ElementsAttr value = constant.getValue();
  StringRef name = getTensorName(constant.getLoc());
  if (auto dense = mlir::dyn_cast<DenseElementsAttr>(value); dense && dense.isSplat()) {
    // As large as a splat says, as small as it is.
    auto scalar = RankedTensorType::get({}, dense.getElementType());
    reference::Tensor element(scalar, dense.getRawData());
    return ConstantOp::create(builder, constant.getLoc(),
                              DenseElementsAttr::get(type, element.getFloat(0)));
  }
  reference::Tensor narrow = reference::Tensor::fromAttr(value, constant.getY().getType());
  reference::Tensor wide(type);
  for (int64_t i = 0; i < wide.size(); ++i)
    wide.setFloat(i, narrow.getFloat(i));
  return ConstantOp::create(builder, constant.getLoc(), wide.toAttr(name));
}

Value NodeBuilder::convert(StringRef op, Value x, Type elementType) {
  if (node.failed())
    return {};
  auto type = mlir::cast<RankedTensorType>(x.getType());
  OperationState state(nextLoc(), op);
  state.addOperands(x);
  state.addTypes(RankedTensorType::get(type.getShape(), elementType));
  return finish(state);
}

Value NodeBuilder::quantize(Value x, quant::QuantizedType elementType) {
  return convert(QuantizeOp::getOperationName(), x, elementType);
}

Value NodeBuilder::dequantize(Value x) {
  if (node.failed())
    return {};
  for (Operation *user : x.getUsers())
    if (auto known = dyn_cast<DequantizeOp>(user))
      return known.getY();
  return convert(DequantizeOp::getOperationName(), x, builder.getF32Type());
}

Value NodeBuilder::unpack(const Unpacking &unpacking, function_ref<reference::Tensor()> make) {
  if (node.failed())
    return {};
  auto &[known, made] = budget.unpacked[unpacking.x];
  if (made && known == unpacking && made.getParentBlock() == builder.getInsertionBlock())
    return made;
  auto dense = mlir::dyn_cast<DenseElementsAttr>(getConstantValue(unpacking.x));
  int64_t elements = mlir::cast<RankedTensorType>(unpacking.x.getType()).getNumElements();
  if ((made || (dense && dense.isSplat())) && !checkGenerated(elements))
    return {};
  known = unpacking;
  return made = storedConstant(make());
}

FailureOr<LoadedTensor> NodeBuilder::load(onnx::TensorProto &tensor) {
  return loader.load(tensor, getTensorName(node.getLoc()),
                     [&]() -> InFlightDiagnostic { return node.error() << "tensor attribute: "; });
}

std::unique_ptr<NestedGraph> NodeBuilder::openGraph(StringRef name) {
  onnx::GraphProto *graph = node.graph(name);
  return graph ? graphs.openGraph(node, *graph) : nullptr;
}

void NodeBuilder::setResults(ArrayRef<Value> values) {
  if (node.failed())
    return;
  results.assign(values.begin(), values.end());
  for (auto [i, value] : llvm::enumerate(results)) {
    Operation *op = value ? value.getDefiningOp() : nullptr;
    if (!op || i >= node.getNumOutputs() || node.output(i).empty() || !created.erase(op))
      continue;
    op->setLoc(getOnnxLocation(builder.getContext(), getNodeName(node.getLoc()), node.output(i),
                               node.getOpType()));
  }
}

} // namespace octet
