// Decides the integer weights of a graph's contractions by second moments of their inputs.

#ifndef OCTET_PASSES_REPAIR_OPTIMIZEROUNDING_H
#define OCTET_PASSES_REPAIR_OPTIMIZEROUNDING_H

#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/RangeEstimators.h"
#include "passes/quantize/IntegerWeights.h"
#include "passes/repair/SecondMoments.h"

namespace octet {

struct RoundingOptions {
  WeightScheme scheme;
  Calibrator calibrator; ///< for the scale of inputs
  /// Means are made up for by biases, and need no care.
  bool centred = true;
};

/// Contractions of `function` that have constant weights and whose inputs have a range in
/// `table`, in order.
llvm::SmallVector<mlir::Operation *> findRoundedContractions(mlir::func::FuncOp function,
                                                             const CalibrationTable &table);

/// Writes `octet.integer_weights` and `octet.weight_scales` on `op`, one of them (R3).
void optimizeRounding(mlir::Operation *op, const SecondMoments &moments,
                      const CalibrationTable &table, const RoundingOptions &options);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_OPTIMIZEROUNDING_H
