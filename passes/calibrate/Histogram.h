// Statistics of one tensor over all calibration samples, in bounded memory.
//
// Bins are symmetric about zero and their width is a power of two, the smallest
// for which they hold the largest magnitude seen so far; growth merges pairs of
// bins. So the state depends only on the multiset of values: batches, their order
// and shards merged later all give the same bits. A histogram with bins fitted to
// the first batch (the usual choice) cannot promise that.

#ifndef OCTET_PASSES_CALIBRATE_HISTOGRAM_H
#define OCTET_PASSES_CALIBRATE_HISTOGRAM_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace octet {

class Histogram {
public:
  /// Signed bin k holds [k * width, (k + 1) * width), -kHalf <= k < kHalf.
  static constexpr int64_t kHalf = 2048;
  /// Bounds of the exponent of the width: below, values count as bin 0 or -1.
  static constexpr int kMinExponent = -140, kMaxExponent = 117;

  /// Returns the least and the greatest finite value of `values`, if there are any.
  std::optional<std::pair<float, float>> add(llvm::ArrayRef<float> values);
  void merge(const Histogram &other);

  /// Finite values seen, among them exact zeros (which are in no bin).
  uint64_t getCount() const { return count; }
  uint64_t getZeros() const { return zeros; }
  uint64_t getNaNs() const { return nans; }
  uint64_t getInfinities() const { return infinities; }
  /// 0 where nothing finite was seen.
  float getMin() const { return count ? min : 0.0f; }
  float getMax() const { return count ? max : 0.0f; }

  /// The width of a bin is 2^exponent.
  int getExponent() const { return exponent; }
  double getWidth() const;
  uint64_t getBin(int64_t k) const { return bins.empty() ? 0 : bins[k + kHalf]; }

  /// For readers of files; the sum of the bins and `zeros` is `count`.
  struct State {
    float min = 0, max = 0;
    uint64_t zeros = 0, nans = 0, infinities = 0;
    int exponent = kMinExponent;
    int64_t first = 0; ///< signed index of bins[0]
    std::vector<uint64_t> bins;
  };
  /// The trimmed state; equal histograms give equal states.
  State getState() const;
  /// Returns what is inconsistent about `state`, or null.
  static const char *validate(const State &state);
  /// `state` is valid.
  static Histogram fromState(const State &state);

private:
  void coarsen(int newExponent);

  uint64_t count = 0, zeros = 0, nans = 0, infinities = 0;
  float min = 0, max = 0;
  int exponent = kMinExponent;
  std::vector<uint64_t> bins; ///< empty until a nonzero value comes
};

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_HISTOGRAM_H
