// How far a layer is from the same layer in f32, and what the difference looks like: sums over
// all samples, in memory that does not depend on their number. docs/accuracy.md defines
// every number and every cause.

#ifndef OCTET_TOOLS_RUN_LAYERSCORE_H
#define OCTET_TOOLS_RUN_LAYERSCORE_H

#include "tools/run/Layers.h"

namespace octet::run {

class LayerScore {
public:
  /// For tensors of `dims`.
  LayerScore(const Layer &layer, llvm::ArrayRef<int64_t> dims);

  /// The values of one run.
  void add(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> actual);

  /// 10 log10 of reference^2 over (reference - actual)^2, between -1000 and 1000.
  double getSqnr() const;
  double getMaxAbs() const { return maxAbs; }
  /// Extremes of the reference.
  double getMin() const { return min; }
  double getMax() const { return max; }
  double getLargest() const { return std::max(-min, max); }
  /// The magnitude that at most one in a thousand values of the reference exceeds, to within a
  /// tenth.
  double getBulk() const;

  /// Share of values of the reference that lie more than half a step outside of the range, and
  /// the share of the noise that is theirs. 0 without a scale.
  double getClippedShare() const;
  double getClippedNoise() const;
  /// Share of values of the reference within half a step of an end of the range other than 0.
  double getSaturatedShare() const;
  /// Noise in units of what rounding to the layer's own steps makes (step^2 / 12 for each
  /// value); nullopt without a scale.
  std::optional<double> getNoiseInRoundings() const;

  /// SQNR of the channel that a tenth of the channels are worse than, and of the one that a
  /// tenth are better than; nullopt for less than 8 channels that have signal
  /// and noise.
  struct Spread {
    double worst, best;
  };
  std::optional<Spread> getSpread() const;

private:
  struct Channel {
    double signal = 0, noise = 0;
  };
  double signal = 0, noise = 0, clippedNoise = 0, maxAbs = 0;
  double min = 0, max = 0;
  uint64_t count = 0, clipped = 0, saturated = 0;
  std::optional<double> step;
  double low = 0, high = 0;
  std::vector<Channel> channels;
  size_t inner = 1; ///< elements from one channel to the next
  std::vector<uint64_t> magnitudes;
};

/// What most likely makes the noise of a layer.
enum class Cause {
  Exact,         ///< there is none to speak of
  Inherited,     ///< no more than that of an input
  Clipped,       ///< values lie outside of the calibrated range
  RangeOutlier,  ///< a few large values take the range from all others
  ChannelSpread, ///< some channels are much smaller than the range they share
  Saturating,    ///< many values at the end of a function's range
  Rounding,      ///< 8 bits have no more
  BFloat16,      ///< bf16 has no more
  Arithmetic,    ///< none of these: rounded weights, or what the op makes of its inputs' noise
};

struct Diagnosis {
  Cause cause;
  std::string input; ///< the worst input with known noise; empty if there is none
  double inputSqnr = 0;
};

/// `inputs`: scores of the layers that `layer` reads, as far as they are known, by tensor.
Diagnosis diagnose(const Layer &layer, const LayerScore &score,
                   llvm::ArrayRef<std::pair<std::string, const LayerScore *>> inputs);

/// `range-outlier`, ...
llvm::StringRef getName(Cause cause);
/// The cause in words, with its numbers.
std::string explain(const Diagnosis &diagnosis, const LayerScore &score);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_LAYERSCORE_H
