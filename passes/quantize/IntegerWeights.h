// Weights and biases of contractions in integers, as docs/quantization.md defines them
// (Q14, Q15), and the proof that sums fit (Q11).

#ifndef OCTET_PASSES_QUANTIZE_INTEGERWEIGHTS_H
#define OCTET_PASSES_QUANTIZE_INTEGERWEIGHTS_H

#include "dialect/reference/Tensor.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace octet {

/// From the weights of a channel or tensor to the range that their integers cover.
enum class WeightRanges {
  Max, ///< the largest magnitude
  Mse, ///< the magnitude for which the squared error, by rounding and clipping, is least
};

/// Which of its two neighbours a weight becomes.
enum class WeightRounding {
  Nearest,
  /// The roundings of a channel cancel (Q14). Needs no data.
  Balanced,
  /// As a pass with data has decided (docs/quantization.md, repair), else balanced.
  Adaptive,
};

llvm::StringRef stringifyWeightRanges(WeightRanges ranges);
std::optional<WeightRanges> parseWeightRanges(llvm::StringRef name); ///< `max`, `mse`
llvm::StringRef stringifyWeightRounding(WeightRounding rounding);
std::optional<WeightRounding>
parseWeightRounding(llvm::StringRef name); ///< `nearest`, `balanced`, `adaptive`

struct WeightScheme {
  bool perTensor = false;
  WeightRanges ranges = WeightRanges::Max;
  WeightRounding rounding = WeightRounding::Balanced;
};

/// Weights of a contraction in f32; `axis` counts output channels.
struct RealWeights {
  mlir::RankedTensorType type;
  llvm::ArrayRef<float> weights;
  llvm::ArrayRef<float> bias; ///< may be empty
  int64_t axis;

  int64_t channels() const { return type.getDimSize(axis); }
};

/// The same in integers.
struct IntegerWeights {
  mlir::Type elementType; ///< of the weights; per channel or per tensor
  llvm::SmallVector<char> weights;
  llvm::SmallVector<int32_t> bias;
};

/// Calls body(channel, index) for each weight, in row-major order.
template <typename Body>
void forEachWeight(llvm::ArrayRef<int64_t> shape, int64_t axis, Body body) {
  int64_t inner = 1, count = 1;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    count *= extent;
    if (static_cast<int64_t>(i) > axis)
      inner *= extent;
  }
  for (int64_t i = 0; i < count; ++i)
    body(i / inner % shape[axis], i);
}

/// One scale for each output channel, all equal where the scheme is per tensor. Fails on
/// NaN and infinities.
llvm::Expected<llvm::SmallVector<double>>
chooseWeightScales(const RealWeights &real, double inputScale, const WeightScheme &scheme);

/// Q14 but for the scales, which are given.
llvm::SmallVector<char> roundWeights(const RealWeights &real, llvm::ArrayRef<double> scales,
                                     WeightRounding rounding);

/// What a contraction's weights become: one scale for each output channel, and s8.
struct DecidedWeights {
  llvm::SmallVector<double> scales;
  llvm::SmallVector<char> integers;
};

/// Q14, or what the attributes of `root` say. Fails on NaN and infinities.
llvm::Expected<DecidedWeights> decideWeights(mlir::Operation *root, const RealWeights &real,
                                             double inputScale, const WeightScheme &scheme);
/// Writes the attributes.
void setDecidedWeights(mlir::Operation *root, const RealWeights &real,
                       const DecidedWeights &decided);

/// Q14 and Q15. Fails where Q11 cannot be proved, with the reason.
llvm::Expected<IntegerWeights> quantizeWeights(const RealWeights &real,
                                               mlir::quant::UniformQuantizedType activation,
                                               const WeightScheme &scheme);
/// Q15, with weights that have been decided.
llvm::Expected<IntegerWeights> quantizeBias(const RealWeights &real, DecidedWeights decided,
                                            mlir::quant::UniformQuantizedType activation,
                                            bool perTensor);

/// Q14 without a bias, for weights that f32 is multiplied by (Q23). Fails on NaN and infinities.
llvm::Expected<IntegerWeights> compressWeights(const RealWeights &real, const WeightScheme &scheme);

/// Q20: weights that are s8 with zero points of 0 already, with a bias of real values. Fails
/// as above.
llvm::Expected<IntegerWeights> takeWeights(const reference::Tensor &weights,
                                           llvm::ArrayRef<double> bias, int64_t channelAxis,
                                           mlir::quant::UniformQuantizedType activation);

/// Q11: the first channel whose sums may leave s32, or nullopt.
std::optional<int64_t> findOverflow(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int8_t> weights,
                                    llvm::ArrayRef<int32_t> bias, int64_t channelAxis,
                                    int64_t zeroPoint);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_INTEGERWEIGHTS_H
