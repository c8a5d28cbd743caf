#include "dialect/reference/Indexing.h"

using namespace mlir;

namespace octet::reference {

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

SmallVector<int64_t> getStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  for (size_t i = 0; i < shape.size(); ++i)
    strides[i] = countElements(shape.drop_front(i + 1));
  return strides;
}

SmallVector<int64_t> getBroadcastStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  assert(from.size() <= to.size() && "broadcast to a lower rank");
  SmallVector<int64_t> strides(to.size() - from.size(), 0);
  strides.append(getStrides(from));
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] == 1)
      strides[to.size() - from.size() + i] = 0;
  return strides;
}

IndexList listIndices(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, int64_t offset) {
  IndexList list{offset};
  if (countElements(shape) == 0)
    return {};
  for (auto [extent, stride] : llvm::zip_equal(shape, strides)) {
    IndexList finer;
    finer.reserve(list.size() * extent);
    for (int64_t base : list)
      for (int64_t i = 0; i < extent; ++i)
        finer.push_back(base + i * stride);
    list = std::move(finer);
  }
  return list;
}

Tensor takeElements(const Tensor &x, RankedTensorType type, const IndexList &from) {
  Tensor result(type);
  int64_t bytes = getElementBytes(type.getElementType());
  const char *source = x.bytes().data();
  char *target = result.bytes().data();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] >= 0)
      memcpy(target + i * bytes, source + from[i] * bytes, bytes);
  return result;
}

} // namespace octet::reference
