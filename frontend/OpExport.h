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

/// The same, of ops that make indices, go by them or sample at points: what exportOp asks for
/// all ops that it does not know.
mlir::FailureOr<std::string> exportIndexOp(mlir::Operation *op, llvm::ArrayRef<std::string> inputs,
                                           GraphWriter &writer);

} // namespace octet

#endif // OCTET_FRONTEND_OPEXPORT_H
