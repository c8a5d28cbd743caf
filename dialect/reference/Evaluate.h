// The reference evaluator: slow, obvious, and the oracle of every other way to
// compute an octet op. It folds constants for the frontend and the passes, and
// tests compare native code with it: integers bit for bit, floats within the
// bound of docs/quantization.md. Sums of f32 products are accumulated in f64, so
// that it errs less than any f32 kernel.

#ifndef OCTET_DIALECT_REFERENCE_EVALUATE_H
#define OCTET_DIALECT_REFERENCE_EVALUATE_H

#include "dialect/reference/Tensor.h"

namespace octet::reference {

/// Results of one op for the given operands. Fails, with a diagnostic at the op,
/// only for an op that has no evaluation (such as one of another dialect).
mlir::FailureOr<llvm::SmallVector<Tensor>> evaluate(mlir::Operation *op,
                                                    llvm::ArrayRef<Tensor> operands);

/// What the terminator of a block of octet ops yields.
mlir::FailureOr<llvm::SmallVector<Tensor>> evaluate(mlir::Block &block,
                                                    llvm::ArrayRef<Tensor> arguments);

/// Results of a function of octet ops, in the order of its return.
mlir::FailureOr<llvm::SmallVector<Tensor>> evaluate(mlir::func::FuncOp function,
                                                    llvm::ArrayRef<Tensor> arguments);

/// Whether all operands of `op` are constants and it can be evaluated now;
/// `maxElements` bounds each result.
bool isFoldable(mlir::Operation *op, int64_t maxElements);

/// The values of `op`'s results as attributes; `op` is foldable.
mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>> foldConstants(mlir::Operation *op);

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_EVALUATE_H
