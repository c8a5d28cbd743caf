// Ops that find out how many of something there are, and the order of slices. One thread
// does it: where an element goes depends on all before it.

#include "codegen/emit/Emit.h"
#include "codegen/emit/Heap.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/Nest.h"
#include "dialect/ExtentOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {
namespace {

struct TrueIndicesKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto list = cast<TrueIndicesOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView mask = getFlatView(b, kernel.getBuffer(list.getMask())),
             to = getFlatView(b, kernel.getResult());
    int64_t size = list.getMask().getType().getNumElements();
    kernel.parallelLoop(1, [&](Value) {
      Value zero = constantIndex(b, 0), one = constantIndex(b, 1), end = constantIndex(b, size);
      auto loop = scf::ForOp::create(b, zero, end, one, zero);
      {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        Value i = loop.getInductionVar(), count = loop.getRegionIterArg(0);
        // Without a branch: an index that is not wanted is written over by the next one.
        memref::StoreOp::create(b, toInteger(b, i), to.memref,
                                linearize(b, to.offset + 1, count, 1));
        Value element = memref::LoadOp::create(b, mask.memref, linearize(b, mask.offset, i, 1));
        Value none = arith::ConstantOp::create(b, b.getZeroAttr(element.getType()));
        Value isSet = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, element, none);
        Value more = linearize(b, 1, count, 1);
        scf::YieldOp::create(b, arith::SelectOp::create(b, isSet, more, count).getResult());
      }
      Value count = loop.getResult(0);
      Value fill = arith::ConstantOp::create(b, b.getI64IntegerAttr(list.getFill()));
      auto rest = scf::ForOp::create(b, count, end, one);
      {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(rest.getBody());
        memref::StoreOp::create(b, fill, to.memref,
                                linearize(b, to.offset + 1, rest.getInductionVar(), 1));
      }
      memref::StoreOp::create(b, toInteger(b, count), to.memref, constantIndex(b, to.offset));
    });
    return success();
  }
};

/// Heapsort of the indices in the result. Equal slices go by index, so that no two places
/// compare as equal and the order is the stable one.
class SliceOrderEmitter {
public:
  SliceOrderEmitter(SliceOrderOp op, KernelBuilder &kernel)
      : b(kernel.b()), kernel(kernel), x(getFlatView(b, kernel.getBuffer(op.getX()))),
        to(getFlatView(b, kernel.getResult())), element(op.getX().getType().getElementType()) {
    ArrayRef<int64_t> shape = op.getX().getType().getShape();
    int64_t axis = op.getAxis();
    extent = shape[axis];
    for (int64_t e : shape.drop_front(axis + 1))
      inner *= e;
    length = inner;
    for (int64_t e : shape.take_front(axis))
      length *= e;
  }

  void emit() {
    kernel.parallelLoop(1, [&](Value) {
      emitLoop(b, 0, extent, 1, [&](Value i) { store(i, i); });
      Heap heap{[&](Value i) { return load(i); }, [&](Value slice, Value i) { store(slice, i); },
                [&](Value i, Value j) { return comesBefore(j, i); }};
      // First every slice that has children sinks, from the last one on; then the largest
      // goes to the end, again and again.
      int64_t parents = extent / 2;
      emitLoop(b, 0, extent < 2 ? 0 : parents + extent - 1, 1, [&](Value step) {
        Value isBuilding =
            arith::CmpIOp::create(b, arith::CmpIPredicate::slt, step, constantIndex(b, parents));
        Value zero = constantIndex(b, 0);
        Value start =
            arith::SelectOp::create(b, isBuilding, linearize(b, parents - 1, step, -1), zero);
        Value end = arith::SelectOp::create(b, isBuilding, constantIndex(b, extent),
                                            linearize(b, extent - 1 + parents, step, -1));
        Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
        emitIf(b, arith::XOrIOp::create(b, isBuilding, yes), [&] {
          Value largest = load(zero), last = load(end);
          store(last, zero);
          store(largest, end);
        });
        heap.sink(b, start, end);
      });
    });
  }

private:
  Value place(Value i) { return linearize(b, to.offset, i, 1); }
  // The plan of memory, not data, says what is there; still, no index is used unchecked.
  Value load(Value i) { return clampIndex(b, loadIndex(b, to.memref, place(i)), 0, extent - 1); }
  void store(Value slice, Value i) {
    memref::StoreOp::create(b, toInteger(b, slice), to.memref, place(i));
  }
  Value isLess(Value i, Value j) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, j);
  }

  Value loadElement(Value slice, Value position) {
    SmallVector<Value> digits = delinearize(b, position, {length / inner, inner});
    Value at = linearize(b, x.offset, {digits[0], slice, digits[1]}, {extent * inner, inner, 1});
    return loadComparable(b, x, at, element);
  }
  Value isBefore(Value i, Value j, Value position) {
    return isBetter(b, Extremum::Smallest, element, loadElement(i, position),
                    loadElement(j, position));
  }

  // Whether slice i stands before slice j: by the first element that differs, else by index.
  Value comesBefore(Value i, Value j) {
    if (length == 0)
      return isLess(i, j);
    Value end = constantIndex(b, length);
    auto before = [&](OpBuilder &, Location, ValueRange position) {
      Value at = clampIndex(b, position[0], 0, length - 1);
      Value differs = arith::OrIOp::create(b, isBefore(i, j, at), isBefore(j, i, at));
      Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
      Value equals = arith::XOrIOp::create(b, differs, yes);
      Value goesOn = arith::AndIOp::create(b, isLess(position[0], end), equals);
      scf::ConditionOp::create(b, goesOn, position);
    };
    auto after = [&](OpBuilder &, Location, ValueRange position) {
      scf::YieldOp::create(b, linearize(b, 1, position[0], 1));
    };
    OpBuilder::InsertionGuard guard(b);
    auto search = scf::WhileOp::create(b, b.getIndexType(), constantIndex(b, 0), before, after);
    b.setInsertionPointAfter(search);
    Value found = search.getResult(0), at = clampIndex(b, found, 0, length - 1);
    return arith::SelectOp::create(b, isLess(found, end), isBefore(i, j, at), isLess(i, j));
  }

  ImplicitLocOpBuilder &b;
  KernelBuilder &kernel;
  FlatView x, to;
  Type element;
  /// Along the axis; elements of a slice, and those that are neighbours.
  int64_t extent, length, inner = 1;
};

struct SliceOrderKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    SliceOrderEmitter(cast<SliceOrderOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerExtentKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    TrueIndicesOp::attachInterface<RootKernel<TrueIndicesOp, TrueIndicesKernel>>(*context);
    SliceOrderOp::attachInterface<RootKernel<SliceOrderOp, SliceOrderKernel>>(*context);
  });
}

} // namespace octet::codegen
