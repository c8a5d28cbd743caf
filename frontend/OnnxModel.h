// A parsed model: its main graph, checked, and what holds for all of its graphs.

#ifndef OCTET_FRONTEND_ONNXMODEL_H
#define OCTET_FRONTEND_ONNXMODEL_H

#include "frontend/OnnxGraph.h"

namespace octet {

/// The newest opset of the default domain that the op table was written against.
constexpr int64_t kNewestOpset = 25;
constexpr int64_t kOldestOpset = 1;
constexpr int64_t kOldestIr = 3;

/// Version by domain; the default domain is "".
using Opsets = llvm::StringMap<int64_t>;

struct OnnxModel {
  std::string path;
  onnx::ModelProto proto;
  Opsets opsets;
  std::unique_ptr<OnnxGraph> main;
  /// Ops that the model defines itself, by getFunctionKey.
  llvm::StringMap<const onnx::FunctionProto *> functions;

  const onnx::GraphProto &graph() const { return proto.graph(); }
  mlir::Location getLoc(mlir::MLIRContext *context) const;
};

std::string getFunctionKey(llvm::StringRef domain, llvm::StringRef name);

/// Reads imports of opsets, of the model or of a function.
mlir::LogicalResult
readOpsets(mlir::Location loc,
           const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &imports,
           Opsets &opsets);

mlir::FailureOr<std::unique_ptr<OnnxModel>>
readModel(mlir::MLIRContext *context, llvm::StringRef path, const ImportLimits &limits);

} // namespace octet

#endif // OCTET_FRONTEND_ONNXMODEL_H
