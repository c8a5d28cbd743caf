// A graph inside a node (the branches of an If, the body of a Loop or Scan), as the handler of
// that node sees it: something to import where the node stands, as often as it needs. There is
// no control flow behind the frontend.

#ifndef OCTET_FRONTEND_NESTEDGRAPH_H
#define OCTET_FRONTEND_NESTEDGRAPH_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

#include <memory>
#include <optional>

namespace onnx {
class GraphProto;
}

namespace octet {

class NodeReader;

class NestedGraph {
public:
  virtual ~NestedGraph() = default;

  virtual unsigned getNumInputs() const = 0;
  virtual unsigned getNumOutputs() const = 0;
  /// The declared type of an output, or null where it leaves something open.
  virtual mlir::RankedTensorType getOutputType(unsigned i) const = 0;
  /// Its outputs for as many inputs as it has; nullopt after a report. `label` tells the names of
  /// this import from those of others.
  virtual std::optional<llvm::SmallVector<mlir::Value>> import(llvm::ArrayRef<mlir::Value> inputs,
                                                               llvm::StringRef label) = 0;
};

/// Who knows the names around a node.
class NestedGraphSource {
public:
  virtual ~NestedGraphSource() = default;
  /// Null after a report.
  virtual std::unique_ptr<NestedGraph> openGraph(NodeReader &node, onnx::GraphProto &graph) = 0;
};

} // namespace octet

#endif // OCTET_FRONTEND_NESTEDGRAPH_H
