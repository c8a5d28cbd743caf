// Ops that walk along lines of a tensor one element after the other: the k best,
// running sums; and the place of a window's maximum. Lines run in
// parallel.

#include "codegen/emit/Emit.h"
#include "codegen/emit/Heap.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {
namespace {

/// The best indices so far stand in the result, one line after the other.
class TopKIndicesEmitter {
public:
  TopKIndicesEmitter(TopKIndicesOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), element(op.getX().getType().getElementType()),
        extent(op.getX().getType().getDimSize(op.getAxis())), k(op.getK()) {}

  void emit() {
    x = getFlatView(b, kernel.getBuffer(op.getX()));
    to = getFlatView(b, kernel.getResult());
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      line = flat[0];
      source = flat[1];
      // Moving a few indices costs less than keeping a heap.
      constexpr int64_t kFew = 8;
      k <= kFew ? insert() : selectByHeap();
    };
    emitNests(kernel, Nest(withoutAxis(op.getX().getType().getShape(), op.getAxis()), {to, x},
                           /*lanes=*/0, body));
  }

private:
  Value placeOf(Value slot) { return linearize(b, 0, {line, slot}, {1, to.strides[op.getAxis()]}); }
  Value load(Value i) {
    return loadComparable(b, x, linearize(b, 0, {source, i}, {1, x.strides[op.getAxis()]}),
                          element);
  }
  // The plan of memory, not data, says what is there; still, no index is used unchecked.
  Value loadKept(Value slot) {
    return clampIndex(b, loadIndex(b, to.memref, placeOf(slot)), 0, extent - 1);
  }
  void keep(Value i, Value slot) {
    memref::StoreOp::create(b, toInteger(b, i), to.memref, placeOf(slot));
  }
  Value isLess(Value i, Value j) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, j);
  }

  // Into sorted indices. Most elements lose against the last of them at once.
  void insert() {
    Value zero = constantIndex(b, 0), last = constantIndex(b, k);
    emitLoop(b, 0, extent, 1, [&](Value i) {
      Value candidate = load(i);
      Value known = arith::MinSIOp::create(b, i, last);
      // Moves worse indices down until the slot of the candidate is free.
      auto before = [&](OpBuilder &, Location, ValueRange slots) {
        Value some = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, slots[0], zero);
        auto wins = scf::IfOp::create(b, b.getI1Type(), some, /*withElseRegion=*/true);
        {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(wins.thenBlock());
          Value above = load(loadKept(linearize(b, -1, slots[0], 1)));
          scf::YieldOp::create(b, isBetter(b, op.getWhich(), element, candidate, above));
          b.setInsertionPointToStart(wins.elseBlock());
          scf::YieldOp::create(b, arith::ConstantOp::create(b, b.getBoolAttr(false)).getResult());
        }
        scf::ConditionOp::create(b, wins.getResult(0), slots);
      };
      auto after = [&](OpBuilder &, Location, ValueRange slots) {
        Value above = linearize(b, -1, slots[0], 1);
        emitIf(b, isLess(slots[0], last), [&] { keep(loadKept(above), slots[0]); });
        scf::YieldOp::create(b, above);
      };
      OpBuilder::InsertionGuard guard(b);
      auto search = scf::WhileOp::create(b, b.getIndexType(), known, before, after);
      b.setInsertionPointAfter(search);
      Value slot = search.getResult(0);
      emitIf(b, isLess(slot, last), [&] { keep(i, slot); });
    });
  }

  // Into a heap with the worst on top, which is then taken off and put at the end, again and
  // again.
  void selectByHeap() {
    auto isWorse = [&](Value i, Value j) -> Value {
      Value a = load(i), c = load(j);
      Value loses = isBetter(b, op.getWhich(), element, c, a);
      Value wins = isBetter(b, op.getWhich(), element, a, c);
      // Of equal elements the one before is better.
      return arith::SelectOp::create(b, wins, arith::ConstantOp::create(b, b.getBoolAttr(false)),
                                     arith::OrIOp::create(b, loses, isLess(j, i)));
    };
    Heap heap{[&](Value slot) { return loadKept(slot); },
              [&](Value i, Value slot) { keep(i, slot); }, isWorse};
    Value zero = constantIndex(b, 0), end = constantIndex(b, k);
    emitLoop(b, 0, k, 1, [&](Value i) { keep(i, i); });
    emitLoop(b, 0, k / 2, 1, [&](Value i) { heap.sink(b, linearize(b, k / 2 - 1, i, -1), end); });
    emitLoop(b, k, extent, 1, [&](Value i) {
      Value isBest = isBetter(b, op.getWhich(), element, load(i), load(loadKept(zero)));
      emitIf(b, isBest, [&] {
        keep(i, zero);
        heap.sink(b, zero, end);
      });
    });
    emitLoop(b, 0, k - 1, 1, [&](Value i) {
      Value last = linearize(b, k - 1, i, -1), worst = loadKept(zero);
      keep(loadKept(last), zero);
      keep(worst, last);
      heap.sink(b, zero, last);
    });
  }

  TopKIndicesOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  Type element;
  int64_t extent, k;
  FlatView x, to;
  /// The first places of a line in both.
  Value line, source;
};

struct TopKIndicesKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    TopKIndicesEmitter(cast<TopKIndicesOp>(op), kernel).emit();
    return success();
  }
};

struct CumulativeSumKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto sum = cast<CumulativeSumOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView x = getFlatView(b, kernel.getBuffer(sum.getX())),
             to = getFlatView(b, kernel.getResult());
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    int64_t axis = sum.getAxis(), extent = shape[axis];
    int64_t bytes = to.getElementType().getIntOrFloatBitWidth() / 8;
    int64_t sign = sum.getReverse() ? -1 : 1, first = sum.getReverse() ? extent - 1 : 0;
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t> strides, Lanes lanes) {
      Type element = to.getElementType();
      Type carried = lanes.count ? Type(VectorType::get({lanes.count}, element)) : element;
      LaneMath m(b, b.getLoc(), carried);
      Value zero = arith::ConstantOp::create(b, b.getZeroAttr(carried));
      auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, extent),
                                     constantIndex(b, 1), zero);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      auto place = [&](Value base, int64_t stride) {
        return linearize(b, first * stride, {base, loop.getInductionVar()}, {1, sign * stride});
      };
      Value before = loop.getRegionIterArg(0);
      Value next = m.add(
          before, loadLanes(kernel, x.memref, place(flat[1], x.strides[axis]), strides[1], lanes));
      storeLanes(kernel, sum.getExclusive() ? before : next, to.memref,
                 place(flat[0], to.strides[axis]), strides[0], lanes);
      scf::YieldOp::create(b, next);
    };
    emitNests(kernel, Nest(withoutAxis(shape, axis), {to, x},
                           getLanesFor(kernel.getTarget(), bytes), body));
    return success();
  }
};

/// One window after the other, over its taps inside the operand.
class MaxPoolIndicesEmitter {
public:
  MaxPoolIndicesEmitter(MaxPoolIndicesOp op, KernelBuilder &kernel)
      : op(op), b(kernel.b()), kernel(kernel), in(op.getX().getType().getShape().drop_front(2)),
        element(op.getX().getType().getElementType()) {}

  void emit() {
    x = getFlatView(b, kernel.getBuffer(op.getX()));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t spatial = in.size(), rank = spatial + 2, plane = 1;
    for (int64_t extent : in)
      plane *= extent;
    FlatView source{x.memref, x.offset, SmallVector<int64_t>(rank, 0)};
    FlatView place{x.memref, 0, SmallVector<int64_t>(rank, 0)};
    source.strides[0] = x.strides[0];
    source.strides[1] = x.strides[1];
    place.strides[0] = op.getX().getType().getDimSize(1) * plane;
    place.strides[1] = plane;
    SmallVector<FlatView> accesses{to, source, place};
    for (int64_t d = 0; d < spatial; ++d)
      accesses.push_back(getCoordinateView(to, rank, 2 + d));
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      Type type = element.isF32() ? element : Type(b.getIntegerType(8));
      Value none = arith::ConstantOp::create(b, b.getZeroAttr(type));
      SmallVector<Value> best{none, constantIndex(b, -1)};
      SmallVector<Value> found = emitTaps(flat, 0, flat[1], constantIndex(b, 0), {}, best);
      // A window has a tap; should it have none, its place is the first.
      Value inPlane = arith::MaxSIOp::create(b, found[1], constantIndex(b, 0));
      Value result = arith::AddIOp::create(b, flat[2], inPlane);
      memref::StoreOp::create(b, toInteger(b, result), to.memref, flat[0]);
    };
    emitNests(kernel, Nest(kernel.getResultType().getShape(), accesses, /*lanes=*/0, body));
  }

private:
  // The taps of spatial dimensions from `d` on: `at` in memory, `place` in the plane,
  // `inside` null before the first dimension.
  SmallVector<Value> emitTaps(ArrayRef<Value> flat, size_t d, Value at, Value place, Value inside,
                              ArrayRef<Value> best) {
    if (d == in.size())
      return emitTap(at, place, inside, best);
    auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, op.getKernel()[d]),
                                   constantIndex(b, 1), best);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value position = linearize(b, -op.getPads()[d], {flat[3 + d], loop.getInductionVar()},
                               {op.getStrides()[d], op.getDilations()[d]});
    Value here = isInside(b, position, in[d]);
    inside = inside ? arith::AndIOp::create(b, inside, here).getResult() : here;
    position = clampIndex(b, position, 0, in[d] - 1);
    at = linearize(b, 0, {at, position}, {1, x.strides[2 + d]});
    int64_t step = 1;
    for (size_t e = 0; e < in.size(); ++e)
      step *= (op.getColumnMajor() ? e < d : e > d) ? in[e] : 1;
    place = linearize(b, 0, {place, position}, {1, step});
    SmallVector<Value> carried(loop.getRegionIterArgs());
    scf::YieldOp::create(b, emitTaps(flat, d + 1, at, place, inside, carried));
    return loop.getResults();
  }

  SmallVector<Value> emitTap(Value at, Value place, Value inside, ArrayRef<Value> best) {
    Value tap = loadComparable(b, x, at, element);
    Value isFirst =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, best[1], constantIndex(b, 0));
    Value wins =
        arith::OrIOp::create(b, isFirst, isBetter(b, Extremum::Largest, element, tap, best[0]));
    wins = arith::AndIOp::create(b, wins, inside);
    return {arith::SelectOp::create(b, wins, tap, best[0]),
            arith::SelectOp::create(b, wins, place, best[1])};
  }

  MaxPoolIndicesOp op;
  ImplicitLocOpBuilder &b;
  KernelBuilder &kernel;
  ArrayRef<int64_t> in;
  Type element;
  FlatView x;
};

struct MaxPoolIndicesKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    MaxPoolIndicesEmitter(cast<MaxPoolIndicesOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerAlongAxisKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    TopKIndicesOp::attachInterface<RootKernel<TopKIndicesOp, TopKIndicesKernel>>(*context);
    CumulativeSumOp::attachInterface<RootKernel<CumulativeSumOp, CumulativeSumKernel>>(*context);
    MaxPoolIndicesOp::attachInterface<RootKernel<MaxPoolIndicesOp, MaxPoolIndicesKernel>>(*context);
  });
}

} // namespace octet::codegen
