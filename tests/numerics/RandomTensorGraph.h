// Random graphs over what RandomGraph leaves out: tensors of any rank, matrix products,
// reductions, moves, comparisons, integers and conversions between types. Found by seed.
//
// A value is exact if machine code must give its very bits. Ops that jump (rounding, comparisons,
// conversions to integers) take exact values alone: of others, a last bit would become a
// whole number.

#ifndef OCTET_TESTS_NUMERICS_RANDOMTENSORGRAPH_H
#define OCTET_TESTS_NUMERICS_RANDOMTENSORGRAPH_H

#include "dialect/reference/Tensor.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OwningOpRef.h"

#include <random>

namespace octet::test {

class RandomTensorGraph {
public:
  RandomTensorGraph(mlir::MLIRContext &context, unsigned seed, int ops);

  /// A function @main as an importer makes it: every op bears the names of a node and of a
  /// tensor.
  mlir::OwningOpRef<mlir::ModuleOp> build();
  /// Inputs for @main; others on each call.
  llvm::SmallVector<reference::Tensor> makeInputs();

private:
  struct Item {
    mlir::Value value;
    bool exact;
  };

  int64_t range(int64_t low, int64_t high);
  bool chance(int percent);
  llvm::SmallVector<int64_t> makeShape(int64_t mostRank);
  reference::Tensor makeTensor(mlir::RankedTensorType type);
  mlir::Value constant(llvm::ArrayRef<int64_t> shape, mlir::Type element, double scale = 1);
  mlir::Value scalar(float value);
  void rename();
  /// A late value more often than an early one; of this element type, if given.
  Item any(mlir::Type element = {});
  /// A value that goes with `item` in an op of two operands.
  Item partner(Item item);
  /// The op, if operands and attributes are right; null else.
  template <typename OpTy, typename... Args>
  mlir::Value create(Args &&...args);
  template <typename OpTy, typename... Args>
  void add(bool exact, Args &&...args) {
    if (mlir::Value value = create<OpTy>(std::forward<Args>(args)...))
      items.push_back({value, exact});
  }

  void addUnary();
  void addJump();
  void addBinary();
  void addLogic();
  void addCast();
  void addMatMul();
  void addReduction();
  void addReshape();
  void addMove();
  void addGather();
  void addOrder();
  void addJoin();

  mlir::MLIRContext &context;
  int ops;
  std::mt19937 random;
  mlir::ImplicitLocOpBuilder b;
  llvm::SmallVector<mlir::Type> inputTypes;
  llvm::SmallVector<Item> items;
  int count = 0;
};

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_RANDOMTENSORGRAPH_H
