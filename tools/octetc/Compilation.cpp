#include "tools/octetc/Compilation.h"

#include "codegen/object/HeaderText.h"
#include "codegen/object/LinkLibrary.h"
#include "dialect/Entries.h"
#include "frontend/Export.h"
#include "passes/Pipelines.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Encodings.h"
#include "passes/quantize/Scope.h"
#include "passes/repair/Passes.h"
#include "tools/octetc/Calibration.h"
#include "tools/octetc/ImportEntries.h"
#include "tools/octetc/Lowering.h"
#include "tools/octetc/OutputFile.h"
#include "tools/octetc/Repair.h"
#include "tools/octetc/Report.h"
#include "tools/octetc/report/ModelReport.h"
#include "tools/octetc/search/Search.h"

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
  bool isCriterionMet() const { return isMet; }

private:
  /// For what is not a fault of the model: the message names its own file.
  LogicalResult report(llvm::Error error) {
    if (!error)
      return success();
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  }

  LogicalResult resolveConfig();
  LogicalResult loadTable();
  LogicalResult cleanUp(ModuleOp graph);
  LogicalResult calibrateGraph();
  LogicalResult smoothGraph();
  LogicalResult runSearch();
  LogicalResult writeModule();
  LogicalResult writeQdqOnnx();
  LogicalResult writeNative();
  /// Keeps what a report needs of the graph before the next stage replaces it.
  void remember(OwningOpRef<ModuleOp> &copy) {
    if (!options.reports.empty())
      copy = module->clone();
  }
  /// `library` is what was compiled, wherever it lies so far.
  LogicalResult addReports(ModuleOp graph, ModuleOp quantized, StringRef library,
                           std::shared_ptr<const Config> rules, StringRef front = {});
  llvm::Error addNative(codegen::NativeModule &native);
  /// Everything has succeeded: the files appear.
  LogicalResult finish();

  MLIRContext &context;
  const CompilationOptions &options;
  OwningOpRef<ModuleOp> module;
  OwningOpRef<ModuleOp> single;         ///< the graph for one sample, where `module` is another
  std::shared_ptr<const Config> config; ///< resolved; null without rules
  RepairOptions repair;                 ///< resolved
  std::shared_ptr<CalibrationTable> table;
  std::shared_ptr<CalibrationTable> calibrated; ///< what `table` was before SmoothQuant
  std::string encodings;                        ///< for --save-encodings
  std::unique_ptr<Lowering> lowering;
  OutputFiles outputs;
  OwningOpRef<ModuleOp> reference, graph, quantized; ///< for reports
  std::string libraryPath;                           ///< where the library lies until finish()
  bool isMet = true;
};

LogicalResult Compilation::run() {
  auto created = Lowering::create(context, options);
  if (failed(created))
    return failure();
  lowering = std::move(*created);

  auto imported = importEntries(context, options);
  if (failed(imported))
    return failure();
  module = std::move(*imported);
  if (options.emit == Emit::Import)
    return writeModule();

  if (failed(resolveConfig()) || failed(loadTable()))
    return failure();
  if (failed(cleanUp(*module)))
    return failure();
  if (options.emit == Emit::Graph)
    return writeModule();

  if (failed(calibrateGraph()) || failed(smoothGraph()))
    return failure();
  remember(reference);
  if (options.quantization.weights.rounding == WeightRounding::Adaptive && table) {
    if (failed(roundAdaptively(*module, single ? *single : *module, *table, options)))
      return failure();
    forEachCounterpart(*module, [](Operation *op, Operation *counterpart) {
      for (StringRef name : {StringRef(kIntegerWeightsAttr), StringRef(kWeightScalesAttr)})
        if (Attribute attr = counterpart->getAttr(name))
          op->setAttr(name, attr);
    });
  }
  if (options.search)
    return runSearch();
  if (options.emit == Emit::QdqOnnx)
    return writeQdqOnnx();
  remember(graph);
  if (failed(lowering->quantize(*module, config, table)))
    return failure();
  remember(quantized);
  if (!options.calibration.saveEncodings.empty())
    encodings = printEncodings(*module);
  if (options.explain)
    printPrecisions(*module, options.getReportStream());
  if (options.emit == Emit::Quant)
    return writeModule();

  if (failed(lowering->emitKernels(*module)) ||
      failed(report(lowering->saveMeasurements(options.getReportStream()))))
    return failure();
  if (options.emit == Emit::Kernels)
    return writeModule();
  return writeNative();
}

LogicalResult Compilation::writeQdqOnnx() {
  if (failed(lowering->placeBorders(*module, config, table)))
    return failure();
  if (!options.calibration.saveEncodings.empty())
    encodings = printEncodings(*module);
  if (options.explain)
    printPrecisions(*module, options.getReportStream());
  auto bytes = exportQdqOnnx(*module);
  if (failed(bytes) || failed(report(outputs.add(options.output, *bytes))))
    return failure();
  return finish();
}

LogicalResult Compilation::runSearch() {
  auto result = search(*module, single ? *single : *module, *lowering, config, table, options);
  if (failed(result))
    return failure();
  isMet = result->isMet;
  if (!options.reports.empty()) {
    remember(graph);
    if (failed(lowering->quantize(*module, result->best, table)) ||
        failed(addReports(*graph, *module, options.output, result->best, result->front)))
      return failure();
  }
  return finish();
}

// Here, as nodes that the clean-up folds still exist.
LogicalResult Compilation::resolveConfig() {
  auto function = module->lookupSymbol<func::FuncOp>("main");
  Config given;
  if (options.quantization.config)
    given = *options.quantization.config;
  if (!options.calibration.encodings.empty()) {
    auto encodings = Encodings::load(options.calibration.encodings);
    if (!encodings)
      return report(encodings.takeError());
    // First, so that rules of the user win.
    std::vector<Config::Rule> rules;
    auto ranges = encodings->resolve(function, rules);
    if (!ranges)
      return emitError(UnknownLoc::get(&context), options.calibration.encodings)
             << ": " << llvm::toString(ranges.takeError());
    table = std::make_shared<CalibrationTable>(std::move(*ranges));
    given.rules.insert(given.rules.begin(), rules.begin(), rules.end());
  }
  if (!options.quantization.config && given.rules.empty())
    return success();
  auto resolved = resolveScopes(given, function);
  if (failed(resolved))
    return failure();
  config = std::make_shared<const Config>(std::move(*resolved));
  return success();
}

/// Whether anything is asked to run in integers.
static bool wantsInt8(const QuantizeOptions &options) {
  if (!options.config)
    return options.precision == Precision::Int8;
  return options.config->precision.value_or(options.precision) == Precision::Int8 ||
         llvm::any_of(options.config->rules,
                      [](const Config::Rule &rule) { return rule.precision == Precision::Int8; });
}

// Before the graph is rewritten: a table says whether it belongs to an equalized one.
LogicalResult Compilation::loadTable() {
  repair = options.repair;
  const CalibrationOptions &given = options.calibration;
  if (isQuantized(*module) && (!given.table.empty() || !given.data.empty() || table))
    return emitError(UnknownLoc::get(&context),
                     "expected a model of floats to calibrate, got one that brings scales of "
                     "its own");
  if (!given.table.empty()) {
    auto loaded = CalibrationTable::load(given.table);
    if (!loaded)
      return report(loaded.takeError());
    table = std::make_shared<CalibrationTable>(std::move(*loaded));
  }
  if (!table) {
    if (!repair.equalize)
      repair.equalize = options.quantization.weights.perTensor;
    return success();
  }
  bool equalized = isEqualized(*table);
  if (repair.equalize.value_or(equalized) != equalized)
    return emitError(UnknownLoc::get(&context), given.table.empty() ? given.encodings : given.table)
           << ": expected a table made with --equalize " << (equalized ? "off" : "on");
  repair.equalize = equalized;
  return success();
}

LogicalResult Compilation::cleanUp(ModuleOp graph) {
  PassManager pm(&context);
  buildGraphPipeline(pm, GraphOptions());
  buildEqualizePipeline(pm, repair);
  return pm.run(graph);
}

LogicalResult Compilation::calibrateGraph() {
  if (!table && options.calibration.data.empty() && !isQuantized(*module) &&
      !options.quantization.dynamic && wantsInt8(options.quantization))
    return emitError(UnknownLoc::get(&context),
                     "int8 needs activation ranges: give --calibrate DATA.npz or "
                     "--calibration T.json, or --quantize dynamic");
  if (options.calibration.data.empty())
    return success();
  // Of several shapes the first is that of the data.
  if (!options.otherEntries.empty()) {
    single = module->clone();
    for (unsigned i = 1; func::FuncOp other = getEntry(*single, i); ++i)
      other.erase();
  }
  // One sample at a time, so that the table does not depend on the batch.
  if (options.import.batch.value_or(1) > 1) {
    ImportOptions import = options.import;
    import.batch = 1;
    auto imported = importOnnx(context, options.model, import);
    if (failed(imported))
      return failure();
    single = std::move(*imported);
    if (failed(cleanUp(*single)))
      return failure();
  }
  auto calibrated = calibrate(single ? *single : *module, options.calibration);
  if (failed(calibrated))
    return failure();
  table = std::make_shared<CalibrationTable>(std::move(*calibrated));
  lowering->setSamples(createSampleRunner(*module, options.calibration));
  return success();
}

// The table that is saved stays the one of the graph as it was, so that any alpha can follow.
LogicalResult Compilation::smoothGraph() {
  if (!repair.smoothQuant || !table || options.quantization.dynamic)
    return success();
  auto smoothed = std::make_shared<CalibrationTable>(*table);
  for (ModuleOp each : {*module, single ? *single : ModuleOp()}) {
    if (!each)
      continue;
    // One after the other: they write down in one table what they have scaled.
    PassManager pm(&context, func::FuncOp::getOperationName());
    pm.addPass(createSmoothQuant(smoothed, *repair.smoothQuant));
    for (auto function : each.getOps<func::FuncOp>())
      if (failed(pm.run(function)))
        return failure();
  }
  calibrated = std::exchange(table, smoothed);
  return success();
}

LogicalResult Compilation::finish() {
  if (!encodings.empty())
    if (llvm::Error error = outputs.add(options.calibration.saveEncodings, encodings))
      return report(std::move(error));
  if (table && !options.calibration.save.empty())
    if (llvm::Error error =
            outputs.add(options.calibration.save, (calibrated ? calibrated : table)->toJson()))
      return report(std::move(error));
  return report(outputs.keep());
}

LogicalResult Compilation::addReports(ModuleOp source, ModuleOp program, StringRef library,
                                      std::shared_ptr<const Config> rules, StringRef front) {
  ReportSubject subject{*reference,       source, program,    library.str(),
                        std::move(rules), table,  front.str()};
  auto content = makeReport(context, options, subject);
  if (failed(content))
    return failure();
  for (const std::string &path : options.reports)
    if (llvm::Error error = outputs.add(path, printReport(*content, path)))
      return report(std::move(error));
  return success();
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
  if (options.emit == Emit::Library) {
    auto path = outputs.prepare(options.output);
    if (!path)
      return path.takeError();
    libraryPath = *path;
    return lowering->linkLibrary(native, *path);
  }
  SmallVector<char, 0> bytes =
      options.emit == Emit::Assembly ? native.emitAssembly() : native.emitObject();
  if (options.emit == Emit::Assembly || options.emit == Emit::Object)
    return outputs.add(options.output, StringRef(bytes.data(), bytes.size()));
  auto path = outputs.prepare(options.output);
  if (!path)
    return path.takeError();
  return codegen::writeArchive(bytes, options.name + ".o", options.runtime, *path);
}

LogicalResult Compilation::writeNative() {
  auto native = lowering->emitNative(*module);
  if (failed(native))
    return failure();
  if (!options.header.empty())
    if (llvm::Error error = outputs.add(options.header, codegen::printHeader(native->getInfo())))
      return report(std::move(error));
  if (failed(report(addNative(*native))))
    return failure();
  if (!options.reports.empty() && failed(addReports(*graph, *quantized, libraryPath, config)))
    return failure();
  if (failed(finish()))
    return failure();
  if (options.emit == Emit::Archive || options.emit == Emit::Library)
    printSummary(native->getInfo(), options.output, llvm::outs());
  return success();
}

} // namespace

ExitStatus compile(MLIRContext &context, const CompilationOptions &options) {
  Compilation compilation(context, options);
  if (failed(compilation.run()))
    return Failed;
  return compilation.isCriterionMet() ? Done : CriterionUnmet;
}

} // namespace octet
