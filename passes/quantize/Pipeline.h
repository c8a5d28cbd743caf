// The way from f32 to integers and bf16, for the drivers:
//
//   AssignPrecision      (adds it: buildAssignPrecisionPipeline)
//   FuseEpilogues        (passes/graph)
//   PreferFasterPrecision (passes/precision; needs a target)
//   buildQuantizePipeline

#ifndef OCTET_PASSES_QUANTIZE_PIPELINE_H
#define OCTET_PASSES_QUANTIZE_PIPELINE_H

#include "dialect/Octet.h"
#include "mlir/Pass/PassManager.h"
#include "passes/calibrate/RangeEstimators.h"
#include "passes/quantize/IntegerWeights.h"

#include <functional>
#include <memory>

namespace octet {

class CalibrationTable;
struct Config;

struct QuantizeOptions {
  /// Precision of ops that no rule of `config` names.
  Precision precision = Precision::Int8;
  std::shared_ptr<const Config> config;          ///< may be null
  std::shared_ptr<const CalibrationTable> table; ///< null: nothing can be quantized
  Calibrator calibrator;
  WeightScheme weights;
  /// Adds passes that decide about weights and biases, before these become integers.
  std::function<void(mlir::OpPassManager &)> addRepairPasses;
  /// Adds passes that judge int8 by its time, before scales at run time make it other ops.
  std::function<void(mlir::OpPassManager &)> addDynamicJudges;
  bool dynamic = false; ///< scales of activations at run time; needs no table
  /// Residuals stay f32 beside what products read as integers; embeddings become integers.
  bool isTransformer = false;
  bool weightOnly = false; ///< weights of what stays f32 as s8; needs no table, either
};

void buildAssignPrecisionPipeline(mlir::OpPassManager &pm, const QuantizeOptions &options);
void buildQuantizePipeline(mlir::OpPassManager &pm, const QuantizeOptions &options);

/// The part of it that decides what integers are; borders stay between groups, functions what
/// they are, and nothing is bf16.
void buildBorderPipeline(mlir::OpPassManager &pm, const QuantizeOptions &options);

/// Registers `octet-quantize{calibration=FILE ...}` for octet-opt.
void registerQuantizePipelines();

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_PIPELINE_H
