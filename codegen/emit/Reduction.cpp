#include "codegen/emit/Reduction.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

Value emitAccumulation(ImplicitLocOpBuilder &b, int64_t extent, Value initial,
                       function_ref<Value(Value i, int64_t active, Value sum)> join) {
  Value sum = initial;
  auto at = [&](int64_t i) { return arith::ConstantIndexOp::create(b, i).getResult(); };
  int64_t full = extent / kPartials * kPartials;
  if (full > 0) {
    auto loop = scf::ForOp::create(b, at(0), at(full), at(kPartials), initial);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(b, join(loop.getInductionVar(), kPartials, loop.getRegionIterArg(0)));
    sum = loop.getResult(0);
  }
  if (full < extent)
    sum = join(at(full), extent - full, sum);
  return sum;
}

Value selectActive(ImplicitLocOpBuilder &b, Value value, Value other, int64_t active) {
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  if (active == lanes)
    return value;
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), active, true);
  Value mask = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get({lanes}, b.getI1Type()), bits));
  return arith::SelectOp::create(b, mask, value, other);
}

Value emitHorizontal(ImplicitLocOpBuilder &b, Value partials,
                     function_ref<Value(const LaneMath &m, Value p, Value q)> join) {
  auto type = cast<VectorType>(partials.getType());
  for (int64_t half = type.getDimSize(0) / 2; half >= 1; half /= 2) {
    auto slice = [&](int64_t first) {
      return vector::ExtractStridedSliceOp::create(b, partials, ArrayRef<int64_t>{first},
                                                   ArrayRef<int64_t>{half}, ArrayRef<int64_t>{1});
    };
    LaneMath m(b, b.getLoc(), VectorType::get({half}, type.getElementType()));
    partials = join(m, slice(0), slice(half));
  }
  return vector::ExtractOp::create(b, partials, 0);
}

} // namespace octet::codegen
