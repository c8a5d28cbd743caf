#include "frontend/ScaleGrid.h"

#include "dialect/IndexOps.h"
#include "frontend/ElementTypes.h"

#include <cmath>

using namespace mlir;

namespace octet {

bool Scales::arePositive() const {
  return llvm::all_of(scales, [](float scale) { return std::isnormal(scale) && scale > 0; });
}

static SmallVector<int64_t> getBlockedShape(const ScaleGrid &grid) {
  SmallVector<int64_t> shape(grid.shape);
  shape[grid.axis] = llvm::divideCeil(shape[grid.axis], grid.block);
  return shape;
}

// The grid of scales or zero points of this type.
static std::optional<ScaleGrid> readGrid(NodeReader &node, ArrayRef<int64_t> shape,
                                         RankedTensorType type, StringRef what,
                                         EncodingInputs encoding) {
  ScaleGrid grid;
  grid.shape.assign(shape.begin(), shape.end());
  if (type.getRank() <= 1 && type.getNumElements() == 1)
    return grid;
  int64_t rank = shape.size();
  if (encoding.block > 0) {
    auto axis = node.axis(encoding.axis, rank);
    if (!axis)
      return std::nullopt;
    grid.kind = ScaleGrid::Kind::Blocks;
    grid.axis = *axis;
    grid.block = std::min(encoding.block, std::max<int64_t>(shape[*axis], 1));
    if (SmallVector<int64_t> expected = getBlockedShape(grid);
        type.getShape() != ArrayRef(expected)) {
      node.error() << "expected " << what << " of shape " << printShape(expected)
                   << " for blocks of " << encoding.block << " along axis " << *axis << " of "
                   << printShape(shape) << ", got " << printShape(type.getShape());
      return std::nullopt;
    }
    return grid;
  }
  if (type.getRank() > 1) {
    node.error() << "expected " << what
                 << " as one number or one for each channel, or an attribute 'block_size', got "
                 << printShape(type.getShape());
    return std::nullopt;
  }
  int64_t axis = encoding.axis < 0 ? encoding.axis + rank : encoding.axis;
  int64_t channels = axis >= 0 && axis < rank ? shape[axis] : 1;
  if (type.getNumElements() != channels) {
    node.error() << "expected " << what << " as one number or " << channels << ", got "
                 << type.getNumElements();
    return std::nullopt;
  }
  grid.kind = ScaleGrid::Kind::Axis;
  grid.axis = axis;
  return grid;
}

std::optional<ScaleGrid> readScaleGrid(NodeReader &node, ArrayRef<int64_t> shape,
                                       EncodingInputs encoding) {
  if (encoding.block < 0)
    node.error() << "expected an attribute 'block_size' of 0 or more, got " << encoding.block;
  RankedTensorType type = node.inputType(encoding.scale);
  if (node.failed())
    return std::nullopt;
  Type element = type.getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16()) {
    node.error() << "expected float32, float16 or bfloat16 as the scale, got "
                 << getElementTypeName(element);
    return std::nullopt;
  }
  auto grid = readGrid(node, shape, type, "the scale", encoding);
  if (!grid || !node.hasInput(encoding.zeroPoint))
    return grid;
  RankedTensorType zeros = node.inputType(encoding.zeroPoint);
  auto zeroGrid = readGrid(node, shape, zeros, "the zero point", encoding);
  if (!zeroGrid)
    return std::nullopt;
  if (zeroGrid->kind != ScaleGrid::Kind::Tensor && zeroGrid->kind != grid->kind) {
    node.error() << "expected as many zero points as scales, got " << zeros.getNumElements()
                 << " and " << type.getNumElements();
    return std::nullopt;
  }
  return grid;
}

std::optional<Scales> readScales(NodeReader &node, const ScaleGrid &grid, EncodingInputs encoding) {
  Value scale = node.input(encoding.scale), zero = node.optionalInput(encoding.zeroPoint);
  ElementsAttr scales = getConstantValue(scale), zeros = zero ? getConstantValue(zero) : nullptr;
  if (!scales || (zero && !zeros))
    return std::nullopt;
  Scales result;
  result.grid = grid;
  auto read = [](Value value, ElementsAttr elements) {
    return reference::Tensor::fromAttr(elements, cast<RankedTensorType>(value.getType()));
  };
  reference::Tensor numbers = read(scale, scales);
  for (int64_t i = 0; i < numbers.size(); ++i)
    result.scales.push_back(numbers.getFloat(i));
  result.zeroPoints.assign(1, 0);
  if (!zero)
    return result;
  numbers = read(zero, zeros);
  result.zeroPoints.clear();
  for (int64_t i = 0; i < numbers.size(); ++i)
    result.zeroPoints.push_back(static_cast<double>(numbers.getInteger(i)));
  return result;
}

reference::Tensor dequantizeConstant(const reference::Tensor &x, const Scales &scales) {
  auto real = Float32Type::get(x.getType().getContext());
  reference::Tensor result(RankedTensorType::get(x.getShape(), real));
  MutableArrayRef<float> values = result.as<float>();
  scales.grid.forEach([&](int64_t i, int64_t scale) {
    double difference = static_cast<double>(x.getInteger(i)) - scales.getZeroPoint(scale);
    values[i] = static_cast<float>(difference) * scales.scales[scale];
  });
  return result;
}

reference::Tensor quantizeConstant(const reference::Tensor &x, const Scales &scales, Type element,
                                   int64_t low, int64_t high) {
  reference::Tensor result(RankedTensorType::get(x.getShape(), element));
  scales.grid.forEach([&](int64_t i, int64_t scale) {
    double q = std::nearbyint(x.getFloat(i) / scales.scales[scale]) + scales.getZeroPoint(scale);
    q = std::isnan(q) ? low : std::clamp(q, static_cast<double>(low), static_cast<double>(high));
    result.setInteger(i, static_cast<int64_t>(q));
  });
  return result;
}

Value spreadScales(NodeBuilder &build, Value numbers, const ScaleGrid &grid) {
  if (!numbers)
    return {};
  // Also the zero point of several scales.
  if (cast<RankedTensorType>(numbers.getType()).getNumElements() == 1)
    return build.reshape(numbers, {});
  if (grid.kind == ScaleGrid::Kind::Axis) {
    SmallVector<int64_t> shape(grid.shape.size() - grid.axis, 1);
    shape[0] = grid.shape[grid.axis];
    return build.reshape(numbers, shape);
  }
  int64_t outer = 1, inner = 1, extent = grid.shape[grid.axis];
  for (int64_t size : ArrayRef(grid.shape).take_front(grid.axis))
    outer *= size;
  for (int64_t size : ArrayRef(grid.shape).drop_front(grid.axis + 1))
    inner *= size;
  int64_t blocks = llvm::divideCeil(extent, grid.block), repeated = blocks * grid.block;
  Value spread = build.reshape(numbers, {outer, blocks, 1, inner});
  if (spread && grid.block > 1)
    spread = build.create<ExpandOp>(spread, ArrayRef<int64_t>{outer, blocks, grid.block, inner});
  if (spread)
    spread = build.reshape(spread, {outer, repeated, inner});
  if (spread && repeated != extent)
    spread =
        build.create<SliceOp>(spread, ArrayRef<int64_t>{0, 0, 0},
                              ArrayRef<int64_t>{outer, extent, inner}, ArrayRef<int64_t>{1, 1, 1});
  return spread ? build.reshape(spread, grid.shape) : spread;
}

} // namespace octet
