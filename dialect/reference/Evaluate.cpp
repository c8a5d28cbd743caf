#include "dialect/reference/Evaluate.h"

using namespace mlir;

namespace octet::reference {

FailureOr<SmallVector<Tensor>> evaluate(Operation *op, ArrayRef<Tensor> operands) {
  return op->emitOpError("has no reference evaluation"), failure();
}

FailureOr<SmallVector<Tensor>> evaluate(func::FuncOp function, ArrayRef<Tensor> arguments) {
  DenseMap<Value, Tensor> values;
  for (auto [argument, tensor] : llvm::zip(function.getArguments(), arguments))
    values[argument] = tensor;
  SmallVector<Tensor> results;
  for (Operation &op : function.getBody().front()) {
    SmallVector<Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    auto outcome = evaluate(&op, operands);
    if (failed(outcome))
      return failure();
    for (auto [result, tensor] : llvm::zip(op.getResults(), *outcome))
      values[result] = tensor;
  }
  return results;
}

bool isFoldable(Operation *op, int64_t maxElements) {
  if (isa<ConstantOp>(op) || op->getNumOperands() == 0 || op->getDialect() == nullptr ||
      !isa<OctetDialect>(op->getDialect()))
    return false;
  for (Value operand : op->getOperands())
    if (!getConstantValue(operand))
      return false;
  for (Type type : op->getResultTypes())
    if (cast<RankedTensorType>(type).getNumElements() > maxElements)
      return false;
  return true;
}

FailureOr<SmallVector<ElementsAttr>> foldConstants(Operation *op) {
  SmallVector<Tensor> operands;
  for (Value operand : op->getOperands())
    operands.push_back(Tensor::fromAttr(getConstantValue(operand),
                                        cast<RankedTensorType>(operand.getType())));
  auto results = evaluate(op, operands);
  if (failed(results))
    return failure();
  SmallVector<ElementsAttr> attrs;
  for (const Tensor &tensor : *results)
    attrs.push_back(tensor.toAttr(getTensorName(op->getLoc())));
  return attrs;
}

} // namespace octet::reference
