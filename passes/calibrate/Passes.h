#ifndef OCTET_PASSES_CALIBRATE_PASSES_H
#define OCTET_PASSES_CALIBRATE_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"

namespace octet {

/// Attribute of a function result: the ONNX name of the tensor it observes.
inline constexpr llvm::StringLiteral kObservedAttr = "octet.observed";

class CalibrationTable;

/// For passes with a table: reads the file `path` into `table`, or leaves it where `path` is
/// empty. Reports what is wrong with the file.
mlir::LogicalResult loadTable(mlir::MLIRContext *context, llvm::StringRef path,
                              std::shared_ptr<const CalibrationTable> &table);

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/calibrate/Passes.h.inc"

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_PASSES_H
