// Runs the graph over calibration samples, as machine code, one sample at a time:
// memory does not grow with the data.

#ifndef OCTET_TOOLS_OCTETC_CALIBRATION_H
#define OCTET_TOOLS_OCTETC_CALIBRATION_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/calibrate/CalibrationTable.h"

namespace octet {

/// Statistics of every tensor of `graph` (after clean-up, all f32), which stays as
/// it is, over the samples of the file `data`.
mlir::FailureOr<CalibrationTable> calibrate(mlir::ModuleOp graph, llvm::StringRef data);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_CALIBRATION_H
