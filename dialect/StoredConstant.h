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

/// Whether integers are symmetric bytes, with scales along `axis` if they have several.
inline bool isSymmetric(mlir::Type elementType, int64_t axis) {
  auto type = mlir::dyn_cast<mlir::quant::QuantizedType>(elementType);
  if (!type || !type.isSigned() || type.getStorageTypeIntegralWidth() != 8)
    return false;
  if (auto perAxis = mlir::dyn_cast<mlir::quant::UniformQuantizedPerAxisType>(type))
    return perAxis.getQuantizedDimension() == axis &&
           llvm::all_of(perAxis.getZeroPoints(), [](int64_t zero) { return zero == 0; });
  return mlir::cast<mlir::quant::UniformQuantizedType>(type).getZeroPoint() == 0;
}

/// Whether `operand` is the weights or the bias of a contraction, or weights that become
/// those of one (the bias goes along as f32).
inline bool isContractionParameter(mlir::OpOperand &operand) {
  if (mlir::isa<ConvTransposeOp>(operand.getOwner())) {
    ConstantOp stored = getStoredConstant(operand.get());
    return operand.getOperandNumber() == 1 && stored &&
           isSymmetric(stored.getY().getType().getElementType(), /*axis=*/1);
  }
  auto quantizable = mlir::dyn_cast<QuantizableOpInterface>(operand.getOwner());
  return quantizable && quantizable.getQuantizationRole() == QuantizationRole::Contraction &&
         operand.getOperandNumber() > 0;
}

} // namespace octet

#endif // OCTET_DIALECT_STOREDCONSTANT_H
