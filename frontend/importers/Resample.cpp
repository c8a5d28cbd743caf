// A resampled axis is a sum over the elements of the line that it was, with weights that
// depend on the extents alone: a product with a constant matrix, or for nearest a gather
// by constant indices. Whatever ONNX adds (cubic weights, wider windows against aliasing,
// excluded borders) is a matter of numbers in that matrix.

#include "frontend/importers/Resample.h"

#include "dialect/LogicOps.h"
#include "dialect/reference/ResizeMap.h"

#include <cmath>

using namespace mlir;

namespace octet {

// Of the matrix of one axis.
static constexpr int64_t kMaxWeights = 1 << 24;

namespace {

/// One axis.
struct Axis {
  int64_t in, out;
  float scale, begin, end;
};

} // namespace

static RankedTensorType getType(Value x) { return cast<RankedTensorType>(x.getType()); }

// Where element i of the result lies among the elements of the operand. In f32, as for
// `octet.resize`.
static float getPosition(Coordinates coordinates, const Axis &axis, int64_t i) {
  float at = static_cast<float>(i), in = static_cast<float>(axis.in),
        out = static_cast<float>(axis.out);
  switch (coordinates) {
  case Coordinates::HalfPixel:
    return (at + 0.5f) / axis.scale - 0.5f;
  case Coordinates::PytorchHalfPixel:
    return axis.out > 1 ? (at + 0.5f) / axis.scale - 0.5f : 0.0f;
  case Coordinates::AlignCorners:
    return axis.out > 1 ? at * (in - 1) / (out - 1) : 0.0f;
  case Coordinates::Asymmetric:
    return at / axis.scale;
  case Coordinates::HalfPixelSymmetric: {
    // Extents that are no exact product are centered.
    float adjustment = out / (axis.scale * in);
    return in / 2 * (1 - adjustment) + (at + 0.5f) / axis.scale - 0.5f;
  }
  case Coordinates::TfHalfPixelForNN:
    return (at + 0.5f) / axis.scale;
  case Coordinates::TfCropAndResize: {
    float step = axis.out > 1 ? at * (axis.end - axis.begin) * (in - 1) / (out - 1)
                              : (axis.end - axis.begin) * (in - 1) / 2;
    return step + axis.begin * (in - 1);
  }
  }
  llvm_unreachable("unknown coordinate map");
}

// The weight of an element at this distance.
static double getWeight(const Sampling &plan, double distance) {
  double x = std::fabs(distance), a = plan.cubicFactor;
  if (plan.linear)
    return std::max(1 - x, 0.0);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

// Weights of all elements of a line (in) for all of its resampled form (out): [in, out].
static reference::Tensor makeMatrix(MLIRContext *context, const Sampling &plan, const Axis &axis) {
  reference::Tensor matrix(RankedTensorType::get({axis.in, axis.out}, Float32Type::get(context)));
  double support = plan.linear ? 1 : 2;
  double stretch = plan.antialias ? std::min<double>(axis.scale, 1) : 1;
  std::vector<double> column(axis.in);
  for (int64_t i = 0; i < axis.out; ++i) {
    double limit = static_cast<double>(axis.in) + 1, reach = support / stretch;
    double x = std::clamp<double>(getPosition(plan.coordinates, axis, i), -limit, 2 * limit);
    std::fill(column.begin(), column.end(), 0);
    double total = 0;
    // Beyond the ends, the first and the last element repeat; the weights that all of their
    // repetitions have are theirs.
    int64_t low = static_cast<int64_t>(std::max(std::floor(x - reach), -limit));
    int64_t high = static_cast<int64_t>(std::min(std::ceil(x + reach), 2 * limit));
    for (int64_t p = low; p <= high; ++p) {
      double weight = getWeight(plan, (static_cast<double>(p) - x) * stretch);
      if (plan.excludeOutside && (p < 0 || p >= axis.in))
        continue;
      column[std::clamp<int64_t>(p, 0, axis.in - 1)] += weight;
      total += weight;
    }
    for (int64_t k = 0; k < axis.in; ++k)
      matrix.setDouble(k * axis.out + i, total == 0 ? 0 : column[k] / total);
  }
  return matrix;
}

static Value makeIndices(NodeReader &node, NodeBuilder &build, const Sampling &plan,
                         const Axis &axis) {
  SmallVector<int64_t> indices;
  for (int64_t i = 0; i < axis.out; ++i) {
    float nearest =
        reference::roundCoordinate(plan.rounding, getPosition(plan.coordinates, axis, i));
    indices.push_back(
        static_cast<int64_t>(std::clamp(nearest, 0.0f, static_cast<float>(axis.in - 1))));
  }
  return build.constantIntegers(indices);
}

// x, whose axis `d` goes through a matrix.
static Value multiply(NodeReader &node, NodeBuilder &build, Value x, int64_t d,
                      const reference::Tensor &matrix) {
  int64_t rank = getType(x).getRank(), in = matrix.getShape()[0];
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(order[d], order[rank - 1]);
  Value lines = d == rank - 1 ? x : build.transpose(x, order);
  if (!lines)
    return {};
  SmallVector<int64_t> shape(getType(lines).getShape());
  Value weights = build.constant(matrix.toAttr(node.output(0)));
  lines = build.reshape(lines, {getType(lines).getNumElements() / in, in});
  Value y = build.create<MatMulOp>(lines, weights, Value());
  shape.back() = matrix.getShape()[1];
  y = y ? build.reshape(y, shape) : Value();
  return !y || d == rank - 1 ? y : build.transpose(y, order);
}

// Elements that lie outside of the operand along any axis have one value.
static Value extrapolate(NodeReader &node, NodeBuilder &build, Value y, const Sampling &plan,
                         ArrayRef<Axis> axes) {
  Value inside;
  int64_t rank = axes.size();
  Type bit = IntegerType::get(node.getContext(), 1);
  for (auto [d, axis] : llvm::enumerate(axes)) {
    SmallVector<int64_t> shape(rank, 1);
    shape[d] = axis.out;
    reference::Tensor mask(RankedTensorType::get(shape, bit));
    bool all = true;
    for (int64_t i = 0; i < axis.out; ++i) {
      float at = getPosition(plan.coordinates, axis, i);
      bool here = at >= 0 && at <= static_cast<float>(axis.in - 1);
      mask.setInteger(i, here);
      all &= here;
    }
    if (all)
      continue;
    Value along = build.constant(mask.toAttr(node.output(0)));
    inside = inside ? build.create<BitwiseOp>(inside, along, BitwiseKind::And) : along;
  }
  if (!inside)
    return y;
  Value value = build.scalar(getType(y).getElementType(), plan.extrapolation);
  return build.create<SelectOp>(inside, y, value);
}

Value resample(NodeReader &node, NodeBuilder &build, Value x, const Sampling &plan) {
  RankedTensorType type = getType(x);
  Type element = type.getElementType();
  bool interpolates = plan.linear || plan.cubic;
  if (type.getNumElements() == 0) {
    node.error() << "expected elements to resample, got " << type;
    return {};
  }
  if (interpolates)
    x = build.cast(x, Float32Type::get(node.getContext()));
  SmallVector<Axis> axes;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Axis axis{type.getDimSize(d), plan.sizes[d], plan.scales[d], plan.begins[d], plan.ends[d]};
    axes.push_back(axis);
    bool isCropped =
        plan.coordinates == Coordinates::TfCropAndResize && (axis.begin != 0 || axis.end != 1);
    if (axis.in == axis.out && axis.scale == 1 && !isCropped)
      continue;
    if (!interpolates) {
      x = build.create<GatherOp>(x, makeIndices(node, build, plan, axis), d);
    } else if (axis.in > kMaxWeights / axis.out) {
      node.error() << "expected a matrix of at most " << kMaxWeights
                   << " weights for each axis, got " << axis.in << " to " << axis.out
                   << " elements";
      return {};
    } else if (!build.checkGenerated(axis.in * axis.out)) {
      return {};
    } else {
      x = multiply(node, build, x, d, makeMatrix(node.getContext(), plan, axis));
    }
    if (!x)
      return {};
  }
  if (plan.coordinates == Coordinates::TfCropAndResize)
    x = extrapolate(node, build, x, plan, axes);
  return build.cast(x, element);
}

} // namespace octet
