// The families of this folder, each registered by its own file.

#ifndef OCTET_CODEGEN_EMIT_EMIT_H
#define OCTET_CODEGEN_EMIT_EMIT_H

#include "codegen/kernel/KernelBuilder.h"

namespace octet::codegen {

/// ElementwiseEmissionInterface for the elementwise ops.
void registerElementwiseEmission(mlir::DialectRegistry &registry);

// KernelOpInterface.
void registerElementwiseKernels(mlir::DialectRegistry &registry);
void registerMovementKernels(mlir::DialectRegistry &registry);
void registerPoolKernels(mlir::DialectRegistry &registry);
void registerReduceKernels(mlir::DialectRegistry &registry);
void registerResizeKernels(mlir::DialectRegistry &registry);
void registerSoftmaxKernels(mlir::DialectRegistry &registry);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_EMIT_H
