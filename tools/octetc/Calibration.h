// Runs the graph over calibration samples, as machine code, one sample at a time:
// memory does not grow with the data.

#ifndef OCTET_TOOLS_OCTETC_CALIBRATION_H
#define OCTET_TOOLS_OCTETC_CALIBRATION_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "tools/octetc/Compilation.h"

namespace octet {

/// Statistics of every tensor of `graph` (after clean-up, all f32), which stays as
/// it is, over samples of `options.data`. Warns of tensors whose range is doubtful.
mlir::FailureOr<CalibrationTable> calibrate(mlir::ModuleOp graph,
                                            const CalibrationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_CALIBRATION_H
