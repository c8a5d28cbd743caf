// The target that an option of a pass names.

#ifndef OCTET_CODEGEN_LOWER_PASSTARGET_H
#define OCTET_CODEGEN_LOWER_PASSTARGET_H

#include "codegen/target/Target.h"
#include "mlir/IR/Diagnostics.h"

namespace octet {

/// Fails, with a diagnostic, for what is neither `native` nor a CPU that LLVM knows.
inline mlir::FailureOr<codegen::Target> lookupPassTarget(mlir::MLIRContext *context,
                                                         llvm::StringRef name) {
  std::string error;
  auto target = codegen::lookupTarget(name, error);
  if (mlir::failed(target))
    return mlir::emitError(mlir::UnknownLoc::get(context), error);
  return target;
}

} // namespace octet

#endif // OCTET_CODEGEN_LOWER_PASSTARGET_H
