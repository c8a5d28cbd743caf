#include "passes/calibrate/TensorStatistics.h"

namespace octet {

void TensorStatistics::add(llvm::ArrayRef<float> values) {
  auto extremes = histogram.add(values);
  if (!extremes)
    return;
  ++samples;
  minima.add(extremes->first);
  maxima.add(extremes->second);
}

void TensorStatistics::merge(const TensorStatistics &other) {
  histogram.merge(other.histogram);
  samples += other.samples;
  minima.merge(other.minima);
  maxima.merge(other.maxima);
}

} // namespace octet
