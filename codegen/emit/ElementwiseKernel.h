// Kernels that have no root op.

#ifndef OCTET_CODEGEN_EMIT_ELEMENTWISEKERNEL_H
#define OCTET_CODEGEN_EMIT_ELEMENTWISEKERNEL_H

#include "codegen/kernel/KernelBuilder.h"

namespace octet::codegen {

/// A group of elementwise ops only: one pass over the result.
mlir::LogicalResult emitElementwiseGroup(KernelBuilder &kernel);

/// Writes the value 0 (the zero point of a quantized type) into the halo of the
/// kernel's result, if it has one, beside the kernel's units.
void emitHaloFill(KernelBuilder &kernel);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_ELEMENTWISEKERNEL_H
