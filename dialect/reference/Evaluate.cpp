#include "dialect/reference/Evaluate.h"

#include "dialect/reference/Evaluations.h"

using namespace mlir;

namespace octet::reference {

static const EvaluationTable &getTable() {
  static const EvaluationTable table = [] {
    EvaluationTable table;
    addCastEvaluations(table);
    addContractionEvaluations(table);
    addDoubleEvaluations(table);
    addLogicEvaluations(table);
    addExtentEvaluations(table);
    addIndexEvaluations(table);
    addNormalizationEvaluations(table);
    addQuantEvaluations(table);
    addSampleEvaluations(table);
    addShapeEvaluations(table);
    addStructureEvaluations(table);
    addTransformerEvaluations(table);
    addWindowEvaluations(table);
    return table;
  }();
  return table;
}

static bool hasEvaluation(Operation *op) {
  return isa<ElementwiseOpInterface>(op) || getTable().lookup(op);
}

FailureOr<SmallVector<Tensor>> evaluate(Operation *op, ArrayRef<Tensor> operands) {
  if (!hasEvaluation(op))
    return op->emitOpError("has no reference evaluation"), failure();
  EvaluationTable::Evaluation own = getTable().lookup(op);
  FailureOr<Tensor> result =
      own ? own(op, operands) : evaluateElementwise(cast<ElementwiseOpInterface>(op), operands);
  if (failed(result))
    return failure();
  return SmallVector<Tensor>{*result};
}

FailureOr<SmallVector<Tensor>> evaluate(Block &block, ArrayRef<Tensor> arguments) {
  DenseMap<Value, Tensor> values;
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = tensor;
  for (Operation &op : block.without_terminator()) {
    SmallVector<Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    auto outcome = evaluate(&op, operands);
    if (failed(outcome))
      return failure();
    for (auto [result, tensor] : llvm::zip_equal(op.getResults(), *outcome))
      values[result] = tensor;
  }
  SmallVector<Tensor> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(values.lookup(value));
  return results;
}

FailureOr<SmallVector<Tensor>> evaluate(func::FuncOp function, ArrayRef<Tensor> arguments) {
  return evaluate(function.getBody().front(), arguments);
}

bool isFoldable(Operation *op, int64_t maxElements) {
  if (op->getNumOperands() == 0 || !hasEvaluation(op))
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
    operands.push_back(
        Tensor::fromAttr(getConstantValue(operand), cast<RankedTensorType>(operand.getType())));
  auto results = evaluate(op, operands);
  if (failed(results))
    return failure();
  SmallVector<ElementsAttr> attrs;
  for (const Tensor &tensor : *results)
    attrs.push_back(tensor.toAttr(getTensorName(op->getLoc())));
  return attrs;
}

} // namespace octet::reference
