#ifndef OCTET_PASSES_QUANTIZE_PASSES_H
#define OCTET_PASSES_QUANTIZE_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"

#include <memory>

namespace octet {

class CalibrationTable;
struct Calibrator;
struct Config;
struct WeightScheme;

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/quantize/Passes.h.inc"

/// As the generated constructors, with the file's content in place of its path.
std::unique_ptr<mlir::Pass> createAssignPrecision(Precision defaultPrecision,
                                                  std::shared_ptr<const Config> config);
std::unique_ptr<mlir::Pass> createQuantizeGraph(std::shared_ptr<const CalibrationTable> table,
                                                const Calibrator &calibrator, bool realResiduals);
std::unique_ptr<mlir::Pass> createInsertNoiseProbes(std::shared_ptr<const CalibrationTable> table,
                                                    const Calibrator &calibrator,
                                                    const WeightScheme &weights);
/// Of all contractions of f32, or of those that the configuration names.
std::unique_ptr<mlir::Pass> createCompressWeights(const WeightScheme &scheme, bool all);
std::unique_ptr<mlir::Pass> createQuantizeContractions(const WeightScheme &scheme);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_PASSES_H
