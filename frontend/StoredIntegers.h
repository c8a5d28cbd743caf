// Integers with a scale, as nodes of quantized models hold them. In this frontend a tensor that
// a node quantizes has a quantized type, so that whoever reads it knows the scale; constants
// and inputs are plain integers until a node gives them a scale.

#ifndef OCTET_FRONTEND_STOREDINTEGERS_H
#define OCTET_FRONTEND_STOREDINTEGERS_H

#include "frontend/NodeBuilder.h"

namespace octet {

/// The inputs of a node that say what integers mean.
struct EncodingInputs {
  unsigned scale, zeroPoint;
  /// Of several scales; the node has checked nothing.
  int64_t axis = 1;
};

/// The type of integers of `storage` with the scales of these inputs; null after a report.
mlir::quant::QuantizedType readQuantizedType(NodeReader &node, mlir::Type storage,
                                             llvm::ArrayRef<int64_t> shape,
                                             EncodingInputs encoding);

/// The type that `encoding` gives to results: one scale, 8 bits, and the zero point's storage.
mlir::quant::UniformQuantizedType readResultType(NodeReader &node, EncodingInputs encoding);

/// The f32 values of the integers that are input `x`; null after a report.
mlir::Value readReal(NodeReader &node, NodeBuilder &build, unsigned x, EncodingInputs encoding);

/// The integers of a quantized tensor as numbers without a scale, as the model knows them.
mlir::Value createNumbers(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// The quantized type of a tensor's elements, or null.
mlir::quant::QuantizedType getQuantizedType(mlir::Value value);

/// Sets the result of a cast of `x`; sums of integers that stand as f32 are not rounded twice.
void importCastOfSum(NodeBuilder &build, mlir::Value x, mlir::Type element);

/// The element type that the file has for stored integers of this type.
mlir::IntegerType getNumberType(mlir::quant::QuantizedType type);

} // namespace octet

#endif // OCTET_FRONTEND_STOREDINTEGERS_H
