// A graph of a model, the main one or one in an attribute of a node, whose structure has been
// checked: every tensor is defined once, every input of a node exists here or outside, and
// nodes can be put in an order. The handlers of ops rely on that and look at one node at a
// time.

#ifndef OCTET_FRONTEND_ONNXGRAPH_H
#define OCTET_FRONTEND_ONNXGRAPH_H

#include "frontend/Import.h"
#include "onnx/onnx.pb.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <memory>

namespace octet {

struct OnnxGraph {
  explicit OnnxGraph(onnx::GraphProto &proto) : proto(proto) {}

  onnx::GraphProto &proto;
  /// Indices of the nodes that outputs depend on, producers first.
  std::vector<int> order;
  llvm::StringMap<onnx::TensorProto *> initializers;
  /// Names that a live node reads, also in graphs of its own, or the graph gives out.
  llvm::StringSet<> used;
  /// Declared types of intermediate tensors.
  llvm::StringMap<const onnx::TypeProto *> declared;
  /// The node that computes a tensor; -1 for inputs and initializers.
  llvm::StringMap<int> producers;
  /// What each node reads, also in graphs of its own.
  std::vector<llvm::SetVector<llvm::StringRef>> reads;

  mlir::Location getNodeLoc(mlir::MLIRContext *context, int index,
                            llvm::StringRef prefix = "") const;
};

/// Checks and sorts a graph. `isOutside` tells which names it may read besides its own; `loc`
/// is where mistakes that are no node's are reported, and `prefix` stands before the names of
/// nodes.
mlir::FailureOr<std::unique_ptr<OnnxGraph>>
readGraph(mlir::Location loc, onnx::GraphProto &proto, llvm::StringRef prefix,
          llvm::function_ref<bool(llvm::StringRef)> isOutside, const ImportLimits &limits);

/// The ONNX default domain has two spellings.
inline llvm::StringRef getDomain(llvm::StringRef domain) {
  return domain == "ai.onnx" ? llvm::StringRef() : domain;
}

} // namespace octet

#endif // OCTET_FRONTEND_ONNXGRAPH_H
