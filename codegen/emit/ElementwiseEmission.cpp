// Code of the elementwise ops on one value or a vector of them. Ops that are exact
// in f32 follow evaluateScalar operation by operation, so that integers quantized
// from them equal the evaluator's; comparisons have the operand order of std::max
// and std::min, which is that of maxps and minps.

#include "codegen/emit/Emit.h"
#include "codegen/emit/FloatConversion.h"
#include "codegen/emit/Polynomials.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using arith::CmpIPredicate;

namespace octet::codegen {

static bool isUnsignedElement(Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

namespace {

struct FloatEmission {
  const LaneMath &m;
  Value x, y; // operands; y is null for unary ops

  /// Of the operands' type.
  Value number(double value) const { return m.constant(getElementTypeOrSelf(x), value); }
  Value zero() const { return number(0); }
  Value clamp(Value v, double low, double high) const {
    return m.min(m.max(v, m.f(low)), m.f(high));
  }
  // v < 0 ? a : b
  Value ifNegative(Value v, Value a, Value b) const { return m.select(m.less(v, zero()), a, b); }

  Value emit(ReluOp) const { return m.max(x, zero()); }
  Value emit(NegOp) const { return m.neg(x); }
  Value emit(AbsOp) const { return m.abs(x); }
  Value emit(SigmoidOp) const { return emitSigmoid(m, x); }
  Value emit(HardSwishOp) const { return m.mul(x, clamp(m.add(m.div(x, m.f(6)), m.f(0.5)), 0, 1)); }
  Value emit(SiluOp) const { return m.mul(x, emitSigmoid(m, x)); }
  Value emit(TanhOp) const { return emitTanh(m, x); }
  Value emit(ExpOp) const { return emitExp(m, x); }
  Value emit(LogOp) const { return emitLog(m, x); }
  Value emit(SqrtOp) const { return m.sqrt(x); }
  Value emit(ErfOp) const { return emitErf(m, x); }
  Value emit(ReciprocalOp) const { return m.div(m.f(1), x); }
  Value emit(FloorOp) const { return m.floor(x); }
  Value emit(CeilOp) const { return m.ceil(x); }
  Value emit(RoundOp) const { return m.roundEven(x); }
  Value emit(ClipOp op) const {
    return clamp(x, op.getLow().convertToDouble(), op.getHigh().convertToDouble());
  }
  Value emit(LeakyReluOp op) const {
    return ifNegative(x, m.mul(m.f(op.getAlpha().convertToDouble()), x), x);
  }
  Value emit(HardSigmoidOp op) const {
    Value scaled = m.mul(m.f(op.getAlpha().convertToDouble()), x);
    return clamp(m.add(scaled, m.f(op.getBeta().convertToDouble())), 0, 1);
  }
  Value emit(EluOp op) const {
    Value below = m.sub(emitExp(m, x), m.f(1));
    return ifNegative(x, m.mul(m.f(op.getAlpha().convertToDouble()), below), x);
  }
  Value emit(AddOp) const { return m.add(x, y); }
  Value emit(SubOp) const { return m.sub(x, y); }
  Value emit(MulOp) const { return m.mul(x, y); }
  Value emit(DivOp) const { return m.div(x, y); }
  Value emit(PowOp) const { return emitPow(m, x, y); }
  Value emit(MinOp) const { return m.min(x, y); }
  Value emit(MaxOp) const { return m.max(x, y); }
  Value emit(PReluOp) const { return ifNegative(x, m.mul(y, x), x); }
};

struct IntegerEmission {
  const LaneMath &m;
  Value x, y;
  bool isUnsigned;

  Value constant(int64_t value) const { return m.i(width(), value); }
  unsigned width() const { return getElementTypeOrSelf(x).getIntOrFloatBitWidth(); }
  Value less(Value a, Value b) const {
    return m.cmp(isUnsigned ? CmpIPredicate::ult : CmpIPredicate::slt, a, b);
  }
  Value negate(Value v) const { return m.sub(constant(0), v); }
  Value ifNegative(Value v, Value a, Value b) const {
    return isUnsigned ? b : m.select(less(v, constant(0)), a, b);
  }

  Value emit(ReluOp) const { return ifNegative(x, constant(0), x); }
  Value emit(NegOp) const { return negate(x); }
  Value emit(AbsOp) const { return ifNegative(x, negate(x), x); }
  Value emit(AddOp) const { return m.add(x, y); }
  Value emit(SubOp) const { return m.sub(x, y); }
  Value emit(MulOp) const { return m.mul(x, y); }
  Value emit(MinOp) const { return m.select(less(y, x), y, x); }
  Value emit(MaxOp) const { return m.select(less(x, y), y, x); }
  Value emit(PReluOp) const { return ifNegative(x, m.mul(x, y), x); }

  // Total, as the evaluator: x / 0 = 0, and the divisor -1, which can overflow, negates.
  Value emit(DivOp) const {
    Value one = constant(1);
    Value isZero = m.cmp(CmpIPredicate::eq, y, constant(0));
    if (isUnsigned) {
      Value quotient =
          arith::DivUIOp::create(m.builder(), m.location(), x, m.select(isZero, one, y));
      return m.select(isZero, constant(0), quotient);
    }
    Value isMinusOne = m.cmp(CmpIPredicate::eq, y, constant(-1));
    Value divisor = m.select(m.bitOr(isZero, isMinusOne), one, y);
    Value quotient = arith::DivSIOp::create(m.builder(), m.location(), x, divisor);
    quotient = m.select(isMinusOne, negate(x), quotient);
    return m.select(isZero, constant(0), quotient);
  }

  // Square and multiply over the bits of the exponent. A negative exponent gives what
  // division toward zero does: 1 / x^-y, which is 0 but for |x| = 1.
  Value emit(PowOp) const {
    Value exponent = y, base = x, result = constant(1);
    for (unsigned bit = 0; bit < width(); ++bit) {
      Value isSet = m.cmp(CmpIPredicate::ne, m.bitAnd(exponent, constant(1)), constant(0));
      result = m.select(isSet, m.mul(result, base), result);
      base = m.mul(base, base);
      exponent = m.shiftRight(exponent, 1);
    }
    if (isUnsigned)
      return result;
    Value isUnit = m.bitOr(m.cmp(CmpIPredicate::eq, x, constant(1)),
                           m.cmp(CmpIPredicate::eq, x, constant(-1)));
    Value inverse = m.select(isUnit, result, constant(0));
    return m.select(less(y, constant(0)), inverse, result);
  }

  // The dialect gives the other ops f32 operands only.
  template <typename Op>
  Value emit(Op) const {
    llvm_unreachable("an op on f32 got integers");
  }
};

/// Whether the op is computed in f64 where its operands are.
template <typename Op>
constexpr bool kInF64 = false;
#define IN_F64(OP, FORMULA)                                                                        \
  template <>                                                                                      \
  constexpr bool kInF64<OP> = true;
#include "dialect/reference/DoubleOps.inc"
#undef IN_F64

template <typename Op>
struct ElementwiseModel : ElementwiseEmissionInterface::ExternalModel<ElementwiseModel<Op>, Op> {
  Value emitElement(Operation *op, OpBuilder &b, Location loc, ValueRange operands) const {
    Value x = operands[0], y = operands.size() > 1 ? operands[1] : Value();
    LaneMath m(b, loc, x.getType());
    Type element = cast<RankedTensorType>(op->getOperand(0).getType()).getElementType();
    if (!isa<FloatType>(element))
      return IntegerEmission{m, x, y, isUnsignedElement(element)}.emit(cast<Op>(op));
    if (kInF64<Op> && element.isF64())
      return FloatEmission{m, x, y}.emit(cast<Op>(op));
    // The other floats are only storage.
    Type f32 = b.getF32Type();
    x = emitFloatToFloat(m, x, element, f32);
    if (y)
      y = emitFloatToFloat(m, y, element, f32);
    return emitFloatToFloat(m, FloatEmission{m, x, y}.emit(cast<Op>(op)), f32, element);
  }
};

} // namespace

static Value emitCast(const LaneMath &m, Value x, Type from, Type to) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  Type f32 = b.getF32Type();
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  unsigned toWidth = toFloat ? 0 : std::max(8u, to.getIntOrFloatBitWidth());
  if (fromFloat && toFloat)
    return emitFloatToFloat(m, x, from, to);
  if (to.isInteger(1)) {
    Value isSet;
    if (from.isF64())
      isSet = m.cmp(arith::CmpFPredicate::UNE, x, m.d(0));
    else if (fromFloat)
      isSet = m.cmp(arith::CmpFPredicate::UNE, emitFloatToFloat(m, x, from, f32), m.f(0));
    else
      isSet = m.cmp(CmpIPredicate::ne, x, m.i(std::max(8u, from.getIntOrFloatBitWidth()), 0));
    return arith::ExtUIOp::create(b, loc, m.integer(8), isSet);
  }
  if (fromFloat) {
    Value real = from.isF64() ? x : emitFloatToFloat(m, x, from, f32);
    StringRef name = isUnsignedElement(to) ? "llvm.fptoui.sat" : "llvm.fptosi.sat";
    return LLVM::CallIntrinsicOp::create(b, loc, m.integer(toWidth), b.getStringAttr(name), real)
        .getResult(0);
  }
  bool isUnsigned = isUnsignedElement(from);
  if (toFloat) {
    Type type = m.typeOf(to.isF64() ? to : f32);
    Value real = isUnsigned ? arith::UIToFPOp::create(b, loc, type, x).getResult()
                            : arith::SIToFPOp::create(b, loc, type, x).getResult();
    return emitFloatToFloat(m, real, to.isF64() ? to : f32, to);
  }
  unsigned width = std::max(8u, from.getIntOrFloatBitWidth());
  if (toWidth == width)
    return x;
  if (toWidth < width)
    return arith::TruncIOp::create(b, loc, m.integer(toWidth), x);
  return isUnsigned ? arith::ExtUIOp::create(b, loc, m.integer(toWidth), x).getResult()
                    : arith::ExtSIOp::create(b, loc, m.integer(toWidth), x).getResult();
}

namespace {
struct CastModel : ElementwiseEmissionInterface::ExternalModel<CastModel, CastOp> {
  Value emitElement(Operation *op, OpBuilder &b, Location loc, ValueRange operands) const {
    auto cast = llvm::cast<CastOp>(op);
    return emitCast(LaneMath(b, loc, operands[0].getType()), operands[0],
                    cast.getX().getType().getElementType(), cast.getY().getType().getElementType());
  }
};

template <typename... Ops>
void attachElementwise(MLIRContext *context) {
  (Ops::template attachInterface<ElementwiseModel<Ops>>(*context), ...);
}
} // namespace

void registerElementwiseEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    attachElementwise<ReluOp, NegOp, AbsOp, SigmoidOp, HardSwishOp, SiluOp, TanhOp, ExpOp, LogOp,
                      SqrtOp, ErfOp, ReciprocalOp, FloorOp, CeilOp, RoundOp, ClipOp, LeakyReluOp,
                      HardSigmoidOp, EluOp, AddOp, SubOp, MulOp, DivOp, PowOp, MinOp, MaxOp,
                      PReluOp>(context);
    CastOp::attachInterface<CastModel>(*context);
    context->loadDialect<arith::ArithDialect, LLVM::LLVMDialect>();
  });
}

} // namespace octet::codegen
