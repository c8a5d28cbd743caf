// Convolutions and pools. Padding by rule (auto_pad) becomes explicit here, and
// what has one spatial dimension runs as a plane of one row.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

namespace {
/// A window over two spatial dimensions.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations, pads, outputPadding;
};
} // namespace

static constexpr int64_t kMaxExtent = 1 << 24;

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

// Reads the attributes of a window over the spatial dimensions of `x`, one or two.
static std::optional<Window> readWindow(NodeReader &node, RankedTensorType x,
                                        ArrayRef<int64_t> kernel, bool transposed) {
  int64_t spatial = x.getRank() - 2;
  if (spatial < 1 || spatial > 2) {
    node.error() << "expected one or two spatial dimensions, got " << x;
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
  if (spatial == 1) {
    w.kernel.insert(w.kernel.begin(), 1);
    w.strides.insert(w.strides.begin(), 1);
    w.dilations.insert(w.dilations.begin(), 1);
    w.outputPadding.insert(w.outputPadding.begin(), 0);
    w.pads = {0, w.pads[0], 0, w.pads[1]};
  }
  return w;
}

static Value toPlane(NodeBuilder &build, Value x) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(x.getType()).getShape());
  if (shape.size() == 3)
    shape.insert(shape.begin() + 2, 1);
  return build.reshape(x, shape);
}

static void setPlane(NodeBuilder &build, Value plane, int64_t rank) {
  if (!plane)
    return;
  SmallVector<int64_t> shape(cast<RankedTensorType>(plane.getType()).getShape());
  if (rank == 3)
    shape.erase(shape.begin() + 2);
  build.setResult(build.reshape(plane, shape));
}

template <typename Create>
static void importConvolution(NodeReader &node, NodeBuilder &build, bool transposed,
                              Create create) {
  RankedTensorType x = node.inputType(0), weights = node.inputType(1);
  Value bias = node.optionalInput(2);
  int64_t group = node.integer("group", 1);
  if (node.failed())
    return;
  if (x.getRank() == 5) {
    node.error() << "convolution in three dimensions is not supported";
    return;
  }
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
  setPlane(
      build,
      create(toPlane(build, node.input(0)), toPlane(build, node.input(1)), bias, *window, group),
      x.getRank());
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

template <typename Create>
static void importPool(NodeReader &node, NodeBuilder &build, Create create) {
  RankedTensorType x = node.inputType(0);
  SmallVector<int64_t> kernel = node.integers("kernel_shape");
  bool ceil = node.flag("ceil_mode", false);
  if (!node.has("kernel_shape"))
    node.error() << "expected an attribute 'kernel_shape', got none";
  if (node.failed())
    return;
  auto window = readWindow(node, x, kernel, /*transposed=*/false);
  if (window)
    setPlane(build, create(toPlane(build, node.input(0)), *window, ceil), x.getRank());
}

void importMaxPool(NodeReader &node, NodeBuilder &build) {
  node.integer("storage_order", 0); // Of the indices, a result that is refused.
  importPool(node, build, [&](Value x, const Window &w, bool ceil) {
    return build.create<MaxPoolOp>(x, w.kernel, w.strides, w.pads, w.dilations, ceil);
  });
}

void importAveragePool(NodeReader &node, NodeBuilder &build) {
  bool include = node.flag("count_include_pad", false);
  importPool(node, build, [&](Value x, const Window &w, bool ceil) {
    return build.create<AveragePoolOp>(x, w.kernel, w.strides, w.pads, w.dilations, ceil, include);
  });
}

template <typename Create>
static void importGlobalPool(NodeReader &node, NodeBuilder &build, Create create) {
  RankedTensorType x = node.inputType(0);
  if (node.failed())
    return;
  if (x.getRank() < 3) {
    node.error() << "expected spatial dimensions, got " << x;
    return;
  }
  // All of any other number of dimensions are one row.
  SmallVector<int64_t> plane(x.getShape()), result(x.getRank(), 1);
  if (x.getRank() != 4) {
    int64_t width = 1;
    for (int64_t extent : x.getShape().drop_front(2))
      width *= extent;
    plane = {x.getDimSize(0), x.getDimSize(1), 1, width};
  }
  result[0] = plane[0];
  result[1] = plane[1];
  Window w;
  w.kernel = {plane[2], plane[3]};
  w.strides = w.dilations = {1, 1};
  w.pads = {0, 0, 0, 0};
  Value pooled = create(build.reshape(node.input(0), plane), w);
  if (pooled)
    build.setResult(build.reshape(pooled, result));
}

void importGlobalAveragePool(NodeReader &node, NodeBuilder &build) {
  importGlobalPool(node, build, [&](Value x, const Window &w) {
    return build.create<AveragePoolOp>(x, w.kernel, w.strides, w.pads, w.dilations,
                                       /*ceil_mode=*/false, /*count_include_pad=*/false);
  });
}

void importGlobalMaxPool(NodeReader &node, NodeBuilder &build) {
  importGlobalPool(node, build, [&](Value x, const Window &w) {
    return build.create<MaxPoolOp>(x, w.kernel, w.strides, w.pads, w.dilations,
                                   /*ceil_mode=*/false);
  });
}

} // namespace octet
