// What a node gets in place of operands of types that its row in the op table does not know:
// f32 for other floats, numbers for integers with a scale. Results go back to the type
// that the model has for them.

#ifndef OCTET_FRONTEND_OPERANDTYPES_H
#define OCTET_FRONTEND_OPERANDTYPES_H

#include "frontend/OpTable.h"

namespace octet {

/// Types that results of f32 are to have; null where they stay what they are.
struct ResultTypes {
  mlir::Type narrow;
  mlir::quant::UniformQuantizedType moved;
};

/// Replaces `inputs`, those of `node`.
ResultTypes takeOperands(const OpRow &row, llvm::SmallVectorImpl<mlir::Value> &inputs,
                         NodeReader &node, NodeBuilder &build);

void restoreResults(ResultTypes types, NodeBuilder &build);

} // namespace octet

#endif // OCTET_FRONTEND_OPERANDTYPES_H
