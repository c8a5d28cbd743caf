#include "codegen/emit/LaneMath.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

Type withShapeOf(Type element, Type shape) {
  if (auto vector = dyn_cast<VectorType>(shape))
    return VectorType::get(vector.getShape(), element);
  return element;
}

static Value makeConstant(OpBuilder &b, Location loc, Type type, TypedAttr value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vector, Attribute(value)));
  return arith::ConstantOp::create(b, loc, value);
}

Value LaneMath::constant(Type element, double value) const {
  return makeConstant(b, loc, typeOf(element), b.getFloatAttr(element, value));
}

Value LaneMath::i(unsigned width, int64_t value) const {
  Type element = b.getIntegerType(width);
  APInt bits(width, static_cast<uint64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true);
  return makeConstant(b, loc, typeOf(element), b.getIntegerAttr(element, bits));
}

Value LaneMath::splat(Value scalar) const {
  if (!isa<VectorType>(shape))
    return scalar;
  return vector::BroadcastOp::create(b, loc, typeOf(scalar.getType()), scalar);
}

static bool isFloat(Value x) { return isa<FloatType>(getElementTypeOrSelf(x)); }

Value LaneMath::add(Value x, Value y) const {
  return isFloat(x) ? arith::AddFOp::create(b, loc, x, y).getResult()
                    : arith::AddIOp::create(b, loc, x, y).getResult();
}
Value LaneMath::sub(Value x, Value y) const {
  return isFloat(x) ? arith::SubFOp::create(b, loc, x, y).getResult()
                    : arith::SubIOp::create(b, loc, x, y).getResult();
}
Value LaneMath::mul(Value x, Value y) const {
  return isFloat(x) ? arith::MulFOp::create(b, loc, x, y).getResult()
                    : arith::MulIOp::create(b, loc, x, y).getResult();
}
Value LaneMath::div(Value x, Value y) const { return arith::DivFOp::create(b, loc, x, y); }
Value LaneMath::fma(Value x, Value y, Value z) const {
  return math::FmaOp::create(b, loc, x, y, z);
}
Value LaneMath::sqrt(Value x) const { return math::SqrtOp::create(b, loc, x); }
Value LaneMath::abs(Value x) const { return math::AbsFOp::create(b, loc, x); }
Value LaneMath::neg(Value x) const { return arith::NegFOp::create(b, loc, x); }
Value LaneMath::floor(Value x) const { return math::FloorOp::create(b, loc, x); }
Value LaneMath::ceil(Value x) const { return math::CeilOp::create(b, loc, x); }
Value LaneMath::roundEven(Value x) const { return math::RoundEvenOp::create(b, loc, x); }

Value LaneMath::roundToI32(Value x) const { return LLVM::LrintOp::create(b, loc, integer(32), x); }

Value LaneMath::fromI32(Value x, Type element) const {
  return arith::SIToFPOp::create(b, loc, typeOf(element), x);
}
Value LaneMath::bitcast(Value x, Type element) const {
  return arith::BitcastOp::create(b, loc, typeOf(element), x);
}

Value LaneMath::cmp(arith::CmpFPredicate p, Value x, Value y) const {
  return arith::CmpFOp::create(b, loc, p, x, y);
}
Value LaneMath::cmp(arith::CmpIPredicate p, Value x, Value y) const {
  return arith::CmpIOp::create(b, loc, p, x, y);
}
Value LaneMath::select(Value condition, Value x, Value y) const {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value LaneMath::bitAnd(Value x, Value y) const { return arith::AndIOp::create(b, loc, x, y); }
Value LaneMath::bitOr(Value x, Value y) const { return arith::OrIOp::create(b, loc, x, y); }

static unsigned widthOf(Value x) { return getElementTypeOrSelf(x).getIntOrFloatBitWidth(); }
Value LaneMath::shiftLeft(Value x, int64_t bits) const {
  return arith::ShLIOp::create(b, loc, x, i(widthOf(x), bits));
}
Value LaneMath::shiftRight(Value x, int64_t bits) const {
  return arith::ShRUIOp::create(b, loc, x, i(widthOf(x), bits));
}
Value LaneMath::shiftRightSigned(Value x, int64_t bits) const {
  return arith::ShRSIOp::create(b, loc, x, i(widthOf(x), bits));
}

} // namespace octet::codegen
