// Elementwise ops and casts. The scalar meaning of an op is its own
// (ElementwiseOpInterface); here are broadcasting and storage.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

using namespace mlir;

namespace octet::reference {

FailureOr<Tensor> evaluateElementwise(ElementwiseOpInterface op, Operands operands) {
  Tensor result(getResultType(op));
  bool isFloat = isa<FloatType>(result.getType().getElementType());
  SmallVector<IndexList> sources;
  for (const Tensor &operand : operands)
    sources.push_back(
        listIndices(result.getShape(), getBroadcastStrides(operand.getShape(), result.getShape())));
  SmallVector<float> reals(operands.size());
  SmallVector<int64_t> integers(operands.size());
  for (int64_t i = 0; i < result.size(); ++i) {
    if (isFloat) {
      for (auto [k, operand] : llvm::enumerate(operands))
        reals[k] = operand.getFloat(sources[k][i]);
      result.setFloat(i, op.evaluateScalar(reals));
      continue;
    }
    for (auto [k, operand] : llvm::enumerate(operands))
      integers[k] = operand.getInteger(sources[k][i]);
    std::optional<int64_t> value = op.evaluateInteger(integers);
    if (!value)
      return op->emitOpError("expected operands with an integer result, got element ") << i,
             failure();
    result.setInteger(i, *value);
  }
  return result;
}

static FailureOr<Tensor> evaluateCast(CastOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  Type from = x.getType().getElementType(), to = result.getType().getElementType();
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (to.isInteger(1))
      result.setInteger(i, fromFloat ? x.getDouble(i) != 0.0 : x.getInteger(i) != 0);
    else if (fromFloat && toFloat)
      result.setDouble(i, x.getDouble(i));
    else if (fromFloat)
      result.setInteger(i, truncateToInteger(x.getDouble(i), cast<IntegerType>(to)));
    else if (!toFloat)
      result.setInteger(i, x.getInteger(i));
    else if (to.isF32()) // rounded once, not by way of f64
      result.setFloat(i, from.isUnsignedInteger(64)
                             ? static_cast<float>(static_cast<uint64_t>(x.getInteger(i)))
                             : static_cast<float>(x.getInteger(i)));
    else
      result.setDouble(i, from.isUnsignedInteger(64)
                              ? static_cast<double>(static_cast<uint64_t>(x.getInteger(i)))
                              : static_cast<double>(x.getInteger(i)));
  }
  return result;
}

void addCastEvaluations(EvaluationTable &table) { table.add<evaluateCast>(); }

} // namespace octet::reference
