// Questions that the quantization passes ask about ops, in groups or alone.

#ifndef OCTET_PASSES_QUANTIZE_GRAPH_H
#define OCTET_PASSES_QUANTIZE_GRAPH_H

#include "dialect/Octet.h"

namespace octet {

/// The op that decides how `op` treats integers: the root of a group (null for a
/// group without one), else `op` itself.
mlir::Operation *getRootOp(mlir::Operation *op);

/// The role of a root; Real for null, Float for ops without the interface.
QuantizationRole getRole(mlir::Operation *root);

/// Whether `root`, the root of the reader, reads `operand` itself (for a group:
/// through a block argument) as a tensor in memory.
bool isRootOperand(mlir::OpOperand &operand, mlir::Operation *root);

/// The value outside of the group that operand `i` of its root stands for, or null.
mlir::Value getOutsideOperand(FusedOp group, unsigned i);

/// An int8 group or op that is a contraction.
bool isInt8Contraction(mlir::Operation *op);

/// Whether `op`, not a group, gives elements of its operands unchanged, whatever they
/// are (Q10).
bool movesElements(mlir::Operation *op);
/// The same for integers: their border, if any, must be 0.
bool movesIntegers(mlir::Operation *op);

/// Puts new operands in front of a group's and returns their block arguments.
llvm::SmallVector<mlir::Value> prependGroupInputs(FusedOp group, mlir::ValueRange values);

/// Drops operands whose block argument nobody uses, and joins equal ones.
void tidyGroupInputs(FusedOp group);

/// Erases ops whose results nobody uses.
void eraseDeadOps(mlir::Block &block);

/// Puts `op` (one result) alone into a new group.
FusedOp wrapIntoGroup(mlir::Operation *op);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_GRAPH_H
