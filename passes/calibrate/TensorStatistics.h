// Everything that calibration keeps of one tensor: enough for every calibrator, so that
// the choice between them needs no second pass over the data.

#ifndef OCTET_PASSES_CALIBRATE_TENSORSTATISTICS_H
#define OCTET_PASSES_CALIBRATE_TENSORSTATISTICS_H

#include "passes/calibrate/ExactSum.h"
#include "passes/calibrate/Histogram.h"

namespace octet {

struct TensorStatistics {
  Histogram histogram;
  uint64_t samples = 0; ///< that had a finite value; 0 in tables written by hand
  /// The extremes of single samples, summed.
  ExactSum minima, maxima;

  /// The tensor's values for one sample.
  void add(llvm::ArrayRef<float> values);
  void merge(const TensorStatistics &other);
};

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_TENSORSTATISTICS_H
