#ifndef OCTET_PASSES_REPAIR_PASSES_H
#define OCTET_PASSES_REPAIR_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"

#include <memory>

namespace octet {

class CalibrationTable;
class SampleRunner;
struct WeightScheme;

/// Of the names of tensors whose scale EqualizeLayers has changed, behind a colon.
inline constexpr llvm::StringLiteral kEqualizedSuffix = "equalized";

/// The same for SmoothQuant.
inline constexpr llvm::StringLiteral kSmoothedSuffix = "smoothed";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/repair/Passes.h.inc"

/// As the generated constructor, with the file's content in place of its path.
std::unique_ptr<mlir::Pass> createCorrectBias(std::shared_ptr<const CalibrationTable> table,
                                              const WeightScheme &scheme);
/// `exact` is the module as it was before anything was quantized, and outlives the pass's run.
std::unique_ptr<mlir::Pass> createCorrectBiasBySamples(std::shared_ptr<SampleRunner> runner,
                                                       mlir::ModuleOp exact,
                                                       const WeightScheme &scheme);

/// Adds the tensors with new scales to `table`.
std::unique_ptr<mlir::Pass> createSmoothQuant(std::shared_ptr<CalibrationTable> table,
                                              double alpha);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_PASSES_H
