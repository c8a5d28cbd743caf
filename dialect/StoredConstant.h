// Constants that a quantized model brings as integers: `octet.dequantize` of an
// `octet.constant`. As long as they stand so, a contraction can take the integers as they are.

#ifndef OCTET_DIALECT_STOREDCONSTANT_H
#define OCTET_DIALECT_STOREDCONSTANT_H

#include "dialect/Octet.h"

namespace octet {

/// The constant whose integers `value` means, or null.
inline ConstantOp getStoredConstant(mlir::Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  return dequantize ? dequantize.getX().getDefiningOp<ConstantOp>() : ConstantOp();
}

/// Whether `value` is known now, as f32 or as integers.
inline bool isConstantOrStored(mlir::Value value) {
  return getConstantValue(value) || getStoredConstant(value);
}

/// Whether `operand` is the weights or the bias of a contraction.
inline bool isContractionParameter(mlir::OpOperand &operand) {
  auto quantizable = mlir::dyn_cast<QuantizableOpInterface>(operand.getOwner());
  return quantizable && quantizable.getQuantizationRole() == QuantizationRole::Contraction &&
         operand.getOperandNumber() > 0;
}

} // namespace octet

#endif // OCTET_DIALECT_STOREDCONSTANT_H
