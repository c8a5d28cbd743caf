#include "passes/quantize/Graph.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "passes/quantize/Attributes.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;

namespace octet {

Operation *getRootOp(Operation *op) {
  if (auto group = dyn_cast<FusedOp>(op))
    return group.getRoot();
  return op;
}

QuantizationRole getRole(Operation *root) {
  if (!root)
    return QuantizationRole::Real;
  auto quantizable = dyn_cast<QuantizableOpInterface>(root);
  return quantizable ? quantizable.getQuantizationRole() : QuantizationRole::Float;
}

bool isRootOperand(OpOperand &operand, Operation *root) {
  auto group = dyn_cast<FusedOp>(operand.getOwner());
  if (!group)
    return true;
  BlockArgument argument = group.getBlock().getArgument(operand.getOperandNumber());
  return llvm::is_contained(root->getOperands(), argument);
}

bool isInt8Contraction(Operation *op) {
  return isInt8(op) && getRole(getRootOp(op)) == QuantizationRole::Contraction;
}

Value getOutsideOperand(FusedOp group, unsigned i) {
  auto argument = dyn_cast<BlockArgument>(group.getRoot()->getOperand(i));
  return argument ? group.getInputs()[argument.getArgNumber()] : Value();
}

bool movesElements(Operation *op) {
  switch (getRole(op)) {
  case QuantizationRole::Transparent:
    return true;
  case QuantizationRole::Resampling: {
    auto mode = op->getAttrOfType<ResizeModeAttr>("mode");
    return mode && mode.getValue() == ResizeMode::Nearest;
  }
  default:
    return false;
  }
}

bool movesIntegers(Operation *op) {
  if (!movesElements(op))
    return false;
  // A constant border other than 0 may lie outside the operand's range.
  auto pad = dyn_cast<PadOp>(op);
  return !pad || pad.getMode() != PadMode::Constant || pad.getValue().isZero();
}

SmallVector<Value> prependGroupInputs(FusedOp group, ValueRange values) {
  SmallVector<Value> arguments, inputs(values);
  for (auto [i, value] : llvm::enumerate(values))
    arguments.push_back(group.getBlock().insertArgument(i, value.getType(), value.getLoc()));
  llvm::append_range(inputs, group.getInputs());
  group.getInputsMutable().assign(inputs);
  return arguments;
}

void eraseDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

void tidyGroupInputs(FusedOp group) {
  Block &block = group.getBlock();
  SmallVector<Value> kept;
  llvm::BitVector dropped(block.getNumArguments());
  DenseMap<Value, unsigned> first;
  for (auto [i, value] : llvm::enumerate(group.getInputs())) {
    BlockArgument argument = block.getArgument(i);
    auto [it, isNew] = first.try_emplace(value, i);
    if (!isNew)
      argument.replaceAllUsesWith(block.getArgument(it->second));
  }
  for (auto [i, value] : llvm::enumerate(group.getInputs())) {
    if (block.getArgument(i).use_empty())
      dropped.set(i);
    else
      kept.push_back(value);
  }
  block.eraseArguments(dropped);
  group.getInputsMutable().assign(kept);
}

FusedOp wrapIntoGroup(Operation *op) {
  OpBuilder builder(op);
  auto group =
      FusedOp::create(builder, op->getLoc(), op->getResult(0).getType(), op->getOperands());
  Block &block = group.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, block.addArgument(operand.getType(), operand.getLoc()));
  builder.setInsertionPointToStart(&block);
  Operation *inner = builder.clone(*op, mapping);
  for (StringRef name : {kPrecisionAttr, kReasonAttr})
    if (Attribute attr = inner->removeAttr(name))
      group->setAttr(name, attr);
  YieldOp::create(builder, op->getLoc(), inner->getResult(0));
  op->getResult(0).replaceAllUsesWith(group.getY());
  op->erase();
  return group;
}

} // namespace octet
