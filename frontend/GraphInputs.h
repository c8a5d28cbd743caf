// The shape of every graph input, made static from what the model declares and
// what the user gives.

#ifndef OCTET_FRONTEND_GRAPHINPUTS_H
#define OCTET_FRONTEND_GRAPHINPUTS_H

#include "frontend/OnnxModel.h"
#include "mlir/IR/BuiltinTypes.h"

namespace octet {

struct GraphInput {
  llvm::StringRef name;
  mlir::RankedTensorType type;
};

/// Inputs that are not initializers, in the model's order.
mlir::FailureOr<std::vector<GraphInput>>
resolveInputs(mlir::MLIRContext *context, const OnnxModel &model, const ImportOptions &options);

/// A fully static tensor type, or null.
mlir::RankedTensorType getStaticType(mlir::MLIRContext *context, const onnx::TypeProto &type,
                                     const ImportLimits &limits);

} // namespace octet

#endif // OCTET_FRONTEND_GRAPHINPUTS_H
