// Resampling. Octet resamples the last two dimensions of rank-4 tensors; the
// frontend checks that a model asks for no more than that.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

#include <cmath>

using namespace mlir;

namespace octet {

namespace {
/// Extents and scales, one for each dimension of the operand.
struct Plan {
  SmallVector<int64_t> sizes;
  SmallVector<float> scales;
};
} // namespace

static constexpr float kMaxExtent = 1 << 24;

static std::optional<Plan> planFromScales(NodeReader &node, ArrayRef<float> scales,
                                          ArrayRef<int64_t> axes) {
  RankedTensorType type = node.inputType(0);
  Plan plan{SmallVector<int64_t>(type.getShape()), SmallVector<float>(type.getRank(), 1.0f)};
  if (scales.size() != axes.size()) {
    node.error() << "expected " << axes.size() << " scales, got " << scales.size();
    return std::nullopt;
  }
  for (auto [axis, scale] : llvm::zip(axes, scales)) {
    float extent = std::floor(static_cast<float>(type.getDimSize(axis)) * scale);
    if (!(scale > 0) || !(extent >= 1) || extent > kMaxExtent) {
      node.error() << "expected scales that give extents of 1 to "
                   << static_cast<int64_t>(kMaxExtent) << ", got " << scale << " of "
                   << type.getDimSize(axis);
      return std::nullopt;
    }
    plan.scales[axis] = scale;
    plan.sizes[axis] = static_cast<int64_t>(extent);
  }
  return plan;
}

static std::optional<Plan> planFromSizes(NodeReader &node, ArrayRef<int64_t> sizes,
                                         ArrayRef<int64_t> axes) {
  RankedTensorType type = node.inputType(0);
  Plan plan{SmallVector<int64_t>(type.getShape()), SmallVector<float>(type.getRank(), 1.0f)};
  if (sizes.size() != axes.size()) {
    node.error() << "expected " << axes.size() << " sizes, got " << sizes.size();
    return std::nullopt;
  }
  for (auto [axis, size] : llvm::zip(axes, sizes)) {
    if (size < 1 || size > kMaxExtent) {
      node.error() << "expected sizes of 1 to " << static_cast<int64_t>(kMaxExtent) << ", got "
                   << size;
      return std::nullopt;
    }
    plan.sizes[axis] = size;
    plan.scales[axis] = static_cast<float>(size) / static_cast<float>(type.getDimSize(axis));
  }
  return plan;
}

static void resize(NodeReader &node, NodeBuilder &build, const Plan &plan, ResizeMode mode,
                   ResizeCoordinates coordinates, ResizeRounding rounding) {
  RankedTensorType type = node.inputType(0);
  int64_t rank = type.getRank();
  bool plane = rank == 3 || rank == 4;
  for (int64_t i = 0; plane && i < 2; ++i)
    plane = plan.scales[i] == 1.0f && plan.sizes[i] == type.getDimSize(i);
  if (!plane) {
    node.error() << "expected a resize of the last two of 4 dimensions, got " << type << " to "
                 << printShape(plan.sizes);
    return;
  }
  if (ArrayRef<int64_t>(plan.sizes) == type.getShape() &&
      llvm::all_of(plan.scales, [](float scale) { return scale == 1.0f; }))
    return build.setResult(node.input(0));
  SmallVector<int64_t> sizes(ArrayRef(plan.sizes).drop_front(2));
  SmallVector<float> scales(ArrayRef(plan.scales).drop_front(2));
  SmallVector<int64_t> shape(type.getShape());
  // One dimension is a plane of one row.
  if (rank == 3) {
    sizes.insert(sizes.begin(), 1);
    scales.insert(scales.begin(), 1.0f);
    shape.insert(shape.begin() + 2, 1);
  }
  Value result = build.create<ResizeOp>(build.reshape(node.input(0), shape), sizes, scales, mode,
                                        coordinates, rounding);
  if (result)
    build.setResult(build.reshape(result, plan.sizes));
}

static std::optional<ResizeMode> readMode(NodeReader &node, StringRef name) {
  if (name == "nearest")
    return ResizeMode::Nearest;
  // Upsample once wrote "bilinear".
  if (name == "linear" || name == "bilinear")
    return ResizeMode::Linear;
  node.error() << "mode '" << name << "' is not supported";
  return std::nullopt;
}

// Upsample, and Resize as it was in opset 10: coordinates divide by the scale, and
// nearest takes the element at or before them (after them when shrinking, as
// ONNX Runtime does).
void importUpsample(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto mode = readMode(node, node.text("mode", "nearest"));
  std::optional<SmallVector<float>> scales = node.numbers("scales");
  if (!node.has("scales"))
    scales = node.constantNumbers(1, "the scales");
  if (!mode || !scales || node.failed())
    return;
  auto plan = planFromScales(node, *scales, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
  if (!plan)
    return;
  bool shrinks = llvm::any_of(*scales, [](float scale) { return scale < 1; });
  bool grows = llvm::any_of(*scales, [](float scale) { return scale > 1; });
  if (shrinks && grows && *mode == ResizeMode::Nearest) {
    node.error() << "expected scales that all grow or all shrink, got both";
    return;
  }
  resize(node, build, *plan, *mode, ResizeCoordinates::Asymmetric,
         shrinks ? ResizeRounding::Ceil : ResizeRounding::Floor);
}

void importResize(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto mode = readMode(node, node.text("mode", "nearest"));
  StringRef map = node.text("coordinate_transformation_mode", "half_pixel");
  StringRef nearest = node.text("nearest_mode", "round_prefer_floor");
  auto coordinates = symbolizeResizeCoordinates(map);
  auto rounding = symbolizeResizeRounding(nearest);
  if (!coordinates)
    node.error() << "coordinate_transformation_mode '" << map << "' is not supported";
  if (!rounding)
    node.error() << "nearest_mode '" << nearest << "' is not supported";
  // These two belong to modes that are refused above.
  node.number("cubic_coeff_a", -0.75f);
  node.number("extrapolation_value", 0.0f);
  node.expectInteger("exclude_outside", 0);
  node.expectInteger("antialias", 0);
  node.expectText("keep_aspect_ratio_policy", "stretch");
  node.optionalInput(1); // The region of interest is for tf_crop_and_resize.
  SmallVector<int64_t> axes = node.integers("axes");
  if (!node.has("axes"))
    axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  if (!mode || node.failed() || !node.axes(axes, type.getRank()))
    return;
  for (int64_t &axis : axes)
    axis = *node.axis(axis, type.getRank());

  std::optional<SmallVector<float>> scales = SmallVector<float>();
  std::optional<SmallVector<int64_t>> sizes = SmallVector<int64_t>();
  if (node.hasInput(2))
    scales = node.constantNumbers(2, "the scales");
  if (node.hasInput(3))
    sizes = node.constantIntegers(3, "the sizes");
  if (!scales || !sizes)
    return;
  // Exporters pass an empty tensor for the one that is not meant.
  if (scales->empty() == sizes->empty()) {
    node.error() << "expected either scales or sizes, got " << (scales->empty() ? "none" : "both");
    return;
  }
  auto plan =
      sizes->empty() ? planFromScales(node, *scales, axes) : planFromSizes(node, *sizes, axes);
  if (plan)
    resize(node, build, *plan, *mode, *coordinates, *rounding);
}

} // namespace octet
