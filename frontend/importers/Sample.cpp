// Ops that sample planes at points, make such points, or put patches back on a plane.

#include "dialect/SampleOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

static Type getElement(Value x) { return cast<RankedTensorType>(x.getType()).getElementType(); }

// f16 and bf16 are computed as f32.
static Value widen(NodeBuilder &build, Value x) {
  if (!x || !(getElement(x).isF16() || getElement(x).isBF16()))
    return x;
  return build.cast(x, Float32Type::get(x.getContext()));
}

void importGridSample(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), grid = node.input(1);
  StringRef name = node.text("mode", "linear"), outside = node.text("padding_mode", "zeros");
  bool aligned = node.flag("align_corners", false);
  // Opset 16 knew planes alone and said so in the name.
  name.consume_front("bi");
  auto mode = symbolizeGridMode(name);
  auto padding = symbolizeGridPadding(outside);
  if (!mode)
    node.error() << "mode '" << name << "' is not supported";
  if (!padding)
    node.error() << "padding_mode '" << outside << "' is not supported";
  if (node.failed())
    return;
  Value y =
      build.create<GridSampleOp>(*mode, widen(build, x), widen(build, grid), *padding, aligned);
  build.setResult(y ? build.cast(y, getElement(x)) : Value());
}

void importRoiAlign(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), rois = node.input(1), batches = node.input(2);
  StringRef name = node.text("mode", "avg");
  StringRef map = node.text("coordinate_transformation_mode",
                            node.getOpset() < 16 ? "output_half_pixel" : "half_pixel");
  int64_t height = node.integer("output_height", 1), width = node.integer("output_width", 1);
  int64_t ratio = node.integer("sampling_ratio", 0);
  float scale = node.number("spatial_scale", 1.0f);
  auto mode = symbolizeRoiMode(name);
  if (!mode)
    node.error() << "mode '" << name << "' is not supported";
  if (map != "half_pixel" && map != "output_half_pixel")
    node.error() << "coordinate_transformation_mode '" << map << "' is not supported";
  if (node.failed())
    return;
  Value y = build.create<RoiAlignOp>(*mode, widen(build, x), widen(build, rois), batches, height,
                                     width, ratio, APFloat(scale), map == "half_pixel");
  build.setResult(y ? build.cast(y, getElement(x)) : Value());
}

// The homogeneous coordinates of all points of a grid from -1 to 1: [dimensions + 1, points],
// the last dimension first.
static reference::Tensor makeBaseGrid(MLIRContext *context, ArrayRef<int64_t> extents,
                                      int64_t points, bool aligned) {
  int64_t rank = extents.size();
  reference::Tensor base(RankedTensorType::get({rank + 1, points}, Float32Type::get(context)));
  for (int64_t p = 0; p < points; ++p) {
    int64_t rest = p;
    for (int64_t d = rank; d-- > 0; rest /= extents[d]) {
      double i = static_cast<double>(rest % extents[d]), size = static_cast<double>(extents[d]);
      double at = !aligned ? (2 * i + 1) / size - 1 : size > 1 ? 2 * i / (size - 1) - 1 : 0;
      base.setDouble((rank - 1 - d) * points + p, at);
    }
    base.setDouble(rank * points + p, 1);
  }
  return base;
}

// Points are products of the matrices with those of a fixed grid.
void importAffineGrid(NodeReader &node, NodeBuilder &build) {
  Value theta = node.input(0);
  RankedTensorType type = node.inputType(0);
  auto size = node.constantIntegers(1, "the size");
  bool aligned = node.flag("align_corners", false);
  if (!size || node.failed())
    return;
  int64_t rank = static_cast<int64_t>(size->size()) - 2;
  if (rank < 2 || rank > 3 || type.getShape() != ArrayRef<int64_t>{size->front(), rank, rank + 1} ||
      llvm::any_of(*size, [](int64_t extent) { return extent < 1; })) {
    node.error() << "expected a size of 4 or 5 extents and a matrix for each batch, got "
                 << printShape(*size) << " and " << type;
    return;
  }
  SmallVector<int64_t> shape(ArrayRef(*size).drop_front(2));
  shape.insert(shape.begin(), size->front());
  shape.push_back(rank);
  if (!build.checkShape(shape))
    return;
  ArrayRef<int64_t> extents = ArrayRef(*size).drop_front(2);
  int64_t points = 1;
  for (int64_t extent : extents)
    points *= extent;
  if (!build.checkGenerated(points * (rank + 1)))
    return;
  Value base = build.constant(
      makeBaseGrid(node.getContext(), extents, points, aligned).toAttr(node.output(0)));
  Value rows = build.reshape(widen(build, theta), {size->front() * rank, rank + 1});
  Value y = build.create<MatMulOp>(rows, base, Value());
  y = y ? build.reshape(y, {size->front(), rank, points}) : Value();
  y = y ? build.transpose(y, {0, 2, 1}) : Value();
  y = y ? build.reshape(y, shape) : Value();
  build.setResult(y ? build.cast(y, type.getElementType()) : Value());
}

// Patches that overlap add up: a transposed convolution, each channel with a group and each
// tap of a patch with a kernel that is 1 at that tap.
void importCol2Im(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  auto image = node.constantIntegers(1, "the image's shape"),
       block = node.constantIntegers(2, "the block's shape");
  if (!image || !block || node.failed())
    return;
  size_t spatial = image->size();
  SmallVector<int64_t> ones(spatial, 1), zeros(2 * spatial, 0);
  SmallVector<int64_t> strides = node.integers("strides", ones),
                       dilations = node.integers("dilations", ones),
                       pads = node.integers("pads", zeros);
  constexpr int64_t kMostTaps = 4096, kMostExtent = 1 << 24;
  auto inRange = [](ArrayRef<int64_t> values, int64_t least, int64_t most) {
    return llvm::all_of(values, [&](int64_t v) { return v >= least && v <= most; });
  };
  if (spatial < 1 || spatial > 2 || block->size() != spatial || strides.size() != spatial ||
      dilations.size() != spatial || pads.size() != 2 * spatial || type.getRank() != 3 ||
      !inRange(*image, 1, kMostExtent) || !inRange(*block, 1, kMostTaps) ||
      !inRange(strides, 1, kMostExtent) || !inRange(dilations, 1, kMostExtent) ||
      !inRange(pads, 0, kMostExtent)) {
    node.error()
        << "expected columns of rank 3, an image and a block of one or two dimensions with "
           "as many positive strides and dilations and twice as many pads, got "
        << type << ", " << printShape(*image) << " and " << printShape(*block);
    return;
  }
  int64_t taps = 1, places = 1;
  SmallVector<int64_t> counts, rest;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t room = (*image)[i] + pads[i] + pads[spatial + i] - ((*block)[i] - 1) * dilations[i] - 1;
    counts.push_back(room < 0 ? 0 : room / strides[i] + 1);
    rest.push_back(room < 0 ? 0 : room % strides[i]);
    taps *= (*block)[i];
    if (llvm::MulOverflow(places, counts.back(), places))
      places = -1;
  }
  if (places < 1 || taps > kMostTaps || type.getDimSize(1) % taps || type.getDimSize(1) == 0 ||
      type.getDimSize(2) != places) {
    node.error() << "expected " << places << " columns of blocks of " << taps << " elements, "
                 << kMostTaps << " at most, got " << type;
    return;
  }
  int64_t channels = type.getDimSize(1) / taps;
  if (spatial == 1) {
    for (auto *list : {&counts, &*block, &strides, &dilations})
      list->insert(list->begin(), 1);
    rest.insert(rest.begin(), 0);
    pads = {0, pads[0], 0, pads[1]};
  }
  if (!build.checkGenerated(channels * taps * taps))
    return;
  reference::Tensor kernel(RankedTensorType::get({channels * taps, 1, (*block)[0], (*block)[1]},
                                                 Float32Type::get(node.getContext())));
  for (int64_t i = 0; i < channels * taps; ++i)
    kernel.setFloat(i * taps + i % taps, 1);
  Value planes =
      build.reshape(widen(build, x), {type.getDimSize(0), channels * taps, counts[0], counts[1]});
  Value weights = build.constant(kernel.toAttr(node.output(0)));
  Value y = build.create<ConvTransposeOp>(planes, weights, Value(), strides, pads, dilations, rest,
                                          channels);
  SmallVector<int64_t> shape{type.getDimSize(0), channels};
  llvm::append_range(shape, *image);
  y = y ? build.reshape(y, shape) : Value();
  build.setResult(y ? build.cast(y, type.getElementType()) : Value());
}

} // namespace octet
