// The families of this folder, each registered by its own file.

#ifndef OCTET_CODEGEN_EMIT_EMIT_H
#define OCTET_CODEGEN_EMIT_EMIT_H

#include "codegen/kernel/KernelBuilder.h"

namespace octet::codegen {

/// ElementwiseEmissionInterface for the elementwise ops.
void registerElementwiseEmission(mlir::DialectRegistry &registry);
void registerGeluEmission(mlir::DialectRegistry &registry);

/// Both interfaces for the ops that compare, choose and act on bits.
void registerLogicEmission(mlir::DialectRegistry &registry);
/// Both interfaces for the functions of one element in dialect/MathOps.h.
void registerMathEmission(mlir::DialectRegistry &registry);

// KernelOpInterface.
void registerElementwiseKernels(mlir::DialectRegistry &registry);
void registerAlongAxisKernels(mlir::DialectRegistry &registry);
void registerArgExtremumKernels(mlir::DialectRegistry &registry);
void registerExtentKernels(mlir::DialectRegistry &registry);
void registerGridSampleKernels(mlir::DialectRegistry &registry);
void registerEliminationKernels(mlir::DialectRegistry &registry);
void registerIndexedMovementKernels(mlir::DialectRegistry &registry);
void registerMovementKernels(mlir::DialectRegistry &registry);
void registerNonMaxSuppressionKernels(mlir::DialectRegistry &registry);
void registerPoolKernels(mlir::DialectRegistry &registry);
void registerReduceKernels(mlir::DialectRegistry &registry);
void registerResizeKernels(mlir::DialectRegistry &registry);
void registerRoiAlignKernels(mlir::DialectRegistry &registry);
void registerScatterKernels(mlir::DialectRegistry &registry);
void registerRowNormKernels(mlir::DialectRegistry &registry);
void registerSoftmaxKernels(mlir::DialectRegistry &registry);

/// The kernel of an op that stores its results itself, so that nothing may follow it
/// in a group: Model::emit(op, kernel).
template <typename Op, typename Model>
struct RootKernel : KernelOpInterface::ExternalModel<RootKernel<Op, Model>, Op> {
  llvm::LogicalResult emitKernel(mlir::Operation *op, KernelBuilder &kernel) const {
    if (kernel.hasEpilogue())
      return op->emitOpError("expected no ops behind it in its group");
    return Model::emit(op, kernel);
  }
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_EMIT_H
