// Code of the ops that compare, choose and act on bits. Between ops of a group a boolean is
// a byte of 0 or 1, as in memory; LLVM drops the conversions where a comparison meets its
// reader.

#include "codegen/emit/ElementwiseKernel.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/FloatConversion.h"
#include "dialect/LogicOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace octet::codegen {
namespace {

Type getElement(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

bool isUnsignedElement(Type element) { return element.isUnsignedInteger() || element.isInteger(1); }

Value toByte(const LaneMath &m, Value bit) {
  return arith::ExtUIOp::create(m.builder(), m.location(), m.integer(8), bit);
}

CmpFPredicate getFloatPredicate(ComparePredicate kind) {
  switch (kind) {
  case ComparePredicate::Equal:
    return CmpFPredicate::OEQ;
  case ComparePredicate::NotEqual:
    return CmpFPredicate::UNE;
  case ComparePredicate::Less:
    return CmpFPredicate::OLT;
  case ComparePredicate::LessOrEqual:
    return CmpFPredicate::OLE;
  case ComparePredicate::Greater:
    return CmpFPredicate::OGT;
  case ComparePredicate::GreaterOrEqual:
    return CmpFPredicate::OGE;
  }
  llvm_unreachable("unknown predicate");
}

CmpIPredicate getIntegerPredicate(ComparePredicate kind, bool isUnsigned) {
  switch (kind) {
  case ComparePredicate::Equal:
    return CmpIPredicate::eq;
  case ComparePredicate::NotEqual:
    return CmpIPredicate::ne;
  case ComparePredicate::Less:
    return isUnsigned ? CmpIPredicate::ult : CmpIPredicate::slt;
  case ComparePredicate::LessOrEqual:
    return isUnsigned ? CmpIPredicate::ule : CmpIPredicate::sle;
  case ComparePredicate::Greater:
    return isUnsigned ? CmpIPredicate::ugt : CmpIPredicate::sgt;
  case ComparePredicate::GreaterOrEqual:
    return isUnsigned ? CmpIPredicate::uge : CmpIPredicate::sge;
  }
  llvm_unreachable("unknown predicate");
}

Value emitLogic(const LaneMath &m, CompareOp op, ValueRange operands) {
  Type element = getElement(op.getA());
  Value a = operands[0], b = operands[1];
  if (!isa<FloatType>(element)) {
    CmpIPredicate predicate = getIntegerPredicate(op.getKind(), isUnsignedElement(element));
    return toByte(m, m.cmp(predicate, a, b));
  }
  if (!element.isF64()) {
    Type f32 = m.builder().getF32Type();
    a = emitFloatToFloat(m, a, element, f32);
    b = emitFloatToFloat(m, b, element, f32);
  }
  return toByte(m, m.cmp(getFloatPredicate(op.getKind()), a, b));
}

Value emitLogic(const LaneMath &m, BitwiseOp op, ValueRange operands) {
  switch (op.getKind()) {
  case BitwiseKind::And:
    return m.bitAnd(operands[0], operands[1]);
  case BitwiseKind::Or:
    return m.bitOr(operands[0], operands[1]);
  case BitwiseKind::Xor:
    return arith::XOrIOp::create(m.builder(), m.location(), operands[0], operands[1]);
  }
  llvm_unreachable("unknown function of bits");
}

// A shift by the width or more has no value in LLVM.
Value emitLogic(const LaneMath &m, ShiftOp op, ValueRange operands) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  Value x = operands[0], places = operands[1];
  unsigned width = getElementTypeOrSelf(x).getIntOrFloatBitWidth();
  Value zero = m.i(width, 0);
  Value fits = m.cmp(CmpIPredicate::ult, places, m.i(width, width));
  places = m.select(fits, places, zero);
  Value moved = op.getKind() == ShiftDirection::Left
                    ? arith::ShLIOp::create(b, loc, x, places).getResult()
                    : arith::ShRUIOp::create(b, loc, x, places).getResult();
  return m.select(fits, moved, zero);
}

// Total, as the evaluator: a divisor of 0 gives 0, and -1, which can overflow, does too.
Value emitIntegerMod(const LaneMath &m, ModOp op, Value x, Value y) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  unsigned width = getElementTypeOrSelf(x).getIntOrFloatBitWidth();
  Value zero = m.i(width, 0), one = m.i(width, 1);
  Value isTrivial = m.cmp(CmpIPredicate::eq, y, zero);
  if (isUnsignedElement(getElement(op.getA()))) {
    Value rest = arith::RemUIOp::create(b, loc, x, m.select(isTrivial, one, y));
    return m.select(isTrivial, zero, rest);
  }
  isTrivial = m.bitOr(isTrivial, m.cmp(CmpIPredicate::eq, y, m.i(width, -1)));
  Value divisor = m.select(isTrivial, one, y);
  Value rest = arith::RemSIOp::create(b, loc, x, divisor);
  if (op.getKind() == ModKind::Floor) {
    Value differs =
        m.cmp(CmpIPredicate::slt, arith::XOrIOp::create(b, loc, rest, divisor).getResult(), zero);
    Value moves = m.bitAnd(differs, m.cmp(CmpIPredicate::ne, rest, zero));
    rest = m.select(moves, m.add(rest, divisor), rest);
  }
  return m.select(isTrivial, zero, rest);
}

// fmod in f64. A step subtracts a rounded quotient times the divisor, with one fused
// operation: what is left is a multiple of the product of both last places and less than
// the divisor times the last place of the quotient, so it is exact, and 52 bits shorter.
// For f32 operands six steps bring the largest quotient, 2^277, below 1. Of f64 operands
// quotients have to be finite.
Value emitFloatMod(const LaneMath &m, Value x, Value y, int64_t steps) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  Value zero = m.d(0), divisor = m.abs(y);
  auto step = [&](OpBuilder &inner, Value rest) -> Value {
    LaneMath n(inner, loc, x.getType());
    Value quotient = n.div(rest, divisor);
    // Toward zero.
    Value down = n.floor(n.abs(quotient));
    Value whole = n.select(n.less(quotient, zero), n.neg(down), down);
    return n.fma(n.neg(whole), divisor, rest);
  };
  auto loop = scf::ForOp::create(b, loc, arith::ConstantIndexOp::create(b, loc, 0),
                                 arith::ConstantIndexOp::create(b, loc, steps),
                                 arith::ConstantIndexOp::create(b, loc, 1), x,
                                 [&](OpBuilder &inner, Location, Value, ValueRange rest) {
                                   scf::YieldOp::create(inner, loc, step(inner, rest.front()));
                                 });
  Value rest = loop.getResult(0);
  // A quotient that was rounded up leaves the other sign.
  Value isNegative = m.less(x, zero);
  Value wrong = m.select(isNegative, m.less(zero, rest), m.less(rest, zero));
  Value back = m.select(isNegative, m.sub(rest, divisor), m.add(rest, divisor));
  rest = m.select(wrong, back, rest);
  // What is 0 has the sign of x, too; an infinite divisor leaves x.
  Value isZero = m.cmp(CmpFPredicate::OEQ, rest, zero);
  rest = m.select(isZero, m.mul(zero, m.select(isNegative, m.d(-1), m.d(1))), rest);
  Value infinity = m.d(std::numeric_limits<double>::infinity());
  Value keeps = m.bitAnd(m.cmp(CmpFPredicate::OEQ, divisor, infinity), m.less(m.abs(x), infinity));
  return m.select(keeps, x, rest);
}

Value emitLogic(const LaneMath &m, ModOp op, ValueRange operands) {
  Type element = getElement(op.getA());
  if (!isa<FloatType>(element))
    return emitIntegerMod(m, op, operands[0], operands[1]);
  constexpr int64_t kStepsOfF32 = 6, kStepsOfF64 = 21;
  if (element.isF64())
    return emitFloatMod(m, operands[0], operands[1], kStepsOfF64);
  OpBuilder &b = m.builder();
  Location loc = m.location();
  Type f32 = b.getF32Type();
  auto widen = [&](Value x) -> Value {
    return arith::ExtFOp::create(b, loc, m.f64(), emitFloatToFloat(m, x, element, f32));
  };
  Value rest = emitFloatMod(m, widen(operands[0]), widen(operands[1]), kStepsOfF32);
  return emitFloatToFloat(m, arith::TruncFOp::create(b, loc, m.f32(), rest), f32, element);
}

Value emitLogic(const LaneMath &m, SelectOp op, ValueRange operands) {
  return m.select(m.cmp(CmpIPredicate::ne, operands[0], m.i(8, 0)), operands[1], operands[2]);
}

template <typename Op>
struct LogicModel : ElementwiseEmissionInterface::ExternalModel<LogicModel<Op>, Op> {
  Value emitElement(Operation *op, OpBuilder &b, Location loc, ValueRange operands) const {
    return emitLogic(LaneMath(b, loc, operands[0].getType()), cast<Op>(op), operands);
  }
};

template <typename Op>
struct LogicKernel : KernelOpInterface::ExternalModel<LogicKernel<Op>, Op> {
  LogicalResult emitKernel(Operation *, KernelBuilder &kernel) const {
    return emitElementwiseGroup(kernel);
  }
};

template <typename... Ops>
void attach(MLIRContext *context) {
  (Ops::template attachInterface<LogicModel<Ops>, LogicKernel<Ops>>(*context), ...);
}

} // namespace

void registerLogicEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    attach<CompareOp, BitwiseOp, ShiftOp, ModOp, SelectOp>(context);
    context->loadDialect<arith::ArithDialect, scf::SCFDialect>();
  });
}

} // namespace octet::codegen
