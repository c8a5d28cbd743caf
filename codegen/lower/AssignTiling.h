#ifndef OCTET_CODEGEN_LOWER_ASSIGNTILING_H
#define OCTET_CODEGEN_LOWER_ASSIGNTILING_H

#include "codegen/microkernel/TilingDecision.h"
#include "mlir/Pass/Pass.h"

namespace octet {

namespace codegen {

/// The tiling for the kernel of an op; fails with a diagnostic.
using TilingChooser =
    std::function<mlir::FailureOr<Tiling>(mlir::Operation *op, const TilingQuestion &question)>;

} // namespace codegen

/// Without a chooser the cost model decides.
std::unique_ptr<mlir::Pass> createAssignTiling(llvm::StringRef target,
                                               codegen::TilingChooser chooser);

} // namespace octet

#endif // OCTET_CODEGEN_LOWER_ASSIGNTILING_H
