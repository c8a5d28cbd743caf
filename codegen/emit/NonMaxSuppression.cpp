// Boxes of one batch and class after the other. Those with a score that counts become a
// heap, from which the best are taken until enough are kept: mostly a few of many.

#include "codegen/emit/NonMaxSuppression.h"

#include "codegen/emit/Emit.h"
#include "codegen/emit/Heap.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {

// i32 for each box.
int64_t getSuppressionScratchBytes(NonMaxSuppressionOp op) {
  return 4 * op.getScores().getType().getNumElements();
}

namespace {

struct Box {
  Value top, left, bottom, right;
};

class NonMaxSuppressionEmitter {
public:
  NonMaxSuppressionEmitter(NonMaxSuppressionOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), m(b, b.getLoc(), b.getF32Type()),
        count(op.getBoxes().getType().getDimSize(1)),
        classes(op.getScores().getType().getDimSize(1)), room(op.getY().getType().getDimSize(2)),
        units(op.getScores().getType().getDimSize(0) * classes) {}

  void emit() {
    boxes = getFlatView(b, kernel.getBuffer(op.getBoxes()));
    scores = getFlatView(b, kernel.getBuffer(op.getScores()));
    to = getFlatView(b, kernel.getResult());
    FlatView most = getFlatView(b, kernel.getBuffer(op.getMost()));
    FlatView overlap = getFlatView(b, kernel.getBuffer(op.getOverlap()));
    FlatView least;
    if (op.getLeast())
      least = getFlatView(b, kernel.getBuffer(op.getLeast()));
    list = kernel.addScratch(units * count, b.getI32Type());
    Value slot = linearize(b, 0, kernel.getFirstUnit(), count);
    auto loadOnly = [&](const FlatView &view) {
      return memref::LoadOp::create(b, view.memref, constantIndex(b, view.offset)).getResult();
    };
    kernel.parallelLoop(units, [&](Value unit) {
      row = unit;
      batch = arith::DivUIOp::create(b, unit, constantIndex(b, classes));
      listBegin = slot;
      Value limit =
          clampIndex(b, loadIndex(b, most.memref, constantIndex(b, most.offset)), 0, room);
      Value length = listCandidates(op.getLeast() ? loadOnly(least) : Value());
      fill(suppress(length, limit, loadOnly(overlap)));
    });
  }

private:
  Value loadScore(Value box) {
    return memref::LoadOp::create(b, scores.memref,
                                  linearize(b, scores.offset, {row, box}, {count, 1}));
  }
  Value listPlace(Value i) { return linearize(b, 0, {listBegin, i}, {1, 1}); }
  Value loadListed(Value i) {
    return clampIndex(b, loadIndex(b, list, listPlace(i)), 0, count - 1);
  }
  void enlist(Value box, Value i) {
    Value integer = arith::IndexCastOp::create(b, b.getI32Type(), box);
    memref::StoreOp::create(b, integer, list, listPlace(i));
  }
  // At the end of a list of `length`, which grows if `isWanted`.
  Value append(Value box, Value length, Value isWanted) {
    enlist(box, length);
    return arith::SelectOp::create(b, isWanted, linearize(b, 1, length, 1), length);
  }
  // A loop over [begin, end) that carries `first`.
  SmallVector<Value> loop(Value begin, Value end, ArrayRef<Value> first,
                          function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto loop = scf::ForOp::create(b, begin, end, constantIndex(b, 1), first);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    // Without values to carry, there is a terminator.
    if (!first.empty())
      scf::YieldOp::create(b, next);
    return loop.getResults();
  }

  Value listCandidates(Value least) {
    Value zero = constantIndex(b, 0);
    return loop(zero, constantIndex(b, count), zero, [&](Value box, ValueRange length) {
      Value score = loadScore(box);
      Value counts = least ? m.cmp(arith::CmpFPredicate::OGT, score, least)
                           : m.cmp(arith::CmpFPredicate::ORD, score, score);
      return SmallVector<Value>{append(box, length[0], counts)};
    })[0];
  }

  Box loadBox(Value i) {
    auto number = [&](int64_t n) -> Value {
      return memref::LoadOp::create(b, boxes.memref,
                                    linearize(b, boxes.offset + n, {batch, i}, {4 * count, 4}));
    };
    Value p = number(0), q = number(1), r = number(2), s = number(3);
    if (!op.getCentered())
      return {m.min(p, r), m.min(q, s), m.max(p, r), m.max(q, s)};
    Value halfWidth = m.div(r, m.f(2)), halfHeight = m.div(s, m.f(2));
    return {m.sub(q, halfHeight), m.sub(p, halfWidth), m.add(q, halfHeight), m.add(p, halfWidth)};
  }
  Value getArea(const Box &box) {
    return m.mul(m.sub(box.bottom, box.top), m.sub(box.right, box.left));
  }
  Value getOverlap(const Box &best, const Box &box) {
    Value height = m.sub(m.min(best.bottom, box.bottom), m.max(best.top, box.top));
    Value width = m.sub(m.min(best.right, box.right), m.max(best.left, box.left));
    Value common = m.mul(m.max(height, m.f(0)), m.max(width, m.f(0)));
    Value joint = m.sub(m.add(getArea(best), getArea(box)), common);
    return m.select(m.less(m.f(0), common), m.div(common, joint), m.f(0));
  }

  // Of equal scores the first box is better.
  Value isBetter(Value i, Value j) {
    Value a = loadScore(i), c = loadScore(j);
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, j);
    Value isEqual = m.cmp(arith::CmpFPredicate::OEQ, a, c);
    return arith::OrIOp::create(b, m.less(c, a), arith::AndIOp::create(b, isEqual, isFirst));
  }

  // Whether the box overlaps one of the `kept` first ones of the result.
  Value isSuppressed(Value box, Value kept, Value overlap) {
    using P = arith::CmpIPredicate;
    Box corners = loadBox(box);
    auto before = [&](OpBuilder &, Location, ValueRange i) {
      Value isLeft = arith::CmpIOp::create(b, P::slt, i[0], kept);
      auto test = scf::IfOp::create(b, b.getI1Type(), isLeft, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(test.elseBlock());
      scf::YieldOp::create(b, isLeft);
      b.setInsertionPointToStart(test.thenBlock());
      Value known = clampIndex(b, loadIndex(b, to.memref, resultPlace(i[0])), 0, count - 1);
      Value isOver = m.cmp(arith::CmpFPredicate::OGT, getOverlap(loadBox(known), corners), overlap);
      Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
      scf::YieldOp::create(b, arith::XOrIOp::create(b, isOver, yes).getResult());
      b.setInsertionPointAfter(test);
      scf::ConditionOp::create(b, test.getResult(0), i);
    };
    auto after = [&](OpBuilder &, Location, ValueRange i) {
      scf::YieldOp::create(b, linearize(b, 1, i[0], 1));
    };
    OpBuilder::InsertionGuard guard(b);
    auto search = scf::WhileOp::create(b, b.getIndexType(), constantIndex(b, 0), before, after);
    b.setInsertionPointAfter(search);
    return arith::CmpIOp::create(b, P::slt, search.getResult(0), kept);
  }

  // How many are kept.
  Value suppress(Value length, Value limit, Value overlap) {
    using P = arith::CmpIPredicate;
    Value zero = constantIndex(b, 0), one = constantIndex(b, 1);
    Heap heap{[&](Value i) { return loadListed(i); }, [&](Value box, Value i) { enlist(box, i); },
              [&](Value i, Value j) { return isBetter(i, j); }};
    Value parents = arith::ShRUIOp::create(b, length, one);
    loop(zero, parents, {}, [&](Value i, ValueRange) {
      Value last = arith::SubIOp::create(b, parents, one);
      heap.sink(b, arith::SubIOp::create(b, last, i), length);
      return SmallVector<Value>();
    });
    auto before = [&](OpBuilder &, Location, ValueRange state) {
      Value hasRoom = arith::CmpIOp::create(b, P::slt, state[0], limit);
      Value hasMore = arith::CmpIOp::create(b, P::sgt, state[1], zero);
      scf::ConditionOp::create(b, arith::AndIOp::create(b, hasRoom, hasMore), state);
    };
    auto after = [&](OpBuilder &, Location, ValueRange state) {
      Value best = loadListed(zero), last = arith::SubIOp::create(b, state[1], one);
      enlist(loadListed(last), zero);
      heap.sink(b, zero, last);
      Value drops = isSuppressed(best, state[0], overlap);
      // Over the place of the next one, if it is dropped.
      Value integer = arith::IndexCastOp::create(b, b.getI64Type(), best);
      memref::StoreOp::create(b, integer, to.memref, resultPlace(state[0]));
      Value more = linearize(b, 1, state[0], 1);
      scf::YieldOp::create(b, ValueRange{arith::SelectOp::create(b, drops, state[0], more), last});
    };
    OpBuilder::InsertionGuard guard(b);
    auto rounds = scf::WhileOp::create(b, TypeRange{b.getIndexType(), b.getIndexType()},
                                       ValueRange{zero, length}, before, after);
    b.setInsertionPointAfter(rounds);
    return rounds.getResult(0);
  }

  Value resultPlace(Value i) { return linearize(b, to.offset, {row, i}, {room, 1}); }
  void fill(Value kept) {
    Value none = arith::ConstantOp::create(b, b.getI64IntegerAttr(-1));
    loop(kept, constantIndex(b, room), {}, [&](Value i, ValueRange) {
      memref::StoreOp::create(b, none, to.memref, resultPlace(i));
      return SmallVector<Value>();
    });
  }

  NonMaxSuppressionOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  LaneMath m;
  int64_t count, classes, room, units;
  FlatView boxes, scores, to;
  Value list, listBegin, row, batch;
};

struct NonMaxSuppressionKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    NonMaxSuppressionEmitter(cast<NonMaxSuppressionOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerNonMaxSuppressionKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    NonMaxSuppressionOp::attachInterface<RootKernel<NonMaxSuppressionOp, NonMaxSuppressionKernel>>(
        *context);
  });
}

} // namespace octet::codegen
