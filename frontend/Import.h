// ONNX bytes to a verified module of octet ops: the one entry of the frontend.
// Nothing behind it asks for an opset, a symbolic dimension or a protobuf.

#ifndef OCTET_FRONTEND_IMPORT_H
#define OCTET_FRONTEND_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>
#include <string>
#include <vector>

namespace octet {

/// The shape of one graph input, as the user gives it: `--shape NAME=1x3x224x224`.
struct ShapeOverride {
  std::string input;
  std::vector<int64_t> shape;
};

/// Bounds on what a model file may ask for. Sizes are checked against them before
/// anything is computed from or allocated for those sizes.
struct ImportLimits {
  /// The most that protobuf can parse.
  uint64_t fileBytes = (uint64_t(1) << 31) - 1;
  int64_t nodes = int64_t(1) << 20;
  /// Of any one tensor.
  int64_t elements = int64_t(1) << 30;
  /// Of all constants together that nodes describe instead of holding them.
  int64_t generatedElements = int64_t(1) << 24;
  /// Of all external data together.
  uint64_t externalBytes = uint64_t(1) << 34;
  int64_t rank = 8;
  /// Inputs or outputs of a node, or of the graph.
  int operands = 4096;
  /// Of a node, a tensor, an operator.
  size_t nameBytes = 4096;
  /// Of messages in messages.
  int nesting = 64;
  /// Of graphs in nodes of graphs, and of calls of functions.
  int graphDepth = 16;
  /// Nodes that all graphs in nodes, as often as they are imported, and calls of functions
  /// amount to.
  int64_t unrolledNodes = int64_t(1) << 16;
  /// Of messages that are copied for that.
  int64_t unrolledBytes = int64_t(1) << 30;
  /// Reports before the import gives up.
  int errors = 100;
};

struct ImportOptions {
  std::vector<ShapeOverride> shapes;
  std::optional<int64_t> batch;
  ImportLimits limits;
};

/// The module of the model at `path`: a function `main` whose arguments and
/// results carry their ONNX names as `octet.name`. All unsupported nodes are
/// reported before this fails.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importOnnx(mlir::MLIRContext &context, llvm::StringRef path, const ImportOptions &options = {});

/// Reads `NAME=1x3x224x224`; nullopt where it is something else.
std::optional<ShapeOverride> parseShapeOverride(llvm::StringRef text);

} // namespace octet

#endif // OCTET_FRONTEND_IMPORT_H
