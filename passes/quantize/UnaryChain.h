// Elementwise ops of a group that together are a function of one element.

#ifndef OCTET_PASSES_QUANTIZE_UNARYCHAIN_H
#define OCTET_PASSES_QUANTIZE_UNARYCHAIN_H

#include "dialect/Octet.h"

namespace octet {

class UnaryChain {
public:
  /// The chain ends at `source`, a value of `group`; or if that is null, at
  /// dequantized bytes that all come from one tensor.
  explicit UnaryChain(FusedOp group, mlir::Value source = {}) : group(group), source(source) {
    if (source)
      leaves.insert(source);
  }

  /// Whether `value` depends on the source and on scalar constants only.
  bool collect(mlir::Value value);

  /// What `value` depends on: the given source, or the stored bytes.
  mlir::Value getSource() const { return source; }
  bool hasOps() const { return !ops.empty(); }
  /// Of all ops, for a register of elements.
  int64_t getInstructionCount() const;
  /// `value` where the source is `x`.
  float evaluate(mlir::Value value, float x) const;

private:
  std::optional<float> getScalar(mlir::Value value);

  FusedOp group;
  mlir::Value source;
  llvm::DenseMap<mlir::Value, float> constants;
  llvm::DenseSet<mlir::Value> leaves;
  llvm::SmallVector<mlir::Operation *> ops;
};

/// The quantized type of `value` if it is stored as bytes of one scale, else null.
mlir::quant::UniformQuantizedType getByteType(mlir::Value value);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_UNARYCHAIN_H
