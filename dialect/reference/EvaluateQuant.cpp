// Borders between real and quantized values: rules Q2, Q3, Q7 and Q8.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/QuantRules.h"

using namespace mlir;

namespace octet::reference {

static quant::QuantizedType getQuantized(const Tensor &tensor) {
  return cast<quant::QuantizedType>(tensor.getType().getElementType());
}

static FailureOr<Tensor> evaluateQuantize(QuantizeOp op, Operands operands) {
  Tensor result(op.getY().getType());
  IndexList channels = listChannels(result.getType());
  for (int64_t i = 0; i < result.size(); ++i)
    result.setInteger(
        i, quantize(operands[0].getFloat(i), getScale(getQuantized(result), channels[i])));
  return result;
}

static FailureOr<Tensor> evaluateDequantize(DequantizeOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  IndexList channels = listChannels(x.getType());
  for (int64_t i = 0; i < result.size(); ++i)
    result.setFloat(i, dequantize(x.getInteger(i), getScale(getQuantized(x), channels[i])));
  return result;
}

static FailureOr<Tensor> evaluateRequantize(RequantizeOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  IndexList from = listChannels(x.getType()), to = listChannels(result.getType());
  for (int64_t i = 0; i < result.size(); ++i)
    result.setInteger(i, requantize(x.getInteger(i), getScale(getQuantized(x), from[i]),
                                    getScale(getQuantized(result), to[i])));
  return result;
}

static FailureOr<Tensor> evaluateLookup(LookupOp op, Operands operands) {
  Tensor result(op.getY().getType());
  for (auto [target, q] : llvm::zip_equal(result.as<int8_t>(), operands[0].as<uint8_t>()))
    target = op.getTable()[q];
  return result;
}

void addQuantEvaluations(EvaluationTable &table) {
  table.add<evaluateQuantize>();
  table.add<evaluateDequantize>();
  table.add<evaluateRequantize>();
  table.add<evaluateLookup>();
}

} // namespace octet::reference
