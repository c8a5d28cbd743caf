#include "passes/graph/Constants.h"

#include "dialect/reference/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

using namespace mlir;

namespace octet {

std::optional<SmallVector<float>> getFloats(Value value) {
  ElementsAttr attr = getConstantValue(value);
  if (!attr || !cast<RankedTensorType>(value.getType()).getElementType().isF32())
    return std::nullopt;
  SmallVector<char> raw = getRawElements(attr);
  SmallVector<float> floats(raw.size() / sizeof(float));
  std::memcpy(floats.data(), raw.data(), floats.size() * sizeof(float));
  return floats;
}

std::optional<float> getSplat(Value value) {
  // Larger tensors of one value do not come up unless as a splat attribute.
  constexpr int64_t kScanned = 1 << 16;
  ElementsAttr attr = getConstantValue(value);
  if (!attr || attr.getNumElements() == 0 || (!attr.isSplat() && attr.getNumElements() > kScanned))
    return std::nullopt;
  std::optional<SmallVector<float>> floats = getFloats(value);
  if (!floats || !llvm::all_equal(*floats))
    return std::nullopt;
  return floats->front();
}

bool isSplatOf(Value value, float expected) {
  constexpr float kRelative = 1e-6f;
  std::optional<float> splat = getSplat(value);
  return splat && std::fabs(*splat - expected) <= kRelative * std::fabs(expected);
}

std::optional<SmallVector<double>> getChannelValues(Value value, RankedTensorType type,
                                                    int64_t axis) {
  auto own = cast<RankedTensorType>(value.getType());
  int64_t offset = type.getRank() - own.getRank();
  if (offset < 0)
    return std::nullopt;
  for (auto [i, extent] : llvm::enumerate(own.getShape()))
    if (extent != 1 &&
        (offset + static_cast<int64_t>(i) != axis || extent != type.getDimSize(axis)))
      return std::nullopt;
  std::optional<SmallVector<float>> floats = getFloats(value);
  if (!floats)
    return std::nullopt;
  SmallVector<double> result(floats->begin(), floats->end());
  if (result.size() == 1)
    result.resize(type.getDimSize(axis), result.front());
  return result;
}

Value createConstant(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                     ArrayRef<float> values) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(float));
  return ConstantOp::create(builder, loc, type,
                            reference::Tensor(type, bytes).toAttr(getTensorName(loc)));
}

Location getInnerLocation(Location loc, StringRef suffix) {
  if (getTensorName(loc).empty())
    return loc;
  return getOnnxLocation(loc.getContext(), getNodeName(loc),
                         (getTensorName(loc) + ":" + suffix).str(), getNodeType(loc));
}

Location getMergedLocation(Location root, Location last) {
  if (getNodeName(root).empty())
    return last;
  return getOnnxLocation(root.getContext(), getNodeName(root), getTensorName(last),
                         getNodeType(root));
}

LogicalResult applyPatterns(Operation *op, RewritePatternSet patterns) {
  GreedyRewriteConfig config;
  config.enableConstantCSE(false).setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  return applyPatternsGreedily(op, std::move(patterns), config);
}

} // namespace octet
