#include "frontend/ElementTypes.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace octet {

// In the order of TensorProto.DataType; newer ones than the installed schema
// knows are here for their names.
static constexpr const char *kNames[] = {
    "undefined",      "float32",  "uint8",        "int8",           "uint16",
    "int16",          "int32",    "int64",        "string",         "bool",
    "float16",        "float64",  "uint32",       "uint64",         "complex64",
    "complex128",     "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
    "float8e5m2fnuz", "uint4",    "int4",         "float4e2m1",     "float8e8m0",
    "uint2",          "int2"};

Type getElementType(MLIRContext *context, int dataType) {
  auto integer = [&](unsigned width) -> Type { return IntegerType::get(context, width); };
  auto natural = [&](unsigned width) -> Type {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (dataType) {
  case 1:
    return Float32Type::get(context);
  case 2:
    return natural(8);
  case 3:
    return integer(8);
  case 4:
    return natural(16);
  case 5:
    return integer(16);
  case 6:
    return integer(32);
  case 7:
    return integer(64);
  case 9:
    return integer(1);
  case 10:
    return Float16Type::get(context);
  case 11:
    return Float64Type::get(context);
  case 12:
    return natural(32);
  case 13:
    return natural(64);
  case 16:
    return BFloat16Type::get(context);
  default:
    return {};
  }
}

std::optional<PackedInteger> getPackedInteger(int dataType) {
  switch (dataType) {
  case 21:
    return PackedInteger{4, false};
  case 22:
    return PackedInteger{4, true};
  case 25:
    return PackedInteger{2, false};
  case 26:
    return PackedInteger{2, true};
  default:
    return std::nullopt;
  }
}

quant::UniformQuantizedType getNumberedType(MLIRContext *context, bool isSigned, unsigned width) {
  return quant::UniformQuantizedType::get(
      isSigned ? quant::QuantizationFlags::Signed : 0, IntegerType::get(context, 8),
      Float32Type::get(context), /*scale=*/1, /*zeroPoint=*/0,
      quant::QuantizedType::getDefaultMinimumForInteger(isSigned, width),
      quant::QuantizedType::getDefaultMaximumForInteger(isSigned, width));
}

Type getStoredElementType(MLIRContext *context, int dataType) {
  if (auto packed = getPackedInteger(dataType))
    return getNumberedType(context, packed->isSigned, packed->width);
  return getElementType(context, dataType);
}

std::string getDataTypeName(int dataType) {
  if (dataType >= 0 && dataType < static_cast<int>(std::size(kNames)))
    return kNames[dataType];
  return "type " + std::to_string(dataType);
}

std::string getElementTypeName(Type type) {
  for (int dataType = 1; dataType < static_cast<int>(std::size(kNames)); ++dataType)
    if (getStoredElementType(type.getContext(), dataType) == type)
      return getDataTypeName(dataType);
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return name;
}

std::optional<int64_t> countElements(ArrayRef<int64_t> shape, int64_t maxRank,
                                     int64_t maxElements) {
  if (static_cast<int64_t>(shape.size()) > maxRank)
    return std::nullopt;
  // An extent of 0 hides no absurd extent beside it.
  int64_t count = 1, bound = 1;
  for (int64_t extent : shape) {
    if (extent < 0 || llvm::MulOverflow(bound, std::max<int64_t>(extent, 1), bound) ||
        bound > maxElements)
      return std::nullopt;
    count *= extent;
  }
  return count;
}

std::string printShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "[";
  constexpr size_t kMaxPrinted = 16;
  llvm::interleaveComma(shape.take_front(kMaxPrinted), stream);
  if (shape.size() > kMaxPrinted)
    stream << ", ...";
  stream << "]";
  return text;
}

} // namespace octet
