#include "dialect/reference/QuantRules.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

Scale getScale(quant::QuantizedType type, int64_t channel) {
  Scale result{1.0, 0, type.getStorageTypeMin(), type.getStorageTypeMax()};
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type)) {
    result.scale = uniform.getScale();
    result.zeroPoint = uniform.getZeroPoint();
  } else {
    auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
    result.scale = perAxis.getScales()[channel];
    result.zeroPoint = perAxis.getZeroPoints()[channel];
  }
  return result;
}

IndexList listChannels(RankedTensorType type) {
  SmallVector<int64_t> strides(type.getRank(), 0);
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type.getElementType()))
    strides[perAxis.getQuantizedDimension()] = 1;
  return listIndices(type.getShape(), strides);
}

int64_t roundAndSaturate(float scaled, const Scale &to) {
  if (std::isnan(scaled))
    return to.low;
  // The sum is exact in f64 wherever it does not saturate anyway.
  double shifted = static_cast<double>(std::nearbyint(scaled)) + static_cast<double>(to.zeroPoint);
  return static_cast<int64_t>(
      std::clamp(shifted, static_cast<double>(to.low), static_cast<double>(to.high)));
}

// x * (1 / s) is off by up to two units in the last place; one step of Newton's method gives the
// quotient, so that a tie of x / s is one here, too.
static float divideByScale(float x, double by) {
  constexpr float kExact = 1 << 24; // From here on floats are whole numbers.
  auto scale = static_cast<float>(by), inverse = static_cast<float>(1.0 / by);
  float near = x * inverse;
  if (!(std::fabs(near) < kExact))
    return near;
  return std::fma(std::fma(-near, scale, x), inverse, near);
}

int64_t quantize(float x, const Scale &to) {
  return roundAndSaturate(divideByScale(x, to.scale), to);
}

float dequantize(int64_t q, const Scale &from) {
  return static_cast<float>(q - from.zeroPoint) * static_cast<float>(from.scale);
}

float getSumScale(double xScale, double wScale) { return static_cast<float>(xScale * wScale); }

float getSumScale(double xScale, double wScale, double yScale) {
  return getSumScale(xScale, wScale) / static_cast<float>(yScale);
}

float getRatio(const Scale &from, const Scale &to) {
  return static_cast<float>(from.scale / to.scale);
}

int64_t requantize(int64_t q, const Scale &from, const Scale &to) {
  return quantize(dequantize(q, from), to);
}

float getAverageScale(double xScale, double yScale, int64_t count) {
  return static_cast<float>(xScale) / static_cast<float>(yScale * static_cast<double>(count));
}

} // namespace octet::reference
