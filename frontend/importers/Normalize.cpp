// Softmax and batch normalization.

#include "dialect/StoredConstant.h"
#include "frontend/Composition.h"
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

// In plain steps with statistics that are computed, be it outside or, in training, here.
static void normalizeBatch(NodeReader &node, NodeBuilder &build, float epsilon,
                           std::optional<float> momentum) {
  RankedTensorType type = node.inputType(0);
  if (type.getRank() < 2) {
    node.error() << "expected batch and channels as dimensions, got " << type;
    return;
  }
  Composition c(build);
  Type element = type.getElementType(), f32 = Float32Type::get(node.getContext());
  int64_t channels = type.getDimSize(1);
  SmallVector<int64_t> shape(type.getRank(), 1), axes{0};
  shape[1] = channels;
  for (int64_t d = 2; d < type.getRank(); ++d)
    axes.push_back(d);
  SmallVector<Value> given;
  for (unsigned i = 1; i < 5; ++i) {
    RankedTensorType parameter = node.inputType(i);
    if (parameter.getShape() != ArrayRef<int64_t>{channels})
      node.error() << "expected an input " << i << " of " << channels << " elements, got "
                   << parameter;
    given.push_back(node.failed() ? Value() : c.reshape(c.cast(node.input(i), f32), shape));
  }
  if (node.failed())
    return;
  Value x = c.cast(node.input(0), f32), mean = given[2], variance = given[3];
  SmallVector<Value> running;
  if (momentum) {
    mean = c.reduce(ReduceKind::Mean, x, axes);
    variance = c.reduce(ReduceKind::Mean, c.square(c.sub(x, mean)), axes);
    const Value computed[] = {mean, variance};
    for (auto [i, now] : llvm::enumerate(computed))
      running.push_back(c.cast(
          c.reshape(c.add(c.mul(given[2 + i], *momentum), c.mul(now, 1 - *momentum)), {channels}),
          node.inputType(3 + i).getElementType()));
  }
  Value factor = c.div(given[0], c.unary<SqrtOp>(c.add(variance, epsilon)));
  Value y = c.add(c.mul(c.sub(x, mean), factor), given[1]);
  SmallVector<Value> results{c.cast(y, element)};
  results.append(running);
  build.setResults(results);
}

void importBatchNormalization(NodeReader &node, NodeBuilder &build) {
  float epsilon = node.number("epsilon", 1e-5f), momentum = node.number("momentum", 0.9f);
  node.expectInteger("spatial", 1);
  bool isTraining = node.flag("training_mode", false);
  Value x = node.input(0), scale = node.input(1), bias = node.input(2), mean = node.input(3),
        variance = node.input(4);
  if (node.failed())
    return;
  if (isTraining || !llvm::all_of(ArrayRef{scale, bias, mean, variance}, isConstantOrStored))
    return normalizeBatch(node, build, epsilon,
                          isTraining ? std::optional(momentum) : std::nullopt);
  build.setResult(build.create<BatchNormOp>(x, scale, bias, mean, variance, APFloat(epsilon)));
}

} // namespace octet
