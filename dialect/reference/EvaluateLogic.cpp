// Ops that compare, choose and take remainders. The interface of elementwise ops speaks of
// f32 and 64-bit integers of the result's kind; here operands and result differ, or f64 is
// computed in f64.

#include "dialect/LogicOps.h"
#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

static IndexList listSources(const Tensor &operand, const Tensor &result) {
  return listIndices(result.getShape(), getBroadcastStrides(operand.getShape(), result.getShape()));
}

// Floats are compared in f64, which holds all of them exactly.
static FailureOr<Tensor> evaluateCompare(CompareOp op, Operands operands) {
  Tensor result(op.getY().getType());
  const Tensor &a = operands[0], &b = operands[1];
  IndexList fromA = listSources(a, result), fromB = listSources(b, result);
  bool isFloat = isa<FloatType>(a.getType().getElementType());
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t bit = isFloat ? isRelated(op.getKind(), a.getDouble(fromA[i]), b.getDouble(fromB[i]))
                          : *op.evaluateInteger({a.getInteger(fromA[i]), b.getInteger(fromB[i])});
    result.setInteger(i, bit);
  }
  return result;
}

static FailureOr<Tensor> evaluateMod(ModOp op, Operands operands) {
  Tensor result(op.getY().getType());
  const Tensor &a = operands[0], &b = operands[1];
  IndexList fromA = listSources(a, result), fromB = listSources(b, result);
  bool isFloat = isa<FloatType>(a.getType().getElementType());
  for (int64_t i = 0; i < result.size(); ++i) {
    if (isFloat)
      result.setDouble(i, std::fmod(a.getDouble(fromA[i]), b.getDouble(fromB[i])));
    else
      result.setInteger(i, *op.evaluateInteger({a.getInteger(fromA[i]), b.getInteger(fromB[i])}));
  }
  return result;
}

// Elements are moved as they are: a NaN keeps its bits.
static FailureOr<Tensor> evaluateSelect(SelectOp op, Operands operands) {
  Tensor result(op.getY().getType());
  const Tensor &condition = operands[0], &a = operands[1], &b = operands[2];
  IndexList from = listSources(condition, result), fromA = listSources(a, result),
            fromB = listSources(b, result);
  int64_t bytes = getElementBytes(result.getType().getElementType());
  for (int64_t i = 0; i < result.size(); ++i) {
    bool first = condition.getInteger(from[i]) != 0;
    const char *source =
        first ? a.bytes().data() + fromA[i] * bytes : b.bytes().data() + fromB[i] * bytes;
    std::copy_n(source, bytes, result.bytes().data() + i * bytes);
  }
  return result;
}

void addLogicEvaluations(EvaluationTable &table) {
  table.add<evaluateCompare>();
  table.add<evaluateMod>();
  table.add<evaluateSelect>();
}

} // namespace octet::reference
