// A quantized graph as an ONNX model that other tools read: integers between QuantizeLinear and
// DequantizeLinear, ops in between as on real values. Written from the cleaned-up graph and not
// by editing the file it came from: weights are those of the graph, with batch
// normalizations folded, and nodes that went away stay away.

#ifndef OCTET_FRONTEND_EXPORT_H
#define OCTET_FRONTEND_EXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/LogicalResult.h"

#include <string>

namespace octet {

/// The bytes of the model that is function `main` of `module`: groups formed, borders between
/// them, contractions with integer operands. Reports what has no ONNX form.
llvm::FailureOr<std::string> exportQdqOnnx(mlir::ModuleOp module);

} // namespace octet

#endif // OCTET_FRONTEND_EXPORT_H
