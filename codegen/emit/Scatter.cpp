// Scatters. Updates may meet, and the result must not depend on the number of
// threads: a unit owns a part of the result, copies the operand's part to it and then
// looks at all updates that can reach it, in their order.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {
namespace {

Value join(const LaneMath &m, ScatterKind kind, Type element, Value known, Value update) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  switch (kind) {
  case ScatterKind::Assign:
    return update;
  case ScatterKind::Add:
    return element.isInteger(1) ? m.bitOr(known, update) : m.add(known, update);
  case ScatterKind::Mul:
    return m.mul(known, update);
  case ScatterKind::Min:
  case ScatterKind::Max:
    break;
  }
  bool isMin = kind == ScatterKind::Min;
  if (isa<FloatType>(element))
    return isMin ? m.min(known, update) : m.max(known, update);
  if (isUnsignedElement(element))
    return isMin ? arith::MinUIOp::create(b, loc, known, update).getResult()
                 : arith::MaxUIOp::create(b, loc, known, update).getResult();
  return isMin ? arith::MinSIOp::create(b, loc, known, update).getResult()
               : arith::MaxSIOp::create(b, loc, known, update).getResult();
}

/// Joins one update to one element of the result.
class Joiner {
public:
  Joiner(KernelBuilder &kernel, ScatterKind kind, const FlatView &to, const FlatView &updates)
      : b(kernel.b()), kind(kind), element(kernel.getResultType().getElementType()), to(to.memref),
        updates(updates.memref) {}

  void emit(Value at, Value from) {
    Value update = memref::LoadOp::create(b, updates, from);
    if (kind != ScatterKind::Assign) {
      Value known = memref::LoadOp::create(b, to, at);
      update = join(LaneMath(b, b.getLoc(), update.getType()), kind, element, known, update);
    }
    memref::StoreOp::create(b, update, to, at);
  }

private:
  ImplicitLocOpBuilder &b;
  ScatterKind kind;
  Type element;
  Value to, updates;
};

/// A unit's part is a line along the axis.
struct ScatterElementsKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto scatter = cast<ScatterElementsOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView x = getFlatView(b, kernel.getBuffer(scatter.getX()));
    FlatView indices = getFlatView(b, kernel.getBuffer(scatter.getIndices()));
    FlatView updates = getFlatView(b, kernel.getBuffer(scatter.getUpdates()));
    FlatView to = getFlatView(b, kernel.getResult());
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    ArrayRef<int64_t> reach = scatter.getIndices().getType().getShape();
    int64_t rank = shape.size(), axis = scatter.getAxis(), extent = shape[axis];
    Joiner joiner(kernel, scatter.getKind(), to, updates);

    SmallVector<FlatView> accesses{to, x, indices, updates};
    SmallVector<int64_t> bounds;
    for (int64_t d = 0; d < rank; ++d)
      if (d != axis && reach[d] < shape[d]) {
        accesses.push_back(getCoordinateView(to, rank, d));
        bounds.push_back(reach[d]);
      }
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      emitLoop(b, 0, extent, 1, [&](Value i) {
        Value source = linearize(b, 0, {flat[1], i}, {1, x.strides[axis]});
        Value target = linearize(b, 0, {flat[0], i}, {1, to.strides[axis]});
        memref::StoreOp::create(b, memref::LoadOp::create(b, x.memref, source), to.memref, target);
      });
      Value reached = arith::ConstantOp::create(b, b.getBoolAttr(true));
      for (auto [i, bound] : llvm::enumerate(bounds))
        reached = arith::AndIOp::create(b, reached, isInside(b, flat[4 + i], bound));
      emitIf(b, reached, [&] {
        emitLoop(b, 0, reach[axis], 1, [&](Value i) {
          Value place = linearize(b, 0, {flat[2], i}, {1, indices.strides[axis]});
          Value index = wrapIndex(b, loadIndex(b, indices.memref, place), extent);
          emitIf(b, isInside(b, index, extent), [&] {
            joiner.emit(linearize(b, 0, {flat[0], index}, {1, to.strides[axis]}),
                        linearize(b, 0, {flat[3], i}, {1, updates.strides[axis]}));
          });
        });
      });
    };
    emitNests(kernel, Nest(withoutAxis(shape, axis), accesses, /*lanes=*/0, body));
    return success();
  }
};

/// A unit's part is a range of each slice.
struct ScatterNDKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto scatter = cast<ScatterNDOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView x = getFlatView(b, kernel.getBuffer(scatter.getX()));
    FlatView indices = getFlatView(b, kernel.getBuffer(scatter.getIndices()));
    FlatView updates = getFlatView(b, kernel.getBuffer(scatter.getUpdates()));
    FlatView to = getFlatView(b, kernel.getResult());
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    int64_t length = scatter.getIndices().getType().getShape().back();
    int64_t tuples = scatter.getIndices().getType().getNumElements() / length;
    int64_t slice = 1, elements = kernel.getResultType().getNumElements();
    for (int64_t extent : shape.drop_front(length))
      slice *= extent;
    int64_t parts = getParts(slice), part = slice / parts;
    Joiner joiner(kernel, scatter.getKind(), to, updates);
    kernel.parallelLoop(parts, [&](Value unit) {
      Value begin = linearize(b, 0, unit, part);
      emitLoop(b, 0, elements / slice, 1, [&](Value row) {
        emitLoop(b, 0, part, 1, [&](Value i) {
          Value at = linearize(b, 0, {row, begin, i}, {slice, 1, 1});
          memref::StoreOp::create(b, memref::LoadOp::create(b, x.memref, at), to.memref, at);
        });
      });
      emitLoop(b, 0, tuples, 1, [&](Value tuple) {
        Value reached = arith::ConstantOp::create(b, b.getBoolAttr(true));
        Value base = begin;
        for (int64_t d = 0; d < length; ++d) {
          Value index = loadIndex(b, indices.memref, linearize(b, d, tuple, length));
          index = wrapIndex(b, index, shape[d]);
          reached = arith::AndIOp::create(b, reached, isInside(b, index, shape[d]));
          base = arith::AddIOp::create(b, base, linearize(b, 0, index, to.strides[d]));
        }
        emitIf(b, reached, [&] {
          emitLoop(b, 0, part, 1, [&](Value i) {
            joiner.emit(arith::AddIOp::create(b, base, i),
                        linearize(b, 0, {tuple, begin, i}, {slice, 1, 1}));
          });
        });
      });
    });
    return success();
  }

private:
  // Slices are cut only where the parts are worth a thread.
  static int64_t getParts(int64_t slice) {
    constexpr int64_t kMost = 16, kLeastElements = 64;
    for (int64_t parts = kMost; parts > 1; --parts)
      if (slice % parts == 0 && slice / parts >= kLeastElements)
        return parts;
    return 1;
  }
};

} // namespace

void registerScatterKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ScatterElementsOp::attachInterface<RootKernel<ScatterElementsOp, ScatterElementsKernel>>(
        *context);
    ScatterNDOp::attachInterface<RootKernel<ScatterNDOp, ScatterNDKernel>>(*context);
  });
}

} // namespace octet::codegen
