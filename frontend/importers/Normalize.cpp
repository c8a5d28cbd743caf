// Softmax and batch normalization.

#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

template <typename OpTy>
static void importAlongAxis(NodeReader &node, NodeBuilder &build) {
  auto axis = node.axis(node.integer("axis", -1), node.inputType(0).getRank());
  if (axis && !node.failed())
    build.setResult(build.create<OpTy>(node.input(0), *axis));
}

// Before opset 13 the dimensions from `axis` on are one, those before it another.
template <typename OpTy>
static void importCoerced(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 1), type.getRank());
  if (!axis || node.failed())
    return;
  if (*axis == type.getRank() - 1)
    return build.setResult(build.create<OpTy>(node.input(0), *axis));
  int64_t rows = 1, columns = 1;
  for (auto [i, extent] : llvm::enumerate(type.getShape()))
    (static_cast<int64_t>(i) < *axis ? rows : columns) *= extent;
  Value matrix = build.reshape(node.input(0), {rows, columns});
  Value result = build.create<OpTy>(matrix, int64_t(1));
  if (result)
    build.setResult(build.reshape(result, type.getShape()));
}

void importSoftmax(NodeReader &node, NodeBuilder &build) {
  importAlongAxis<SoftmaxOp>(node, build);
}
void importLogSoftmax(NodeReader &node, NodeBuilder &build) {
  importAlongAxis<LogSoftmaxOp>(node, build);
}
void importSoftmaxCoerced(NodeReader &node, NodeBuilder &build) {
  importCoerced<SoftmaxOp>(node, build);
}
void importLogSoftmaxCoerced(NodeReader &node, NodeBuilder &build) {
  importCoerced<LogSoftmaxOp>(node, build);
}

void importBatchNormalization(NodeReader &node, NodeBuilder &build) {
  float epsilon = node.number("epsilon", 1e-5f);
  node.number("momentum", 0.9f);
  node.expectInteger("spatial", 1);
  node.expectInteger("training_mode", 0);
  Value x = node.input(0), scale = node.input(1), bias = node.input(2), mean = node.input(3),
        variance = node.input(4);
  if (!node.failed())
    build.setResult(build.create<BatchNormOp>(x, scale, bias, mean, variance, APFloat(epsilon)));
}

} // namespace octet
