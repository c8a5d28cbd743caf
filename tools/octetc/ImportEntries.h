// A model imported for each shape that is asked for, as entries of one module.

#ifndef OCTET_TOOLS_OCTETC_IMPORTENTRIES_H
#define OCTET_TOOLS_OCTETC_IMPORTENTRIES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tools/octetc/Compilation.h"

namespace octet {

/// @main for `options.import`, @main.1 and so on for `options.otherEntries`. Reports entries
/// that the runtime could not tell apart.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importEntries(mlir::MLIRContext &context,
                                                                 const CompilationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_IMPORTENTRIES_H
