// Runs the graph over calibration samples, as machine code, one sample at a time:
// memory does not grow with the data.

#ifndef OCTET_TOOLS_OCTETC_CALIBRATION_H
#define OCTET_TOOLS_OCTETC_CALIBRATION_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/repair/SampledModel.h"
#include "tools/octetc/Compilation.h"

namespace octet {

/// Statistics of every tensor of `graph` (after clean-up, all f32), which stays as
/// it is, over samples of `options.data`. Warns of tensors whose range is doubtful.
mlir::FailureOr<CalibrationTable> calibrate(mlir::ModuleOp graph,
                                            const CalibrationOptions &options);

/// Runs a fused graph with observed results over samples of `options.data`: `observe` is
/// called with what each result bears the name of, and its values. `task` is what a terminal
/// shows to be going on.
mlir::LogicalResult
runOverSamples(mlir::ModuleOp observed, const CalibrationOptions &options, llvm::StringRef task,
               llvm::function_ref<void(llvm::StringRef, llvm::ArrayRef<float>)> observe);

/// Runs graphs over samples of `options.data`, which outlive it; the first arguments of each
/// are the inputs of `graph`.
std::shared_ptr<SampleRunner> createSampleRunner(mlir::ModuleOp graph,
                                                 const CalibrationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_CALIBRATION_H
