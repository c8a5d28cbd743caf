#include "codegen/emit/IndexValues.h"

#include "codegen/emit/BFloat16.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {

Value loadIndex(ImplicitLocOpBuilder &b, Value memref, Value at) {
  Value index = memref::LoadOp::create(b, memref, at);
  return arith::IndexCastOp::create(b, b.getIndexType(), index);
}

Value toInteger(ImplicitLocOpBuilder &b, Value index) {
  return arith::IndexCastOp::create(b, b.getI64Type(), index);
}

Value wrapIndex(ImplicitLocOpBuilder &b, Value index, int64_t extent) {
  Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, index, constantIndex(b, 0));
  Value wrapped = arith::AddIOp::create(b, index, constantIndex(b, extent));
  return arith::SelectOp::create(b, negative, wrapped, index);
}

Value clampIndex(ImplicitLocOpBuilder &b, Value index, int64_t low, int64_t high) {
  Value raised = arith::MaxSIOp::create(b, index, constantIndex(b, low));
  return arith::MinSIOp::create(b, raised, constantIndex(b, high));
}

Value isInside(ImplicitLocOpBuilder &b, Value index, int64_t extent) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, constantIndex(b, extent));
}

void emitIf(ImplicitLocOpBuilder &b, Value condition, function_ref<void()> then) {
  auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
}

Value loadComparable(ImplicitLocOpBuilder &b, const FlatView &view, Value at, Type element) {
  Value stored = memref::LoadOp::create(b, view.memref, at);
  return emitLoaded(LaneMath(b, b.getLoc(), stored.getType()), stored, element);
}

Value isBetter(ImplicitLocOpBuilder &b, Extremum which, Type element, Value x, Value y) {
  bool largest = which == Extremum::Largest;
  if (isa<FloatType>(element)) {
    using P = arith::CmpFPredicate;
    Value wins = arith::CmpFOp::create(b, largest ? P::OGT : P::OLT, x, y);
    Value onlyNumber = arith::AndIOp::create(b, arith::CmpFOp::create(b, P::ORD, x, x),
                                             arith::CmpFOp::create(b, P::UNO, y, y));
    return arith::OrIOp::create(b, wins, onlyNumber);
  }
  using P = arith::CmpIPredicate;
  P more = isUnsignedElement(element) ? P::ugt : P::sgt;
  return largest ? arith::CmpIOp::create(b, more, x, y) : arith::CmpIOp::create(b, more, y, x);
}

FlatView getCoordinateView(const FlatView &like, int64_t rank, int64_t dimension) {
  FlatView view{like.memref, 0, SmallVector<int64_t>(rank, 0)};
  view.strides[dimension] = 1;
  return view;
}

SmallVector<int64_t> withoutAxis(ArrayRef<int64_t> extents, int64_t axis) {
  SmallVector<int64_t> result(extents);
  result[axis] = 1;
  return result;
}

} // namespace octet::codegen
