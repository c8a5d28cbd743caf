// Scalar meaning, shapes and verifiers of elementwise ops. These formulas are
// the definition; emitted code approximates exp, erf, tanh, log and pow within
// the bound that docs/quantization.md states.

#include "dialect/Octet.h"

#include <cmath>

using namespace mlir;

namespace octet {

static LogicalResult inferSame(Value x, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(x.getType());
  types.push_back(RankedTensorType::get(type.getShape(), type.getElementType()));
  return success();
}

static LogicalResult inferBroadcast(std::optional<Location> loc, Value a, Value b,
                                    SmallVectorImpl<Type> &types) {
  auto ta = cast<RankedTensorType>(a.getType()), tb = cast<RankedTensorType>(b.getType());
  if (ta.getElementType() != tb.getElementType())
    return emitOptionalError(loc, "expected operands of one element type, got ",
                             ta.getElementType(), " and ", tb.getElementType());
  auto shape = broadcastShapes(ta.getShape(), tb.getShape());
  if (!shape)
    return emitOptionalError(loc, "expected shapes that broadcast, got ", ta, " and ", tb);
  types.push_back(RankedTensorType::get(*shape, ta.getElementType()));
  return success();
}

#define UNARY(OP, SCALAR)                                                                          \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,      \
                                     SmallVectorImpl<Type> &types) {                               \
    return inferSame(adaptor.getX(), types);                                                       \
  }                                                                                                \
  float OP::evaluateScalar(ArrayRef<float> operands) {                                             \
    float x = operands[0];                                                                         \
    return SCALAR;                                                                                 \
  }
#define BINARY(OP, SCALAR)                                                                         \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,  \
                                     SmallVectorImpl<Type> &types) {                               \
    return inferBroadcast(loc, adaptor.getA(), adaptor.getB(), types);                             \
  }                                                                                                \
  float OP::evaluateScalar(ArrayRef<float> operands) {                                             \
    float a = operands[0], b = operands[1];                                                        \
    return SCALAR;                                                                                 \
  }
#define INTEGER(OP, SCALAR)                                                                        \
  std::optional<int64_t> OP::evaluateInteger(ArrayRef<int64_t> operands) {                         \
    [[maybe_unused]] int64_t a = operands[0];                                                      \
    [[maybe_unused]] int64_t b = operands.size() > 1 ? operands[1] : 0;                            \
    return SCALAR;                                                                                 \
  }

// Of the element type of the operands: integers of 64 bits, signed or not.
static bool isUnsigned(Operation *op) {
  return cast<RankedTensorType>(op->getOperand(0).getType()).getElementType().isUnsignedInteger();
}
static bool isLess(Operation *op, int64_t a, int64_t b) {
  return isUnsigned(op) ? static_cast<uint64_t>(a) < static_cast<uint64_t>(b) : a < b;
}

static float logistic(float x) { return 1.0f / (1.0f + std::exp(-x)); }
static float clamp(float x, float low, float high) { return std::min(std::max(x, low), high); }
static int64_t wrap(uint64_t x) { return static_cast<int64_t>(x); }

UNARY(ReluOp, std::max(x, 0.0f))
UNARY(NegOp, -x)
UNARY(AbsOp, std::fabs(x))
UNARY(SigmoidOp, logistic(x))
UNARY(HardSwishOp, x *clamp(x / 6.0f + 0.5f, 0.0f, 1.0f))
UNARY(SiluOp, x *logistic(x))
UNARY(TanhOp, std::tanh(x))
UNARY(ExpOp, std::exp(x))
UNARY(LogOp, std::log(x))
UNARY(SqrtOp, std::sqrt(x))
UNARY(ErfOp, std::erf(x))
UNARY(ReciprocalOp, 1.0f / x)
UNARY(FloorOp, std::floor(x))
UNARY(CeilOp, std::ceil(x))
UNARY(RoundOp, std::nearbyint(x))
UNARY(ClipOp, clamp(x, getLow().convertToFloat(), getHigh().convertToFloat()))
UNARY(LeakyReluOp, x < 0 ? getAlpha().convertToFloat() * x : x)
UNARY(HardSigmoidOp,
      clamp(getAlpha().convertToFloat() * x + getBeta().convertToFloat(), 0.0f, 1.0f))
UNARY(EluOp, x < 0 ? getAlpha().convertToFloat() * (std::exp(x) - 1.0f) : x)

BINARY(AddOp, a + b)
BINARY(SubOp, a - b)
BINARY(MulOp, a *b)
BINARY(DivOp, a / b)
BINARY(PowOp, std::pow(a, b))
BINARY(MinOp, std::min(a, b))
BINARY(MaxOp, std::max(a, b))
BINARY(PReluOp, a < 0 ? b * a : a)

INTEGER(ReluOp, isLess(*this, a, 0) ? 0 : a)
INTEGER(NegOp, wrap(-static_cast<uint64_t>(a)))
INTEGER(AbsOp, isLess(*this, a, 0) ? wrap(-static_cast<uint64_t>(a)) : a)
INTEGER(AddOp, wrap(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)))
INTEGER(SubOp, wrap(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)))
INTEGER(MulOp, wrap(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)))
INTEGER(MinOp, isLess(*this, b, a) ? b : a)
INTEGER(MaxOp, isLess(*this, a, b) ? b : a)
INTEGER(PReluOp,
        isLess(*this, a, 0) ? wrap(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)) : a)

std::optional<int64_t> DivOp::evaluateInteger(ArrayRef<int64_t> operands) {
  int64_t a = operands[0], b = operands[1];
  // A divisor of 0 has no meaning in ONNX; 0 keeps evaluation total.
  if (b == 0)
    return 0;
  if (isUnsigned(*this))
    return wrap(static_cast<uint64_t>(a) / static_cast<uint64_t>(b));
  return b == -1 ? wrap(-static_cast<uint64_t>(a)) : a / b;
}

std::optional<int64_t> PowOp::evaluateInteger(ArrayRef<int64_t> operands) {
  if (isLess(*this, operands[1], 0))
    return std::nullopt;
  uint64_t result = 1, base = operands[0];
  for (uint64_t exponent = operands[1]; exponent; exponent >>= 1, base *= base)
    if (exponent & 1)
      result *= base;
  return wrap(result);
}

LogicalResult ClipOp::verify() {
  if (!(getLow() <= getHigh())) // NaN too
    return emitOpError("expected low <= high, got ")
           << getLow().convertToFloat() << " and " << getHigh().convertToFloat();
  return success();
}

LogicalResult CastOp::verify() {
  if (getX().getType().getShape() != getY().getType().getShape())
    return emitOpError("expected equal shapes, got ")
           << getX().getType() << " and " << getY().getType();
  return success();
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getX().getType() == getY().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

} // namespace octet
