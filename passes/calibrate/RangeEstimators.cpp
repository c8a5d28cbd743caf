#include "passes/calibrate/RangeEstimators.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace octet {

namespace {

constexpr int kLevels = 256;

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

static Range findLeastSquares(const Histogram &histogram, Range widest) {
  uint64_t nonzero = histogram.getCount() - histogram.getZeros();
  Tails tails(histogram);
  constexpr int kSteps = 100, kLeast = 20;
  Range best = widest;
  double least = -1;
  for (int i = kSteps; i >= kLeast; --i) {
    double high = widest.high * i / kSteps, above = tails.above(high);
    for (int j = kSteps; j >= kLeast; --j) {
      double low = widest.low * j / kSteps, step = (high - low) / (kLevels - 1);
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

// Kullback-Leibler divergence of the integers' distribution from that of the values, both
// over the bins [first, last). The values beyond belong to the end bins of the former, but
// not of the latter, so that cutting them off costs. Zeros are exact in every range and
// take no part.
static double getDivergence(const Histogram &histogram, int64_t first, int64_t last, double below,
                            double above) {
  int64_t bins = last - first;
  double total = below + above, kept = 0;
  for (int64_t k = first; k < last; ++k)
    kept += histogram.getBin(k);
  total += kept;
  if (kept == 0)
    return std::numeric_limits<double>::infinity();
  double divergence = 0;
  for (int64_t level = 0; level < kLevels; ++level) {
    int64_t begin = first + bins * level / kLevels, end = first + bins * (level + 1) / kLevels;
    double sum = 0, occupied = 0;
    for (int64_t k = begin; k < end; ++k) {
      sum += histogram.getBin(k);
      occupied += histogram.getBin(k) != 0;
    }
    for (int64_t k = begin; k < end; ++k) {
      double p = histogram.getBin(k) + (k == first ? below : 0) + (k == last - 1 ? above : 0);
      if (p == 0)
        continue;
      // A value cut off into a bin that is empty of its own has the least of densities.
      double q = histogram.getBin(k) ? sum / occupied : std::min(1.0, kept) * 1e-4;
      divergence += p / total * std::log((p / total) / (q / kept));
    }
  }
  return divergence;
}

static Range findLeastDivergence(const Histogram &histogram, Range widest) {
  double width = histogram.getWidth();
  int64_t lowest = std::floor(widest.low / width), highest = std::floor(widest.high / width) + 1;
  std::vector<double> prefixes{0}; // counts of the bins before `lowest + i`
  for (int64_t k = lowest; k < highest; ++k)
    prefixes.push_back(prefixes.back() + histogram.getBin(k));
  Range best = widest;
  double least = std::numeric_limits<double>::infinity();
  auto consider = [&](int64_t first, int64_t last) {
    if (last - first < kLevels)
      return;
    double divergence = getDivergence(histogram, first, last, prefixes[first - lowest],
                                      prefixes.back() - prefixes[last - lowest]);
    if (divergence >= least)
      return;
    least = divergence;
    best = {std::max(widest.low, first * width), std::min(widest.high, last * width)};
  };
  // Both ends together, then each for itself: two dimensions at the price of three lines.
  constexpr int kSteps = 128;
  auto shrink = [&](int64_t bound, int step) { return bound * (kSteps - step) / kSteps; };
  for (int step = 0; step < kSteps; ++step)
    consider(shrink(lowest, step), shrink(highest, step));
  for (bool atLow : {true, false}) {
    int64_t first = std::max<int64_t>(lowest, std::floor(best.low / width));
    int64_t last = std::min<int64_t>(highest, std::ceil(best.high / width));
    for (int step = 0; step < kSteps; ++step)
      consider(atLow ? shrink(lowest, step) : first, atLow ? last : shrink(highest, step));
  }
  return best;
}

// The value above which `share` of all values lie, within a bin by proportion.
static double findUpperBound(const Histogram &histogram, double share, bool mirrored) {
  double allowed = share * histogram.getCount(), width = histogram.getWidth(), seen = 0;
  for (int64_t k = Histogram::kHalf - 1; k >= 0; --k) {
    double count = histogram.getBin(mirrored ? -k - 1 : k);
    if (seen + count > allowed)
      return width * (k + 1 - (allowed - seen) / count);
    seen += count;
  }
  return 0;
}

static Range findRange(const TensorStatistics &statistics, const Calibrator &calibrator,
                       Range widest) {
  const Histogram &histogram = statistics.histogram;
  uint64_t nonzero = histogram.getCount() - histogram.getZeros();
  constexpr uint64_t kEnough = 1024;
  double samples = statistics.samples, share = 1 - calibrator.percentile / 100;
  switch (calibrator.method) {
  case Calibrator::MinMax:
    return widest;
  case Calibrator::MovingAverage:
    if (samples == 0 || !statistics.minima.isKnown() || !statistics.maxima.isKnown())
      return widest;
    return {statistics.minima.get() / samples, statistics.maxima.get() / samples};
  case Calibrator::Percentile:
    if (nonzero < kEnough)
      return widest;
    return {-findUpperBound(histogram, share, true), findUpperBound(histogram, share, false)};
  case Calibrator::Entropy:
    return nonzero < kEnough ? widest : findLeastDivergence(histogram, widest);
  case Calibrator::Mse:
    return nonzero < kEnough ? widest : findLeastSquares(histogram, widest);
  }
  llvm_unreachable("unknown calibrator");
}

llvm::Expected<Calibrator> Calibrator::parse(llvm::StringRef text) {
  Calibrator calibrator;
  auto [name, value] = text.split('=');
  if (name == "percentile") {
    calibrator.method = Percentile;
    if (name.size() < text.size() && (value.getAsDouble(calibrator.percentile) ||
                                      !(calibrator.percentile > 50) || calibrator.percentile > 100))
      return llvm::createStringError("expected a percentile over 50 and at most 100, got '" +
                                     value + "'");
    return calibrator;
  }
  for (auto [known, method] : {std::pair("minmax", MinMax),
                               {"moving-average", MovingAverage},
                               {"entropy", Entropy},
                               {"mse", Mse}})
    if (text == known) {
      calibrator.method = method;
      return calibrator;
    }
  return llvm::createStringError("expected calibrator 'minmax', 'moving-average', "
                                 "'percentile[=P]', 'entropy' or 'mse', got '" +
                                 text + "'");
}

Range estimateRange(const TensorStatistics &statistics, const Calibrator &calibrator) {
  const Histogram &histogram = statistics.histogram;
  Range widest{std::min(0.0, double(histogram.getMin())),
               std::max(0.0, double(histogram.getMax()))};
  Range range = findRange(statistics, calibrator, widest);
  range.low = std::clamp(range.low, widest.low, 0.0);
  range.high = std::clamp(range.high, 0.0, widest.high);
  if (!calibrator.symmetric || range.low == 0)
    return range;
  // One step more below zero than above (-128 to 127): then the zero point is 128 exactly.
  double magnitude = std::max(-range.low, range.high);
  return {-magnitude * 128 / 127, magnitude};
}

} // namespace octet
