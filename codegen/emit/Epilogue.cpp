// The end of a kernel with a root: ops of the group applied to what the root's
// emitter holds in registers.

#include "codegen/emit/Group.h"

using namespace mlir;

namespace octet::codegen {

bool KernelBuilder::hasEpilogue() const {
  auto group = dyn_cast<FusedOp>(op);
  if (!group || !root)
    return false;
  return cast<YieldOp>(group.getBlock().getTerminator()).getValue() != root->getResult(0);
}

Value KernelBuilder::applyEpilogue(Value value, const Position &position) {
  if (value && !hasEpilogue())
    return value;
  RankedTensorType resultType = getResultType();
  Lanes lanes{position.lanes, position.active};
  auto leaf = [&](Value tensor) {
    Buffer buffer = getBuffer(tensor);
    FlatView view =
        broadcastView(getFlatView(builder, buffer), buffer.type.getShape(), resultType.getShape());
    int64_t stride = position.lanes ? view.strides[position.vectorDim] : 0;
    return loadLanes(*this, view.memref,
                     linearize(builder, view.offset, position.index, view.strides), stride, lanes);
  };
  auto along = [&](Value memref, int64_t dimension) {
    return loadLanes(*this, memref, position.index[dimension],
                     position.vectorDim == dimension ? 1 : 0, lanes);
  };
  return Group(*this).emit(value, {leaf, along});
}

void KernelBuilder::storeResult(Value value, const Position &position) {
  FlatView view = getFlatView(builder, getResult());
  Value stored = applyEpilogue(value, position);
  int64_t stride = position.lanes ? view.strides[position.vectorDim] : 0;
  storeLanes(*this, stored, view.memref,
             linearize(builder, view.offset, position.index, view.strides), stride,
             {position.lanes, position.active});
}

} // namespace octet::codegen
