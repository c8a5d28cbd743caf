#include "passes/calibrate/RangeEstimators.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace octet {

namespace {

// Sums of squared distances of values beyond a bound, each in constant time.
class Tails {
public:
  explicit Tails(const Histogram &histogram) : width(histogram.getWidth()) {
    Moments sum;
    prefixes.push_back(sum);
    for (int64_t k = -Histogram::kHalf; k < Histogram::kHalf; ++k) {
      double count = histogram.getBin(k), x = (k + 0.5) * width;
      sum.count += count;
      sum.first += count * x;
      sum.second += count * x * x;
      prefixes.push_back(sum);
    }
  }
  double below(double bound) const { return cost(Moments(), prefixes[find(bound)], bound); }
  double above(double bound) const { return cost(prefixes[find(bound)], prefixes.back(), bound); }

private:
  struct Moments {
    double count = 0, first = 0, second = 0;
  };
  // How many bins have their middle below `bound`.
  int64_t find(double bound) const {
    int64_t bins = static_cast<int64_t>(std::floor(bound / width + 0.5)) + Histogram::kHalf;
    return std::clamp<int64_t>(bins, 0, 2 * Histogram::kHalf);
  }
  static double cost(const Moments &from, const Moments &to, double bound) {
    return (to.second - from.second) - 2 * bound * (to.first - from.first) +
           bound * bound * (to.count - from.count);
  }
  double width;
  std::vector<Moments> prefixes; ///< over the bins before the i-th
};

} // namespace

llvm::StringRef stringifyRangeMethod(RangeMethod method) {
  return method == RangeMethod::MinMax ? "min-max" : "mse";
}

std::optional<RangeMethod> parseRangeMethod(llvm::StringRef name) {
  for (RangeMethod method : {RangeMethod::MinMax, RangeMethod::Mse})
    if (stringifyRangeMethod(method) == name)
      return method;
  return std::nullopt;
}

Range estimateRange(const Histogram &histogram, RangeMethod method) {
  Range widest{std::min(0.0, double(histogram.getMin())),
               std::max(0.0, double(histogram.getMax()))};
  uint64_t nonzero = histogram.getCount() - histogram.getZeros();
  // Fewer values (or a range written by hand) say nothing about a distribution.
  constexpr uint64_t kEnough = 1024;
  if (method == RangeMethod::MinMax || nonzero < kEnough)
    return widest;
  Tails tails(histogram);
  constexpr int kSteps = 100, kLeast = 20;
  Range best = widest;
  double least = -1;
  for (int i = kSteps; i >= kLeast; --i) {
    double high = widest.high * i / kSteps, above = tails.above(high);
    for (int j = kSteps; j >= kLeast; --j) {
      double low = widest.low * j / kSteps, step = (high - low) / 255;
      double error = above + tails.below(low) + nonzero * step * step / 12;
      if (least < 0 || error < least) {
        least = error;
        best = {low, high};
      }
      if (widest.low == 0)
        break;
    }
    if (widest.high == 0)
      break;
  }
  return best;
}

} // namespace octet
