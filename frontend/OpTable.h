// Which ONNX ops are understood, and since which opset. OpTable.inc holds the rows.

#ifndef OCTET_FRONTEND_OPTABLE_H
#define OCTET_FRONTEND_OPTABLE_H

#include "frontend/NodeBuilder.h"

namespace octet {

using Importer = void (*)(NodeReader &node, NodeBuilder &build);

/// What a handler does with the integers of a quantized tensor.
enum class IntegerUse {
  Numbers,  ///< computes with them as numbers, without a scale
  Move,     ///< gives them on, with their scale; gets and makes f32 in their place
  Quantized ///< knows scales itself
};

/// What a handler does with floats that are not f32.
enum class FloatUse {
  Typed,   ///< takes them, and says itself what type results have
  Numbers, ///< gets f16 and bf16 as f32, computes with f64
  F32      ///< gets all of them as f32
};

struct OpRow {
  llvm::StringLiteral domain, op;
  int64_t since;
  Importer importer;
  /// Attributes of this version, separated by spaces.
  llvm::StringLiteral attributes;
  IntegerUse integers;
  FloatUse floats;
};

#define ONNX_OP(DOMAIN, OP, SINCE, IMPORTER, ATTRIBUTES)                                           \
  void IMPORTER(NodeReader &node, NodeBuilder &build);
#define ONNX_F32 ONNX_OP
#define ONNX_TYPED ONNX_OP
#define ONNX_MOVE ONNX_OP
#define ONNX_MOVE_F32 ONNX_OP
#define ONNX_QUANTIZED ONNX_OP
#include "frontend/OpTable.inc"
#undef ONNX_OP
#undef ONNX_F32
#undef ONNX_TYPED
#undef ONNX_MOVE
#undef ONNX_MOVE_F32
#undef ONNX_QUANTIZED

/// All rows.
llvm::ArrayRef<OpRow> getOpRows();

/// The newest row for the op that is not newer than `opset`; null where there is
/// none. `known` tells whether a row of any version exists.
const OpRow *findRow(llvm::StringRef domain, llvm::StringRef op, int64_t opset, bool &known);

/// What an op is about that Octet will not have ("strings", "training", ...); empty for any
/// other op.
llvm::StringRef getForeignKind(llvm::StringRef domain, llvm::StringRef op);

} // namespace octet

#endif // OCTET_FRONTEND_OPTABLE_H
