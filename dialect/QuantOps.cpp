// Verifiers and folds of the ops between real and quantized values.

#include "dialect/Octet.h"

using namespace mlir;

namespace octet {

static LogicalResult verifySameShape(Operation *op) {
  auto x = cast<RankedTensorType>(op->getOperand(0).getType());
  auto y = cast<RankedTensorType>(op->getResult(0).getType());
  if (x.getShape() != y.getShape())
    return op->emitOpError("expected equal shapes, got ") << x << " and " << y;
  return success();
}

LogicalResult verifyOneScale(Operation *op) {
  for (Type type : {op->getOperand(0).getType(), op->getResult(0).getType()})
    if (isa<quant::UniformQuantizedPerAxisType>(cast<RankedTensorType>(type).getElementType()))
      return op->emitOpError("expected one scale for all elements, got ") << type;
  return success();
}

LogicalResult QuantizeOp::verify() { return verifySameShape(*this); }
LogicalResult DequantizeOp::verify() { return verifySameShape(*this); }
LogicalResult RequantizeOp::verify() { return verifySameShape(*this); }

OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  // q -> real -> the same q loses nothing, as long as f32 holds every q.
  auto quantized = cast<quant::QuantizedType>(getY().getType().getElementType());
  auto dequantize = getX().getDefiningOp<DequantizeOp>();
  if (!dequantize || dequantize.getX().getType() != getY().getType() ||
      quantized.getStorageTypeIntegralWidth() > 16)
    return {};
  return dequantize.getX();
}

OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  return getX().getType() == getY().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

LogicalResult LookupOp::verify() {
  for (Type type : {Type(getX().getType()), Type(getY().getType())}) {
    auto quantized = cast<quant::QuantizedType>(cast<RankedTensorType>(type).getElementType());
    if (quantized.getStorageTypeIntegralWidth() != 8)
      return emitOpError("expected 8-bit integers, got ") << type;
  }
  if (getTable().size() != 256)
    return emitOpError("expected a table of 256 entries, got ") << getTable().size();
  return verifySameShape(*this);
}

} // namespace octet
