// Nodes to ops, graph by graph. A graph inside a node is imported where the node stands, with
// the names around it in sight, and a call of a function of the model with none: what they
// hold becomes part of the one function @main.

#ifndef OCTET_FRONTEND_GRAPHIMPORTER_H
#define OCTET_FRONTEND_GRAPHIMPORTER_H

#include "dialect/Octet.h"
#include "frontend/GraphInputs.h"
#include "frontend/OpTable.h"

namespace octet {

class GraphImporter {
public:
  GraphImporter(mlir::MLIRContext *context, OnnxModel &model, const ImportOptions &options)
      : context(context), model(model), options(options), builder(context),
        loader(context, model.path, options.limits) {}

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

private:
  /// One import of a graph.
  struct Scope {
    OnnxGraph &graph;
    const Opsets &opsets;
    /// Initializers that have been asked for; the same in all imports of the graph.
    llvm::StringMap<mlir::Value> &constants;
    /// The graph around this one, or null.
    Scope *outer;
    /// Before the names of its nodes and tensors.
    std::string prefix;
    int depth;
    /// Null for the outputs of a node that failed.
    llvm::StringMap<mlir::Value> values;
  };
  class Nested;
  class NestedSource;

  mlir::InFlightDiagnostic error() {
    ++errors;
    return emitError(model.getLoc(context));
  }
  void addInputs(Scope &scope, llvm::ArrayRef<GraphInput> inputs);
  mlir::LogicalResult importNodes(Scope &scope);
  /// Counts towards the limits of unrolling; false after a report at `loc`.
  bool unroll(mlir::Location loc, int64_t nodes, int64_t bytes);
  void importNode(Scope &scope, int index);
  /// `proto` is `original`, or a copy whose outputs have the scope's prefix.
  void importNode(Scope &scope, const onnx::NodeProto &original, onnx::NodeProto &proto,
                  mlir::Location loc, const OpRow &row, int64_t opset);
  void importCall(Scope &scope, const onnx::NodeProto &proto, mlir::Location loc,
                  const onnx::FunctionProto &function);
  void reportUnsupported(const Scope &scope, const onnx::NodeProto &proto, mlir::Location loc);
  mlir::Value getValue(Scope &scope, llvm::StringRef name);
  static bool hasName(const Scope *scope, llvm::StringRef name);
  void setOutputs(Scope &scope, const onnx::NodeProto &proto, mlir::Location loc,
                  llvm::ArrayRef<mlir::Value> results);
  void standIn(Scope &scope, const onnx::NodeProto &node);
  mlir::LogicalResult addOutputs(Scope &scope);
  void eraseUnused();

  mlir::MLIRContext *context;
  OnnxModel &model;
  const ImportOptions &options;
  mlir::OpBuilder builder;
  TensorLoader loader;
  FoldBudget budget;
  mlir::func::FuncOp function;
  int errors = 0;
  bool isGivenUp = false;
};

} // namespace octet

#endif // OCTET_FRONTEND_GRAPHIMPORTER_H
