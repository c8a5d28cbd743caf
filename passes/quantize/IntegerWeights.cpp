#include "passes/quantize/IntegerWeights.h"

#include "dialect/reference/QuantRules.h"
#include "passes/quantize/Attributes.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Error.h"

#include <cmath>
#include <vector>

using namespace mlir;

namespace octet {

// Below this a scale is taken for that of a tensor of zeros (Q14).
static const double kSmallestScale = std::ldexp(1.0, -100);
static constexpr int kWeightLimit = 127;

StringRef stringifyWeightRanges(WeightRanges ranges) {
  return ranges == WeightRanges::Max ? "max" : "mse";
}

std::optional<WeightRanges> parseWeightRanges(StringRef name) {
  return llvm::StringSwitch<std::optional<WeightRanges>>(name)
      .Case("max", WeightRanges::Max)
      .Case("mse", WeightRanges::Mse)
      .Default(std::nullopt);
}

StringRef stringifyWeightRounding(WeightRounding rounding) {
  switch (rounding) {
  case WeightRounding::Nearest:
    return "nearest";
  case WeightRounding::Balanced:
    return "balanced";
  case WeightRounding::Adaptive:
    return "adaptive";
  }
  llvm_unreachable("all roundings are listed");
}

std::optional<WeightRounding> parseWeightRounding(StringRef name) {
  for (WeightRounding rounding :
       {WeightRounding::Nearest, WeightRounding::Balanced, WeightRounding::Adaptive})
    if (name == stringifyWeightRounding(rounding))
      return rounding;
  return std::nullopt;
}

std::optional<int64_t> findOverflow(ArrayRef<int64_t> shape, ArrayRef<int8_t> weights,
                                    ArrayRef<int32_t> bias, int64_t channelAxis,
                                    int64_t zeroPoint) {
  int64_t channels = shape[channelAxis];
  SmallVector<int64_t> sums(channels, 0), magnitudes(channels, 0);
  forEachWeight(shape, channelAxis, [&](int64_t channel, int64_t i) {
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

// The sum of squared errors of weights whose integers cover [-limit, limit]. In f32 and
// without library calls, as this is most of what choosing by error costs: adding and
// subtracting 1.5 * 2^23 rounds to an integer.
static double getSquaredError(ArrayRef<float> weights, float limit) {
  constexpr float kRound = 0x1.8p23f;
  constexpr size_t kBlock = 1024;
  float scale = limit / kWeightLimit, inverse = kWeightLimit / limit;
  double total = 0;
  for (size_t first = 0; first < weights.size(); first += kBlock) {
    ArrayRef<float> block = weights.slice(first, std::min(kBlock, weights.size() - first));
    // Sums that do not depend on each other make it vector code.
    constexpr size_t kLanes = 8;
    float sums[kLanes] = {};
    for (size_t i = 0; i < block.size(); ++i) {
      float q = std::min(std::max(block[i] * inverse, -127.0f), 127.0f);
      float error = block[i] - ((q + kRound) - kRound) * scale;
      sums[i % kLanes] += error * error;
    }
    for (float sum : sums)
      total += sum;
  }
  return total;
}

// The limit among fractions of the largest magnitude; ties go to the larger one.
static double findBestLimit(ArrayRef<float> weights, double largest) {
  constexpr int kSteps = 50, kLeast = 20;
  double best = largest, least = std::numeric_limits<double>::infinity();
  // Errors of much smaller weights are denormal numbers.
  if (largest < 1e-15)
    return largest;
  for (int step = kSteps; step >= kLeast; --step) {
    double limit = largest * step / kSteps, error = getSquaredError(weights, limit);
    if (error < least)
      best = limit, least = error;
  }
  return best;
}

// The weights channel by channel.
static std::vector<float> sortByChannel(const RealWeights &real) {
  std::vector<float> sorted(real.weights.size());
  int64_t perChannel = real.weights.size() / std::max<int64_t>(real.channels(), 1);
  SmallVector<int64_t> next(real.channels());
  for (int64_t c = 0; c < real.channels(); ++c)
    next[c] = c * perChannel;
  forEachWeight(real.type.getShape(), real.axis,
                [&](int64_t c, int64_t i) { sorted[next[c]++] = real.weights[i]; });
  return sorted;
}

llvm::Expected<SmallVector<double>> chooseWeightScales(const RealWeights &real, double inputScale,
                                                       const WeightScheme &scheme) {
  int64_t channels = real.channels();
  SmallVector<double> largest(channels, 0);
  bool finite = true;
  forEachWeight(real.type.getShape(), real.axis, [&](int64_t channel, int64_t i) {
    finite &= std::isfinite(real.weights[i]);
    largest[channel] = std::max(largest[channel], std::fabs(double(real.weights[i])));
  });
  for (float b : real.bias)
    finite &= std::isfinite(b);
  if (!finite)
    return llvm::createStringError("weights or bias hold NaN or infinities");

  SmallVector<double> limits = largest;
  if (scheme.ranges == WeightRanges::Mse) {
    std::vector<float> sorted = sortByChannel(real);
    if (scheme.perTensor) {
      double all = channels ? *llvm::max_element(largest) : 0;
      limits.assign(channels, findBestLimit(sorted, all));
    } else {
      int64_t perChannel = sorted.size() / std::max<int64_t>(channels, 1);
      for (int64_t c = 0; c < channels; ++c)
        limits[c] =
            findBestLimit(ArrayRef<float>(sorted).slice(c * perChannel, perChannel), largest[c]);
    }
  }

  SmallVector<double> scales(channels, 0);
  for (int64_t c = 0; c < channels; ++c) {
    double b = real.bias.empty() ? 0 : std::fabs(double(real.bias[c]));
    double scale = std::max(limits[c] / kWeightLimit, std::ldexp(b / inputScale, -30));
    if (largest[c] == 0)
      scale = b == 0 ? 1 : std::ldexp(b / inputScale, -23);
    scales[c] = scale;
  }
  if (scheme.perTensor && channels > 0) {
    // Channels of zeros follow the others; their 1 must not set the scale.
    double all = 0;
    for (int64_t c = 0; c < channels; ++c)
      if (largest[c] != 0 || (!real.bias.empty() && real.bias[c] != 0))
        all = std::max(all, scales[c]);
    scales.assign(channels, all == 0 ? 1 : all);
  }
  for (double &scale : scales) {
    scale = static_cast<float>(std::max(scale, kSmallestScale));
    if (!std::isfinite(scale))
      return llvm::createStringError("the scale of the weights leaves f32");
  }
  return scales;
}

// The second half of Q14. Inputs of one sign (behind a relu, most are) turn the
// sum of a channel's rounding errors into a shift of the whole channel, which
// grows with the number of weights, where the errors of single weights average
// out. For inputs whose mean is as large as their deviation the expected error is
// sum e^2 + (sum e)^2; each step below is the one that lowers it most.
static void balanceRounding(const RealWeights &real, ArrayRef<double> scales,
                            MutableArrayRef<char> integers) {
  struct RoundedWeight {
    double error; ///< exact minus rounded
    int64_t index;
  };
  SmallVector<std::vector<RoundedWeight>> channels(scales.size());
  SmallVector<double> sums(scales.size(), 0);
  forEachWeight(real.type.getShape(), real.axis, [&](int64_t c, int64_t i) {
    double error = double(real.weights[i]) / scales[c] - static_cast<int8_t>(integers[i]);
    channels[c].push_back({error, i});
    sums[c] += error;
  });
  for (auto [channel, sum] : llvm::zip_equal(channels, sums)) {
    int step = sum > 0 ? 1 : -1;
    double rest = std::fabs(sum);
    llvm::sort(channel, [&](const RoundedWeight &a, const RoundedWeight &b) {
      return a.error != b.error ? a.error * step > b.error * step : a.index < b.index;
    });
    for (const RoundedWeight &weight : channel) {
      if (weight.error * step + rest <= 1)
        break;
      int q = static_cast<int8_t>(integers[weight.index]) + step;
      if (std::abs(q) > kWeightLimit)
        continue;
      rest -= 1;
      integers[weight.index] = static_cast<char>(q);
    }
  }
}

SmallVector<char> roundWeights(const RealWeights &real, ArrayRef<double> scales,
                               WeightRounding rounding) {
  SmallVector<char> integers(real.weights.size());
  forEachWeight(real.type.getShape(), real.axis, [&](int64_t channel, int64_t i) {
    double q = std::nearbyint(double(real.weights[i]) / scales[channel]);
    integers[i] = static_cast<int8_t>(std::clamp<double>(q, -kWeightLimit, kWeightLimit));
  });
  if (rounding != WeightRounding::Nearest)
    balanceRounding(real, scales, integers);
  return integers;
}

llvm::Expected<DecidedWeights> decideWeights(Operation *root, const RealWeights &real,
                                             double inputScale, const WeightScheme &scheme) {
  auto scales = root->getAttrOfType<DenseF64ArrayAttr>(kWeightScalesAttr);
  auto integers = root->getAttrOfType<ElementsAttr>(kIntegerWeightsAttr);
  if (scales && integers)
    return DecidedWeights{SmallVector<double>(scales.asArrayRef()), getRawElements(integers)};
  llvm::Expected<SmallVector<double>> chosen = chooseWeightScales(real, inputScale, scheme);
  if (!chosen)
    return chosen.takeError();
  SmallVector<char> rounded = roundWeights(real, *chosen, scheme.rounding);
  return DecidedWeights{std::move(*chosen), std::move(rounded)};
}

void setDecidedWeights(Operation *root, const RealWeights &real, const DecidedWeights &decided) {
  Builder builder(root->getContext());
  root->setAttr(kWeightScalesAttr, builder.getDenseF64ArrayAttr(decided.scales));
  auto type = withElementType(real.type, builder.getI8Type());
  root->setAttr(kIntegerWeightsAttr,
                reference::Tensor(type, decided.integers).toAttr(getTensorName(root->getLoc())));
}

llvm::Expected<IntegerWeights> quantizeWeights(const RealWeights &real,
                                               quant::UniformQuantizedType activation,
                                               const WeightScheme &scheme) {
  llvm::Expected<SmallVector<double>> scales =
      chooseWeightScales(real, activation.getScale(), scheme);
  if (!scales)
    return scales.takeError();
  SmallVector<char> integers = roundWeights(real, *scales, scheme.rounding);
  return quantizeBias(real, {std::move(*scales), std::move(integers)}, activation,
                      scheme.perTensor);
}

static Type getWeightType(const RealWeights &real, ArrayRef<double> scales, bool perTensor) {
  MLIRContext *context = real.type.getContext();
  Type storage = IntegerType::get(context, 8), expressed = Float32Type::get(context);
  if (perTensor)
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed,
                                            scales.front(), /*zeroPoint=*/0, -kWeightLimit,
                                            kWeightLimit);
  return quant::UniformQuantizedPerAxisType::get(
      quant::QuantizationFlags::Signed, storage, expressed, scales,
      SmallVector<int64_t>(real.channels(), 0), real.axis, -kWeightLimit, kWeightLimit);
}

llvm::Expected<IntegerWeights> compressWeights(const RealWeights &real,
                                               const WeightScheme &scheme) {
  llvm::Expected<SmallVector<double>> scales = chooseWeightScales(real, /*inputScale=*/1, scheme);
  if (!scales)
    return scales.takeError();
  return IntegerWeights{getWeightType(real, *scales, scheme.perTensor),
                        roundWeights(real, *scales, scheme.rounding),
                        {}};
}

llvm::Expected<IntegerWeights> quantizeBias(const RealWeights &real, DecidedWeights decided,
                                            quant::UniformQuantizedType activation,
                                            bool perTensor) {
  double inputScale = activation.getScale();
  ArrayRef<double> scales = decided.scales;
  IntegerWeights result;
  result.elementType = getWeightType(real, scales, perTensor);
  result.weights = std::move(decided.integers);
  for (auto [c, b] : llvm::enumerate(real.bias)) {
    double q = std::nearbyint(double(b) / (inputScale * scales[c]));
    if (std::fabs(q) > std::numeric_limits<int32_t>::max())
      return llvm::createStringError("the bias of channel %d leaves s32", int(c));
    result.bias.push_back(static_cast<int32_t>(q));
  }
  ArrayRef<int8_t> stored(reinterpret_cast<const int8_t *>(result.weights.data()),
                          result.weights.size());
  if (auto channel = findOverflow(real.type.getShape(), stored, result.bias, real.axis,
                                  activation.getZeroPoint()))
    return llvm::createStringError("sums of channel %d may leave s32", int(*channel));
  return result;
}

llvm::Expected<IntegerWeights> takeWeights(const reference::Tensor &weights, ArrayRef<double> bias,
                                           int64_t channelAxis,
                                           quant::UniformQuantizedType activation) {
  IntegerWeights result;
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
