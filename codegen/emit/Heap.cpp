#include "codegen/emit/Heap.h"

#include "codegen/emit/Memory.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {

// What goes down is held back, and stored where it ends.
void Heap::sink(ImplicitLocOpBuilder &b, Value start, Value end) const {
  auto isLess = [&](Value i, Value j) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, j);
  };
  Value sinking = load(start);
  auto before = [&](OpBuilder &, Location, ValueRange hole) {
    Value left = linearize(b, 1, hole[0], 2), right = linearize(b, 2, hole[0], 2);
    Value hasLeft = isLess(left, end), no = arith::ConstantOp::create(b, b.getBoolAttr(false));
    SmallVector<Type> types{b.getI1Type(), b.getIndexType()};
    auto test = scf::IfOp::create(b, types, hasLeft, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(test.elseBlock());
    scf::YieldOp::create(b, ValueRange{no, left});
    b.setInsertionPointToStart(test.thenBlock());
    // Without a right child, the left one takes its part.
    Value other = arith::SelectOp::create(b, isLess(right, end), right, left);
    Value child = arith::SelectOp::create(b, isAbove(load(other), load(left)), other, left);
    scf::YieldOp::create(b, ValueRange{isAbove(load(child), sinking), child});
    b.setInsertionPointAfter(test);
    scf::ConditionOp::create(b, test.getResult(0), ValueRange{hole[0], test.getResult(1)});
  };
  auto after = [&](OpBuilder &, Location, ValueRange places) {
    store(load(places[1]), places[0]);
    scf::YieldOp::create(b, places[1]);
  };
  OpBuilder::InsertionGuard guard(b);
  auto search =
      scf::WhileOp::create(b, TypeRange{b.getIndexType(), b.getIndexType()}, start, before, after);
  b.setInsertionPointAfter(search);
  store(sinking, search.getResult(0));
}

} // namespace octet::codegen
