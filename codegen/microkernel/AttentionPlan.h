// How attention is cut into steps, and where its parts lie in scratch memory. Follows from
// shapes and element types alone, so that memory is planned before there is code.

#ifndef OCTET_CODEGEN_MICROKERNEL_ATTENTIONPLAN_H
#define OCTET_CODEGEN_MICROKERNEL_ATTENTIONPLAN_H

#include "codegen/microkernel/Microkernel.h"
#include "dialect/TransformerOps.h"

namespace octet::codegen {

struct AttentionPlan {
  int64_t batch, queries, heads, depth, keys, groups, width;
  DotOperands operands;
  /// A step is that many queries of one head; a unit is a run of steps.
  int64_t rows;
  /// From a row of scores to the next: keys, up to a whole vector.
  int64_t pitch;

  explicit AttentionPlan(AttentionOp op);

  bool isInteger() const { return operands == DotOperands::U8S8; }
  /// Whether a word holds several factors, so that values are turned into words of keys.
  bool hasPackedValues() const { return getDot(operands) > 1; }
  int64_t getChunks() const { return static_cast<int64_t>(llvm::divideCeil(queries, rows)); }
  int64_t getSteps() const { return batch * heads * getChunks(); }
  int64_t getUnits() const;
  /// Words (of 32 bits) that a sum over `depth`, or over `keys`, walks.
  int64_t getDepthWords() const { return llvm::divideCeil(depth, getDot(operands)); }
  int64_t getKeyWords() const { return llvm::divideCeil(keys, getDot(operands)); }

  // Bytes from the start of a unit's scratch memory.
  int64_t packedKeysAt = 0, keyStartsAt, packedValuesAt, scoresAt, weightsAt, factorsAt, slotBytes;
  int64_t getScratchBytes() const { return getUnits() * slotBytes; }
};

/// What the kernel of `op` (a group or a single op) needs beside its operands and result,
/// or 0.
int64_t getAttentionScratchBytes(mlir::Operation *op);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_ATTENTIONPLAN_H
