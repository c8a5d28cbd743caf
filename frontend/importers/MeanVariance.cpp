// Normalizations by mean and variance, in plain steps (mean, difference, mean of squares,
// square root, quotient, scale, shift), which later passes can recognize; and the
// one by a window of channels.

#include "frontend/Composition.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

namespace {
struct Normalized {
  Value y, mean, deviation;
};
} // namespace

// (x - mean) / sqrt(variance + epsilon) over `axes`.
static Normalized normalize(Composition &c, Value x, ArrayRef<int64_t> axes, float epsilon) {
  Value mean = c.reduce(ReduceKind::Mean, x, axes);
  Value difference = c.sub(x, mean);
  Value variance = c.reduce(ReduceKind::Mean, c.square(difference), axes);
  Value deviation = c.unary<SqrtOp>(c.add(variance, epsilon));
  return {c.div(difference, deviation), mean, deviation};
}

static Type getF32(NodeReader &node) { return Float32Type::get(node.getContext()); }

// A vector of `extent` elements at dimension `axis` of a tensor of `rank`; null after a report.
static Value placeChannels(NodeReader &node, Composition &c, Value vector, int64_t extent,
                           int64_t axis, int64_t rank, StringRef what) {
  if (node.failed() || !vector)
    return {};
  auto type = mlir::cast<RankedTensorType>(vector.getType());
  if (type.getRank() != 1 || type.getDimSize(0) != extent) {
    node.error() << "expected " << what << " of " << extent << " elements, got " << type;
    return {};
  }
  SmallVector<int64_t> shape(rank, 1);
  shape[axis] = extent;
  return c.reshape(vector, shape);
}

static SmallVector<int64_t> listAxes(int64_t first, int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(first, end));
}

// The second and third output are the mean and the reciprocal of the deviation.
void importLayerNormalization(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", -1), type.getRank());
  float epsilon = node.number("epsilon", 1e-5f);
  node.expectInteger("stash_type", 1);
  Value x = node.input(0), scale = node.input(1), bias = node.optionalInput(2);
  if (!axis || node.failed())
    return;
  Composition c(build);
  Type element = type.getElementType();
  Normalized n = normalize(c, c.cast(x, getF32(node)), listAxes(*axis, type.getRank()), epsilon);
  Value y = c.mul(n.y, c.cast(scale, getF32(node)));
  if (bias)
    y = c.add(y, c.cast(bias, getF32(node)));
  SmallVector<Value> results{c.cast(y, element)};
  if (node.getNumOutputs() > 1)
    results.push_back(n.mean);
  if (node.getNumOutputs() > 2)
    results.push_back(c.unary<ReciprocalOp>(n.deviation));
  build.setResults(results);
}

void importRMSNormalization(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", -1), type.getRank());
  float epsilon = node.number("epsilon", 1e-5f);
  node.expectInteger("stash_type", 1);
  Value x = node.input(0), scale = node.input(1);
  if (!axis || node.failed())
    return;
  Composition c(build);
  Value real = c.cast(x, getF32(node));
  Value mean = c.reduce(ReduceKind::Mean, c.square(real), listAxes(*axis, type.getRank()));
  Value y = c.div(real, c.unary<SqrtOp>(c.add(mean, epsilon)));
  build.setResult(c.cast(c.mul(y, c.cast(scale, getF32(node))), type.getElementType()));
}

static bool expectPlanes(NodeReader &node, RankedTensorType type, int64_t rank) {
  if (!node.failed() && type.getRank() < rank)
    node.error() << "expected a tensor of rank " << rank << " or more, got " << type;
  return !node.failed();
}

void importInstanceNormalization(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  float epsilon = node.number("epsilon", 1e-5f);
  Value x = node.input(0), scale = node.input(1), bias = node.input(2);
  if (!expectPlanes(node, type, 3))
    return;
  Composition c(build);
  int64_t rank = type.getRank(), channels = type.getDimSize(1);
  scale = placeChannels(node, c, scale, channels, 1, rank, "a scale");
  bias = placeChannels(node, c, bias, channels, 1, rank, "a bias");
  Value y = normalize(c, c.cast(x, getF32(node)), listAxes(2, rank), epsilon).y;
  y = c.add(c.mul(y, c.cast(scale, getF32(node))), c.cast(bias, getF32(node)));
  build.setResult(c.cast(y, type.getElementType()));
}

// Scale and bias are those of groups up to opset 20, those of channels since.
void importGroupNormalization(NodeReader &node, NodeBuilder &build) {
  constexpr int64_t kPerChannel = 21;
  RankedTensorType type = node.inputType(0);
  float epsilon = node.number("epsilon", 1e-5f);
  int64_t groups = node.requiredInteger("num_groups");
  node.expectInteger("stash_type", 1);
  Value x = node.input(0), scale = node.input(1), bias = node.input(2);
  if (!expectPlanes(node, type, 2))
    return;
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1);
  if (groups < 1 || channels % groups != 0 || type.getNumElements() == 0) {
    node.error() << "expected channels in " << groups << " groups, got " << type;
    return;
  }
  Composition c(build);
  int64_t inGroup = type.getNumElements() / batch / groups;
  Value grouped = c.reshape(c.cast(x, getF32(node)), {batch, groups, inGroup});
  Value y = normalize(c, grouped, {2}, epsilon).y;
  bool perChannel = node.getOpset() >= kPerChannel;
  if (perChannel)
    y = c.reshape(y, type.getShape());
  int64_t rank = perChannel ? type.getRank() : 3, extent = perChannel ? channels : groups;
  scale = placeChannels(node, c, scale, extent, 1, rank, "a scale");
  bias = placeChannels(node, c, bias, extent, 1, rank, "a bias");
  y = c.add(c.mul(y, c.cast(scale, getF32(node))), c.cast(bias, getF32(node)));
  build.setResult(c.cast(c.reshape(y, type.getShape()), type.getElementType()));
}

// The epsilon of ONNX's function is added to the deviation.
void importMeanVarianceNormalization(NodeReader &node, NodeBuilder &build) {
  constexpr double kEpsilon = 1e-9;
  RankedTensorType type = node.inputType(0);
  auto axes = node.axes(node.integers("axes", {0, 2, 3}), type.getRank());
  Value x = node.input(0);
  if (!axes || node.failed())
    return;
  Composition c(build);
  build.setResult(c.inF32(x, [&](Value real) {
    Value difference = c.sub(real, c.reduce(ReduceKind::Mean, real, *axes));
    Value variance = c.reduce(ReduceKind::Mean, c.square(difference), *axes);
    return c.div(difference, c.add(c.unary<SqrtOp>(variance), kEpsilon));
  }));
}

// x / (bias + alpha * mean)^beta, the mean of squares over `size` channels around, those
// outside counted as 0: an average pool over channels.
void importLRN(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  float alpha = node.number("alpha", 1e-4f), beta = node.number("beta", 0.75f),
        bias = node.number("bias", 1.0f);
  int64_t size = node.requiredInteger("size");
  Value x = node.input(0);
  if (!expectPlanes(node, type, 3))
    return;
  int64_t batch = type.getDimSize(0), channels = type.getDimSize(1);
  if (size < 1 || size > 2 * channels) {
    node.error() << "expected a size of 1 to " << 2 * channels << ", got " << size;
    return;
  }
  if (type.getNumElements() == 0) {
    node.error() << "expected a tensor with elements, got " << type;
    return;
  }
  Composition c(build);
  build.setResult(c.inF32(x, [&](Value real) {
    Value planes =
        c.reshape(c.square(real), {batch, 1, channels, type.getNumElements() / batch / channels});
    if (planes)
      planes = build.create<AveragePoolOp>(
          planes, ArrayRef<int64_t>{size, 1}, ArrayRef<int64_t>{1, 1},
          ArrayRef<int64_t>{(size - 1) / 2, 0, size / 2, 0}, ArrayRef<int64_t>{1, 1},
          /*ceilMode=*/false, /*countIncludePad=*/true);
    Value mean = c.reshape(planes, type.getShape());
    Value sum = c.add(c.mul(mean, alpha), bias);
    Value power;
    if (beta == 0.5f)
      power = c.unary<SqrtOp>(sum);
    else if (beta == 0.75f) {
      Value root = c.unary<SqrtOp>(sum);
      power = c.mul(root, c.unary<SqrtOp>(root));
    } else {
      power = c.binary<PowOp>(sum, c.number(sum, beta));
    }
    return c.div(real, power);
  }));
}

} // namespace octet
