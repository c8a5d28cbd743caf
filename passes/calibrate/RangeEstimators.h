// From the statistics of a tensor to the range that its integers cover.

#ifndef OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H
#define OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H

#include "passes/calibrate/Histogram.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace octet {

struct Range {
  double low, high;
};

enum class RangeMethod {
  /// All values seen.
  MinMax,
  /// The range inside it for which the mean squared error of 8-bit integers, by
  /// rounding and by clipping, is least.
  Mse,
};

/// `min-max` and `mse`.
llvm::StringRef stringifyRangeMethod(RangeMethod method);
std::optional<RangeMethod> parseRangeMethod(llvm::StringRef name);

Range estimateRange(const Histogram &histogram, RangeMethod method);

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_RANGEESTIMATORS_H
