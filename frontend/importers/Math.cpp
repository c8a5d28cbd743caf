// Functions of one element. What a few ops compute to f32 precision is made of those;
// the rest has an op of its own.

#include "dialect/MathOps.h"
#include "frontend/Composition.h"
#include "frontend/OpTable.h"

#include <cmath>

using namespace mlir;

namespace octet {

static constexpr double kSqrtHalf = 0.70710678118654752440;

template <typename Compute>
static void importFunction(NodeReader &node, NodeBuilder &build, Compute compute) {
  Value x = node.input(0);
  Composition c(build);
  if (!node.failed())
    build.setResult(c.inF32(x, [&](Value real) { return compute(c, real); }));
}

#define FUNCTION(NAME, OP)                                                                         \
  void NAME(NodeReader &node, NodeBuilder &build) {                                                \
    importFunction(node, build, [](Composition &c, Value x) { return c.unary<OP>(x); });           \
  }

FUNCTION(importAcos, AcosOp)
FUNCTION(importAcosh, AcoshOp)
FUNCTION(importAsin, AsinOp)
FUNCTION(importAsinh, AsinhOp)
FUNCTION(importAtan, AtanOp)
FUNCTION(importAtanh, AtanhOp)
FUNCTION(importCos, CosOp)
FUNCTION(importCosh, CoshOp)
FUNCTION(importSin, SinOp)
FUNCTION(importSinh, SinhOp)
FUNCTION(importSoftplus, SoftplusOp)
FUNCTION(importTan, TanOp)

#undef FUNCTION

// x / (1 + |x|)
void importSoftsign(NodeReader &node, NodeBuilder &build) {
  importFunction(node, build,
                 [](Composition &c, Value x) { return c.div(x, c.add(c.unary<AbsOp>(x), 1)); });
}

static Value elu(NodeBuilder &build, Value x, float alpha) {
  return x ? build.create<EluOp>(x, APFloat(alpha)) : x;
}

void importSelu(NodeReader &node, NodeBuilder &build) {
  float alpha = node.number("alpha", 1.67326319217681884765625f),
        gamma = node.number("gamma", 1.05070102214813232421875f);
  importFunction(node, build,
                 [&](Composition &c, Value x) { return c.mul(elu(build, x, alpha), gamma); });
}

// max(0, x) + min(0, alpha (exp(x / alpha) - 1)) = alpha elu(x / alpha), for either sign of
// alpha only where that is positive.
void importCelu(NodeReader &node, NodeBuilder &build) {
  float alpha = node.number("alpha", 1.0f);
  if (!(alpha > 0))
    node.error() << "expected a positive alpha, got " << alpha;
  importFunction(node, build, [&](Composition &c, Value x) {
    if (alpha == 1)
      return elu(build, x, 1);
    return c.mul(elu(build, c.div(x, alpha), 1), alpha);
  });
}

void importThresholdedRelu(NodeReader &node, NodeBuilder &build) {
  float alpha = node.number("alpha", 1.0f);
  importFunction(node, build, [&](Composition &c, Value x) {
    Value above = c.compare(ComparePredicate::Greater, x, c.number(x, alpha));
    return c.select(above, x, c.number(x, 0));
  });
}

void importShrink(NodeReader &node, NodeBuilder &build) {
  float lambda = node.number("lambd", 0.5f), bias = node.number("bias", 0.0f);
  importFunction(node, build, [&](Composition &c, Value x) {
    Value below = c.compare(ComparePredicate::Less, x, c.number(x, -lambda)),
          above = c.compare(ComparePredicate::Greater, x, c.number(x, lambda));
    return c.select(below, c.add(x, bias), c.select(above, c.add(x, -bias), c.number(x, 0)));
  });
}

// x tanh(ln(1 + exp(x)))
void importMish(NodeReader &node, NodeBuilder &build) {
  importFunction(node, build, [](Composition &c, Value x) {
    return c.mul(x, c.unary<TanhOp>(c.unary<SoftplusOp>(x)));
  });
}

void importSwish(NodeReader &node, NodeBuilder &build) {
  float alpha = node.number("alpha", node.getOpType() == "QuickGelu" ? 1.702f : 1.0f);
  importFunction(node, build, [&](Composition &c, Value x) {
    if (alpha == 1)
      return c.unary<SiluOp>(x);
    return c.mul(x, c.unary<SigmoidOp>(c.mul(x, alpha)));
  });
}

// x (1 + erf(x / sqrt 2)) / 2
static Value gelu(Composition &c, Value x) {
  Value error = c.unary<ErfOp>(c.mul(x, kSqrtHalf));
  return c.mul(c.mul(x, c.add(error, 1)), 0.5);
}

// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
static Value tanhGelu(Composition &c, Value x) {
  constexpr double kSqrtTwoOverPi = 0.79788456080286535588;
  Value cube = c.mul(c.square(x), x);
  Value inner = c.mul(c.add(x, c.mul(cube, 0.044715)), kSqrtTwoOverPi);
  return c.mul(c.mul(x, c.add(c.unary<TanhOp>(inner), 1)), 0.5);
}

void importGelu(NodeReader &node, NodeBuilder &build) {
  StringRef approximate = node.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    node.error() << "expected approximate 'none' or 'tanh', got '" << approximate << "'";
  importFunction(node, build, [&](Composition &c, Value x) {
    return approximate == "none" ? gelu(c, x) : tanhGelu(c, x);
  });
}

// With an optional bias before the function.
static void importBiased(NodeReader &node, NodeBuilder &build,
                         Value (*function)(Composition &, Value)) {
  Value bias = node.optionalInput(1);
  importFunction(node, build, [&](Composition &c, Value x) {
    Value real = c.cast(bias, Float32Type::get(node.getContext()));
    return function(c, real ? c.add(x, real) : x);
  });
}
void importBiasGelu(NodeReader &node, NodeBuilder &build) { importBiased(node, build, gelu); }
void importFastGelu(NodeReader &node, NodeBuilder &build) { importBiased(node, build, tanhGelu); }

// 1 at the first of the largest elements along the last axis of `x`: the least index of
// those that are equal to the maximum.
static Value hardmax(NodeBuilder &build, Value x, int64_t axis) {
  Composition c(build);
  auto type = mlir::cast<RankedTensorType>(x.getType());
  Value isLargest = c.compare(ComparePredicate::Equal, x, c.reduce(ReduceKind::Max, x, {axis}));
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[axis] = type.getDimSize(axis);
  if (!build.checkGenerated(shape[axis]))
    return {};
  reference::Tensor counts(RankedTensorType::get(shape, build.getBuilder().getI32Type()));
  for (int64_t i = 0; i < counts.size(); ++i)
    counts.setInteger(i, i);
  Value indices = build.constant(counts.toAttr("indices"));
  Value candidates = c.select(isLargest, indices, c.number(indices, shape[axis]));
  Value first = c.reduce(ReduceKind::Min, candidates, {axis});
  return c.cast(c.compare(ComparePredicate::Equal, indices, first), type.getElementType());
}

void importHardmax(NodeReader &node, NodeBuilder &build) {
  auto axis = node.axis(node.integer("axis", -1), node.inputType(0).getRank());
  Value x = node.input(0);
  if (axis && !node.failed())
    build.setResult(hardmax(build, x, *axis));
}

// Before opset 13 the dimensions from `axis` on are one.
void importHardmaxCoerced(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 1), type.getRank());
  Value x = node.input(0);
  if (!axis || node.failed())
    return;
  int64_t rows = 1, columns = 1;
  for (auto [i, extent] : llvm::enumerate(type.getShape()))
    (static_cast<int64_t>(i) < *axis ? rows : columns) *= extent;
  Composition c(build);
  if (Value matrix = c.reshape(x, {rows, columns}))
    build.setResult(c.reshape(hardmax(build, matrix, 1), type.getShape()));
}

} // namespace octet
