#include "passes/quantize/UnaryChain.h"

using namespace mlir;

namespace octet {

quant::UniformQuantizedType getByteType(Value value) {
  auto type = dyn_cast<quant::UniformQuantizedType>(
      cast<RankedTensorType>(value.getType()).getElementType());
  return type && type.getStorageTypeIntegralWidth() == 8 ? type : quant::UniformQuantizedType();
}

bool UnaryChain::collect(Value value) {
  if (constants.contains(value) || leaves.contains(value) ||
      llvm::is_contained(ops, value.getDefiningOp()))
    return true;
  if (std::optional<float> constant = getScalar(value)) {
    constants[value] = *constant;
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
    if (!getByteType(dequantize.getX()) || (source && source != dequantize.getX()))
      return false;
    source = dequantize.getX();
    leaves.insert(value);
    return true;
  }
  if (!isa<ElementwiseOpInterface>(op) || op->getNumResults() != 1 ||
      !cast<RankedTensorType>(value.getType()).getElementType().isF32())
    return false;
  for (Value operand : op->getOperands())
    if (!collect(operand))
      return false;
  ops.push_back(op);
  return true;
}

int64_t UnaryChain::getInstructionCount() const {
  int64_t count = 0;
  for (Operation *op : ops)
    count += cast<ElementwiseOpInterface>(op).getInstructionCount();
  return count;
}

float UnaryChain::evaluate(Value value, float x) const {
  if (leaves.contains(value))
    return x;
  if (auto it = constants.find(value); it != constants.end())
    return it->second;
  SmallVector<float> operands;
  for (Value operand : value.getDefiningOp()->getOperands())
    operands.push_back(evaluate(operand, x));
  return cast<ElementwiseOpInterface>(value.getDefiningOp()).evaluateScalar(operands);
}

// An operand of the group, or a constant in it, that is the same everywhere.
std::optional<float> UnaryChain::getScalar(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    value = group.getInputs()[argument.getArgNumber()];
  ElementsAttr attr = getConstantValue(value);
  if (!attr || !attr.getShapedType().getElementType().isF32() || attr.getNumElements() == 0)
    return std::nullopt;
  SmallVector<char> bytes = getRawElements(attr);
  float first;
  for (size_t i = 0; i < bytes.size(); i += sizeof(float)) {
    float element;
    memcpy(&element, bytes.data() + i, sizeof(float));
    if (i == 0)
      first = element;
    else if (memcmp(&first, &element, sizeof(float)) != 0)
      return std::nullopt;
  }
  return first;
}

} // namespace octet
