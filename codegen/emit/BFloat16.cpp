#include "codegen/emit/BFloat16.h"

using namespace mlir;

namespace octet::codegen {

Value emitFromBF16(const LaneMath &m, Value bits) {
  Value wide = arith::ExtUIOp::create(m.builder(), m.location(), m.integer(32), bits);
  return m.bitcast(m.shiftLeft(wide, 16), m.builder().getF32Type());
}

// The upper half of the f32, plus 1 where the lower half is more than a half, or a half
// beside an odd number.
Value emitToBF16(const LaneMath &m, Value real) {
  OpBuilder &b = m.builder();
  Value bits = m.bitcast(real, b.getI32Type());
  Value odd = m.bitAnd(m.shiftRight(bits, 16), m.i32(1));
  Value rounded = m.shiftRight(m.add(m.add(bits, m.i32(0x7fff)), odd), 16);
  Value quiet = m.bitOr(m.shiftRight(bits, 16), m.i32(0x40));
  Value isNan = m.cmp(arith::CmpFPredicate::UNO, real, real);
  return arith::TruncIOp::create(b, m.location(), m.integer(16), m.select(isNan, quiet, rounded));
}

Value emitToBF16(const LaneMath &m, Value real, const Target &target) {
  if (!target.has(CpuFeature::AVX512BF16))
    return emitToBF16(m, real);
  OpBuilder &b = m.builder();
  Value narrow = arith::TruncFOp::create(b, m.location(), m.typeOf(b.getBF16Type()), real);
  return m.bitcast(narrow, b.getI16Type());
}

Value emitLoaded(const LaneMath &m, Value stored, Type element) {
  return element.isBF16() ? emitFromBF16(m, stored) : stored;
}

} // namespace octet::codegen
