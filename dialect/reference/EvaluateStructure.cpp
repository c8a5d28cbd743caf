// Groups and layouts: neither changes values.

#include "dialect/reference/Evaluate.h"
#include "dialect/reference/Evaluations.h"

using namespace mlir;

namespace octet::reference {

static FailureOr<Tensor> evaluateFused(FusedOp op, Operands operands) {
  auto results = evaluate(op.getBlock(), operands);
  if (failed(results))
    return failure();
  return results->front();
}

static FailureOr<Tensor> evaluateRelayout(RelayoutOp op, Operands operands) {
  return operands[0].withType(op.getY().getType());
}

void addStructureEvaluations(EvaluationTable &table) {
  table.add<evaluateFused>();
  table.add<evaluateRelayout>();
}

} // namespace octet::reference
