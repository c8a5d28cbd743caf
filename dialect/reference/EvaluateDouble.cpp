// Elementwise ops on f64 that are one operation of it, rounded once: these are computed in
// f64, as generated code does. Functions that are approximated are of f32 for all floats
// (evaluateScalar).

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

using Function = double (*)(double, double);

template <typename OpTy, Function function>
static FailureOr<Tensor> evaluateInF64(OpTy op, Operands operands) {
  Tensor result(getResultType(op));
  if (!result.getType().getElementType().isF64())
    return evaluateElementwise(cast<ElementwiseOpInterface>(op.getOperation()), operands);
  auto list = [&](const Tensor &operand) {
    return listIndices(result.getShape(),
                       getBroadcastStrides(operand.getShape(), result.getShape()));
  };
  IndexList first = list(operands.front()), second = list(operands.back());
  for (int64_t i = 0; i < result.size(); ++i)
    result.setDouble(
        i, function(operands.front().getDouble(first[i]), operands.back().getDouble(second[i])));
  return result;
}

// Unary ones get their operand twice.
#define IN_F64(OP, FORMULA)                                                                        \
  static double compute##OP(double a, [[maybe_unused]] double b) { return FORMULA; }
#include "dialect/reference/DoubleOps.inc"
#undef IN_F64

void addDoubleEvaluations(EvaluationTable &table) {
#define IN_F64(OP, FORMULA) table.add<evaluateInF64<OP, compute##OP>>();
#include "dialect/reference/DoubleOps.inc"
#undef IN_F64
}

} // namespace octet::reference
