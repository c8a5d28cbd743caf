// Addresses of tensor elements. All layouts meet here: an emitter speaks in
// logical indices, and the encoding of the type decides where they are.

#include "codegen/kernel/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cstring>

using namespace mlir;

namespace octet::codegen {

MemRefType getBufferType(RankedTensorType type) {
  Type element = getStorageElementType(type.getElementType());
  // bf16 is bits to kernels: LLVM would move vectors of it by way of f32, with library
  // calls where the CPU has no such type.
  if (element.isBF16())
    element = IntegerType::get(type.getContext(), 16);
  // A truth value takes a byte; unsigned and signed integers are the same bits.
  if (auto integer = dyn_cast<IntegerType>(element))
    element = IntegerType::get(type.getContext(), std::max(8u, integer.getWidth()));
  return MemRefType::get(getPhysicalShape(type), element);
}

SmallVector<Value> Buffer::index(ImplicitLocOpBuilder &b, ValueRange logical) const {
  ChannelsLastAttr layout = getLayout(type);
  if (!layout)
    return SmallVector<Value>(logical);
  auto shift = [&](Value index, int64_t halo) -> Value {
    if (halo == 0)
      return index;
    return arith::AddIOp::create(b, index, arith::ConstantIndexOp::create(b, halo));
  };
  return {logical[0], shift(logical[2], layout.top()), shift(logical[3], layout.left()),
          logical[1]};
}

int64_t Buffer::getContiguousDim() const {
  if (getLayout(type))
    return 1;
  return type.getRank() - 1;
}

Type Buffer::getElementType() const { return cast<MemRefType>(memref.getType()).getElementType(); }

Value Buffer::load(ImplicitLocOpBuilder &b, ValueRange logical) const {
  return memref::LoadOp::create(b, memref, index(b, logical));
}

void Buffer::store(ImplicitLocOpBuilder &b, Value value, ValueRange logical) const {
  memref::StoreOp::create(b, value, memref, index(b, logical));
}

static Value createPrefixMask(ImplicitLocOpBuilder &b, int64_t lanes, int64_t active) {
  auto type = VectorType::get({lanes}, b.getI1Type());
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), active, true);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, bits));
}

Value Buffer::loadVector(ImplicitLocOpBuilder &b, ValueRange logical, int64_t lanes,
                         int64_t active) const {
  auto type = VectorType::get({lanes}, getElementType());
  SmallVector<Value> at = index(b, logical);
  if (active == lanes)
    return vector::LoadOp::create(b, type, memref, at);
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, type, memref, at, createPrefixMask(b, lanes, active),
                                      zero);
}

void Buffer::storeVector(ImplicitLocOpBuilder &b, Value value, ValueRange logical,
                         int64_t active) const {
  SmallVector<Value> at = index(b, logical);
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  if (active == lanes)
    vector::StoreOp::create(b, value, memref, at);
  else if (active == 1)
    // Not a masked store: LLVM 22 makes one of a truncated vector with a single lane
    // a store of the untruncated element, over the neighbours.
    memref::StoreOp::create(b, vector::ExtractOp::create(b, value, ArrayRef<int64_t>{0}), memref,
                            at);
  else
    vector::MaskedStoreOp::create(b, memref, at, createPrefixMask(b, lanes, active), value);
}

SmallVector<char> getPhysicalBytes(const reference::Tensor &tensor, RankedTensorType type) {
  ArrayRef<char> source = tensor.bytes();
  ChannelsLastAttr layout = getLayout(type);
  if (!layout)
    return SmallVector<char>(source);
  SmallVector<char> bytes(getBufferBytes(type), 0);
  int64_t size = getElementBytes(type.getElementType());
  SmallVector<int64_t, 4> physical = getPhysicalShape(type);
  const char *from = source.data();
  for (int64_t n = 0; n < type.getDimSize(0); ++n)
    for (int64_t c = 0; c < type.getDimSize(1); ++c)
      for (int64_t h = 0; h < type.getDimSize(2); ++h)
        for (int64_t w = 0; w < type.getDimSize(3); ++w, from += size) {
          int64_t to = ((n * physical[1] + h + layout.top()) * physical[2] + w + layout.left()) *
                           physical[3] +
                       c;
          std::memcpy(bytes.data() + to * size, from, size);
        }
  return bytes;
}

} // namespace octet::codegen
