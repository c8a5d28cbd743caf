#include "codegen/emit/FloatConversion.h"

#include "codegen/emit/BFloat16.h"

using namespace mlir;

namespace octet::codegen {

Value emitFloatToFloat(const LaneMath &m, Value x, Type from, Type to) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  if (from == to)
    return x;
  Value real = x;
  if (from.isBF16())
    real = emitFromBF16(m, x);
  else if (from.isF16())
    real = arith::ExtFOp::create(b, loc, m.f32(), x);
  else if (from.isF64())
    real = arith::TruncFOp::create(b, loc, m.f32(), x);
  if (to.isBF16())
    return emitToBF16(m, real);
  if (to.isF16())
    return arith::TruncFOp::create(b, loc, m.typeOf(to), real);
  if (to.isF64())
    return arith::ExtFOp::create(b, loc, m.typeOf(to), real);
  return real;
}

} // namespace octet::codegen
