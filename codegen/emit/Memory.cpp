// Partial vectors: a masked access where the ISA has masks for every element size
// (AVX512BW), else pieces of 8, 4, 2 and 1 lanes put together. AVX2's own masked
// store is microcoded on some CPUs and does not know bytes.

#include "codegen/emit/Memory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

Type FlatView::getElementType() const {
  return cast<MemRefType>(memref.getType()).getElementType();
}

FlatView getFlatView(ImplicitLocOpBuilder &b, const Buffer &buffer) {
  auto type = cast<MemRefType>(buffer.memref.getType());
  FlatView view;
  int64_t count = type.getNumElements();
  view.memref = buffer.memref;
  if (type.getRank() != 1)
    view.memref = memref::ReinterpretCastOp::create(
        b, MemRefType::get({count}, type.getElementType()), buffer.memref, /*offset=*/0,
        ArrayRef<int64_t>{count}, ArrayRef<int64_t>{1});
  auto [strides, offset] = type.getStridesAndOffset();
  assert(offset == 0 && "buffers start at their pointer");
  if (ChannelsLastAttr layout = getLayout(buffer.type)) {
    view.offset = layout.top() * strides[1] + layout.left() * strides[2];
    view.strides = {strides[0], strides[3], strides[1], strides[2]};
  } else {
    view.strides.assign(strides.begin(), strides.end());
  }
  return view;
}

FlatView broadcastView(FlatView view, ArrayRef<int64_t> viewShape, ArrayRef<int64_t> shape) {
  assert(viewShape.size() <= shape.size() && "operand of a higher rank than the result");
  size_t lead = shape.size() - viewShape.size();
  SmallVector<int64_t> strides(shape.size(), 0);
  for (size_t i = 0; i < viewShape.size(); ++i)
    if (viewShape[i] != 1)
      strides[lead + i] = view.strides[i];
  view.strides = strides;
  return view;
}

Value constantIndex(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value linearize(ImplicitLocOpBuilder &b, int64_t offset, ValueRange indices,
                ArrayRef<int64_t> strides) {
  Value sum;
  auto add = [&](Value term) {
    sum = sum ? arith::AddIOp::create(b, sum, term).getResult() : term;
  };
  for (auto [index, stride] : llvm::zip_equal(indices, strides)) {
    if (stride == 0)
      continue;
    add(stride == 1 ? index
                    : arith::MulIOp::create(b, index, constantIndex(b, stride)).getResult());
  }
  if (offset != 0 || !sum)
    add(constantIndex(b, offset));
  return sum;
}

SmallVector<Value> delinearize(ImplicitLocOpBuilder &b, Value index, ArrayRef<int64_t> extents) {
  SmallVector<Value> digits(extents.size());
  for (size_t i = extents.size(); i-- > 0;) {
    if (i == 0) {
      digits[0] = index;
      break;
    }
    Value extent = constantIndex(b, extents[i]);
    digits[i] = arith::RemUIOp::create(b, index, extent);
    index = arith::DivUIOp::create(b, index, extent);
  }
  return digits;
}

static Value createPrefixMask(ImplicitLocOpBuilder &b, Lanes lanes) {
  SmallVector<bool> bits(lanes.count, false);
  std::fill_n(bits.begin(), lanes.active, true);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({lanes.count}, b.getI1Type()), bits));
}

static Value addIndex(ImplicitLocOpBuilder &b, Value index, int64_t offset) {
  return offset == 0 ? index : arith::AddIOp::create(b, index, constantIndex(b, offset));
}

// Calls `piece(first lane, lanes)` for powers of two that add up to `active`.
static void forEachPiece(Lanes lanes, function_ref<void(int64_t, int64_t)> piece) {
  int64_t size = lanes.count;
  for (int64_t lane = 0; lane < lanes.active;) {
    while (size > lanes.active - lane)
      size /= 2;
    piece(lane, size);
    lane += size;
  }
}

static bool hasByteMasks(KernelBuilder &kernel) {
  return kernel.getTarget().has(CpuFeature::AVX512BW);
}

static Value loadContiguous(KernelBuilder &kernel, Value memref, Value index, Lanes lanes) {
  ImplicitLocOpBuilder &b = kernel.b();
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto type = VectorType::get({lanes.count}, element);
  if (lanes.active == lanes.count)
    return vector::LoadOp::create(b, type, memref, index);
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(type));
  if (hasByteMasks(kernel))
    return vector::MaskedLoadOp::create(b, type, memref, index, createPrefixMask(b, lanes), result);
  forEachPiece(lanes, [&](int64_t lane, int64_t size) {
    Value at = addIndex(b, index, lane);
    if (size == 1) {
      result = vector::InsertOp::create(b, memref::LoadOp::create(b, memref, at), result, lane);
      return;
    }
    Value part = vector::LoadOp::create(b, VectorType::get({size}, element), memref, at);
    result = vector::InsertStridedSliceOp::create(b, part, result, ArrayRef<int64_t>{lane},
                                                  ArrayRef<int64_t>{1});
  });
  return result;
}

Value loadLanes(KernelBuilder &kernel, Value memref, Value index, int64_t stride, Lanes lanes) {
  ImplicitLocOpBuilder &b = kernel.b();
  if (lanes.count == 0)
    return memref::LoadOp::create(b, memref, index);
  if (stride == 1)
    return loadContiguous(kernel, memref, index, lanes);
  auto type = VectorType::get({lanes.count}, cast<MemRefType>(memref.getType()).getElementType());
  if (stride == 0)
    return vector::BroadcastOp::create(b, type, memref::LoadOp::create(b, memref, index));
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(type));
  for (int64_t lane = 0; lane < lanes.active; ++lane) {
    Value element = memref::LoadOp::create(b, memref, addIndex(b, index, lane * stride));
    result = vector::InsertOp::create(b, element, result, lane);
  }
  return result;
}

void storeLanes(KernelBuilder &kernel, Value value, Value memref, Value index, int64_t stride,
                Lanes lanes) {
  ImplicitLocOpBuilder &b = kernel.b();
  auto storeElement = [&](int64_t lane) {
    memref::StoreOp::create(b, vector::ExtractOp::create(b, value, lane), memref,
                            addIndex(b, index, lane * stride));
  };
  if (lanes.count == 0) {
    memref::StoreOp::create(b, value, memref, index);
  } else if (stride != 1) {
    for (int64_t lane = 0; lane < lanes.active; ++lane)
      storeElement(lane);
  } else if (lanes.active == lanes.count) {
    vector::StoreOp::create(b, value, memref, index);
  } else if (lanes.active == 1) {
    // LLVM 22 turns a masked store of one lane of a truncated vector into a store of
    // the untruncated element, over the neighbours.
    storeElement(0);
  } else if (hasByteMasks(kernel)) {
    vector::MaskedStoreOp::create(b, memref, index, createPrefixMask(b, lanes), value);
  } else {
    forEachPiece(lanes, [&](int64_t lane, int64_t size) {
      if (size == 1)
        return storeElement(lane);
      Value part = vector::ExtractStridedSliceOp::create(
          b, value, ArrayRef<int64_t>{lane}, ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1});
      vector::StoreOp::create(b, part, memref, addIndex(b, index, lane));
    });
  }
}

} // namespace octet::codegen
