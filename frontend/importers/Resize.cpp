// Resampling. What `octet.resize` does, it does: nearest and linear on the last two
// dimensions. All else goes along one axis after the other, as gathers or products
// with matrices (Resample.h).

#include "frontend/importers/Resample.h"

#include "frontend/ElementTypes.h"

#include <cmath>

using namespace mlir;

namespace octet {

static constexpr float kMaxExtent = 1 << 24;

static std::optional<Sampling> planFromScales(NodeReader &node, ArrayRef<float> scales,
                                              ArrayRef<int64_t> axes) {
  RankedTensorType type = node.inputType(0);
  Sampling plan(type.getShape());
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

static std::optional<Sampling> planFromSizes(NodeReader &node, ArrayRef<int64_t> sizes,
                                             ArrayRef<int64_t> axes) {
  RankedTensorType type = node.inputType(0);
  Sampling plan(type.getShape());
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

// Whether `octet.resize` can do it.
static bool isPlaneResize(RankedTensorType type, const Sampling &plan) {
  bool plane = type.getRank() == 3 || type.getRank() == 4;
  for (int64_t i = 0; plane && i < 2; ++i)
    plane = plan.scales[i] == 1.0f && plan.sizes[i] == type.getDimSize(i);
  return plane && type.getElementType().isF32() && !plan.cubic && !plan.antialias &&
         plan.coordinates <= Coordinates::Asymmetric;
}

static void resize(NodeReader &node, NodeBuilder &build, const Sampling &plan) {
  RankedTensorType type = node.inputType(0);
  if (!build.checkShape(plan.sizes))
    return;
  bool same = ArrayRef<int64_t>(plan.sizes) == type.getShape() &&
              llvm::all_of(plan.scales, [](float scale) { return scale == 1.0f; });
  if (same && plan.coordinates != Coordinates::TfCropAndResize)
    return build.setResult(node.input(0));
  if (!isPlaneResize(type, plan))
    return build.setResult(resample(node, build, node.input(0), plan));
  SmallVector<int64_t> sizes(ArrayRef(plan.sizes).drop_front(2));
  SmallVector<float> scales(ArrayRef(plan.scales).drop_front(2));
  SmallVector<int64_t> shape(type.getShape());
  // One dimension is a plane of one row.
  if (type.getRank() == 3) {
    sizes.insert(sizes.begin(), 1);
    scales.insert(scales.begin(), 1.0f);
    shape.insert(shape.begin() + 2, 1);
  }
  Value result =
      build.create<ResizeOp>(build.reshape(node.input(0), shape), sizes, scales,
                             plan.linear ? ResizeMode::Linear : ResizeMode::Nearest,
                             static_cast<ResizeCoordinates>(plan.coordinates), plan.rounding);
  if (result)
    build.setResult(build.reshape(result, plan.sizes));
}

static void readMode(NodeReader &node, StringRef name, Sampling &plan) {
  // Upsample once wrote "bilinear".
  plan.linear = name == "linear" || name == "bilinear";
  plan.cubic = name == "cubic";
  if (!plan.linear && !plan.cubic && name != "nearest")
    node.error() << "expected the mode nearest, linear or cubic, got '" << name << "'";
}

// Upsample, and Resize as it was in opset 10: coordinates divide by the scale, and
// nearest takes the element at or before them (after them when shrinking, as
// ONNX Runtime does).
void importUpsample(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  StringRef mode = node.text("mode", "nearest");
  std::optional<SmallVector<float>> scales = node.numbers("scales");
  if (!node.has("scales"))
    scales = node.constantNumbers(1, "the scales");
  if (!scales || node.failed())
    return;
  auto plan = planFromScales(node, *scales, llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
  if (!plan)
    return;
  readMode(node, mode, *plan);
  bool shrinks = llvm::any_of(*scales, [](float scale) { return scale < 1; });
  bool grows = llvm::any_of(*scales, [](float scale) { return scale > 1; });
  if (shrinks && grows && mode == "nearest") {
    node.error() << "expected scales that all grow or all shrink, got both";
    return;
  }
  if (node.failed())
    return;
  plan->coordinates = Coordinates::Asymmetric;
  plan->rounding = shrinks ? ResizeRounding::Ceil : ResizeRounding::Floor;
  resize(node, build, *plan);
}

static std::optional<Coordinates> readCoordinates(NodeReader &node) {
  StringRef name = node.text("coordinate_transformation_mode", "half_pixel");
  if (auto plain = symbolizeResizeCoordinates(name))
    return static_cast<Coordinates>(*plain);
  auto other = llvm::StringSwitch<std::optional<Coordinates>>(name)
                   .Case("half_pixel_symmetric", Coordinates::HalfPixelSymmetric)
                   .Case("tf_half_pixel_for_nn", Coordinates::TfHalfPixelForNN)
                   .Case("tf_crop_and_resize", Coordinates::TfCropAndResize)
                   .Default(std::nullopt);
  if (!other)
    node.error() << "coordinate_transformation_mode '" << name << "' is not supported";
  return other;
}

// Sizes that keep the ratio of extents: one scale for all axes, that of the axis where it is
// least or largest.
static std::optional<Sampling> planKeepingRatio(NodeReader &node, ArrayRef<int64_t> sizes,
                                                ArrayRef<int64_t> axes, bool notLarger) {
  RankedTensorType type = node.inputType(0);
  auto plan = planFromSizes(node, sizes, axes);
  if (!plan)
    return plan;
  float common = plan->scales[axes.front()];
  for (int64_t axis : axes)
    common =
        notLarger ? std::min(common, plan->scales[axis]) : std::max(common, plan->scales[axis]);
  for (int64_t axis : axes) {
    float extent = std::floor(common * static_cast<float>(type.getDimSize(axis)) + 0.5f);
    if (!(extent >= 1 && extent <= kMaxExtent)) {
      node.error() << "expected sizes that give extents of 1 to "
                   << static_cast<int64_t>(kMaxExtent) << ", got " << printShape(sizes);
      return std::nullopt;
    }
    plan->scales[axis] = common;
    plan->sizes[axis] = static_cast<int64_t>(extent);
  }
  return plan;
}

// The region of interest: starts, then ends, as shares of the extents.
static void readRegion(NodeReader &node, ArrayRef<int64_t> axes, Sampling &plan) {
  auto region = node.constantNumbers(1, "the region of interest");
  if (!region)
    return;
  if (region->size() != 2 * axes.size()) {
    node.error() << "expected a region of " << 2 * axes.size() << " numbers, got "
                 << region->size();
    return;
  }
  for (auto [i, axis] : llvm::enumerate(axes)) {
    plan.begins[axis] = (*region)[i];
    plan.ends[axis] = (*region)[axes.size() + i];
    if (!std::isfinite(plan.begins[axis]) || !std::isfinite(plan.ends[axis]))
      node.error() << "expected a region of finite numbers";
  }
}

void importResize(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  StringRef mode = node.text("mode", "nearest");
  StringRef nearest = node.text("nearest_mode", "round_prefer_floor");
  StringRef policy = node.text("keep_aspect_ratio_policy", "stretch");
  auto coordinates = readCoordinates(node);
  auto rounding = symbolizeResizeRounding(nearest);
  if (!rounding)
    node.error() << "nearest_mode '" << nearest << "' is not supported";
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    node.error() << "keep_aspect_ratio_policy '" << policy << "' is not supported";
  float cubicFactor = node.number("cubic_coeff_a", -0.75f);
  float outside = node.number("extrapolation_value", 0.0f);
  bool excludeOutside = node.flag("exclude_outside", false);
  bool antialias = node.flag("antialias", false);
  SmallVector<int64_t> axes = node.integers("axes");
  if (!node.has("axes"))
    axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  if (node.failed() || !node.axes(axes, type.getRank()))
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
  auto plan = sizes->empty()        ? planFromScales(node, *scales, axes)
              : policy == "stretch" ? planFromSizes(node, *sizes, axes)
                                    : planKeepingRatio(node, *sizes, axes, policy == "not_larger");
  if (!plan)
    return;
  readMode(node, mode, *plan);
  plan->coordinates = *coordinates;
  plan->rounding = *rounding;
  plan->cubicFactor = cubicFactor;
  plan->excludeOutside = excludeOutside;
  // The standard widens the window where it shrinks, and knows it for no other mode.
  plan->antialias = antialias && mode != "nearest" &&
                    llvm::any_of(plan->scales, [](float scale) { return scale < 1; });
  plan->extrapolation = outside;
  if (*coordinates == Coordinates::TfCropAndResize)
    readRegion(node, axes, *plan);
  else
    node.optionalInput(1); // The region of interest is for tf_crop_and_resize.
  if (!node.failed())
    resize(node, build, *plan);
}

} // namespace octet
