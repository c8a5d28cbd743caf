// The kernels of the ops that multiply and accumulate.

#ifndef OCTET_CODEGEN_MICROKERNEL_CONTRACTIONS_H
#define OCTET_CODEGEN_MICROKERNEL_CONTRACTIONS_H

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/microkernel/PackedWeights.h"
#include "dialect/TransformerOps.h"

namespace octet::codegen {

struct ImplicitGemm;

llvm::LogicalResult emitConvolution(KernelBuilder &kernel, ConvOp op);
llvm::LogicalResult emitMatMul(KernelBuilder &kernel, MatMulOp op);

llvm::LogicalResult emitAttention(KernelBuilder &kernel, AttentionOp op);

/// A convolution with one filter for each channel.
llvm::LogicalResult emitDepthwise(KernelBuilder &kernel, ConvOp op,
                                  const reference::Tensor &weights);

/// A convolution on transformed tiles, as `attr` wants it.
llvm::LogicalResult emitWinograd(KernelBuilder &kernel, ConvOp op, WinogradAttr attr,
                                 const reference::Tensor &weights);

/// Packs the constant weights of `gemm` for the kernel's tiling and emits it; all but
/// `rhs` is set.
llvm::LogicalResult emitPacked(KernelBuilder &kernel, ImplicitGemm &gemm, mlir::Operation *root,
                               mlir::Value x, mlir::Value weights, mlir::Value bias,
                               const reference::Tensor &values, const WeightShape &shape,
                               WeightPlace place);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_CONTRACTIONS_H
