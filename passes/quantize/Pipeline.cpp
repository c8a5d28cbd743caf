#include "passes/quantize/Pipeline.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Passes.h"

using namespace mlir;

namespace octet {

// Moves borders, and gives contractions integers.
static void addBorderPasses(OpPassManager &nested, std::unique_ptr<Pass> quantizeContractions,
                            const std::function<void(OpPassManager &)> &addRepairPasses = {}) {
  nested.addPass(createPropagateQdq());
  // Before the borders enter the groups: a contraction that has to stay in f32
  // reads its dequantized operand from memory.
  if (addRepairPasses)
    addRepairPasses(nested);
  nested.addPass(std::move(quantizeContractions));
}

// Everything behind QuantizeGraph, which is where the table enters.
static void addApplyPasses(OpPassManager &pm, std::unique_ptr<Pass> quantizeContractions,
                           const std::function<void(OpPassManager &)> &addRepairPasses = {}) {
  OpPassManager &nested = pm.nest<func::FuncOp>();
  // Behind QuantizeGraph: what is stored as integers is not stored as bf16 as well.
  nested.addPass(createNarrowGraph());
  addBorderPasses(nested, std::move(quantizeContractions), addRepairPasses);
  // First, so that borders find the groups of casts.
  nested.addPass(createFuseCasts());
  nested.addPass(createFuseQdq());
  nested.addPass(createFoldRequantize());
  nested.addPass(createTabulateUnary());
  nested.addPass(createCSEPass());
  nested.addPass(createVerifyQuantized());
}

void buildAssignPrecisionPipeline(OpPassManager &pm, const QuantizeOptions &options) {
  pm.addNestedPass<func::FuncOp>(createAssignPrecision(options.precision, options.config));
  if (options.dynamic && options.addDynamicJudges)
    options.addDynamicJudges(pm);
  if (options.dynamic)
    pm.addNestedPass<func::FuncOp>(createQuantizeDynamically());
  if (options.isTransformer && options.precision == Precision::Int8)
    pm.addNestedPass<func::FuncOp>(createCompressEmbeddings());
}

void buildQuantizePipeline(OpPassManager &pm, const QuantizeOptions &options) {
  pm.addNestedPass<func::FuncOp>(
      createQuantizeGraph(options.table, options.calibrator, options.isTransformer));
  addApplyPasses(pm, createQuantizeContractions(options.weights), options.addRepairPasses);
  pm.addNestedPass<func::FuncOp>(createCompressWeights(options.weights, options.weightOnly));
}

void buildBorderPipeline(OpPassManager &pm, const QuantizeOptions &options) {
  OpPassManager &nested = pm.nest<func::FuncOp>();
  nested.addPass(createQuantizeGraph(options.table, options.calibrator, options.isTransformer));
  addBorderPasses(nested, createQuantizeContractions(options.weights), options.addRepairPasses);
}

namespace {

struct PipelineFlags : PassPipelineOptions<PipelineFlags> {
  Option<std::string> calibration{*this, "calibration", llvm::cl::desc("Calibration table (JSON)")};
  Option<std::string> calibrator{*this, "calibrator",
                                 llvm::cl::desc("How statistics become ranges"),
                                 llvm::cl::init("minmax")};
  Option<bool> symmetric{*this, "symmetric",
                         llvm::cl::desc("Ranges with negative values are symmetric"),
                         llvm::cl::init(false)};
  Option<bool> perTensorWeights{*this, "per-tensor-weights",
                                llvm::cl::desc("One weight scale for a tensor"),
                                llvm::cl::init(false)};
  Option<std::string> weightRanges{*this, "weight-ranges",
                                   llvm::cl::desc("How weights become ranges: max or mse"),
                                   llvm::cl::init("max")};
  Option<std::string> rounding{*this, "rounding",
                               llvm::cl::desc("How weights are rounded: nearest or balanced"),
                               llvm::cl::init("balanced")};
};

} // namespace

void registerQuantizePipelines() {
  PassPipelineRegistration<PipelineFlags>(
      "octet-quantize", "Store values as integers or bf16 where precisions say so",
      [](OpPassManager &pm, const PipelineFlags &flags) {
        QuantizeGraphOptions options;
        options.calibrationPath = flags.calibration;
        options.calibratorName = flags.calibrator;
        options.symmetric = flags.symmetric;
        pm.addNestedPass<func::FuncOp>(createQuantizeGraph(options));
        QuantizeContractionsOptions contractions;
        contractions.perTensorWeights = flags.perTensorWeights;
        contractions.weightRanges = flags.weightRanges;
        contractions.rounding = flags.rounding;
        addApplyPasses(pm, createQuantizeContractions(contractions));
      });
}

} // namespace octet
