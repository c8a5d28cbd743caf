#include "tools/octetc/Compilation.h"

#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"
#include "codegen/object/HeaderText.h"
#include "codegen/object/LinkLibrary.h"
#include "codegen/object/NativeModule.h"
#include "codegen/tune/MeasureTilings.h"
#include "codegen/tune/MeasuredTimeModel.h"
#include "passes/Pipelines.h"
#include "passes/graph/Passes.h"
#include "passes/precision/Passes.h"
#include "passes/quantize/Pipeline.h"
#include "passes/quantize/Scope.h"
#include "tools/octetc/Calibration.h"
#include "tools/octetc/OutputFile.h"
#include "tools/octetc/Report.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace octet {

namespace {

class Compilation {
public:
  Compilation(MLIRContext &context, const CompilationOptions &options)
      : context(context), options(options) {}

  LogicalResult run();

private:
  LogicalResult runPasses(llvm::function_ref<void(OpPassManager &)> build) {
    PassManager pm(&context);
    build(pm);
    return pm.run(*module);
  }
  /// For what is not a fault of the model: the message names its own file.
  LogicalResult report(llvm::Error error) {
    if (!error)
      return success();
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  }

  llvm::raw_ostream &getReportStream() const {
    return options.output == "-" ? llvm::errs() : llvm::outs();
  }

  LogicalResult resolveConfig();
  LogicalResult obtainTable();
  LogicalResult quantize();
  LogicalResult prepareTuning();
  LogicalResult emitKernels();
  LogicalResult writeModule();
  LogicalResult writeNative(const codegen::Target &target);
  llvm::Error addNative(codegen::NativeModule &native);
  /// Everything has succeeded: the files appear.
  LogicalResult finish();

  MLIRContext &context;
  const CompilationOptions &options;
  OwningOpRef<ModuleOp> module;
  std::shared_ptr<const Config> config; ///< resolved; null without rules
  std::shared_ptr<CalibrationTable> table;
  std::optional<codegen::MeasureTilings> tuning;
  std::shared_ptr<codegen::MeasuredTimeModel> times; ///< with `tuning`
  OutputFiles outputs;
};

LogicalResult Compilation::run() {
  std::string error;
  auto target = codegen::lookupTarget(options.target, error);
  if (failed(target))
    return emitError(UnknownLoc::get(&context), error);
  if (failed(prepareTuning()))
    return failure();

  auto imported = importOnnx(context, options.model, options.import);
  if (failed(imported))
    return failure();
  module = std::move(*imported);
  if (options.emit == Emit::Import)
    return writeModule();

  if (failed(resolveConfig()))
    return failure();
  if (failed(runPasses([](OpPassManager &pm) { buildGraphPipeline(pm, GraphOptions()); })))
    return failure();
  if (options.emit == Emit::Graph)
    return writeModule();

  if (failed(obtainTable()) || failed(quantize()))
    return failure();
  if (options.explain)
    printPrecisions(*module, getReportStream());
  if (options.emit == Emit::Quant)
    return writeModule();

  if (failed(emitKernels()))
    return failure();
  if (options.emit == Emit::Kernels)
    return writeModule();
  return writeNative(*target);
}

// Here, as nodes that the clean-up folds still exist.
LogicalResult Compilation::resolveConfig() {
  if (!options.quantization.config)
    return success();
  auto resolved =
      resolveScopes(*options.quantization.config, module->lookupSymbol<func::FuncOp>("main"));
  if (failed(resolved))
    return failure();
  config = std::make_shared<const Config>(std::move(*resolved));
  return success();
}

LogicalResult Compilation::obtainTable() {
  if (!options.calibration.table.empty()) {
    auto loaded = CalibrationTable::load(options.calibration.table);
    if (!loaded)
      return report(loaded.takeError());
    table = std::make_shared<CalibrationTable>(std::move(*loaded));
  } else if (!options.calibration.data.empty()) {
    auto calibrated = calibrate(*module, options.calibration);
    if (failed(calibrated))
      return failure();
    table = std::make_shared<CalibrationTable>(std::move(*calibrated));
  }
  return success();
}

LogicalResult Compilation::quantize() {
  QuantizeOptions quantization = options.quantization;
  quantization.config = config;
  quantization.table = table;
  TimeModelFactory getTimes = codegen::TargetTimeModel::create;
  if (tuning) {
    times = std::make_shared<codegen::MeasuredTimeModel>(options.target, tuning->getTarget(),
                                                         tuning->getCache());
    getTimes = [&](StringRef, std::string &) { return times; };
  }
  return runPasses([&](OpPassManager &pm) {
    buildAssignPrecisionPipeline(pm, quantization);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    if (!options.keepInt8)
      pm.addNestedPass<func::FuncOp>(createPreferFasterPrecision(options.target, getTimes));
    buildQuantizePipeline(pm, quantization);
  });
}

// Before anything else is done, as measuring needs a target that this machine can run.
LogicalResult Compilation::prepareTuning() {
  if (options.tilingCache.empty())
    return success();
  auto cache = codegen::TilingCache::load(options.tilingCache);
  if (!cache)
    return report(cache.takeError());
  std::string error;
  auto measurement = codegen::MeasureTilings::create(options.target, std::move(*cache), error);
  if (failed(measurement))
    return emitError(UnknownLoc::get(&context), error);
  tuning.emplace(std::move(*measurement));
  return success();
}

LogicalResult Compilation::emitKernels() {
  codegen::TilingChooser chooser;
  if (tuning)
    chooser = [&](Operation *op, const codegen::TilingQuestion &question) {
      return tuning->choose(op, question);
    };
  if (failed(runPasses([&](OpPassManager &pm) {
        buildLayoutPipeline(pm);
        pm.addNestedPass<func::FuncOp>(createAssignTiling(options.target, chooser));
      })))
    return failure();
  if (options.explain)
    printTilings(*module, getReportStream());
  if (tuning) {
    if (tuning->getMeasured() || times->getMeasured())
      if (llvm::Error error = tuning->getCache().save(options.tilingCache))
        return report(std::move(error));
    getReportStream() << "autotune: " << tuning->getMeasured() << " kernels measured, "
                      << tuning->getCached() << " known from " << options.tilingCache << "; "
                      << times->getMeasured() << " times for precision\n";
  }
  KernelsOptions kernels;
  kernels.target = options.target;
  return runPasses([&](OpPassManager &pm) { buildEmissionPipeline(pm, kernels); });
}

LogicalResult Compilation::finish() {
  if (table && !options.calibration.save.empty())
    if (llvm::Error error = outputs.add(options.calibration.save, table->toJson()))
      return report(std::move(error));
  return report(outputs.keep());
}

LogicalResult Compilation::writeModule() {
  // Weights are named, not spelt out: the text is for reading and for tests.
  constexpr int64_t kLargestPrinted = 16;
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(kLargestPrinted).elideLargeResourceString(kLargestPrinted);
  module->print(stream, flags);
  stream << "\n";
  if (llvm::Error error = outputs.add(options.output, text))
    return report(std::move(error));
  return finish();
}

llvm::Error Compilation::addNative(codegen::NativeModule &native) {
  if (options.emit == Emit::LLVM) {
    std::string text;
    llvm::raw_string_ostream(text) << native.getModule();
    return outputs.add(options.output, text);
  }
  if (options.emit == Emit::Library)
    native.addGenericGetter();
  SmallVector<char, 0> bytes =
      options.emit == Emit::Assembly ? native.emitAssembly() : native.emitObject();
  if (options.emit == Emit::Assembly || options.emit == Emit::Object)
    return outputs.add(options.output, StringRef(bytes.data(), bytes.size()));
  auto path = outputs.prepare(options.output);
  if (!path)
    return path.takeError();
  if (options.emit == Emit::Library)
    return codegen::linkSharedLibrary(bytes, options.runtime, *path);
  return codegen::writeArchive(bytes, options.name + ".o", options.runtime, *path);
}

LogicalResult Compilation::writeNative(const codegen::Target &target) {
  auto native = codegen::NativeModule::create(*module, target, options.name);
  if (failed(native))
    return failure();
  if (!options.header.empty())
    if (llvm::Error error = outputs.add(options.header, codegen::printHeader(native->getInfo())))
      return report(std::move(error));
  if (failed(report(addNative(*native))) || failed(finish()))
    return failure();
  if (options.emit == Emit::Archive || options.emit == Emit::Library)
    printSummary(native->getInfo(), options.output, llvm::outs());
  return success();
}

} // namespace

LogicalResult compile(MLIRContext &context, const CompilationOptions &options) {
  return Compilation(context, options).run();
}

} // namespace octet
