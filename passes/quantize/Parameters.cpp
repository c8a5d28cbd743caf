#include "passes/quantize/Parameters.h"

#include "dialect/reference/QuantRules.h"
#include "llvm/Support/Error.h"

#include <cmath>
#include <vector>

using namespace mlir;

namespace octet {

// Below this a scale is taken for that of a tensor of zeros (Q13, Q14).
static const double kSmallestScale = std::ldexp(1.0, -100);
// 255 times this is still an f32 (Q13).
static const double kLargestScale = std::ldexp(1.0, 120);
static constexpr int kWeightLimit = 127;

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

// Calls body(channel, index) for each element, in row-major order.
template <typename Body>
static void forEachElement(ArrayRef<int64_t> shape, int64_t channelAxis, Body body) {
  int64_t inner = 1, count = 1;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    count *= extent;
    if (static_cast<int64_t>(i) > channelAxis)
      inner *= extent;
  }
  for (int64_t i = 0; i < count; ++i)
    body(i / inner % shape[channelAxis], i);
}

std::optional<int64_t> findOverflow(ArrayRef<int64_t> shape, ArrayRef<int8_t> weights,
                                    ArrayRef<int32_t> bias, int64_t channelAxis,
                                    int64_t zeroPoint) {
  int64_t channels = shape[channelAxis];
  SmallVector<int64_t> sums(channels, 0), magnitudes(channels, 0);
  forEachElement(shape, channelAxis, [&](int64_t channel, int64_t i) {
    sums[channel] += weights[i];
    magnitudes[channel] += std::abs(weights[i]);
  });
  constexpr int64_t kLimit = std::numeric_limits<int32_t>::max();
  for (int64_t c = 0; c < channels; ++c) {
    int64_t b = bias.empty() ? 0 : bias[c];
    int64_t centred = std::abs(b) + magnitudes[c] * std::max(zeroPoint, 255 - zeroPoint);
    int64_t raw = std::abs(b - zeroPoint * sums[c]) + 255 * magnitudes[c];
    if (centred > kLimit || raw > kLimit)
      return c;
  }
  return std::nullopt;
}

// The second half of Q14. Inputs of one sign (behind a relu, most are) turn the
// sum of a channel's rounding errors into a shift of the whole channel, which
// grows with the number of weights, where the errors of single weights average
// out. For inputs whose mean is as large as their deviation the expected error is
// sum e^2 + (sum e)^2; each step below is the one that lowers it most.
static void balanceRounding(ArrayRef<int64_t> shape, ArrayRef<float> weights,
                            ArrayRef<double> scales, int64_t channelAxis,
                            MutableArrayRef<char> integers) {
  struct Rounding {
    double error; ///< exact minus rounded
    int64_t index;
  };
  SmallVector<std::vector<Rounding>> channels(scales.size());
  SmallVector<double> sums(scales.size(), 0);
  forEachElement(shape, channelAxis, [&](int64_t c, int64_t i) {
    double error = double(weights[i]) / scales[c] - static_cast<int8_t>(integers[i]);
    channels[c].push_back({error, i});
    sums[c] += error;
  });
  for (auto [channel, sum] : llvm::zip_equal(channels, sums)) {
    int step = sum > 0 ? 1 : -1;
    double rest = std::fabs(sum);
    llvm::sort(channel, [&](const Rounding &a, const Rounding &b) {
      return a.error != b.error ? a.error * step > b.error * step : a.index < b.index;
    });
    for (const Rounding &rounding : channel) {
      if (rounding.error * step + rest <= 1)
        break;
      int q = static_cast<int8_t>(integers[rounding.index]) + step;
      if (std::abs(q) > kWeightLimit)
        continue;
      rest -= 1;
      integers[rounding.index] = static_cast<char>(q);
    }
  }
}

llvm::Expected<QuantizedWeights> quantizeWeights(RankedTensorType type, ArrayRef<float> weights,
                                                 ArrayRef<float> bias, int64_t channelAxis,
                                                 quant::UniformQuantizedType activation,
                                                 bool perTensor) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t channels = shape[channelAxis];
  double inputScale = activation.getScale();
  SmallVector<double> largest(channels, 0);
  bool finite = true;
  forEachElement(shape, channelAxis, [&](int64_t channel, int64_t i) {
    finite &= std::isfinite(weights[i]);
    largest[channel] = std::max(largest[channel], std::fabs(double(weights[i])));
  });
  for (float b : bias)
    finite &= std::isfinite(b);
  if (!finite)
    return llvm::createStringError("weights or bias hold NaN or infinities");

  SmallVector<double> scales(channels, 0);
  for (int64_t c = 0; c < channels; ++c) {
    double b = bias.empty() ? 0 : std::fabs(double(bias[c]));
    double scale = std::max(largest[c] / kWeightLimit, std::ldexp(b / inputScale, -30));
    if (largest[c] == 0)
      scale = b == 0 ? 1 : std::ldexp(b / inputScale, -23);
    scales[c] = scale;
  }
  if (perTensor && channels > 0) {
    // Channels of zeros follow the others; their 1 must not set the scale.
    double all = 0;
    for (int64_t c = 0; c < channels; ++c)
      if (largest[c] != 0 || (!bias.empty() && bias[c] != 0))
        all = std::max(all, scales[c]);
    scales.assign(channels, all == 0 ? 1 : all);
  }
  for (double &scale : scales) {
    scale = roundToFloat(std::max(scale, kSmallestScale));
    if (!std::isfinite(scale))
      return llvm::createStringError("the scale of the weights leaves f32");
  }

  QuantizedWeights result;
  MLIRContext *context = type.getContext();
  Type storage = IntegerType::get(context, 8), expressed = Float32Type::get(context);
  if (perTensor)
    result.elementType =
        quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed,
                                         scales[0], /*zeroPoint=*/0, -kWeightLimit, kWeightLimit);
  else
    result.elementType = quant::UniformQuantizedPerAxisType::get(
        quant::QuantizationFlags::Signed, storage, expressed, scales,
        SmallVector<int64_t>(channels, 0), channelAxis, -kWeightLimit, kWeightLimit);

  result.weights.resize(weights.size());
  forEachElement(shape, channelAxis, [&](int64_t channel, int64_t i) {
    double q = std::nearbyint(double(weights[i]) / scales[channel]);
    result.weights[i] = static_cast<int8_t>(std::clamp<double>(q, -kWeightLimit, kWeightLimit));
  });
  balanceRounding(shape, weights, scales, channelAxis, result.weights);
  for (auto [c, b] : llvm::enumerate(bias)) {
    double q = std::nearbyint(double(b) / (inputScale * scales[c]));
    if (std::fabs(q) > std::numeric_limits<int32_t>::max())
      return llvm::createStringError("the bias of channel %d leaves s32", int(c));
    result.bias.push_back(static_cast<int32_t>(q));
  }
  ArrayRef<int8_t> stored(reinterpret_cast<const int8_t *>(result.weights.data()),
                          result.weights.size());
  if (auto channel =
          findOverflow(shape, stored, result.bias, channelAxis, activation.getZeroPoint()))
    return llvm::createStringError("sums of channel %d may leave s32", int(*channel));
  return result;
}

llvm::Expected<QuantizedWeights> takeWeights(const reference::Tensor &weights,
                                             ArrayRef<double> bias, int64_t channelAxis,
                                             quant::UniformQuantizedType activation) {
  QuantizedWeights result;
  result.elementType = weights.getType().getElementType();
  auto type = cast<quant::QuantizedType>(result.elementType);
  result.weights.assign(weights.bytes().begin(), weights.bytes().end());
  for (auto [c, b] : llvm::enumerate(bias)) {
    double q = std::nearbyint(b / (activation.getScale() * reference::getScale(type, c).scale));
    // Also where q is NaN.
    if (!(std::fabs(q) <= std::numeric_limits<int32_t>::max()))
      return llvm::createStringError("the bias of channel %d leaves s32", int(c));
    result.bias.push_back(static_cast<int32_t>(q));
  }
  if (auto channel = findOverflow(weights.getShape(), weights.as<int8_t>(), result.bias,
                                  channelAxis, activation.getZeroPoint()))
    return llvm::createStringError("sums of channel %d may leave s32", int(*channel));
  return result;
}

} // namespace octet
