// Each function reduces its argument to a short interval and evaluates a minimax
// polynomial there (own fits: weighted least squares on Chebyshev nodes, reweighted
// by Lawson's method in 40 digits). Errors given are those of the polynomial
// relative to the function; rounding in f32 adds one or two ulp. Steps use explicit
// fused multiply-adds, which all targets have, so results do not depend on the ISA.

#include "codegen/emit/Polynomials.h"

#include <cmath>
#include <limits>

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace octet::codegen {

static constexpr double kLog2E = 1.4426950408889634;
// ln 2 in two parts: the first has 15 bits, so that its product with an exponent is
// exact.
static constexpr double kLn2High = 0.693145751953125;
static constexpr double kLn2Low = 1.42860682030941723e-6;
static constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Coefficients in ascending powers.
static Value evaluatePolynomial(const LaneMath &m, Value x, ArrayRef<double> coefficients,
                                Type element) {
  Value sum = m.constant(element, coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    sum = m.fma(sum, x, m.constant(element, c));
  return sum;
}

Value evaluatePolynomial(const LaneMath &m, Value x, ArrayRef<double> coefficients) {
  return evaluatePolynomial(m, x, coefficients, getElementTypeOrSelf(m.f32()));
}

// x * 2^n in two steps, so that n may leave the range of exponents: overflow gives
// infinity, underflow a subnormal.
static Value scaleByPowerOfTwo(const LaneMath &m, Value x, Value n) {
  Type f32 = getElementTypeOrSelf(m.f32());
  Value half = m.shiftRightSigned(n, 1), rest = m.sub(n, half);
  auto power = [&](Value e) { return m.bitcast(m.shiftLeft(m.add(e, m.i32(127)), 23), f32); };
  return m.mul(m.mul(x, power(half)), power(rest));
}

// exp(x) 2^exponent: exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2;
// exp(r) = 1 + r + r^2 P(r), error 3.3e-9.
static Value emitScaledExp(const LaneMath &m, Value x, int64_t exponent) {
  // Beyond these the result is infinity or zero. A NaN passes both.
  x = m.min(m.max(x, m.f(-104)), m.f(90));
  Value n = m.roundToI32(m.mul(x, m.f(kLog2E)));
  Value k = m.fromI32(n, getElementTypeOrSelf(m.f32()));
  Value r = m.fma(k, m.f(-kLn2High), x);
  r = m.fma(k, m.f(-kLn2Low), r);
  Value p = evaluatePolynomial(
      m, r, {0.499999930494, 0.166665147782, 0.0416684570587, 0.00836942003932, 0.00138131317485});
  Value y = m.add(m.fma(m.mul(r, r), p, r), m.f(1));
  return scaleByPowerOfTwo(m, y, exponent == 0 ? n : m.add(n, m.i32(exponent)));
}

Value emitExp(const LaneMath &m, Value x) { return emitScaledExp(m, x, 0); }
Value emitHalfExp(const LaneMath &m, Value x) { return emitScaledExp(m, x, -1); }

// ln(x) = e ln 2 + ln(1 + f), 1 + f in [sqrt(1/2), sqrt(2));
// ln(1 + f) = f - f^2 / 2 + f^3 P(f), error 7.5e-10.
Value emitLog(const LaneMath &m, Value x) {
  Type f32 = getElementTypeOrSelf(m.f32()), i32 = getElementTypeOrSelf(m.integer(32));
  Value subnormal = m.less(x, m.f(std::numeric_limits<float>::min()));
  Value normal = m.select(subnormal, m.mul(x, m.f(8388608)), x);
  // Adding the distance from sqrt(1/2) to 1 carries into the exponent exactly where
  // the mantissa is above sqrt(2).
  constexpr int64_t kOne = 0x3f800000, kSqrtHalf = 0x3f3504f3;
  Value bits = m.add(m.bitcast(normal, i32), m.i32(kOne - kSqrtHalf));
  Value e = m.sub(m.shiftRightSigned(bits, 23), m.i32(127));
  Value mantissa = m.add(m.bitAnd(bits, m.i32(0x007fffff)), m.i32(kSqrtHalf));
  Value f = m.sub(m.bitcast(mantissa, f32), m.f(1));
  e = m.sub(e, m.select(subnormal, m.i32(23), m.i32(0)));
  Value k = m.fromI32(e, f32);
  Value p = evaluatePolynomial(m, f,
                               {0.333333125955, -0.250000096168, 0.20002119143, -0.166679951464,
                                0.142195432615, -0.124055972236, 0.118882320948, -0.116756233678,
                                0.0674645482341});
  Value square = m.mul(f, f);
  Value tail = m.fma(k, m.f(kLn2Low), m.mul(m.mul(square, f), p));
  tail = m.fma(square, m.f(-0.5), tail);
  Value y = m.fma(k, m.f(kLn2High), m.add(f, tail));
  // Infinity and NaN stay, zero gives -infinity, what is below zero gives NaN.
  Value finite = m.less(x, m.f(kInfinity));
  y = m.select(finite, y, x);
  y = m.select(m.cmp(CmpFPredicate::OEQ, x, m.f(0)), m.f(-kInfinity), y);
  return m.select(m.less(x, m.f(0)), m.f(std::numeric_limits<double>::quiet_NaN()), y);
}

Value copySign(const LaneMath &m, Value magnitude, Value sign) {
  Type f32 = getElementTypeOrSelf(m.f32()), i32 = getElementTypeOrSelf(m.integer(32));
  Value bit = m.bitAnd(m.bitcast(sign, i32), m.i32(0x80000000));
  return m.bitcast(m.bitOr(m.bitcast(magnitude, i32), bit), f32);
}

// Near zero x + x^3 P(x^2), error 5.7e-9; elsewhere 1 - 2 / (exp(2 |x|) + 1).
Value emitTanh(const LaneMath &m, Value x) {
  Value z = m.mul(x, x);
  Value p = evaluatePolynomial(
      m, z, {-0.333332695042, 0.133310919804, -0.0537096386592, 0.0205387675907, -0.0055909652844});
  Value small = m.fma(m.mul(x, z), p, x);
  Value a = m.abs(x);
  Value e = emitExp(m, m.add(a, a));
  Value large = m.sub(m.f(1), m.div(m.f(2), m.add(e, m.f(1))));
  // The comparison is false for NaN, which then comes through `large`.
  return m.select(m.less(a, m.f(0.625)), small, copySign(m, large, x));
}

// Below 1: x P(x^2), error 1.2e-9. Above: 1 - exp(Q(|x|)), Q fitted to ln(erfc),
// error 2.2e-11, which rounds to 1 from 3.93 on.
Value emitErf(const LaneMath &m, Value x) {
  Value z = m.mul(x, x);
  Value small =
      m.mul(x, evaluatePolynomial(m, z,
                                  {1.12837916573, -0.376126258235, 0.112835851398, -0.0268538115649,
                                   0.00518832698227, -0.000801018744732, 7.85384096073e-5}));
  Value a = m.abs(x);
  Value q =
      evaluatePolynomial(m, m.min(a, m.f(3.95)),
                         {0.000188881587175, -1.12958214897, -0.633212964439, -0.108425593558,
                          0.025212431884, -0.0042060213223, 0.000441613780767, -2.17089637807e-5});
  Value large = m.sub(m.f(1), emitExp(m, q));
  return m.select(m.less(a, m.f(1)), small, copySign(m, large, x));
}

Value emitSigmoid(const LaneMath &m, Value x) {
  Value one = m.f(1);
  return m.div(one, m.add(one, emitExp(m, m.neg(x))));
}

// log2 of a positive finite f64: e + s P(s^2), s = (m - 1) / (m + 1), error 8.7e-14.
static Value emitLog2InF64(const LaneMath &m, Value x, OpBuilder &b, Location loc) {
  Type f64 = getElementTypeOrSelf(m.f64()), i64 = getElementTypeOrSelf(m.integer(64));
  constexpr int64_t kOne = 0x3ff0000000000000, kSqrtHalf = 0x3fe6a09e667f3bcd;
  Value bits = m.add(m.bitcast(x, i64), m.i(64, kOne - kSqrtHalf));
  Value exponent = arith::TruncIOp::create(b, loc, m.integer(32), m.shiftRight(bits, 52));
  Value k = m.fromI32(m.sub(exponent, m.i32(1023)), f64);
  Value mantissa =
      m.bitcast(m.add(m.bitAnd(bits, m.i(64, 0x000fffffffffffff)), m.i(64, kSqrtHalf)), f64);
  Value s = m.div(m.sub(mantissa, m.d(1)), m.add(mantissa, m.d(1)));
  Value p = evaluatePolynomial(m, m.mul(s, s),
                               {2.88539008178, 0.961796694134, 0.577077935923, 0.412209942595,
                                0.319875953168, 0.283343551962},
                               f64);
  return m.fma(s, p, k);
}

// 2^x for |x| <= 300: 2^n P(x - n), error 4.4e-11.
static Value emitExp2InF64(const LaneMath &m, Value x, OpBuilder &b, Location loc) {
  Type f64 = getElementTypeOrSelf(m.f64());
  Value n = m.roundToI32(x);
  Value r = m.sub(x, m.fromI32(n, f64));
  Value p =
      evaluatePolynomial(m, r,
                         {0.999999999959, 0.693147180743, 0.240226512287, 0.0555041032096,
                          0.00961802315275, 0.0013333938128, 0.000154706049479, 1.52007221042e-5},
                         f64);
  Value wide = arith::ExtSIOp::create(b, loc, m.integer(64), m.add(n, m.i32(1023)));
  return m.mul(p, m.bitcast(m.shiftLeft(wide, 52), f64));
}

// |a|^b = 2^(b log2 |a|) in f64: a product of f32 precision would lose as many bits
// as the exponent of the result has. The sign and the cases of C's pow follow.
Value emitPow(const LaneMath &m, Value a, Value b) {
  OpBuilder &builder = m.builder();
  Location loc = m.location();
  Value magnitude = m.abs(a), zero = m.f(0), one = m.f(1), infinity = m.f(kInfinity);
  Value isZero = m.cmp(CmpFPredicate::OEQ, magnitude, zero);
  Value isInfinite = m.cmp(CmpFPredicate::OEQ, magnitude, infinity);
  Value special = m.bitOr(isZero, isInfinite);
  Value wide = arith::ExtFOp::create(builder, loc, m.f64(), m.select(special, one, magnitude));
  Value logarithm = emitLog2InF64(m, wide, builder, loc);
  logarithm = m.select(isZero, m.d(-kInfinity), logarithm);
  logarithm = m.select(isInfinite, m.d(kInfinity), logarithm);
  Value product = m.mul(arith::ExtFOp::create(builder, loc, m.f64(), b), logarithm);
  Value bounded = m.min(m.max(product, m.d(-300)), m.d(300));
  Value y = arith::TruncFOp::create(builder, loc, m.f32(), emitExp2InF64(m, bounded, builder, loc));
  // Parity: a float from 2^24 on is an even integer, and halving is exact.
  Value half = m.mul(b, m.f(0.5));
  Value isInteger = m.cmp(CmpFPredicate::OEQ, m.floor(b), b);
  Value isOdd = m.bitAnd(isInteger, m.cmp(CmpFPredicate::UNE, m.floor(half), half));
  Value negative =
      m.cmp(CmpIPredicate::slt, m.bitcast(a, getElementTypeOrSelf(m.integer(32))), m.i32(0));
  // A finite negative base has a power only for integers; infinities count as even ones.
  Value isNan = m.bitAnd(m.bitAnd(m.less(a, zero), m.less(magnitude, infinity)),
                         m.cmp(CmpFPredicate::ONE, m.floor(b), b));
  y = m.select(m.bitAnd(negative, isOdd), m.neg(y), y);
  y = m.select(isNan, m.f(std::numeric_limits<double>::quiet_NaN()), y);
  Value unordered = m.cmp(CmpFPredicate::UNO, a, b);
  y = m.select(unordered, m.add(a, b), y);
  Value isOne = m.bitOr(m.cmp(CmpFPredicate::OEQ, a, one), m.cmp(CmpFPredicate::OEQ, b, zero));
  // (-1)^(+-inf) is 1.
  Value unit = m.bitAnd(m.cmp(CmpFPredicate::OEQ, magnitude, one),
                        m.cmp(CmpFPredicate::OEQ, m.abs(b), infinity));
  return m.select(m.bitOr(isOne, unit), one, y);
}

} // namespace octet::codegen
