// A parsed model whose structure has been checked: every tensor is defined once,
// every input of a node exists, and nodes can be put in an order. The handlers of
// ops rely on that and look at one node at a time.

#ifndef OCTET_FRONTEND_ONNXMODEL_H
#define OCTET_FRONTEND_ONNXMODEL_H

#include "frontend/Import.h"
#include "onnx/onnx.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <memory>

namespace octet {

/// The newest opset of the default domain that the op table was written against.
constexpr int64_t kNewestOpset = 25;
constexpr int64_t kOldestOpset = 7;
constexpr int64_t kOldestIr = 3;

struct OnnxModel {
  std::string path;
  onnx::ModelProto proto;
  /// Version by domain; the default domain is "".
  llvm::StringMap<int64_t> opsets;
  /// Indices of the nodes that outputs depend on, producers first.
  std::vector<int> order;
  llvm::StringMap<onnx::TensorProto *> initializers;
  /// Names that a live node reads or the graph gives out.
  llvm::StringSet<> used;
  /// Declared types of intermediate tensors.
  llvm::StringMap<const onnx::TypeProto *> declared;

  const onnx::GraphProto &graph() const { return proto.graph(); }
  mlir::Location getLoc(mlir::MLIRContext *context) const;
  mlir::Location getNodeLoc(mlir::MLIRContext *context, int index) const;
};

/// The ONNX default domain has two spellings.
llvm::StringRef getDomain(const onnx::NodeProto &node);

mlir::FailureOr<std::unique_ptr<OnnxModel>>
readModel(mlir::MLIRContext *context, llvm::StringRef path, const ImportLimits &limits);

} // namespace octet

#endif // OCTET_FRONTEND_ONNXMODEL_H
