// Small random convolutional graphs: odd channel counts, asymmetric pads, branches
// that join, views and moves between layouts. Found by seed, so that a failure can
// be repeated.

#ifndef OCTET_TESTS_NUMERICS_RANDOMGRAPH_H
#define OCTET_TESTS_NUMERICS_RANDOMGRAPH_H

#include "dialect/reference/Tensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/OwningOpRef.h"

#include <random>

namespace octet::test {

struct RandomGraphOptions {
  int ops = 10;
  /// Nothing whose f32 result may differ in the last bit and then be quantized: no
  /// function that machine code approximates, no sum over the f32 input.
  bool exact = false;
};

class RandomGraph {
public:
  RandomGraph(mlir::MLIRContext &context, unsigned seed, const RandomGraphOptions &options);

  /// A function @main of f32 tensors as an importer makes it: every op bears the
  /// names of a node and of a tensor.
  mlir::OwningOpRef<mlir::ModuleOp> build();
  /// An input for @main; another one on each call.
  llvm::SmallVector<reference::Tensor> makeInputs();

private:
  int64_t pick(std::initializer_list<int64_t> choices);
  int64_t range(int64_t low, int64_t high);
  bool chance(double probability);
  /// A value of rank 4 made so far.
  mlir::Value any();
  void append(mlir::Value value);
  void rename();
  mlir::Value constant(llvm::ArrayRef<int64_t> shape, double deviation);

  void addConv();
  void addPool();
  void addUnary();
  void addChoice();
  void addJoin();
  void addBranches();
  void addMove();
  void addResize();
  mlir::Value addHead(mlir::Value value);

  mlir::MLIRContext &context;
  RandomGraphOptions options;
  std::mt19937 random;
  mlir::ImplicitLocOpBuilder b;
  mlir::RankedTensorType inputType;
  llvm::SmallVector<mlir::Value> values;
  int count = 0;
};

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_RANDOMGRAPH_H
