#include "codegen/lower/Views.h"

using namespace mlir;

namespace octet {

/// Elements between neighbours of each dimension, from a map of result dimensions to
/// those of `type`; 0 where there is a single place.
static SmallVector<int64_t> getSteps(RankedTensorType type, ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> strides = getElementStrides(type), steps;
  for (int64_t d : dimensions)
    steps.push_back(type.getDimSize(d) == 1 ? 0 : strides[d]);
  return steps;
}

static SmallVector<int64_t> getIdentity(RankedTensorType type) {
  return llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
}

static bool placesEqually(RankedTensorType x, ArrayRef<int64_t> permutation, RankedTensorType y) {
  return getElementOffset(x) == getElementOffset(y) && getBufferBytes(x) == getBufferBytes(y) &&
         getSteps(x, permutation) == getSteps(y, getIdentity(y));
}

static bool isRowMajorOrder(RankedTensorType type) {
  return placesEqually(type, getIdentity(type), withLayout(type, {}));
}

/// A slice may leave its halo to its source, which holds the same value around the same
/// plane, and its channels must begin with a word of a dot product.
static std::optional<int64_t> getSliceViewOffset(SliceOp slice) {
  auto x = slice.getX().getType(), y = slice.getY().getType();
  SmallVector<int64_t> strides = getElementStrides(x);
  SmallVector<int64_t> identity = getIdentity(x);
  SmallVector<int64_t> xSteps = getSteps(x, identity), ySteps = getSteps(y, identity);
  int64_t offset = getElementOffset(x) - getElementOffset(y);
  for (int64_t d : identity) {
    bool cut = slice.getSizes()[d] != x.getDimSize(d);
    if (slice.getSizes()[d] != 1 && (slice.getSteps()[d] != 1 || xSteps[d] != ySteps[d]))
      return std::nullopt;
    if (cut && d >= 2 && hasHalo(y))
      return std::nullopt;
    offset += slice.getOffsets()[d] * strides[d];
  }
  ChannelsLastAttr from = getLayout(x), to = getLayout(y);
  if (static_cast<bool>(from) != static_cast<bool>(to) ||
      (hasHalo(y) && from.getHalo() != to.getHalo()))
    return std::nullopt;
  int64_t bytes = offset * getElementBytes(x.getElementType());
  constexpr int64_t kDotBytes = 4;
  if (bytes < 0 || (to && bytes % kDotBytes))
    return std::nullopt;
  return bytes;
}

std::optional<int64_t> getViewOffset(Operation *op) {
  if (!isa<ReshapeOp, RelayoutOp, TransposeOp, SliceOp>(op) || getConstantValue(op->getOperand(0)))
    return std::nullopt; // constants lie apart, with the weights
  auto x = cast<RankedTensorType>(op->getOperand(0).getType());
  auto y = cast<RankedTensorType>(op->getResult(0).getType());
  if (auto slice = dyn_cast<SliceOp>(op))
    return getSliceViewOffset(slice);
  bool isView = isa<ReshapeOp>(op)     ? isRowMajorOrder(x) && isRowMajorOrder(y)
                : isa<TransposeOp>(op) ? placesEqually(x, cast<TransposeOp>(op).getPermutation(), y)
                                       : placesEqually(x, getIdentity(x), y);
  return isView ? std::optional<int64_t>(0) : std::nullopt;
}

Operation *getWriter(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && !isa<SliceOp>(op) && getViewOffset(op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

int64_t getSliceOffset(ConcatOp concat, unsigned operand) {
  int64_t axis = concat.getAxis(), begin = 0;
  for (Value input : concat.getInputs().take_front(operand))
    begin += cast<RankedTensorType>(input.getType()).getDimSize(axis);
  auto type = concat.getY().getType();
  return begin * getElementStrides(type)[axis] * getElementBytes(type.getElementType());
}

} // namespace octet
