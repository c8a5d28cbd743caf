// Which repairs are made, for the drivers.
//
//   buildGraphPipeline       (passes)
//   buildEqualizePipeline    before calibration, as ranges change
//   ...                      (passes/quantize/Pipeline.h)
//   addRepairPasses          inside of buildQuantizePipeline

#ifndef OCTET_PASSES_REPAIR_PIPELINE_H
#define OCTET_PASSES_REPAIR_PIPELINE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "passes/quantize/IntegerWeights.h"

#include <memory>
#include <optional>

namespace octet {

class CalibrationTable;
class SampleRunner;

/// How biases make up for what rounded weights take from sums.
enum class BiasCorrection {
  Off,
  Fast, ///< by the means of inputs (CorrectBias)
  Full, ///< then by the means of results (CorrectBiasBySamples)
};

struct RepairOptions {
  /// Unset: as the table was made, or with weight scales per tensor.
  std::optional<bool> equalize;
  BiasCorrection biasCorrection = BiasCorrection::Fast;
  /// Alpha of SmoothQuant; unset: none.
  std::optional<double> smoothQuant;
};

/// Whether a table belongs to a graph that EqualizeLayers has rewritten.
bool isEqualized(const CalibrationTable &table);

/// Rewrites the cleaned graph; what it computes in f32 stays.
void buildEqualizePipeline(mlir::OpPassManager &pm, const RepairOptions &options);

/// For QuantizeOptions: passes on functions whose values are quantized, whose weights not.
/// Full correction needs `runner`, and `exact`, the module as it was.
void addRepairPasses(mlir::OpPassManager &pm, const RepairOptions &options,
                     std::shared_ptr<const CalibrationTable> table, const WeightScheme &scheme,
                     std::shared_ptr<SampleRunner> runner, mlir::ModuleOp exact);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_PIPELINE_H
