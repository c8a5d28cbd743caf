#include "tools/octetc/Lowering.h"

#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"
#include "codegen/object/LinkLibrary.h"
#include "passes/graph/Passes.h"
#include "passes/precision/Passes.h"
#include "passes/quantize/Passes.h"
#include "tools/octetc/Report.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace octet {

bool isQuantized(ModuleOp graph) {
  return graph.walk([](QuantizeOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

FailureOr<std::unique_ptr<Lowering>> Lowering::create(MLIRContext &context,
                                                      const CompilationOptions &options) {
  std::string error;
  auto target = codegen::lookupTarget(options.target, error);
  if (failed(target))
    return emitError(UnknownLoc::get(&context), error);
  std::unique_ptr<Lowering> lowering(new Lowering(context, options, std::move(*target)));
  if (failed(lowering->prepareTuning()))
    return failure();
  return lowering;
}

// Before anything else is done, as measuring needs a target that this machine can run.
LogicalResult Lowering::prepareTuning() {
  if (options.tilingCache.empty())
    return success();
  auto cache = codegen::TilingCache::load(options.tilingCache);
  if (!cache)
    return emitError(UnknownLoc::get(&context), llvm::toString(cache.takeError()));
  std::string error;
  auto measurement = codegen::MeasureTilings::create(options.target, std::move(*cache), error);
  if (failed(measurement))
    return emitError(UnknownLoc::get(&context), error);
  tuning.emplace(std::move(*measurement));
  times = std::make_shared<codegen::MeasuredTimeModel>(options.target, tuning->getTarget(),
                                                       tuning->getCache());
  return success();
}

FailureOr<std::shared_ptr<const TimeModel>> Lowering::createMeasuredTimes() {
  if (times)
    return std::shared_ptr<const TimeModel>(times);
  std::string error;
  auto measurement = codegen::MeasureTilings::create(options.target, {}, error);
  if (failed(measurement))
    return emitError(UnknownLoc::get(&context), error);
  return std::shared_ptr<const TimeModel>(std::make_shared<codegen::MeasuredTimeModel>(
      options.target, measurement->getTarget(), ownCache));
}

LogicalResult Lowering::runPasses(ModuleOp module,
                                  llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(&context);
  build(pm);
  return pm.run(module);
}

QuantizeOptions Lowering::getQuantization(ModuleOp module, std::shared_ptr<const Config> config,
                                          std::shared_ptr<const CalibrationTable> table,
                                          ModuleOp exact) const {
  QuantizeOptions quantization = options.quantization;
  quantization.config = std::move(config);
  quantization.table = std::move(table);
  // Without ranges, what a quantized model leaves in floats stays there.
  if (isQuantized(module) && quantization.precision == Precision::Int8)
    quantization.precision = Precision::F32;
  std::shared_ptr<const CalibrationTable> statistics = quantization.table;
  quantization.addRepairPasses = [this, statistics, exact](OpPassManager &pm) {
    addRepairPasses(pm, options.repair, statistics, options.quantization.weights, samples, exact);
  };
  return quantization;
}

LogicalResult Lowering::placeBorders(ModuleOp module, std::shared_ptr<const Config> config,
                                     std::shared_ptr<const CalibrationTable> table) {
  OwningOpRef<ModuleOp> exact;
  if (options.repair.biasCorrection == BiasCorrection::Full)
    exact = module.clone();
  QuantizeOptions quantization =
      getQuantization(module, std::move(config), std::move(table), exact ? *exact : ModuleOp());
  return runPasses(module, [&](OpPassManager &pm) {
    buildAssignPrecisionPipeline(pm, quantization);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    buildBorderPipeline(pm, quantization);
  });
}

LogicalResult Lowering::quantize(ModuleOp module, std::shared_ptr<const Config> config,
                                 std::shared_ptr<const CalibrationTable> table) {
  OwningOpRef<ModuleOp> exact;
  if (options.repair.biasCorrection == BiasCorrection::Full)
    exact = module.clone();
  QuantizeOptions quantization =
      getQuantization(module, std::move(config), std::move(table), exact ? *exact : ModuleOp());
  TimeModelFactory getTimes = [&](StringRef, std::string &) {
    return std::make_shared<codegen::TargetTimeModel>(target, options.winograd);
  };
  if (tuning)
    getTimes = [&](StringRef, std::string &) { return times; };
  if (!options.keepInt8)
    quantization.addDynamicJudges = [&](OpPassManager &pm) {
      pm.addNestedPass<func::FuncOp>(createPreferFasterDynamic(options.target, getTimes));
      pm.addPass(createSharePrecisions());
    };
  return runPasses(module, [&](OpPassManager &pm) {
    buildAssignPrecisionPipeline(pm, quantization);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    if (!options.keepInt8)
      pm.addNestedPass<func::FuncOp>(createPreferFasterPrecision(options.target, getTimes));
    pm.addPass(createSharePrecisions());
    buildQuantizePipeline(pm, quantization);
    if (options.keepLayers)
      pm.addNestedPass<func::FuncOp>(createReturnLayers());
  });
}

LogicalResult Lowering::emitKernels(ModuleOp module) {
  codegen::TilingChooser chooser;
  if (tuning)
    chooser = [&](Operation *op, const codegen::TilingQuestion &question) {
      return tuning->choose(op, question);
    };
  if (failed(runPasses(module, [&](OpPassManager &pm) {
        buildLayoutPipeline(pm);
        if (options.winograd)
          pm.addNestedPass<func::FuncOp>(
              createAssignWinograd(AssignWinogradOptions{options.target}));
        pm.addNestedPass<func::FuncOp>(createAssignTiling(options.target, chooser));
      })))
    return failure();
  if (options.explain)
    printTilings(module, options.getReportStream());
  KernelsOptions kernels;
  kernels.target = options.target;
  return runPasses(module, [&](OpPassManager &pm) { buildEmissionPipeline(pm, kernels); });
}

FailureOr<codegen::NativeModule> Lowering::emitNative(ModuleOp module) {
  return codegen::NativeModule::create(module, target, options.name);
}

llvm::Error Lowering::linkLibrary(codegen::NativeModule &native, StringRef path) {
  native.addGenericGetter();
  return codegen::linkSharedLibrary(native.emitObject(), options.runtime, path);
}

LogicalResult Lowering::buildLibrary(ModuleOp graph, std::shared_ptr<const Config> config,
                                     std::shared_ptr<const CalibrationTable> table,
                                     StringRef path) {
  OwningOpRef<ModuleOp> module = graph.clone();
  if (failed(quantize(*module, std::move(config), std::move(table))) ||
      failed(emitKernels(*module)))
    return failure();
  auto native = emitNative(*module);
  if (failed(native))
    return failure();
  if (llvm::Error error = linkLibrary(*native, path))
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  return success();
}

llvm::Error Lowering::saveMeasurements(llvm::raw_ostream &out) {
  if (!tuning)
    return llvm::Error::success();
  if (tuning->getMeasured() || times->getMeasured())
    if (llvm::Error error = tuning->getCache().save(options.tilingCache))
      return error;
  out << "autotune: " << tuning->getMeasured() << " kernels measured, " << tuning->getCached()
      << " known from " << options.tilingCache << "; " << times->getMeasured()
      << " times for precision\n";
  return llvm::Error::success();
}

} // namespace octet
