#include "dialect/reference/Tensor.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

Tensor::Tensor(RankedTensorType type)
    : type(type), data(std::make_shared<std::vector<char>>(
                      type.getNumElements() * getElementBytes(type.getElementType()))) {}

Tensor::Tensor(RankedTensorType type, ArrayRef<char> bytes)
    : type(type), data(std::make_shared<std::vector<char>>(bytes.begin(), bytes.end())) {
  assert(static_cast<int64_t>(bytes.size()) ==
             type.getNumElements() * getElementBytes(type.getElementType()) &&
         "tensor of another size");
}

Tensor Tensor::fromAttr(ElementsAttr attr, RankedTensorType type) {
  return Tensor(type, getRawElements(attr));
}

Tensor Tensor::withType(RankedTensorType other) const {
  assert(other.getNumElements() * getElementBytes(other.getElementType()) ==
             static_cast<int64_t>(data->size()) &&
         "type of another size");
  Tensor result(*this);
  result.type = other;
  return result;
}

ElementsAttr Tensor::toAttr(StringRef name) const {
  constexpr int64_t kInlineElements = 16;
  auto stored =
      RankedTensorType::get(type.getShape(), getStorageElementType(type.getElementType()));
  if (size() > kInlineElements || stored.getElementType().isInteger(1))
    return getBlobAttr(stored, *data, name);
  return DenseElementsAttr::getFromRawBuffer(stored, *data);
}

static bool isUnsigned(Type element) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    return !quantized.isSigned();
  return element.isUnsignedInteger() || element.isInteger(1);
}

int64_t Tensor::getInteger(int64_t i) const {
  Type element = type.getElementType();
  bool zeroExtend = isUnsigned(element);
  switch (getElementBytes(element)) {
  case 1:
    return zeroExtend ? int64_t(as<uint8_t>()[i]) : int64_t(as<int8_t>()[i]);
  case 2:
    return zeroExtend ? int64_t(as<uint16_t>()[i]) : int64_t(as<int16_t>()[i]);
  case 4:
    return zeroExtend ? int64_t(as<uint32_t>()[i]) : int64_t(as<int32_t>()[i]);
  default:
    return as<int64_t>()[i];
  }
}

void Tensor::setInteger(int64_t i, int64_t value) {
  switch (getElementBytes(type.getElementType())) {
  case 1:
    as<int8_t>()[i] = static_cast<int8_t>(type.getElementType().isInteger(1) ? value & 1 : value);
    return;
  case 2:
    as<int16_t>()[i] = static_cast<int16_t>(value);
    return;
  case 4:
    as<int32_t>()[i] = static_cast<int32_t>(value);
    return;
  default:
    as<int64_t>()[i] = value;
  }
}

float Tensor::getFloat(int64_t i) const { return static_cast<float>(getDouble(i)); }

void Tensor::setFloat(int64_t i, float value) { setDouble(i, value); }

double Tensor::getDouble(int64_t i) const {
  Type element = type.getElementType();
  if (element.isF32())
    return as<float>()[i];
  if (element.isF64())
    return as<double>()[i];
  APFloat value(cast<FloatType>(element).getFloatSemantics(), APInt(16, as<uint16_t>()[i]));
  return value.convertToDouble();
}

void Tensor::setDouble(int64_t i, double value) {
  Type element = type.getElementType();
  if (element.isF32()) {
    as<float>()[i] = static_cast<float>(value);
  } else if (element.isF64()) {
    as<double>()[i] = value;
  } else {
    APFloat narrow(value);
    bool loses;
    narrow.convert(cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &loses);
    as<uint16_t>()[i] = static_cast<uint16_t>(narrow.bitcastToAPInt().getZExtValue());
  }
}

int64_t truncateToInteger(double value, IntegerType element) {
  if (std::isnan(value))
    return 0;
  unsigned width = element.getWidth();
  if (width == 1)
    return value != 0.0;
  double low = element.isUnsigned() ? 0.0 : -std::ldexp(1.0, width - 1);
  double end = std::ldexp(1.0, element.isUnsigned() ? width : width - 1);
  value = std::trunc(value);
  if (value < end)
    return value < low            ? static_cast<int64_t>(low)
           : element.isUnsigned() ? static_cast<int64_t>(static_cast<uint64_t>(value))
                                  : static_cast<int64_t>(value);
  // end - 1 is no double for 64 bits.
  return static_cast<int64_t>(
      llvm::maskTrailingOnes<uint64_t>(element.isUnsigned() ? width : width - 1));
}

} // namespace octet::reference
