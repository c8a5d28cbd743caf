// Values meet memory as bf16 only here: in front of this pass all arithmetic is on f32
// tensors with casts between, behind it casts are inside groups, where they cost an
// instruction or two in registers.

#include "dialect/TransformerOps.h"
#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_FUSECASTS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

Type getElement(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

bool isNarrowing(CastOp cast) {
  return getElement(cast.getX()).isF32() && getElement(cast.getY()).isBF16();
}
bool isWidening(CastOp cast) {
  return getElement(cast.getX()).isBF16() && getElement(cast.getY()).isF32();
}

// The bf16 value that `value` was widened from, or null.
Value getNarrow(Value value) {
  auto cast = value.getDefiningOp<CastOp>();
  return cast && isWidening(cast) ? cast.getX() : Value();
}

// The cast to bf16 that is the only reader of `value`, or null.
CastOp getOnlyNarrowing(Value value) {
  auto cast = value.hasOneUse() ? dyn_cast<CastOp>(*value.getUsers().begin()) : CastOp();
  return cast && isNarrowing(cast) ? cast : CastOp();
}

RankedTensorType withBF16(Value value) {
  return withElementType(cast<RankedTensorType>(value.getType()),
                         BFloat16Type::get(value.getContext()));
}

// A constant rounded by B1, or null for another value.
Value roundConstant(OpBuilder &builder, Value value) {
  ElementsAttr attr = value ? getConstantValue(value) : ElementsAttr();
  if (!attr)
    return {};
  auto real = reference::Tensor::fromAttr(attr, cast<RankedTensorType>(value.getType()));
  reference::Tensor narrow(withBF16(value));
  for (int64_t i = 0; i < real.size(); ++i)
    narrow.setFloat(i, real.getFloat(i));
  return ConstantOp::create(builder, value.getLoc(), narrow.getType(),
                            narrow.toAttr(getTensorName(value.getLoc())));
}

struct FuseCasts : impl::FuseCastsBase<FuseCasts> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (!isBF16(&op))
          continue;
        if (auto group = dyn_cast<FusedOp>(op))
          narrowRoot(group);
        else if (getRole(&op) == QuantizationRole::Contraction)
          narrowRoot(wrapIntoGroup(&op));
        else if (movesElements(&op))
          moveNarrow(&op);
        else
          narrowInMemory(&op);
      }
      cancelPairs(block);
      eraseDeadOps(block);
      for (Operation &op : llvm::make_early_inc_range(block))
        if (auto group = dyn_cast<FusedOp>(op)) {
          takeNarrowing(group);
          takeWidenings(group);
        }
      eraseDeadOps(block);
      for (Operation &op : llvm::make_early_inc_range(block))
        if (auto cast = dyn_cast<CastOp>(op); cast && (isNarrowing(cast) || isWidening(cast)))
          wrapIntoGroup(cast);
    }
  }

private:
  // What a root reads as bf16 from memory: operand 0, of a contraction operand 1 as well, and
  // all activations that an op multiplies with one another.
  static void narrowRoot(FusedOp group) {
    Operation *root = group.getRoot();
    QuantizationRole role = getRole(root);
    auto activations = dyn_cast_or_null<IntegerActivationsOpInterface>(root);
    bool multiplies = activations || role == QuantizationRole::Contraction;
    if (!root || (!multiplies && role != QuantizationRole::Averaging))
      return;
    unsigned count = activations ? activations.getIntegerOperandCount() : multiplies ? 2 : 1;
    OpBuilder builder(group);
    SmallVector<Value> operands;
    for (unsigned i = 0; i < count; ++i) {
      Value outside = getOutsideOperand(group, i);
      Value narrow = outside ? getNarrow(outside) : Value();
      if (!narrow && (activations || i == 1))
        narrow = roundConstant(builder, outside);
      if (!narrow) {
        if (multiplies)
          fallBackToF32(group, "reads f32");
        return;
      }
      operands.push_back(narrow);
    }
    for (auto [i, argument] : llvm::enumerate(prependGroupInputs(group, operands)))
      root->setOperand(i, argument);
    tidyGroupInputs(group);
  }

  // op(widened) becomes widened(op).
  static void moveNarrow(Operation *op) {
    Value result = op->getResult(0);
    bool isNarrowed = getOnlyNarrowing(result) != nullptr;
    OpBuilder builder(op);
    SmallVector<Value> operands(op->getOperands());
    bool anyNarrow = isNarrowed;
    for (Value operand : operands)
      anyNarrow |= getNarrow(operand) != nullptr;
    if (!anyNarrow)
      return;
    for (Value &operand : operands) {
      if (!getElement(operand).isF32()) // indices
        continue;
      Value narrow = getNarrow(operand);
      if (!narrow)
        narrow = roundConstant(builder, operand);
      if (!narrow && isNarrowed)
        narrow = CastOp::create(builder, operand.getLoc(), withBF16(operand), operand);
      if (!narrow)
        return;
      operand = narrow;
    }
    Operation *moved = builder.clone(*op);
    moved->setOperands(operands);
    moved->getResult(0).setType(withBF16(result));
    result.replaceAllUsesWith(
        CastOp::create(builder, op->getLoc(), result.getType(), moved->getResult(0)).getY());
  }

  // widened -> op -> narrowed becomes op on bf16.
  static void narrowInMemory(Operation *op) {
    Value x = getNarrow(op->getOperand(0));
    CastOp narrowing = getOnlyNarrowing(op->getResult(0));
    if (!x || !narrowing)
      return fallBackToF32(op, x ? "its result is read in f32" : "reads f32");
    op->setOperand(0, x);
    op->getResult(0).setType(narrowing.getY().getType());
    // The walk may stand on the cast next; it dies with the other dead ops.
    narrowing.getY().replaceAllUsesWith(op->getResult(0));
  }

  static void cancelPairs(Block &block) {
    for (Operation &op : block)
      if (auto cast = dyn_cast<CastOp>(op); cast && isNarrowing(cast))
        if (Value narrow = getNarrow(cast.getX()))
          cast.getY().replaceAllUsesWith(narrow);
  }

  static void takeNarrowing(FusedOp group) {
    CastOp narrowing = getOnlyNarrowing(group.getY());
    if (!narrowing)
      return;
    auto yield = cast<YieldOp>(group.getBlock().getTerminator());
    OpBuilder builder(yield);
    auto inner =
        CastOp::create(builder, narrowing.getLoc(), narrowing.getY().getType(), yield.getValue());
    yield.getValueMutable().assign(inner.getY());
    group.getY().setType(inner.getY().getType());
    narrowing.getY().replaceAllUsesWith(group.getY());
  }

  // Behind the root, where epilogues stand.
  static void takeWidenings(FusedOp group) {
    Operation *root = group.getRoot();
    for (unsigned i = 0; i < group.getInputs().size(); ++i) {
      Value narrow = getNarrow(group.getInputs()[i]);
      BlockArgument argument = group.getBlock().getArgument(i);
      if (!narrow || (root && llvm::is_contained(root->getOperands(), argument)))
        continue;
      OpBuilder builder = OpBuilder::atBlockBegin(&group.getBlock());
      if (root)
        builder.setInsertionPointAfter(root);
      Type real = argument.getType();
      argument.setType(narrow.getType());
      auto inner = CastOp::create(builder, group.getInputs()[i].getLoc(), real, argument);
      group.getInputsMutable()[i].set(narrow);
      argument.replaceAllUsesExcept(inner.getY(), inner);
    }
    tidyGroupInputs(group);
  }
};

} // namespace

} // namespace octet
