// From the statistics of a tensor to the range that its integers cover.

#ifndef OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H
#define OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H

#include "passes/calibrate/TensorStatistics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace octet {

struct Range {
  double low, high;
};

/// How ranges are found. They hold 0 and, unless symmetric, lie within that of 0 and all
/// values seen.
struct Calibrator {
  enum Method {
    /// All values seen.
    MinMax,
    /// From the mean of the samples' minima to the mean of their maxima: a moving average
    /// in which every sample weighs the same, so that their order does not matter.
    MovingAverage,
    /// At most 100 - `percentile` percent of the values lie above it, and as many below.
    Percentile,
    /// The range for which the distribution of 8-bit integers diverges least (Kullback and
    /// Leibler) from that of the values (Migacz, 8-bit inference with TensorRT, GTC 2017,
    /// here with both ends free).
    Entropy,
    /// The range for which the mean squared error of 8-bit integers, by rounding and by
    /// clipping, is least.
    Mse,
  };
  Method method = MinMax;
  double percentile = 99.99; ///< over 50, at most 100
  /// Ranges with negative values become symmetric about zero (the preset `performance`).
  bool symmetric = false;

  /// `minmax`, `moving-average`, `percentile`, `percentile=99.9`, `entropy`, `mse`.
  static llvm::Expected<Calibrator> parse(llvm::StringRef text);
};

/// What `calibrator` makes of `statistics`. Few values (less than 1024 other than 0), or a
/// range written by hand, say nothing about a distribution: their extremes are the range.
Range estimateRange(const TensorStatistics &statistics, const Calibrator &calibrator);

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H
