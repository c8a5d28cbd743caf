#ifndef OCTET_PASSES_PRECISION_PASSES_H
#define OCTET_PASSES_PRECISION_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"
#include "passes/precision/TimeModel.h"

#include <functional>
#include <memory>

namespace octet {

#define GEN_PASS_DECL
#include "passes/precision/Passes.h.inc"

/// The model for a target; null, with a message in `error`, for an unknown one.
using TimeModelFactory =
    std::function<std::shared_ptr<const TimeModel>(llvm::StringRef target, std::string &error)>;

std::unique_ptr<mlir::Pass> createPreferFasterDynamic(llvm::StringRef target,
                                                      TimeModelFactory factory);
std::unique_ptr<mlir::Pass> createPreferFasterPrecision(llvm::StringRef target,
                                                        TimeModelFactory factory);

} // namespace octet

#endif // OCTET_PASSES_PRECISION_PASSES_H
