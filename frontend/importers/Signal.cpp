// Windows and Fourier transforms. A transform is a product with a constant matrix: for the
// sizes that networks have, a matrix product at the machine's peak is as fast as an
// FFT that moves data between its steps.

#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

#include <cmath>

using namespace mlir;

namespace octet {

static constexpr double kPi = 3.14159265358979323846;

// One constant integer.
static std::optional<int64_t> readInteger(NodeReader &node, unsigned i, StringRef what) {
  auto values = node.constantIntegers(i, what);
  if (!values || node.failed())
    return std::nullopt;
  if (values->size() != 1) {
    node.error() << "expected one number as " << what << ", got " << values->size();
    return std::nullopt;
  }
  return values->front();
}

// The element type that attribute `output_datatype` names, a float; null after a report.
static Type readOutputType(NodeReader &node) {
  int64_t given = node.integer("output_datatype", 1);
  int dataType = static_cast<int>(std::clamp<int64_t>(given, -1, 99));
  Type element = getElementType(node.getContext(), dataType);
  if (!isa_and_nonnull<FloatType>(element)) {
    node.error() << "expected a floating point type as output_datatype, got "
                 << getDataTypeName(dataType);
    return {};
  }
  return element;
}

//===-- windows -----------------------------------------------------------------------===//

// weights[0] - weights[1] cos(t) + weights[2] cos(2 t) over one turn.
static void importWindow(NodeReader &node, NodeBuilder &build, ArrayRef<double> weights) {
  bool periodic = node.flag("periodic", true);
  Type element = readOutputType(node);
  auto size = readInteger(node, 0, "the size");
  if (!element || !size || node.failed() || !build.checkShape({*size}) ||
      !build.checkGenerated(*size))
    return;
  reference::Tensor window(RankedTensorType::get({*size}, element));
  double steps = static_cast<double>(periodic ? *size : std::max<int64_t>(*size - 1, 1));
  for (int64_t i = 0; i < *size; ++i) {
    double t = 2 * kPi * static_cast<double>(i) / steps, sum = 0;
    for (auto [k, weight] : llvm::enumerate(weights))
      sum += (k % 2 ? -weight : weight) * std::cos(static_cast<double>(k) * t);
    window.setDouble(i, sum);
  }
  build.setResult(build.constant(window.toAttr(node.output(0))));
}

void importHannWindow(NodeReader &node, NodeBuilder &build) {
  importWindow(node, build, {0.5, 0.5});
}
void importHammingWindow(NodeReader &node, NodeBuilder &build) {
  importWindow(node, build, {25.0 / 46.0, 1 - 25.0 / 46.0});
}
void importBlackmanWindow(NodeReader &node, NodeBuilder &build) {
  importWindow(node, build, {0.42, 0.5, 0.08});
}

// Triangles over bins of a spectrum, whose corners lie evenly on the mel scale.
void importMelWeightMatrix(NodeReader &node, NodeBuilder &build) {
  Type element = readOutputType(node);
  auto bands = readInteger(node, 0, "the number of bands"),
       length = readInteger(node, 1, "the length of the transform"),
       rate = readInteger(node, 2, "the sample rate");
  auto low = node.constantNumbers(3, "the lower frequency"),
       high = node.constantNumbers(4, "the upper frequency");
  if (!element || !bands || !length || !rate || !low || !high || node.failed())
    return;
  constexpr int64_t kMost = 1 << 20;
  if (*bands < 1 || *bands > kMost || *length < 1 || *length > kMost || *rate < 1 ||
      low->size() != 1 || high->size() != 1 || !(low->front() >= 0) ||
      !(high->front() >= low->front()) || !std::isfinite(high->front())) {
    node.error() << "expected positive sizes up to " << kMost << " and rising frequencies";
    return;
  }
  SmallVector<int64_t, 2> shape{*length / 2 + 1, *bands};
  if (!build.checkShape(shape) || !build.checkGenerated(shape[0] * shape[1]))
    return;
  auto toMel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  double first = toMel(low->front());
  double step = (toMel(high->front()) - first) / static_cast<double>(*bands + 2);
  SmallVector<int64_t> corners;
  for (int64_t i = 0; i < *bands + 2; ++i) {
    double hertz = 700 * (std::pow(10, (static_cast<double>(i) * step + first) / 2595) - 1);
    double bin = std::floor(static_cast<double>(*length + 1) * hertz / static_cast<double>(*rate));
    corners.push_back(static_cast<int64_t>(std::min(bin, static_cast<double>(shape[0]))));
  }
  reference::Tensor matrix(RankedTensorType::get(shape, element));
  auto set = [&](int64_t bin, int64_t band, double value) {
    if (bin < shape[0])
      matrix.setDouble(bin * shape[1] + band, value);
  };
  for (int64_t band = 0; band < *bands; ++band) {
    int64_t left = corners[band], center = corners[band + 1], right = corners[band + 2];
    for (int64_t bin = left; bin <= center; ++bin)
      set(bin, band,
          left == center ? 1
                         : static_cast<double>(bin - left) / static_cast<double>(center - left));
    for (int64_t bin = center; bin < right; ++bin)
      set(bin, band, static_cast<double>(right - bin) / static_cast<double>(right - center));
  }
  build.setResult(build.constant(matrix.toAttr(node.output(0))));
}

//===-- transforms --------------------------------------------------------------------===//

namespace {
struct Transform {
  int64_t length, bins;
  bool inverse = false;
};
} // namespace

// [samples * parts, bins * 2] from samples of one or two parts (real, imaginary), each
// weighted by `window`, to bins of two parts. Samples beyond those given count as 0.
static Value makeMatrix(NodeBuilder &build, const Transform &t, int64_t samples, int64_t parts,
                        ArrayRef<float> window) {
  int64_t rows = samples * parts, columns = t.bins * 2;
  int64_t count;
  if (!build.checkShape({rows, columns}) || llvm::MulOverflow(rows, columns, count) ||
      !build.checkGenerated(count))
    return {};
  OpBuilder &builder = build.getBuilder();
  reference::Tensor matrix(RankedTensorType::get({rows, columns}, builder.getF32Type()));
  double scale = t.inverse ? 1.0 / static_cast<double>(t.length) : 1.0;
  double sign = t.inverse ? 1 : -1;
  for (int64_t i = 0; i < samples; ++i)
    for (int64_t k = 0; k < t.bins; ++k) {
      double angle =
          2 * kPi * static_cast<double>(i * k % t.length) / static_cast<double>(t.length);
      double weight = scale * (window.empty() ? 1 : window[i]);
      double real = weight * std::cos(angle), imaginary = weight * sign * std::sin(angle);
      auto set = [&](int64_t part, int64_t which, double value) {
        matrix.setDouble((i * parts + part) * columns + 2 * k + which, value);
      };
      set(0, 0, real);
      set(0, 1, imaginary);
      if (parts == 2) {
        set(1, 0, -imaginary);
        set(1, 1, real);
      }
    }
  return build.constant(matrix.toAttr("transform"));
}

static Value multiply(NodeBuilder &build, Value a, Value matrix) {
  return a && matrix ? build.create<MatMulOp>(a, matrix, Value()) : Value();
}

// `x` holds one or two parts in its last dimension, samples along `axis`.
static Value transform(NodeBuilder &build, Value x, int64_t axis, const Transform &t) {
  Composition c(build);
  auto type = mlir::cast<RankedTensorType>(x.getType());
  int64_t rank = type.getRank(), parts = type.getDimSize(rank - 1);
  int64_t samples = std::min(type.getDimSize(axis), t.length);
  SmallVector<int64_t> order, back(rank), shape;
  for (int64_t i = 0; i < rank - 1; ++i)
    if (i != axis)
      order.push_back(i);
  order.append({axis, rank - 1});
  for (auto [i, from] : llvm::enumerate(order)) {
    back[from] = static_cast<int64_t>(i);
    shape.push_back(type.getDimSize(from));
  }
  if (samples < type.getDimSize(axis)) {
    SmallVector<int64_t> sizes(type.getShape()), zeros(rank, 0), ones(rank, 1);
    sizes[axis] = samples;
    x = build.create<SliceOp>(x, zeros, sizes, ones);
  }
  Value rows = x ? build.transpose(x, order) : x;
  int64_t lines = 1;
  for (int64_t extent : ArrayRef(shape).drop_back(2))
    lines *= extent;
  rows = c.reshape(rows, {lines, samples * parts});
  Value y = multiply(build, rows, makeMatrix(build, t, samples, parts, {}));
  shape[rank - 2] = t.bins;
  shape[rank - 1] = 2;
  y = c.reshape(y, shape);
  return y ? build.transpose(y, back) : y;
}

static bool expectParts(NodeReader &node, RankedTensorType type, int64_t rank) {
  if (node.failed())
    return false;
  int64_t parts = type.getRank() < rank ? 0 : type.getShape().back();
  if (parts != 1 && parts != 2)
    node.error() << "expected a signal of rank " << rank
                 << " or more whose last extent is 1 or 2, got " << type;
  return !node.failed();
}

// The axis is an attribute in opset 17, an input since 20.
void importDFT(NodeReader &node, NodeBuilder &build) {
  constexpr int64_t kAxisIsInput = 20;
  RankedTensorType type = node.inputType(0);
  bool inverse = node.flag("inverse", false), onesided = node.flag("onesided", false);
  int64_t given = node.getOpset() < kAxisIsInput ? node.integer("axis", 1) : -2;
  if (node.hasInput(2))
    given = readInteger(node, 2, "the axis").value_or(0);
  auto axis = node.axis(given, type.getRank());
  Value x = node.input(0);
  if (!axis || !expectParts(node, type, 2))
    return;
  if (*axis == type.getRank() - 1) {
    node.error() << "expected an axis of samples, got the last one";
    return;
  }
  int64_t length = type.getDimSize(*axis);
  if (node.hasInput(1))
    length = readInteger(node, 1, "the length of the transform").value_or(1);
  if (node.failed())
    return;
  constexpr int64_t kMost = 1 << 24;
  if (length < 1 || length > kMost) {
    node.error() << "expected a transform of 1 to " << kMost << " samples, got " << length;
    return;
  }
  if (onesided && (inverse || type.getShape().back() == 2)) {
    node.error() << "a one-sided transform that is inverse or of complex samples is not supported";
    return;
  }
  Composition c(build);
  Transform t{length, onesided ? length / 2 + 1 : length, inverse};
  build.setResult(
      c.inF32(x, [&](Value real) { return real ? transform(build, real, *axis, t) : real; }));
}

// Frames are gathered, then transformed at once.
void importSTFT(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  bool onesided = node.flag("onesided", true);
  auto step = readInteger(node, 1, "the step");
  Value x = node.input(0), window = node.optionalInput(2);
  if (!step || !expectParts(node, type, 3))
    return;
  auto windowType = window ? mlir::cast<RankedTensorType>(window.getType()) : RankedTensorType();
  int64_t length = window && windowType.getRank() == 1 ? windowType.getDimSize(0) : 0;
  if (node.hasInput(3))
    length = readInteger(node, 3, "the length of a frame").value_or(0);
  if (node.failed())
    return;
  int64_t batch = type.getDimSize(0), samples = type.getDimSize(1), parts = type.getDimSize(2);
  if (type.getRank() != 3 || *step < 1 || length < 1 || length > samples ||
      (window && windowType.getShape() != ArrayRef<int64_t>{length})) {
    node.error() << "expected frames and a window of one length within " << type
                 << " and a positive step, got " << length << " and " << *step;
    return;
  }
  if (onesided && parts == 2) {
    node.error() << "a one-sided transform of complex samples is not supported";
    return;
  }
  int64_t frames = (samples - length) / *step + 1, count;
  if (llvm::MulOverflow(frames, length, count) || !build.checkShape({batch, count, parts}) ||
      !build.checkGenerated(count))
    return;
  SmallVector<float> weights;
  if (window && getConstantValue(window))
    weights = node.constantNumbers(2, "the window").value_or(SmallVector<float>());
  SmallVector<int64_t> indices;
  for (int64_t frame = 0; frame < frames; ++frame)
    for (int64_t i = 0; i < length; ++i)
      indices.push_back(frame * *step + i);
  Composition c(build);
  Transform t{length, onesided ? length / 2 + 1 : length};
  build.setResult(c.inF32(x, [&](Value real) {
    Value numbers = build.constantIntegers(indices);
    Value gathered = real && numbers ? build.create<GatherOp>(real, numbers, int64_t(1)) : Value();
    if (window && weights.empty()) {
      Value factor = c.reshape(c.cast(window, Float32Type::get(node.getContext())), {length, 1});
      gathered = c.mul(c.reshape(gathered, {batch, frames, length, parts}), factor);
    }
    Value rows = c.reshape(gathered, {batch * frames, length * parts});
    Value y = multiply(build, rows, makeMatrix(build, t, length, parts, weights));
    return c.reshape(y, {batch, frames, t.bins, 2});
  }));
}

} // namespace octet
