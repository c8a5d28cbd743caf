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

LogicalResult QuantizeOp::verify() { return verifySameShape(*this); }
LogicalResult DequantizeOp::verify() { return verifySameShape(*this); }
LogicalResult RequantizeOp::verify() { return verifySameShape(*this); }

OpFoldResult QuantizeOp::fold(FoldAdaptor) {
  // q -> real -> the same q loses nothing.
  auto dequantize = getX().getDefiningOp<DequantizeOp>();
  return dequantize && dequantize.getX().getType() == getY().getType()
             ? OpFoldResult(dequantize.getX())
             : OpFoldResult();
}

OpFoldResult RequantizeOp::fold(FoldAdaptor) {
  return getX().getType() == getY().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

LogicalResult LookupOp::verify() {
  for (Type type : {Type(getX().getType()), Type(getY().getType())}) {
    auto quantized =
        cast<quant::QuantizedType>(cast<RankedTensorType>(type).getElementType());
    if (quantized.getStorageTypeIntegralWidth() != 8)
      return emitOpError("expected 8-bit integers, got ") << type;
  }
  if (getTable().size() != 256)
    return emitOpError("expected a table of 256 entries, got ") << getTable().size();
  return verifySameShape(*this);
}

} // namespace octet
