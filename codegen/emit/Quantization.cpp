#include "codegen/emit/Quantization.h"

#include "codegen/emit/Saturation.h"

using namespace mlir;
using octet::reference::Scale;

namespace octet::codegen {

template <typename T>
Value Numbers::getAny(quant::QuantizedType type, Type element, function_ref<T(const Scale &)> fn) {
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!perAxis)
    return get(fn(reference::getScale(type)));
  Value memref = kernel.getOrAdd(op, slot++, [&] {
    SmallVector<T> values;
    for (size_t channel = 0; channel < perAxis.getScales().size(); ++channel)
      values.push_back(fn(reference::getScale(type, channel)));
    auto memrefType = MemRefType::get({static_cast<int64_t>(values.size())}, element);
    return kernel.addConstant(ArrayRef<T>(values), memrefType);
  });
  // The axis counts from the front of the op's result; dimensions align at the end.
  int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
  return along(memref, perAxis.getQuantizedDimension() + kernel.getResultType().getRank() - rank);
}

Value Numbers::getFloat(quant::QuantizedType type, function_ref<float(const Scale &)> fn) {
  return getAny<float>(type, kernel.b().getF32Type(), fn);
}

Value Numbers::getInteger(quant::QuantizedType type, function_ref<int32_t(const Scale &)> fn) {
  return getAny<int32_t>(type, kernel.b().getI32Type(), fn);
}

quant::QuantizedType getQuantizedElement(Type tensorType) {
  return dyn_cast<quant::QuantizedType>(cast<RankedTensorType>(tensorType).getElementType());
}

bool isFullByte(quant::QuantizedType type) {
  return isa<quant::UniformQuantizedType>(type) && type.getStorageTypeMin() == 0 &&
         type.getStorageTypeMax() == UINT8_MAX;
}

Value emitWidened(const LaneMath &m, Value stored, quant::QuantizedType type) {
  if (type.getStorageTypeIntegralWidth() >= 32)
    return stored;
  OpBuilder &b = m.builder();
  if (type.isSigned())
    return arith::ExtSIOp::create(b, m.location(), m.integer(32), stored);
  return arith::ExtUIOp::create(b, m.location(), m.integer(32), stored);
}

Value emitCentered(Numbers &numbers, Value stored, quant::QuantizedType type) {
  const LaneMath &m = numbers.math();
  Value integer = emitWidened(m, stored, type);
  // As behind every relu.
  bool isZero = isa<quant::UniformQuantizedType>(type) && reference::getScale(type).zeroPoint == 0;
  if (!isZero)
    integer = m.sub(integer, numbers.getInteger(type, [](const Scale &scale) {
      return static_cast<int32_t>(scale.zeroPoint);
    }));
  return m.fromI32(integer, m.builder().getF32Type());
}

Value emitReal(Numbers &numbers, Value stored, quant::QuantizedType type) {
  Value centered = emitCentered(numbers, stored, type);
  return numbers.math().mul(centered, numbers.getFloat(type, [](const Scale &scale) {
    return static_cast<float>(scale.scale);
  }));
}

// From kExact on floats are whole numbers and the product stays what it is. For integers of 8
// and 16 bits, all of those saturate, so that a bound is as good as a choice: below it, an
// infinity turns into NaN, which gives the lowest integer, too.
Value emitQuotient(Numbers &numbers, Value real, quant::QuantizedType type, bool fitsI32) {
  constexpr double kExact = 1 << 24;
  const LaneMath &m = numbers.math();
  Value scale =
      numbers.getFloat(type, [](const Scale &scale) { return static_cast<float>(scale.scale); });
  Value inverse = numbers.getFloat(
      type, [](const Scale &scale) { return static_cast<float>(1.0 / scale.scale); });
  Value near = m.mul(real, inverse);
  bool saturates = type.getStorageTypeIntegralWidth() < 32;
  if (saturates && !fitsI32)
    near = m.min(near, m.f(kExact));
  Value quotient = m.fma(m.fma(m.neg(near), scale, real), inverse, near);
  return saturates ? quotient : m.select(m.less(m.abs(near), m.f(kExact)), quotient, near);
}

// Clamping before rounding is the same for bounds that are integers, and keeps the
// conversion in range.
Value emitStored(Numbers &numbers, Value real, quant::QuantizedType type, bool fitsI32) {
  const LaneMath &m = numbers.math();
  if (isFullByte(type)) {
    auto zeroPoint = static_cast<int32_t>(reference::getScale(type).zeroPoint);
    return emitSaturatedU8(numbers.getKernel(), real,
                           zeroPoint ? numbers.getScalar(zeroPoint) : Value(), fitsI32);
  }
  Value low = numbers.getFloat(
      type, [](const Scale &scale) { return static_cast<float>(scale.low - scale.zeroPoint); });
  Value high = numbers.getFloat(
      type, [](const Scale &scale) { return static_cast<float>(scale.high - scale.zeroPoint); });
  Value zeroPoint = numbers.getInteger(
      type, [](const Scale &scale) { return static_cast<int32_t>(scale.zeroPoint); });
  Value rounded = m.add(m.roundToI32(m.clampOrLow(real, low, high)), zeroPoint);
  unsigned width = type.getStorageTypeIntegralWidth();
  if (width >= 32)
    return rounded;
  return arith::TruncIOp::create(m.builder(), m.location(), m.integer(width), rounded);
}

} // namespace octet::codegen
