// After this pass memory holds exactly the values between groups: a border inside
// a group is a few instructions in registers, a border outside would be a pass
// over memory.

#include "dialect/TransformerOps.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_FUSEQDQ
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

bool isBorder(Operation *op) { return isa<QuantizeOp, DequantizeOp, RequantizeOp, LookupOp>(op); }

// The quantize that is the only reader of `value`, or null.
QuantizeOp getOnlyQuantize(Value value) {
  return value.hasOneUse() ? dyn_cast<QuantizeOp>(*value.getUsers().begin()) : QuantizeOp();
}

// Ops with a scale of their own for operand and result (Q9, Q10).
bool isAveraging(Operation *op) {
  QuantizationRole role = getRole(op);
  return role == QuantizationRole::Averaging || role == QuantizationRole::Resampling;
}

struct FuseQdq : impl::FuseQdqBase<FuseQdq> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      // Borders are erased on the way, other ops are not.
      SmallVector<Operation *> others;
      for (Operation &op : block)
        if (!isBorder(&op))
          others.push_back(&op);
      for (Operation *op : others) {
        if (auto group = dyn_cast<FusedOp>(op)) {
          takeQuantize(group);
          takeActivations(group);
          takeDequantizes(group);
        } else if (isInt8(op) && isAveraging(op)) {
          narrow(op);
        }
      }
      eraseDeadOps(block);
      for (Operation &op : llvm::make_early_inc_range(block))
        if (isBorder(&op))
          wrapIntoGroup(&op);
    }
  }

private:
  // quantize(group) -> group with the quantize before its yield.
  static void takeQuantize(FusedOp group) {
    QuantizeOp quantize = getOnlyQuantize(group.getY());
    if (!quantize)
      return;
    auto yield = cast<YieldOp>(group.getBlock().getTerminator());
    OpBuilder builder(yield);
    auto inner =
        QuantizeOp::create(builder, quantize.getLoc(), quantize.getY().getType(), yield.getValue());
    yield.getValueMutable().assign(inner.getY());
    group.getY().setType(inner.getY().getType());
    quantize.getY().replaceAllUsesWith(group.getY());
    quantize.erase();
  }

  // A root that multiplies activations reads them as integers, or none of them.
  static void takeActivations(FusedOp group) {
    auto root = dyn_cast_or_null<IntegerActivationsOpInterface>(group.getRoot());
    if (!root || !isInt8(group))
      return;
    SmallVector<Value> integers;
    for (unsigned i = 0; i < root.getIntegerOperandCount(); ++i) {
      Value outside = getOutsideOperand(group, i);
      auto dequantize = outside ? outside.getDefiningOp<DequantizeOp>() : DequantizeOp();
      auto type =
          dequantize
              ? dyn_cast<quant::UniformQuantizedType>(dequantize.getX().getType().getElementType())
              : quant::UniformQuantizedType();
      if (!type || type.isSigned())
        return fallBackToF32(group, "reads f32");
      integers.push_back(dequantize.getX());
    }
    for (auto [i, argument] : llvm::enumerate(prependGroupInputs(group, integers)))
      root->setOperand(i, argument);
    tidyGroupInputs(group);
  }

  static void takeDequantizes(FusedOp group) {
    Operation *root = group.getRoot();
    for (unsigned i = 0; i < group.getInputs().size(); ++i) {
      auto dequantize = group.getInputs()[i].getDefiningOp<DequantizeOp>();
      if (!dequantize)
        continue;
      BlockArgument argument = group.getBlock().getArgument(i);
      Value integers = dequantize.getX();
      if (root && llvm::is_contained(root->getOperands(), argument)) {
        // The root needs its operand in memory: as integers, or as f32.
        if (!isInt8(group) || !isAveraging(root) || !argument.hasOneUse() ||
            !getOnlyQuantize(root->getResult(0)))
          continue;
        argument.setType(integers.getType());
        group.getInputsMutable()[i].set(integers);
        narrowResult(root);
        continue;
      }
      // Behind the root, where epilogues stand.
      OpBuilder builder = OpBuilder::atBlockBegin(&group.getBlock());
      if (root)
        builder.setInsertionPointAfter(root);
      Type real = argument.getType();
      argument.setType(integers.getType());
      group.getInputsMutable()[i].set(integers);
      auto inner = DequantizeOp::create(builder, dequantize.getLoc(), real, argument);
      argument.replaceAllUsesExcept(inner.getY(), inner);
    }
    tidyGroupInputs(group);
  }

  // dequantize -> op -> quantize becomes op on integers.
  static void narrow(Operation *op) {
    auto dequantize = op->getOperand(0).getDefiningOp<DequantizeOp>();
    if (!dequantize || !getOnlyQuantize(op->getResult(0)))
      return;
    op->setOperand(0, dequantize.getX());
    narrowResult(op);
  }

  static void narrowResult(Operation *op) {
    QuantizeOp quantize = getOnlyQuantize(op->getResult(0));
    Type type = quantize.getY().getType();
    quantize.getY().replaceAllUsesWith(op->getResult(0));
    quantize.erase();
    op->getResult(0).setType(type);
  }
};

} // namespace

} // namespace octet
