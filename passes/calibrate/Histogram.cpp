#include "passes/calibrate/Histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace octet {

// The smallest exponent for which kHalf bins reach beyond `magnitude`.
static int exponentFor(float magnitude) {
  int e;
  std::frexp(magnitude, &e); // magnitude < 2^e
  constexpr int kHalfLog2 = 11;
  static_assert(Histogram::kHalf == int64_t(1) << kHalfLog2);
  return std::max(Histogram::kMinExponent, e - kHalfLog2);
}

static int64_t floorHalf(int64_t k) { return k >= 0 ? k / 2 : -((-k + 1) / 2); }

double Histogram::getWidth() const { return std::ldexp(1.0, exponent); }

void Histogram::coarsen(int newExponent) {
  for (; exponent < newExponent; ++exponent) {
    std::vector<uint64_t> merged(bins.size(), 0);
    for (int64_t k = -kHalf; k < kHalf; ++k)
      merged[floorHalf(k) + kHalf] += bins[k + kHalf];
    bins = std::move(merged);
    // The jump from the initial exponent crosses hundreds of powers with nothing
    // to merge.
    if (std::all_of(bins.begin(), bins.end(), [](uint64_t n) { return n == 0; })) {
      exponent = newExponent;
      return;
    }
  }
}

std::optional<std::pair<float, float>> Histogram::add(llvm::ArrayRef<float> values) {
  // The extremes first, so that the bins change at most once for each call.
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  float low = kInfinite, high = -kInfinite, reach = 0;
  for (float value : values) {
    bool isFinite = std::fabs(value) < kInfinite;
    low = isFinite && value < low ? value : low;
    high = isFinite && value > high ? value : high;
  }
  if (low <= high) {
    min = count ? std::min(min, low) : low;
    max = count ? std::max(max, high) : high;
    reach = std::max(std::fabs(low), std::fabs(high));
  }
  if (reach > 0) {
    if (bins.empty())
      bins.assign(2 * kHalf, 0);
    coarsen(exponentFor(reach));
  }
  // Activations are zero about as often as not, so that every branch on a value would
  // be mispredicted: all cases are slots of one table instead.
  constexpr int64_t kZero = 2 * kHalf, kNaN = kZero + 1, kInfinity = kZero + 2;
  std::vector<uint64_t> slots(kInfinity + 1, 0);
  double inverse = std::ldexp(1.0, -exponent);
  constexpr float kLargest = std::numeric_limits<float>::max();
  for (float value : values) {
    bool isFinite = std::fabs(value) <= kLargest;
    float finite = isFinite ? value : 0.0f;
    // Rounded down without std::floor, a call on the CPUs that this is built for.
    double position = finite * inverse;
    int64_t slot = static_cast<int64_t>(position);
    slot += kHalf - (slot > position);
    slot = finite == 0 ? kZero : slot;
    slot = isFinite ? slot : std::isnan(value) ? kNaN : kInfinity;
    ++slots[slot];
  }
  zeros += slots[kZero];
  nans += slots[kNaN];
  infinities += slots[kInfinity];
  count += values.size() - slots[kNaN] - slots[kInfinity];
  for (size_t i = 0; i < bins.size(); ++i)
    bins[i] += slots[i];
  if (low > high)
    return std::nullopt;
  return std::pair(low, high);
}

void Histogram::merge(const Histogram &other) {
  nans += other.nans;
  infinities += other.infinities;
  zeros += other.zeros;
  if (other.count) {
    min = count ? std::min(min, other.min) : other.min;
    max = count ? std::max(max, other.max) : other.max;
    count += other.count;
  }
  if (other.bins.empty())
    return;
  if (bins.empty())
    bins.assign(2 * kHalf, 0);
  Histogram wide = other;
  int common = std::max(exponent, other.exponent);
  coarsen(common);
  wide.coarsen(common);
  exponent = common;
  for (size_t i = 0; i < bins.size(); ++i)
    bins[i] += wide.bins[i];
}

Histogram::State Histogram::getState() const {
  State state;
  // min and max of -0 and +0 depend on order; one zero is enough.
  state.min = getMin() + 0.0f;
  state.max = getMax() + 0.0f;
  state.zeros = zeros;
  state.nans = nans;
  state.infinities = infinities;
  state.exponent = exponent;
  auto isSet = [](uint64_t n) { return n != 0; };
  auto begin = std::find_if(bins.begin(), bins.end(), isSet);
  if (begin == bins.end())
    return state;
  auto end = std::find_if(bins.rbegin(), bins.rend(), isSet).base();
  state.first = (begin - bins.begin()) - kHalf;
  state.bins.assign(begin, end);
  return state;
}

const char *Histogram::validate(const State &state) {
  if (!std::isfinite(state.min) || !std::isfinite(state.max) || state.min > state.max)
    return "expected finite min <= max";
  if (state.exponent < kMinExponent || state.exponent > kMaxExponent)
    return "expected a bin width of 2^-140 to 2^117";
  if (state.bins.size() > 2 * kHalf || state.first < -kHalf ||
      state.first + static_cast<int64_t>(state.bins.size()) > kHalf)
    return "expected bins of index -2048 to 2047";
  uint64_t count = state.zeros;
  for (uint64_t n : state.bins)
    if (__builtin_add_overflow(count, n, &count))
      return "expected counts whose sum is below 2^64";
  if (count == 0 && (state.min != 0 || state.max != 0))
    return "expected min and max of 0 where nothing was counted";
  if (std::max(std::fabs(state.min), std::fabs(state.max)) >=
      std::ldexp(static_cast<double>(kHalf), state.exponent))
    return "expected bins that reach min and max";
  return nullptr;
}

Histogram Histogram::fromState(const State &state) {
  Histogram histogram;
  histogram.min = state.min;
  histogram.max = state.max;
  histogram.zeros = histogram.count = state.zeros;
  histogram.nans = state.nans;
  histogram.infinities = state.infinities;
  histogram.exponent = state.exponent;
  if (!state.bins.empty()) {
    histogram.bins.assign(2 * kHalf, 0);
    std::copy(state.bins.begin(), state.bins.end(), histogram.bins.begin() + (state.first + kHalf));
    for (uint64_t n : state.bins)
      histogram.count += n;
  }
  return histogram;
}

} // namespace octet
