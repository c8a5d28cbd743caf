#include "passes/quantize/Parameters.h"

#include "dialect/reference/QuantRules.h"

#include <cmath>

using namespace mlir;

namespace octet {

// Below this a scale is taken for that of a tensor of zeros (Q13).
static const double kSmallestScale = std::ldexp(1.0, -100);
// 255 times this is still an f32 (Q13).
static const double kLargestScale = std::ldexp(1.0, 120);

static double roundToFloat(double x) { return static_cast<float>(x); }

quant::UniformQuantizedType getActivationType(MLIRContext *context, double low, double high) {
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  double scale = std::min(roundToFloat((high - low) / 255), kLargestScale);
  int64_t zeroPoint = 0;
  if (scale < kSmallestScale)
    scale = 1;
  else
    zeroPoint = std::clamp<int64_t>(std::llrint(-low / scale), 0, 255);
  return quant::UniformQuantizedType::get(
      /*flags=*/0, IntegerType::get(context, 8), Float32Type::get(context), scale, zeroPoint,
      /*storageTypeMin=*/0, /*storageTypeMax=*/255);
}

int64_t quantizeElement(float x, quant::UniformQuantizedType type) {
  return reference::quantize(x, reference::getScale(type));
}

float dequantizeElement(int64_t q, quant::UniformQuantizedType type) {
  return reference::dequantize(q, reference::getScale(type));
}

} // namespace octet
