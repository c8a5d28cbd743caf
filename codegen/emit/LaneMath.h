// Shorthand for arithmetic that is the same on a scalar and on every lane of a
// vector. Each call is one operation of arith or math without fast-math flags: it
// rounds once, so that scalars, tails and any vector width give the same bits.

#ifndef OCTET_CODEGEN_EMIT_LANEMATH_H
#define OCTET_CODEGEN_EMIT_LANEMATH_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace octet::codegen {

/// `element`, or a vector of it where `shape` is the type of a vector.
mlir::Type withShapeOf(mlir::Type element, mlir::Type shape);

class LaneMath {
public:
  /// Constants get the shape of `shape`.
  LaneMath(mlir::OpBuilder &b, mlir::Location loc, mlir::Type shape)
      : b(b), loc(loc), shape(shape) {}

  mlir::OpBuilder &builder() const { return b; }
  mlir::Location location() const { return loc; }

  mlir::Type f32() const { return withShapeOf(b.getF32Type(), shape); }
  mlir::Type f64() const { return withShapeOf(b.getF64Type(), shape); }
  mlir::Type integer(unsigned width) const { return withShapeOf(b.getIntegerType(width), shape); }
  mlir::Type typeOf(mlir::Type element) const { return withShapeOf(element, shape); }

  mlir::Value constant(mlir::Type element, double value) const;
  mlir::Value f(double value) const { return constant(b.getF32Type(), value); }
  mlir::Value d(double value) const { return constant(b.getF64Type(), value); }
  mlir::Value i(unsigned width, int64_t value) const;
  mlir::Value i32(int64_t value) const { return i(32, value); }
  /// A scalar in every lane.
  mlir::Value splat(mlir::Value scalar) const;

  // Float or integer, by the operands' type.
  mlir::Value add(mlir::Value x, mlir::Value y) const;
  mlir::Value sub(mlir::Value x, mlir::Value y) const;
  mlir::Value mul(mlir::Value x, mlir::Value y) const;

  mlir::Value div(mlir::Value x, mlir::Value y) const;
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) const;
  mlir::Value sqrt(mlir::Value x) const;
  mlir::Value abs(mlir::Value x) const;
  mlir::Value neg(mlir::Value x) const;
  mlir::Value floor(mlir::Value x) const;
  mlir::Value ceil(mlir::Value x) const;
  mlir::Value roundEven(mlir::Value x) const;
  /// The nearest i32, half to even; unspecified outside the range and for NaN.
  mlir::Value roundToI32(mlir::Value x) const;
  mlir::Value fromI32(mlir::Value x, mlir::Type element) const;
  mlir::Value bitcast(mlir::Value x, mlir::Type element) const;

  mlir::Value cmp(mlir::arith::CmpFPredicate p, mlir::Value x, mlir::Value y) const;
  mlir::Value cmp(mlir::arith::CmpIPredicate p, mlir::Value x, mlir::Value y) const;
  mlir::Value less(mlir::Value x, mlir::Value y) const {
    return cmp(mlir::arith::CmpFPredicate::OLT, x, y);
  }
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y) const;
  mlir::Value bitAnd(mlir::Value x, mlir::Value y) const;
  mlir::Value bitOr(mlir::Value x, mlir::Value y) const;
  mlir::Value shiftLeft(mlir::Value x, int64_t bits) const;
  mlir::Value shiftRight(mlir::Value x, int64_t bits) const;       ///< logical
  mlir::Value shiftRightSigned(mlir::Value x, int64_t bits) const; ///< arithmetic

  /// std::max(x, y), std::min(x, y): x wherever neither is the larger (so a NaN in
  /// x stays). One maxps or minps.
  mlir::Value max(mlir::Value x, mlir::Value y) const { return select(less(x, y), y, x); }
  mlir::Value min(mlir::Value x, mlir::Value y) const { return select(less(y, x), y, x); }
  /// Moves x into [low, high]; NaN becomes `low`.
  mlir::Value clampOrLow(mlir::Value x, mlir::Value low, mlir::Value high) const {
    return min(select(less(low, x), x, low), high);
  }

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Type shape;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_LANEMATH_H
