// The elementwise part of a kernel: the ops of a group, or a single op, evaluated in
// registers.

#ifndef OCTET_CODEGEN_EMIT_GROUP_H
#define OCTET_CODEGEN_EMIT_GROUP_H

#include "codegen/emit/Quantization.h"

namespace octet::codegen {

class Group {
public:
  /// The ops of the kernel's group but for its root; a single op if it is one that a
  /// group can hold.
  explicit Group(KernelBuilder &kernel);

  llvm::ArrayRef<mlir::Operation *> getOps() const { return ops; }
  /// Operands from outside (block arguments of a group), each once, in order of use.
  llvm::ArrayRef<mlir::Value> getLeaves() const { return leaves; }
  /// Whether scales along an axis enter somewhere.
  bool hasAxis() const;

  /// Where values come from.
  struct Source {
    /// The stored elements of a leaf.
    llvm::function_ref<mlir::Value(mlir::Value leaf)> leaf;
    AlongFn along;
  };
  /// The stored value of the kernel's result; `rootValue` that of the root, if any.
  mlir::Value emit(mlir::Value rootValue, const Source &source) const;

private:
  mlir::Value emitOp(mlir::Operation *op, mlir::ValueRange operands, const Source &source) const;

  KernelBuilder &kernel;
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::SmallVector<mlir::Value> leaves;
  mlir::Value result; ///< the yielded value
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_GROUP_H
