// How far rounded weights shift the results of a contraction on the average.

#ifndef OCTET_PASSES_REPAIR_BIASSHIFT_H
#define OCTET_PASSES_REPAIR_BIASSHIFT_H

#include "passes/graph/Contraction.h"
#include "passes/quantize/IntegerWeights.h"

namespace octet {

/// For each place of a convolution's window, in row-major order, the share of windows for
/// which it lies inside the input. Of a matrix product {1}.
llvm::SmallVector<double> getTapShares(mlir::Operation *contraction);

/// For each output channel the mean of exact minus rounded results (R2), from the mean of
/// each input channel.
llvm::SmallVector<double> getExpectedShift(Contraction &contraction, const DecidedWeights &decided,
                                           llvm::ArrayRef<double> inputMeans);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_BIASSHIFT_H
