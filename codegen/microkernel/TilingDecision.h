// Between the pass that decides on tiles and the emitters that obey: what a kernel
// asks, and the attribute that answers. Emitters describe their own problem, so that
// no second description has to be kept in step with them.

#ifndef OCTET_CODEGEN_MICROKERNEL_TILINGDECISION_H
#define OCTET_CODEGEN_MICROKERNEL_TILINGDECISION_H

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/microkernel/Tiling.h"

namespace octet::codegen {

struct ImplicitGemm;

inline constexpr llvm::StringLiteral kTilingAttr = "octet.tiling";

struct TilingQuestion {
  const Microkernel *row = nullptr;
  TilingProblem problem;
};

/// What the kernel of `op` (a group or a single op, laid out) asks; nullopt where its
/// emitter does not tile by rows and vectors, or cannot emit the op at all.
std::optional<TilingQuestion> getTilingQuestion(mlir::Operation *op, const Target &target);

TilingAttr getTilingAttr(mlir::MLIRContext *context, const Tiling &tiling);
Tiling getTiling(TilingAttr attr);

/// For emitters: the tiling that stands on the kernel's op. Fails with a diagnostic where
/// there is none or it does not fit, and without one where the op is only being asked.
mlir::FailureOr<Tiling> takeTiling(KernelBuilder &kernel, const ImplicitGemm &gemm);

/// The body of the kernel of `op` as text: what differs between kernels that run
/// differently. Empty if it cannot be emitted.
std::string printKernel(mlir::Operation *op, const Target &target);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_TILINGDECISION_H
