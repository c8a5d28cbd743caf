// Ops whose result elements depend on one element of each operand.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet {

template <typename OpTy>
static void importUnary(NodeReader &node, NodeBuilder &build) {
  if (Value x = node.input(0))
    build.setResult(build.create<OpTy>(x));
}

template <typename OpTy>
static void importBinary(NodeReader &node, NodeBuilder &build) {
  Value a = node.input(0), b = node.input(1);
  if (a && b)
    build.setResult(build.create<OpTy>(a, b));
}

// Any number of operands becomes a chain.
template <typename OpTy>
static Value importChain(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> inputs = node.allInputs();
  if (node.failed())
    return {};
  Value result = inputs.front();
  for (Value input : ArrayRef(inputs).drop_front())
    result = build.create<OpTy>(result, input);
  return result;
}

#define UNARY(NAME, OP)                                                                            \
  void NAME(NodeReader &node, NodeBuilder &build) { importUnary<OP>(node, build); }
#define BINARY(NAME, OP)                                                                           \
  void NAME(NodeReader &node, NodeBuilder &build) { importBinary<OP>(node, build); }

UNARY(importAbs, AbsOp)
UNARY(importCeil, CeilOp)
UNARY(importErf, ErfOp)
UNARY(importExp, ExpOp)
UNARY(importFloor, FloorOp)
UNARY(importHardSwish, HardSwishOp)
UNARY(importLog, LogOp)
UNARY(importNeg, NegOp)
UNARY(importReciprocal, ReciprocalOp)
UNARY(importRelu, ReluOp)
UNARY(importRound, RoundOp)
UNARY(importSigmoid, SigmoidOp)
UNARY(importSqrt, SqrtOp)
UNARY(importTanh, TanhOp)
BINARY(importAdd, AddOp)
BINARY(importDiv, DivOp)
BINARY(importMul, MulOp)
BINARY(importPRelu, PReluOp)
BINARY(importSub, SubOp)

#undef UNARY
#undef BINARY

void importSum(NodeReader &node, NodeBuilder &build) {
  build.setResult(importChain<AddOp>(node, build));
}
void importMax(NodeReader &node, NodeBuilder &build) {
  build.setResult(importChain<MaxOp>(node, build));
}
void importMin(NodeReader &node, NodeBuilder &build) {
  build.setResult(importChain<MinOp>(node, build));
}
void importMean(NodeReader &node, NodeBuilder &build) {
  Value sum = importChain<AddOp>(node, build);
  if (node.failed() || node.getNumInputs() == 1)
    return build.setResult(sum);
  Type element = node.inputType(0).getElementType();
  build.setResult(build.create<DivOp>(sum, build.scalar(element, node.getNumInputs())));
}

// Since opset 12 the exponent may have a type of its own.
void importPow(NodeReader &node, NodeBuilder &build) {
  Value a = node.input(0), b = node.input(1);
  if (a && b)
    build.setResult(build.create<PowOp>(a, build.cast(b, node.inputType(0).getElementType())));
}

void importLeakyRelu(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  float alpha = node.number("alpha", 0.01f);
  if (x)
    build.setResult(build.create<LeakyReluOp>(x, APFloat(alpha)));
}

void importElu(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  float alpha = node.number("alpha", 1.0f);
  if (x)
    build.setResult(build.create<EluOp>(x, APFloat(alpha)));
}

void importHardSigmoid(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  float alpha = node.number("alpha", 0.2f), beta = node.number("beta", 0.5f);
  if (x)
    build.setResult(build.create<HardSigmoidOp>(x, APFloat(alpha), APFloat(beta)));
}

// Bounds are attributes up to opset 10, inputs since. Constant ones on f32 become
// octet.clip; others min and max.
void importClip(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  if (!x)
    return;
  Value low = node.optionalInput(1), high = node.optionalInput(2);
  auto isConstant = [](Value bound) { return !bound || getConstantValue(bound); };
  if (!node.inputType(0).getElementType().isF32() || !isConstant(low) || !isConstant(high)) {
    if (low)
      x = build.create<MaxOp>(x, low);
    if (high)
      x = build.create<MinOp>(x, high);
    return build.setResult(x);
  }
  auto bound = [&](unsigned i, StringRef what, float fallback) {
    float value = node.number(i == 1 ? "min" : "max", fallback);
    if (node.hasInput(i)) {
      auto values = node.constantNumbers(i, what);
      if (values && values->size() != 1)
        node.error() << "expected one number as " << what << ", got " << values->size();
      else if (values)
        value = values->front();
    }
    if (std::isnan(value))
      node.error() << "expected a number as " << what << ", got NaN";
    return value;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float least = bound(1, "min", -kInfinity), most = bound(2, "max", kInfinity);
  // Where the bounds cross, ONNX means min(max(x, low), high), which is high.
  build.setResult(build.create<ClipOp>(x, APFloat(std::min(least, most)), APFloat(most)));
}

void importCast(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  int64_t to = node.requiredInteger("to");
  // These two only matter for 8-bit floating point, which octet has not.
  node.integer("saturate", 1);
  node.text("round_mode", "up");
  if (!x || node.failed())
    return;
  int dataType = static_cast<int>(std::clamp<int64_t>(to, -1, 99));
  Type element = getStoredElementType(node.getContext(), dataType);
  if (!element) {
    node.error() << "cast to " << getDataTypeName(dataType) << " is not supported";
    return;
  }
  importCastTo(node, build, x, element);
}

void importIdentity(NodeReader &node, NodeBuilder &build) { build.setResult(node.input(0)); }

} // namespace octet
