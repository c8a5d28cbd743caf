// Convolutions, and the attributes of all windows. Padding by rule (auto_pad) becomes
// explicit here. Octet's windows move over planes: what has one spatial dimension runs
// as a plane of one row, and a volume as planes that hold the slices of a window as
// further channels.

#include "frontend/importers/Window.h"

#include "frontend/ElementTypes.h"

using namespace mlir;

namespace octet {

static constexpr int64_t kMaxExtent = 1 << 24;
// Each slice that a window sees is an op.
static constexpr int64_t kMaxSlices = 256;

static bool checkExtents(NodeReader &node, StringRef what, ArrayRef<int64_t> values, size_t count,
                         int64_t least) {
  bool good = values.size() == count && llvm::all_of(values, [&](int64_t value) {
                return value >= least && value <= kMaxExtent;
              });
  if (!good)
    node.error() << "expected " << count << " " << what << " of " << least << " to " << kMaxExtent
                 << ", got " << printShape(values);
  return good;
}

// Pads of one dimension so that `total` of them are added, the odd one where the
// rule says.
static void splitPad(int64_t total, bool upper, int64_t &low, int64_t &high) {
  low = upper ? total / 2 : total - total / 2;
  high = total - low;
}

std::optional<Window> readWindow(NodeReader &node, RankedTensorType x, ArrayRef<int64_t> kernel,
                                 bool transposed) {
  int64_t spatial = x.getRank() - 2;
  if (spatial < 1 || spatial > 3) {
    node.error() << "expected one to three spatial dimensions, got " << x;
    return std::nullopt;
  }
  SmallVector<int64_t> ones(spatial, 1), zeros(2 * spatial, 0);
  Window w;
  w.kernel.assign(kernel.begin(), kernel.end());
  w.strides = node.integers("strides", ones);
  w.dilations = node.integers("dilations", ones);
  w.pads = node.integers("pads", zeros);
  w.outputPadding = node.integers("output_padding", ArrayRef(zeros).take_front(spatial));
  StringRef rule = node.text("auto_pad", "NOTSET");
  if (node.failed() || !checkExtents(node, "kernel extents", w.kernel, spatial, 1) ||
      !checkExtents(node, "strides", w.strides, spatial, 1) ||
      !checkExtents(node, "dilations", w.dilations, spatial, 1) ||
      !checkExtents(node, "output paddings", w.outputPadding, spatial, 0) ||
      !checkExtents(node, "pads", w.pads, 2 * spatial, 0))
    return std::nullopt;
  bool upper = rule == "SAME_UPPER", same = upper || rule == "SAME_LOWER";
  if (!same && rule != "VALID" && rule != "NOTSET" && !rule.empty()) {
    node.error() << "expected auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID, got '" << rule
                 << "'";
    return std::nullopt;
  }
  if (rule == "VALID")
    w.pads = zeros;
  SmallVector<int64_t> outputShape = node.integers("output_shape");
  // The whole shape was given by some exporters.
  if (static_cast<int64_t>(outputShape.size()) == spatial + 2)
    outputShape.erase(outputShape.begin(), outputShape.begin() + 2);
  if (!outputShape.empty() && !checkExtents(node, "output extents", outputShape, spatial, 1))
    return std::nullopt;
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t in = x.getDimSize(2 + i), reach = (w.kernel[i] - 1) * w.dilations[i] + 1;
    if (!transposed && same) {
      int64_t out = (in + w.strides[i] - 1) / w.strides[i];
      splitPad(std::max<int64_t>((out - 1) * w.strides[i] + reach - in, 0), upper, w.pads[i],
               w.pads[spatial + i]);
    } else if (transposed && (same || !outputShape.empty())) {
      int64_t out = outputShape.empty() ? in * w.strides[i] : outputShape[i];
      int64_t total = (in - 1) * w.strides[i] + w.outputPadding[i] + reach - out;
      // Where the window reaches less far than asked, zeros follow.
      if (total < 0)
        w.outputPadding[i] -= total;
      splitPad(std::max<int64_t>(total, 0), upper, w.pads[i], w.pads[spatial + i]);
    }
  }
  return w;
}

Window Window::toPlane() const {
  Window w = *this;
  if (kernel.size() != 1)
    return w;
  w.kernel.insert(w.kernel.begin(), 1);
  w.strides.insert(w.strides.begin(), 1);
  w.dilations.insert(w.dilations.begin(), 1);
  w.outputPadding.insert(w.outputPadding.begin(), 0);
  w.pads = {0, w.pads[0], 0, w.pads[1]};
  return w;
}

Window Window::withoutDepth() const {
  Window w = *this;
  for (auto *list : {&w.kernel, &w.strides, &w.dilations, &w.outputPadding})
    list->erase(list->begin());
  w.pads = {pads[1], pads[2], pads[4], pads[5]};
  return w;
}

Value toPlane(NodeBuilder &build, Value x) {
  if (!x)
    return {};
  SmallVector<int64_t> shape(cast<RankedTensorType>(x.getType()).getShape());
  if (shape.size() == 3)
    shape.insert(shape.begin() + 2, 1);
  return build.reshape(x, shape);
}

Value fromPlane(NodeBuilder &build, Value plane, int64_t rank) {
  if (!plane)
    return {};
  SmallVector<int64_t> shape(cast<RankedTensorType>(plane.getType()).getShape());
  if (rank == 3)
    shape.erase(shape.begin() + 2);
  return build.reshape(plane, shape);
}

static SmallVector<int64_t> getShape(Value x) {
  return SmallVector<int64_t>(cast<RankedTensorType>(x.getType()).getShape());
}

static Value padDepth(NodeBuilder &build, Value x, int64_t dimension, int64_t low, int64_t high) {
  if (!x || (low == 0 && high == 0))
    return x;
  SmallVector<int64_t> before(getShape(x).size(), 0), after = before;
  before[dimension] = low;
  after[dimension] = high;
  return build.create<PadOp>(x, before, after, PadMode::Constant, APFloat(0.0f));
}

// [N, C, D, H, W] to [N * OD, C * K, H, W]: for each place of a window along the depth, the
// slices that it sees, side by side as channels.
static Value stackDepth(NodeReader &node, NodeBuilder &build, Value x, int64_t kernel,
                        int64_t dilation, int64_t stride, int64_t low, int64_t high) {
  x = padDepth(build, x, 2, low, high);
  if (!x)
    return {};
  SmallVector<int64_t> shape = getShape(x), offsets(5, 0), steps(5, 1);
  int64_t reach = (kernel - 1) * dilation + 1;
  if (shape[2] < reach) {
    node.error() << "expected a window that fits the padded input, got " << reach << " over "
                 << shape[2];
    return {};
  }
  if (kernel > kMaxSlices) {
    node.error() << "expected a kernel of at most " << kMaxSlices << " slices, got " << kernel;
    return {};
  }
  int64_t places = (shape[2] - reach) / stride + 1;
  SmallVector<int64_t> sizes = shape;
  sizes[2] = places;
  steps[2] = places == 1 ? 1 : stride;
  SmallVector<Value> slices;
  for (int64_t k = 0; k < kernel && !node.failed(); ++k) {
    offsets[2] = k * dilation;
    Value slice = build.create<SliceOp>(x, offsets, sizes, steps);
    if (slice)
      slices.push_back(build.reshape(slice, {shape[0], shape[1], 1, places, shape[3], shape[4]}));
  }
  if (node.failed())
    return {};
  Value stack = build.create<ConcatOp>(slices, 2);
  Value moved = stack ? build.transpose(stack, {0, 3, 1, 2, 4, 5}) : Value();
  return moved ? build.reshape(moved, {shape[0] * places, shape[1] * kernel, shape[3], shape[4]})
               : Value();
}

// [N * OD, M, OH, OW] to [N, M, OD, OH, OW].
static Value unstackDepth(NodeBuilder &build, Value planes, int64_t batch) {
  if (!planes)
    return {};
  SmallVector<int64_t> shape = getShape(planes);
  Value slices = build.reshape(planes, {batch, shape[0] / batch, shape[1], shape[2], shape[3]});
  return slices ? build.transpose(slices, {0, 2, 1, 3, 4}) : Value();
}

static Value convolveVolume(NodeReader &node, NodeBuilder &build, Value bias, const Window &w,
                            int64_t group) {
  Value x = node.input(0), weights = node.input(1);
  SmallVector<int64_t> shape = getShape(weights);
  // Slices of a channel are neighbours, in the weights, too.
  Value flat = build.reshape(weights, {shape[0], shape[1] * shape[2], shape[3], shape[4]});
  Value stack =
      stackDepth(node, build, x, w.kernel[0], w.dilations[0], w.strides[0], w.pads[0], w.pads[3]);
  Window plane = w.withoutDepth();
  Value y =
      build.create<ConvOp>(stack, flat, bias, plane.strides, plane.pads, plane.dilations, group);
  return unstackDepth(build, y, getShape(x)[0]);
}

// Along the depth: a convolution with the turned kernel over slices that `strides - 1` empty
// ones keep apart.
static Value convolveVolumeTransposed(NodeReader &node, NodeBuilder &build, Value bias,
                                      const Window &w, int64_t group) {
  Value x = node.input(0), weights = node.input(1);
  SmallVector<int64_t> shape = getShape(weights), at = getShape(x);
  int64_t stride = w.strides[0], kernel = w.kernel[0], reach = (kernel - 1) * w.dilations[0];
  Value spread = build.reshape(x, {at[0], at[1], at[2], 1, at[3], at[4]});
  spread = padDepth(build, spread, 3, 0, stride - 1);
  if (!spread)
    return {};
  spread = build.reshape(spread, {at[0], at[1], at[2] * stride, at[3], at[4]});
  SmallVector<int64_t> offsets(5, 0), steps(5, 1);
  offsets[2] = kernel - 1;
  steps[2] = kernel == 1 ? 1 : -1;
  Value turned = build.create<SliceOp>(weights, offsets, shape, steps);
  turned = turned ? build.transpose(turned, {0, 2, 1, 3, 4}) : Value();
  if (!turned)
    return {};
  turned = build.reshape(turned, {shape[0] * kernel, shape[1], shape[3], shape[4]});
  Value stack = stackDepth(node, build, spread, kernel, w.dilations[0], 1, reach - w.pads[0],
                           reach - w.pads[3] + w.outputPadding[0] - (stride - 1));
  Window plane = w.withoutDepth();
  Value y = build.create<ConvTransposeOp>(stack, turned, bias, plane.strides, plane.pads,
                                          plane.dilations, plane.outputPadding, group);
  return unstackDepth(build, y, at[0]);
}

template <typename Create>
static void importConvolution(NodeReader &node, NodeBuilder &build, bool transposed,
                              Create create) {
  RankedTensorType x = node.inputType(0), weights = node.inputType(1);
  Value bias = node.optionalInput(2);
  int64_t group = node.integer("group", 1);
  if (node.failed())
    return;
  if (x.getRank() != weights.getRank()) {
    node.error() << "expected operand and weights of one rank, got " << x << " and " << weights;
    return;
  }
  ArrayRef<int64_t> kernel = weights.getShape().drop_front(std::min<size_t>(2, weights.getRank()));
  SmallVector<int64_t> declared = node.integers("kernel_shape", kernel);
  if (ArrayRef<int64_t>(declared) != kernel) {
    node.error() << "expected kernel_shape as in the weights, " << printShape(kernel) << ", got "
                 << printShape(declared);
    return;
  }
  auto window = readWindow(node, x, kernel, transposed);
  if (!window)
    return;
  if (x.getRank() == 5) {
    bool fits = group >= 1 && weights.getNumElements() > 0;
    if (!fits)
      node.error() << "expected weights and a positive group, got " << weights << " and " << group;
    else
      build.setResult(transposed ? convolveVolumeTransposed(node, build, bias, *window, group)
                                 : convolveVolume(node, build, bias, *window, group));
    return;
  }
  Value y = create(toPlane(build, node.input(0)), toPlane(build, node.input(1)), bias,
                   window->toPlane(), group);
  build.setResult(fromPlane(build, y, x.getRank()));
}

void importConv(NodeReader &node, NodeBuilder &build) {
  importConvolution(node, build, /*transposed=*/false,
                    [&](Value x, Value weights, Value bias, const Window &w, int64_t group) {
                      return build.create<ConvOp>(x, weights, bias, w.strides, w.pads, w.dilations,
                                                  group);
                    });
}

void importConvTranspose(NodeReader &node, NodeBuilder &build) {
  importConvolution(node, build, /*transposed=*/true,
                    [&](Value x, Value weights, Value bias, const Window &w, int64_t group) {
                      return build.create<ConvTransposeOp>(x, weights, bias, w.strides, w.pads,
                                                           w.dilations, w.outputPadding, group);
                    });
}

} // namespace octet
