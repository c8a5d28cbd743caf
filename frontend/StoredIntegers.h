// Integers with a scale, as nodes of quantized models hold them. In this frontend a tensor that
// a node quantizes has a quantized type, so that whoever reads it knows the scale; constants
// and inputs are plain integers until a node gives them a scale. Integers of less than a byte
// have a quantized type of scale 1 until then, whose range is theirs.

#ifndef OCTET_FRONTEND_STOREDINTEGERS_H
#define OCTET_FRONTEND_STOREDINTEGERS_H

#include "frontend/NodeBuilder.h"
#include "frontend/ScaleGrid.h"

namespace octet {

/// The type that `encoding` gives to results: one scale, 8 bits, and the zero point's storage.
mlir::quant::UniformQuantizedType readResultType(NodeReader &node, EncodingInputs encoding);

/// The f32 values of the integers that are input `x`; null after a report.
mlir::Value readReal(NodeReader &node, NodeBuilder &build, unsigned x, EncodingInputs encoding);

/// The f32 values of input `x` as integers of type `numbers`, which getNumbersType gave; null
/// after a report.
mlir::Value readQuantized(NodeReader &node, NodeBuilder &build, unsigned x, mlir::Type numbers,
                          EncodingInputs encoding);

/// Integers of any form as numbers of f32.
mlir::Value readNumbers(NodeReader &node, NodeBuilder &build, mlir::Value x);

/// The integers of a quantized tensor as numbers without a scale, as the model knows them.
mlir::Value createNumbers(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// The quantized type of a tensor's elements, or null.
mlir::quant::QuantizedType getQuantizedType(mlir::Value value);

/// Sets the result of a cast of `x`, integers with a scale or not, to a type of getNumbersType.
void importCastTo(NodeReader &node, NodeBuilder &build, mlir::Value x, mlir::Type element);

/// Sets the result of a cast of `x`; sums of integers that stand as f32 are not rounded twice.
void importCastOfSum(NodeBuilder &build, mlir::Value x, mlir::Type element);

/// Plain integers that hold stored integers of this type.
mlir::IntegerType getNumberType(mlir::quant::QuantizedType type);

/// The same, but integers of less than a byte keep their range (getStoredElementType).
mlir::Type getNumbersType(mlir::Type element);

} // namespace octet

#endif // OCTET_FRONTEND_STOREDINTEGERS_H
