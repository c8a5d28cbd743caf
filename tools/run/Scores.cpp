#include "tools/run/Scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace octet::run {

int64_t findLargest(ArrayRef<double> values) {
  int64_t best = 0;
  for (int64_t i = 1, e = static_cast<int64_t>(values.size()); i < e; ++i)
    if (values[i] > values[best] || (std::isnan(values[best]) && !std::isnan(values[i])))
      best = i;
  return best;
}

void Comparison::add(ArrayRef<double> expected, ArrayRef<double> actual, int64_t newRows) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const double want = expected[i], got = actual[i];
    // Equal infinities and two NaNs are agreement, and have no place in a sum.
    if (want == got || (std::isnan(want) && std::isnan(got))) {
      const double square = std::isfinite(want) ? want * want : 0;
      signal += square;
      product += square;
      actualSquares += square;
      continue;
    }
    if (!std::isfinite(want) || !std::isfinite(got)) {
      noise = maxAbs = std::numeric_limits<double>::infinity();
      continue;
    }
    signal += want * want;
    product += want * got;
    actualSquares += got * got;
    noise += (want - got) * (want - got);
    maxAbs = std::max(maxAbs, std::abs(want - got));
  }
  const size_t size = expected.size() / newRows;
  for (int64_t row = 0; size > 0 && row < newRows; ++row)
    agreeing += findLargest(expected.slice(row * size, size)) ==
                findLargest(actual.slice(row * size, size));
  rows += newRows;
  elements += static_cast<int64_t>(expected.size());
}

double Comparison::getCosine() const {
  if (signal == 0 && actualSquares == 0)
    return 1;
  const double norms = std::sqrt(signal) * std::sqrt(actualSquares);
  return norms > 0 ? product / norms : 0;
}

double Comparison::getSqnr() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (noise == 0)
    return infinity;
  return signal == 0 ? -infinity : 10 * std::log10(signal / noise);
}

double Comparison::getArgmaxAgreement() const { return rows ? double(agreeing) / rows : 0; }

void Accuracy::add(ArrayRef<double> scores, int64_t label) {
  const double own = scores[label];
  int64_t before = 0;
  for (int64_t i = 0, e = static_cast<int64_t>(scores.size()); i < e; ++i)
    before += scores[i] > own || (i < label && scores[i] == own);
  ++rows;
  if (std::isnan(own))
    return;
  top1 += before < 1;
  top5 += before < 5;
}

} // namespace octet::run
