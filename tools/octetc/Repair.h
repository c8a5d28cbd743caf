// Repairs that need the samples themselves, not only what calibration keeps of them.

#ifndef OCTET_TOOLS_OCTETC_REPAIR_H
#define OCTET_TOOLS_OCTETC_REPAIR_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "tools/octetc/Compilation.h"

namespace octet {

/// Decides about the weights of `graph` (cleaned up, f32) by samples that run through `single`,
/// the same graph for one sample (R3).
mlir::LogicalResult roundAdaptively(mlir::ModuleOp graph, mlir::ModuleOp single,
                                    const CalibrationTable &table,
                                    const CompilationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_REPAIR_H
