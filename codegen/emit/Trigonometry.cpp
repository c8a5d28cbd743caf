// Polynomials are own fits, made and described as those of Polynomials.cpp. An angle is
// reduced in f64: the quotient by pi / 2 times a pi / 2 of three parts, each product
// subtracted by a fused operation, so that what is left is good to f32 for every angle
// that has a meaning.

#include "codegen/emit/Trigonometry.h"

#include "codegen/emit/Polynomials.h"

#include <limits>

using namespace mlir;
using arith::CmpFPredicate;

namespace octet::codegen {

static constexpr double kInfinity = std::numeric_limits<double>::infinity();
static constexpr double kPi = 3.14159265358979323846;
static constexpr double kLn2 = 0.69314718055994530942;

namespace {
/// An angle as quarter turns, modulo 4 (0 to 3, in f64), and what is left of it, in f32:
/// at most pi / 4 in magnitude.
struct Angle {
  Value quarters, rest;
};
} // namespace

static Angle reduceAngle(const LaneMath &m, Value x) {
  OpBuilder &b = m.builder();
  Location loc = m.location();
  constexpr double kLimit = 4503599627370496.0; // 2^52
  constexpr double kHalfPi[] = {1.5707963267948966, 6.123233995736766e-17, -1.497384905065873e-33};
  Value wide = arith::ExtFOp::create(b, loc, m.f64(), x);
  Value magnitude = m.abs(wide);
  Value isMeaningless = m.bitAnd(m.less(m.d(kLimit), magnitude), m.less(magnitude, m.d(kInfinity)));
  wide = m.select(isMeaningless, m.d(0), wide);
  Value quotient = m.roundEven(m.mul(wide, m.d(2 / kPi)));
  Value rest = wide;
  for (double part : kHalfPi)
    rest = m.fma(quotient, m.d(-part), rest);
  Value turns = m.floor(m.mul(quotient, m.d(0.25)));
  return {m.fma(turns, m.d(-4), quotient), arith::TruncFOp::create(b, loc, m.f32(), rest)};
}

// r + r^3 P(r^2), error 5.2e-12.
static Value emitSinOfRest(const LaneMath &m, Value r) {
  Value z = m.mul(r, r);
  Value p = evaluatePolynomial(
      m, z, {-0.166666666408, 0.00833332930363, -0.000198393118786, 2.71811788624e-06});
  return m.fma(m.mul(r, z), p, r);
}

// 1 - r^2 / 2 + r^4 P(r^2), error 1.2e-13.
static Value emitCosOfRest(const LaneMath &m, Value r) {
  Value z = m.mul(r, r);
  Value p = evaluatePolynomial(
      m, z, {0.0416666666195, -0.00138888834985, 2.47994597489e-05, -2.7205720812e-07});
  return m.fma(m.mul(z, z), p, m.fma(z, m.f(-0.5), m.f(1)));
}

static Value equals(const LaneMath &m, Value quarters, double number) {
  return m.cmp(CmpFPredicate::OEQ, quarters, m.d(number));
}

// sin of an angle that is `ahead` quarter turns further on.
static Value emitSine(const LaneMath &m, Value x, int ahead) {
  Angle angle = reduceAngle(m, x);
  auto at = [&](int quarters) { return equals(m, angle.quarters, (quarters - ahead + 4) % 4); };
  Value sine = emitSinOfRest(m, angle.rest), cosine = emitCosOfRest(m, angle.rest);
  Value value = m.select(m.bitOr(at(1), at(3)), cosine, sine);
  // Negating only what is negative keeps the sign of zeros.
  return m.select(m.bitOr(at(2), at(3)), m.neg(value), value);
}

Value emitSin(const LaneMath &m, Value x) { return emitSine(m, x, 0); }
Value emitCos(const LaneMath &m, Value x) { return emitSine(m, x, 1); }

Value emitTan(const LaneMath &m, Value x) {
  Angle angle = reduceAngle(m, x);
  Value sine = emitSinOfRest(m, angle.rest), cosine = emitCosOfRest(m, angle.rest);
  Value isOdd = m.bitOr(equals(m, angle.quarters, 1), equals(m, angle.quarters, 3));
  return m.div(m.select(isOdd, m.neg(cosine), sine), m.select(isOdd, sine, cosine));
}

// arcsin of 0 to 1/2: a + a^3 P(a^2), error 2.8e-10.
static Value emitSmallAsin(const LaneMath &m, Value a, Value square) {
  Value p = evaluatePolynomial(m, square,
                               {0.166666599727, 0.0750050538278, 0.0445167083183, 0.0318099122025,
                                0.0144298378434, 0.0375293829921});
  return m.fma(m.mul(a, square), p, a);
}

namespace {
/// What arcsin and arccos share: arcsin of `a`, which is |x| up to 1/2, and beyond that
/// sqrt((1 - |x|) / 2), whose arcsin is half of arccos |x|.
struct Arc {
  Value isSmall, asin;
};
} // namespace

static Arc emitArc(const LaneMath &m, Value magnitude) {
  Value isSmall = m.cmp(CmpFPredicate::OLE, magnitude, m.f(0.5));
  Value half = m.mul(m.sub(m.f(1), magnitude), m.f(0.5));
  Value square = m.select(isSmall, m.mul(magnitude, magnitude), half);
  Value a = m.select(isSmall, magnitude, m.sqrt(half));
  return {isSmall, emitSmallAsin(m, a, square)};
}

Value emitAsin(const LaneMath &m, Value x) {
  Arc arc = emitArc(m, m.abs(x));
  Value large = m.fma(arc.asin, m.f(-2), m.f(kPi / 2));
  return copySign(m, m.select(arc.isSmall, arc.asin, large), x);
}

Value emitAcos(const LaneMath &m, Value x) {
  Arc arc = emitArc(m, m.abs(x));
  Value twice = m.add(arc.asin, arc.asin);
  Value isNegative = m.less(x, m.f(0));
  Value large = m.select(isNegative, m.sub(m.f(kPi), twice), twice);
  Value small = m.sub(m.f(kPi / 2), copySign(m, arc.asin, x));
  return m.select(arc.isSmall, small, large);
}

// Up to 1: a + a^3 P(a^2), error 4e-10. Above: pi / 2 less that of 1 / a.
Value emitAtan(const LaneMath &m, Value x) {
  Value magnitude = m.abs(x);
  Value isLarge = m.less(m.f(1), magnitude);
  Value a = m.select(isLarge, m.div(m.f(1), magnitude), magnitude);
  Value z = m.mul(a, a);
  Value p = evaluatePolynomial(m, z,
                               {-0.333333268995, 0.199996711218, -0.142798330386, 0.110582236073,
                                -0.0881109113276, 0.0674159666367, -0.0446899358871,
                                0.0225398626062, -0.00731795463229, 0.00111378840648});
  Value small = m.fma(m.mul(a, z), p, a);
  return copySign(m, m.select(isLarge, m.sub(m.f(kPi / 2), small), small), x);
}

// Up to 1: a + a^3 P(a^2), error 5.2e-11. Above: h - 1 / (4 h), h = exp(a) / 2.
Value emitSinh(const LaneMath &m, Value x) {
  Value magnitude = m.abs(x);
  Value z = m.mul(x, x);
  Value p = evaluatePolynomial(
      m, z, {0.166666664976, 0.00833335005819, 0.000198361597756, 2.81695123791e-06});
  Value small = m.fma(m.mul(magnitude, z), p, magnitude);
  Value h = emitHalfExp(m, magnitude);
  Value large = m.sub(h, m.div(m.f(0.25), h));
  return copySign(m, m.select(m.cmp(CmpFPredicate::OLE, magnitude, m.f(1)), small, large), x);
}

Value emitCosh(const LaneMath &m, Value x) {
  Value h = emitHalfExp(m, m.abs(x));
  return m.add(h, m.div(m.f(0.25), h));
}

// ln(1 + u) of u >= 0: 1 + u is rounded; what that leaves out, over 1 + u, is the next term.
static Value emitLogOfOnePlus(const LaneMath &m, Value u) {
  Value sum = m.add(m.f(1), u);
  // The difference is exact for the larger of both.
  Value lost =
      m.select(m.less(u, m.f(1)), m.sub(u, m.sub(sum, m.f(1))), m.sub(m.f(1), m.sub(sum, u)));
  Value logarithm = emitLog(m, sum);
  Value isFinite = m.less(sum, m.f(kInfinity));
  return m.select(isFinite, m.add(logarithm, m.div(lost, sum)), logarithm);
}

// From here on squares overflow, and 1 is nothing beside them.
static constexpr double kLargeArea = 1e10;

// ln(a + sqrt(a^2 + 1)), as ln(1 + ...), which is exact near 0.
Value emitAsinh(const LaneMath &m, Value x) {
  Value a = m.abs(x);
  Value isLarge = m.less(m.f(kLargeArea), a);
  Value bounded = m.select(isLarge, m.f(1), a);
  Value square = m.mul(bounded, bounded);
  Value root = m.sqrt(m.add(square, m.f(1)));
  Value u = m.add(bounded, m.div(square, m.add(root, m.f(1))));
  Value large = m.add(emitLog(m, a), m.f(kLn2));
  return copySign(m, m.select(isLarge, large, emitLogOfOnePlus(m, u)), x);
}

// ln(1 + t + sqrt(t (t + 2))), t = x - 1.
Value emitAcosh(const LaneMath &m, Value x) {
  Value isLarge = m.less(m.f(kLargeArea), x);
  Value t = m.sub(m.select(isLarge, m.f(2), x), m.f(1));
  Value root = m.sqrt(m.mul(t, m.add(t, m.f(2))));
  Value small = emitLogOfOnePlus(m, m.add(t, root));
  small = m.select(m.less(x, m.f(1)), m.f(std::numeric_limits<double>::quiet_NaN()), small);
  return m.select(isLarge, m.add(emitLog(m, x), m.f(kLn2)), small);
}

// ln((1 + a) / (1 - a)) / 2 as ln(1 + 2 a / (1 - a)) / 2.
Value emitAtanh(const LaneMath &m, Value x) {
  Value a = m.abs(x);
  Value u = m.div(m.add(a, a), m.sub(m.f(1), a));
  Value y = m.mul(emitLogOfOnePlus(m, u), m.f(0.5));
  y = m.select(m.less(m.f(1), a), m.f(std::numeric_limits<double>::quiet_NaN()), y);
  return copySign(m, y, x);
}

// max(x, 0) + ln(1 + exp(-|x|)), which neither overflows nor loses what is small.
Value emitSoftplus(const LaneMath &m, Value x) {
  Value tail = emitLogOfOnePlus(m, emitExp(m, m.neg(m.abs(x))));
  return m.add(m.max(x, m.f(0)), tail);
}

} // namespace octet::codegen
