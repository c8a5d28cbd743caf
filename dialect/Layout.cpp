// Where the elements of a tensor lie. One encoding serves channel padding, halos
// and slices of wider buffers, so that emitters compute every address from the
// type alone.

#include "dialect/Octet.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace octet {

LogicalResult ChannelsLastAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t pitch,
                                       ArrayRef<int64_t> halo) {
  if (pitch < 1)
    return emitError() << "expected a positive pitch, got " << pitch;
  if (halo.size() != 4)
    return emitError() << "expected 4 halo extents, got " << halo.size();
  for (int64_t extent : halo)
    if (extent < 0)
      return emitError() << "expected nonnegative halo extents, got " << extent;
  return success();
}

LogicalResult ChannelsLastAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType,
                                               function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != 4)
    return emitError() << "expected rank 4 for a channels-last layout, got " << shape.size();
  if (shape[1] > getPitch())
    return emitError() << "expected a pitch of at least " << shape[1] << " channels, got "
                       << getPitch();
  return success();
}

RankedTensorType withLayout(RankedTensorType type, ChannelsLastAttr layout) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), layout);
}

ChannelsLastAttr getLayout(Type type) {
  return dyn_cast_or_null<ChannelsLastAttr>(cast<RankedTensorType>(type).getEncoding());
}

SmallVector<int64_t, 4> getPhysicalShape(RankedTensorType type) {
  ChannelsLastAttr layout = getLayout(type);
  if (!layout)
    return SmallVector<int64_t, 4>(type.getShape());
  return {type.getDimSize(0), layout.top() + type.getDimSize(2) + layout.bottom(),
          layout.left() + type.getDimSize(3) + layout.right(), layout.getPitch()};
}

SmallVector<int64_t> getElementStrides(RankedTensorType type) {
  SmallVector<int64_t, 4> physical = getPhysicalShape(type);
  SmallVector<int64_t> strides(physical.size());
  int64_t stride = 1;
  for (size_t i = physical.size(); i-- > 0; stride *= physical[i])
    strides[i] = stride;
  if (!getLayout(type))
    return strides;
  return {strides[0], strides[3], strides[1], strides[2]};
}

int64_t getElementOffset(RankedTensorType type) {
  ChannelsLastAttr layout = getLayout(type);
  if (!layout)
    return 0;
  SmallVector<int64_t> strides = getElementStrides(type);
  return layout.top() * strides[2] + layout.left() * strides[3];
}

bool hasHalo(RankedTensorType type) {
  ChannelsLastAttr layout = getLayout(type);
  return layout && llvm::any_of(layout.getHalo(), [](int64_t extent) { return extent > 0; });
}

int64_t getBufferBytes(RankedTensorType type) {
  int64_t bytes = getElementBytes(type.getElementType());
  for (int64_t extent : getPhysicalShape(type))
    bytes *= extent;
  return bytes;
}

} // namespace octet
