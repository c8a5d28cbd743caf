// Ops from hostile input: an op is built only after its shape inference accepted
// the operands, and checked by its verifier at once, so that every mistake of a
// model becomes a report at its node. After a failure of the node `create` does
// nothing and gives null; handlers need not look.

#ifndef OCTET_FRONTEND_NODEBUILDER_H
#define OCTET_FRONTEND_NODEBUILDER_H

#include "frontend/DynamicExtents.h"
#include "frontend/NestedGraph.h"
#include "frontend/NodeReader.h"
#include "frontend/TensorLoader.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace octet {

/// A constant that is computed from all elements of another one, and from what.
struct Unpacking {
  mlir::Value x, scale, zeroPoint;
  mlir::RankedTensorType type;
  int64_t axis = 0, block = 0;

  bool operator==(const Unpacking &other) const {
    return x == other.x && scale == other.scale && zeroPoint == other.zeroPoint &&
           type == other.type && axis == other.axis && block == other.block;
  }
};

/// What the nodes of an import share: bounds of the arithmetic that folding may spend over
/// all of it, and values that several of them ask for.
struct FoldBudget {
  int64_t maxElements = 4096;
  int64_t work = int64_t(1) << 31;
  /// Elements generated so far.
  int64_t generated = 0;
  /// Nodes imported so far of graphs in nodes and of functions, and the bytes of them that
  /// were copied.
  int64_t unrolledNodes = 0, unrolledBytes = 0;
  /// The f32 values of tensors of other floats.
  llvm::DenseMap<mlir::Value, mlir::Value> wide;
  /// What was last made of all elements of a constant, by the constant.
  llvm::DenseMap<mlir::Value, std::pair<Unpacking, mlir::Value>> unpacked;
  DynamicExtents extents;
};

class NodeBuilder {
public:
  NodeBuilder(mlir::OpBuilder &builder, NodeReader &node, const ImportLimits &limits,
              FoldBudget &budget, TensorLoader &loader, NestedGraphSource &graphs)
      : builder(builder), node(node), limits(limits), budget(budget), loader(loader),
        graphs(graphs), largestFold(budget.maxElements) {}

  /// The node's ops on constants fold however large those are, as far as the work allows: for
  /// ops that have a better form where they are known.
  void foldLargeConstants() { largestFold = limits.elements; }

  /// An op whose result type is inferred; an op of constants folds. Arguments
  /// are those of OpTy's builder without the type.
  template <typename OpTy, typename... Args>
  mlir::Value create(Args &&...args) {
    if (node.failed())
      return {};
    mlir::OperationState state(nextLoc(), OpTy::getOperationName());
    OpTy::build(builder, state, mlir::Type(placeholder()), std::forward<Args>(args)...);
    state.types.clear();
    if (mlir::failed(OpTy::inferReturnTypes(builder.getContext(), state.location, state.operands,
                                            state.attributes.getDictionary(builder.getContext()),
                                            state.getRawProperties(), {}, state.types))) {
      node.fail();
      return {};
    }
    return finish(state);
  }

  mlir::Value constant(mlir::ElementsAttr value);
  mlir::Value constant(const LoadedTensor &tensor);
  mlir::Value constantIntegers(llvm::ArrayRef<int64_t> values);
  /// One element of `type`, of rank 0. Integers of 64 bits wrap to it (-1 is all ones of an
  /// unsigned type), other numbers saturate.
  mlir::Value scalar(mlir::Type type, double value);
  /// `x` itself where it has this shape; constants get it without a copy.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// Other floats to f32: what the importer rounded for storage is given back unrounded.
  mlir::Value cast(mlir::Value x, mlir::Type elementType);
  mlir::Value quantize(mlir::Value x, mlir::quant::QuantizedType elementType);
  /// One op serves all nodes that ask for the f32 values of `x`.
  mlir::Value dequantize(mlir::Value x);
  /// A constant of quantized type.
  mlir::Value storedConstant(const reference::Tensor &integers);
  /// The constant that `make` computes. It is made once for all nodes that ask for the same;
  /// a file that asks for several of one tensor describes more than it holds.
  mlir::Value unpack(const Unpacking &unpacking, llvm::function_ref<reference::Tensor()> make);
  mlir::FailureOr<LoadedTensor> load(onnx::TensorProto &tensor);
  /// The graph in attribute `name`; null after a report.
  std::unique_ptr<NestedGraph> openGraph(llvm::StringRef name);
  /// For ops whose operands are known to be right.
  mlir::OpBuilder &getBuilder() { return builder; }

  /// Extents of tensors that depend on data; those of results that follow from operands are
  /// found behind the node.
  DynamicExtents &getExtents() { return budget.extents; }

  /// Reports and gives false where `shape` exceeds the limits.
  bool checkShape(llvm::ArrayRef<int64_t> shape);
  /// The same for the elements of a constant that a few bytes of the file ask for;
  /// called before they are allocated.
  bool checkGenerated(int64_t elements);
  /// The same for a node that becomes so many others, of loops, branches and functions together.
  bool checkUnrolled(int64_t nodes);

  /// The node's outputs, in order; null where an output is not made.
  void setResult(mlir::Value result) { setResults({result}); }
  void setResults(llvm::ArrayRef<mlir::Value> values);
  llvm::ArrayRef<mlir::Value> getResults() const { return results; }

private:
  mlir::RankedTensorType placeholder();
  mlir::Location nextLoc();
  mlir::Value widen(mlir::Value x);
  mlir::Value widenConstant(ConstantOp constant);
  mlir::Value convert(llvm::StringRef op, mlir::Value x, mlir::Type elementType);
  mlir::Value finish(mlir::OperationState &state);
  mlir::LogicalResult check(mlir::Operation *op);
  mlir::Value fold(mlir::Operation *op);

  mlir::OpBuilder &builder;
  NodeReader &node;
  const ImportLimits &limits;
  FoldBudget &budget;
  TensorLoader &loader;
  NestedGraphSource &graphs;
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallPtrSet<mlir::Operation *, 4> created;
  int steps = 0;
  int64_t largestFold;
};

} // namespace octet

#endif // OCTET_FRONTEND_NODEBUILDER_H
