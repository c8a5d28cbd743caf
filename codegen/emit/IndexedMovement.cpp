// Ops that move elements from or to places that data names. Lanes are neighbours that
// share an index; where each element has its own, the code is scalar.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace octet::codegen {
namespace {

struct GatherElementsKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto gather = cast<GatherElementsOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView from = getFlatView(b, kernel.getBuffer(gather.getX()));
    FlatView at = getFlatView(b, kernel.getBuffer(gather.getIndices()));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t axis = gather.getAxis(), stride = from.strides[axis];
    int64_t extent = gather.getX().getType().getDimSize(axis);
    from.strides[axis] = 0;
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      Value index = wrapIndex(b, loadIndex(b, at.memref, flat[2]), extent);
      index = clampIndex(b, index, 0, extent - 1);
      Value source = arith::AddIOp::create(b, flat[1], linearize(b, 0, index, stride));
      Value element = memref::LoadOp::create(b, from.memref, source);
      memref::StoreOp::create(b, element, to.memref, flat[0]);
    };
    emitNests(kernel, Nest(kernel.getResultType().getShape(), {to, from, at}, /*lanes=*/0, body));
    return success();
  }
};

struct GatherNDKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto gather = cast<GatherNDOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    RankedTensorType x = gather.getX().getType(), indices = gather.getIndices().getType();
    FlatView from = getFlatView(b, kernel.getBuffer(gather.getX()));
    FlatView at = getFlatView(b, kernel.getBuffer(gather.getIndices()));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t batch = gather.getBatchDims(), length = indices.getShape().back();
    int64_t tuples = indices.getRank() - 1;
    FlatView source{from.memref, from.offset, {}}, position{at.memref, at.offset, {}};
    for (int64_t d = 0; d < kernel.getResultType().getRank(); ++d) {
      bool isSlice = d >= tuples;
      source.strides.push_back(isSlice     ? from.strides[d - tuples + batch + length]
                               : d < batch ? from.strides[d]
                                           : 0);
      position.strides.push_back(isSlice ? 0 : at.strides[d]);
    }
    int64_t step = at.strides.back();
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t> strides, Lanes lanes) {
      Value start = flat[1];
      for (int64_t d = 0; d < length; ++d) {
        int64_t extent = x.getDimSize(batch + d);
        Value index = loadIndex(b, at.memref, linearize(b, d * step, flat[2], 1));
        index = clampIndex(b, wrapIndex(b, index, extent), 0, extent - 1);
        start = arith::AddIOp::create(b, start, linearize(b, 0, index, from.strides[batch + d]));
      }
      Value elements = loadLanes(kernel, from.memref, start, strides[1], lanes);
      storeLanes(kernel, elements, to.memref, flat[0], strides[0], lanes);
    };
    Nest nest(kernel.getResultType().getShape(), {to, source, position}, getCopyLanes(kernel, to),
              body);
    if (nest.dims.back().strides[2] != 0)
      nest.lanes = 0;
    emitNests(kernel, nest);
    return success();
  }
};

struct OneHotKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto oneHot = cast<OneHotOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView at = getFlatView(b, kernel.getBuffer(oneHot.getIndices()));
    FlatView values = getFlatView(b, kernel.getBuffer(oneHot.getValues()));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t axis = oneHot.getAxis(), depth = oneHot.getDepth();
    at.strides.insert(at.strides.begin() + axis, 0);
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      Value index = wrapIndex(b, loadIndex(b, at.memref, flat[1]), depth);
      Value marked = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index, flat[2]);
      Value on = memref::LoadOp::create(b, values.memref, constantIndex(b, 1));
      Value off = memref::LoadOp::create(b, values.memref, constantIndex(b, 0));
      memref::StoreOp::create(b, arith::SelectOp::create(b, marked, on, off), to.memref, flat[0]);
    };
    emitNests(kernel, Nest(shape, {to, at, getCoordinateView(to, shape.size(), axis)},
                           /*lanes=*/0, body));
    return success();
  }
};

struct ReverseSequenceKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto reverse = cast<ReverseSequenceOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView from = getFlatView(b, kernel.getBuffer(reverse.getX()));
    FlatView lengths = getFlatView(b, kernel.getBuffer(reverse.getLengths()));
    FlatView to = getFlatView(b, kernel.getResult());
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    int64_t rank = shape.size(), time = reverse.getTimeAxis(), stride = from.strides[time];
    from.strides[time] = 0;
    FlatView batch{lengths.memref, 0, SmallVector<int64_t>(rank, 0)};
    batch.strides[reverse.getBatchAxis()] = 1;
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t> strides, Lanes lanes) {
      Value length = clampIndex(b, loadIndex(b, lengths.memref, flat[2]), 0, shape[time]);
      Value turned = arith::SubIOp::create(b, linearize(b, -1, length, 1), flat[3]);
      Value isTurned = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, flat[3], length);
      Value place = arith::SelectOp::create(b, isTurned, turned, flat[3]);
      Value start = arith::AddIOp::create(b, flat[1], linearize(b, 0, place, stride));
      Value elements = loadLanes(kernel, from.memref, start, strides[1], lanes);
      storeLanes(kernel, elements, to.memref, flat[0], strides[0], lanes);
    };
    Nest nest(shape, {to, from, batch, getCoordinateView(to, rank, time)}, getCopyLanes(kernel, to),
              body);
    if (nest.dims.back().strides[2] != 0 || nest.dims.back().strides[3] != 0)
      nest.lanes = 0;
    emitNests(kernel, nest);
    return success();
  }
};

} // namespace

void registerIndexedMovementKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    GatherElementsOp::attachInterface<RootKernel<GatherElementsOp, GatherElementsKernel>>(*context);
    GatherNDOp::attachInterface<RootKernel<GatherNDOp, GatherNDKernel>>(*context);
    OneHotOp::attachInterface<RootKernel<OneHotOp, OneHotKernel>>(*context);
    ReverseSequenceOp::attachInterface<RootKernel<ReverseSequenceOp, ReverseSequenceKernel>>(
        *context);
  });
}

} // namespace octet::codegen
