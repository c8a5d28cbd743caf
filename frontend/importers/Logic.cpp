// Ops that compare, choose and act on bits. What tells classes of floats apart (IsNaN, IsInf,
// Sign) is made of comparisons.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"

#include "dialect/LogicOps.h"

#include <limits>

using namespace mlir;

namespace octet {

static void importCompare(NodeReader &node, NodeBuilder &build, ComparePredicate kind) {
  Value a = node.input(0), b = node.input(1);
  if (a && b)
    build.setResult(build.create<CompareOp>(a, b, kind));
}

// Whether input `i` has such elements; reports where not.
static bool expectElements(NodeReader &node, unsigned i, bool isRight, StringRef what) {
  if (node.failed())
    return false;
  if (!isRight)
    node.error() << "expected " << what << " as input " << i << ", got "
                 << getElementTypeName(node.inputType(i).getElementType());
  return isRight;
}
static bool expectBooleans(NodeReader &node, unsigned i) {
  return expectElements(node, i, node.inputType(i).getElementType().isInteger(1), "bool");
}
static bool expectIntegers(NodeReader &node, unsigned i) {
  Type element = node.inputType(i).getElementType();
  return expectElements(node, i, isa<IntegerType>(element) && !element.isInteger(1), "integers");
}

static void importLogical(NodeReader &node, NodeBuilder &build, BitwiseKind kind) {
  Value a = node.input(0), b = node.input(1);
  if (expectBooleans(node, 0) && expectBooleans(node, 1))
    build.setResult(build.create<BitwiseOp>(a, b, kind));
}

static void importBitwise(NodeReader &node, NodeBuilder &build, BitwiseKind kind) {
  Value a = node.input(0), b = node.input(1);
  if (expectIntegers(node, 0) && expectIntegers(node, 1))
    build.setResult(build.create<BitwiseOp>(a, b, kind));
}

#define COMPARE(NAME, KIND)                                                                        \
  void NAME(NodeReader &node, NodeBuilder &build) {                                                \
    importCompare(node, build, ComparePredicate::KIND);                                            \
  }
#define LOGICAL(NAME, KIND)                                                                        \
  void NAME(NodeReader &node, NodeBuilder &build) { importLogical(node, build, BitwiseKind::KIND); }
#define BITWISE(NAME, KIND)                                                                        \
  void NAME(NodeReader &node, NodeBuilder &build) { importBitwise(node, build, BitwiseKind::KIND); }

COMPARE(importEqual, Equal)
COMPARE(importGreater, Greater)
COMPARE(importGreaterOrEqual, GreaterOrEqual)
COMPARE(importLess, Less)
COMPARE(importLessOrEqual, LessOrEqual)
LOGICAL(importAnd, And)
LOGICAL(importOr, Or)
LOGICAL(importXor, Xor)
BITWISE(importBitwiseAnd, And)
BITWISE(importBitwiseOr, Or)
BITWISE(importBitwiseXor, Xor)

#undef COMPARE
#undef LOGICAL
#undef BITWISE

static void importComplement(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  Value ones = build.scalar(node.inputType(0).getElementType(), -1);
  build.setResult(build.create<BitwiseOp>(x, ones, BitwiseKind::Xor));
}
void importNot(NodeReader &node, NodeBuilder &build) {
  if (expectBooleans(node, 0))
    importComplement(node, build);
}
void importBitwiseNot(NodeReader &node, NodeBuilder &build) {
  if (expectIntegers(node, 0))
    importComplement(node, build);
}

void importBitShift(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), places = node.input(1);
  StringRef direction = node.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    node.error() << "expected direction LEFT or RIGHT, got '" << direction << "'";
  if (!node.failed())
    build.setResult(build.create<ShiftOp>(
        x, places, direction == "LEFT" ? ShiftDirection::Left : ShiftDirection::Right));
}

void importMod(NodeReader &node, NodeBuilder &build) {
  Value a = node.input(0), b = node.input(1);
  bool truncates = node.flag("fmod", false);
  if (!truncates && isa<FloatType>(node.inputType(0).getElementType()))
    node.error() << "expected attribute 'fmod' to be 1 for floating point, got 0";
  if (!node.failed())
    build.setResult(build.create<ModOp>(a, b, truncates ? ModKind::Trunc : ModKind::Floor));
}

void importWhere(NodeReader &node, NodeBuilder &build) {
  Value condition = node.input(0), a = node.input(1), b = node.input(2);
  if (expectBooleans(node, 0))
    build.setResult(build.create<SelectOp>(condition, a, b));
}

static bool expectFloats(NodeReader &node) {
  return expectElements(node, 0, isa<FloatType>(node.inputType(0).getElementType()),
                        "floating point");
}

void importIsNaN(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  if (expectFloats(node))
    build.setResult(build.create<CompareOp>(x, x, ComparePredicate::NotEqual));
}

void importIsInf(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  bool negative = node.flag("detect_negative", true), positive = node.flag("detect_positive", true);
  if (!expectFloats(node))
    return;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto equals = [&](double value) {
    Value constant = build.scalar(node.inputType(0).getElementType(), value);
    return build.create<CompareOp>(x, constant, ComparePredicate::Equal);
  };
  if (negative && positive)
    return build.setResult(
        build.create<BitwiseOp>(equals(-kInfinity), equals(kInfinity), BitwiseKind::Or));
  // Nothing is equal to a NaN.
  build.setResult(equals(positive   ? kInfinity
                         : negative ? -kInfinity
                                    : std::numeric_limits<double>::quiet_NaN()));
}

// What is neither above nor below 0 is its own sign: zeros and NaN.
void importSign(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  if (node.failed())
    return;
  Type element = node.inputType(0).getElementType();
  if (element.isInteger(1)) {
    node.error() << "expected numbers, got bool";
    return;
  }
  Value zero = build.scalar(element, 0), one = build.scalar(element, 1);
  Value above = build.create<CompareOp>(x, zero, ComparePredicate::Greater);
  Value result = build.create<SelectOp>(above, one, x);
  if (!element.isUnsignedInteger()) {
    Value below = build.create<CompareOp>(x, zero, ComparePredicate::Less);
    result = build.create<SelectOp>(below, build.scalar(element, -1), result);
  }
  build.setResult(result);
}

void importCastLike(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), like = node.input(1);
  // These two only matter for 8-bit floating point, which octet has not.
  node.integer("saturate", 1);
  node.text("round_mode", "up");
  if (x && like && !node.failed())
    importCastTo(node, build, x, getNumbersType(node.inputType(1).getElementType()));
}

} // namespace octet
