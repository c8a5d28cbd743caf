// What each op on real values is in ONNX.

#ifndef OCTET_FRONTEND_OPEXPORT_H
#define OCTET_FRONTEND_OPEXPORT_H

#include "dialect/Octet.h"
#include "frontend/GraphWriter.h"

namespace octet {

/// Adds the nodes of `op` on tensors named `inputs` (one for each operand); the name of the
/// result, or after a report failure.
mlir::FailureOr<std::string> exportOp(mlir::Operation *op, llvm::ArrayRef<std::string> inputs,
                                      GraphWriter &writer);

} // namespace octet

#endif // OCTET_FRONTEND_OPEXPORT_H
