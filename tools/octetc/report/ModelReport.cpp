// Accuracy and time come from libraries that are really made and run, as a search does it: the
// report says what the model does, not what the compiler believes.

#include "tools/octetc/report/ModelReport.h"

#include "tools/octetc/report/OpRow.h"
#include "tools/octetc/report/ReportPage.h"
#include "tools/run/Bench.h"
#include "tools/run/ModelSamples.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace fs = llvm::sys::fs;

namespace octet {

namespace {

constexpr int64_t kMostSamples = 32;
constexpr double kSeconds = 0.5;

class ReportMaker {
public:
  ReportMaker(MLIRContext &context, const CompilationOptions &options, const ReportSubject &subject)
      : context(context), options(options), subject(subject) {}

  FailureOr<llvm::json::Value> run();

private:
  LogicalResult compareWithF32();
  LogicalResult buildWithLayers(Lowering &lowering, ModuleOp graph,
                                std::shared_ptr<const Config> config, StringRef path);
  llvm::Error measureTimes();
  void addStatistics();
  LogicalResult report(llvm::Error error) const {
    if (!error)
      return success();
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  }

  MLIRContext &context;
  const CompilationOptions &options;
  const ReportSubject &subject;
  std::vector<OpRow> rows;
  std::optional<run::LayerComparison> layers;
  llvm::json::Object object;
  llvm::json::Array notes;
};

} // namespace

static std::string describe(const Calibrator &calibrator) {
  static constexpr StringLiteral kNames[] = {"minmax", "moving-average", "percentile", "entropy",
                                             "mse"};
  std::string text = kNames[calibrator.method].str();
  if (calibrator.method == Calibrator::Percentile)
    llvm::raw_string_ostream(text) << llvm::format("=%g", calibrator.percentile);
  return calibrator.symmetric ? text + ", symmetric" : text;
}

LogicalResult ReportMaker::buildWithLayers(Lowering &lowering, ModuleOp graph,
                                           std::shared_ptr<const Config> config, StringRef path) {
  return lowering.buildLibrary(graph, std::move(config), subject.table, path);
}

LogicalResult ReportMaker::compareWithF32() {
  if (isQuantized(subject.graph)) {
    notes.push_back("no SQNR: the model came quantized, there is none in f32 to compare with");
    return success();
  }
  if (options.calibration.data.empty()) {
    notes.push_back("no SQNR: it is measured on the samples of --calibrate");
    return success();
  }
  SmallString<128> folder;
  if (std::error_code code = fs::createUniqueDirectory("octet-report", folder))
    return emitError(UnknownLoc::get(&context), "cannot make a temporary folder: ")
           << code.message();
  llvm::scope_exit remove([&] { fs::remove_directories(folder); });
  CompilationOptions withLayers = options;
  withLayers.keepLayers = true;
  withLayers.explain = false;
  auto lowering = Lowering::create(context, withLayers);
  if (failed(lowering))
    return failure();
  auto inF32 = std::make_shared<Config>();
  inF32->isResolved = true;
  inF32->precision = Precision::F32;
  std::string library = (folder + "/model.so").str(), reference = (folder + "/f32.so").str();
  if (failed(buildWithLayers(**lowering, subject.graph, subject.config, library)) ||
      failed(buildWithLayers(**lowering, subject.reference, inF32, reference)))
    return failure();
  auto loaded = run::ModelLibrary::load(library),
       loadedReference = run::ModelLibrary::load(reference);
  if (!loaded || !loadedReference) {
    llvm::consumeError(loadedReference.takeError());
    llvm::consumeError(loaded.takeError());
    notes.push_back("no SQNR: this machine cannot run code for " + options.target);
    return success();
  }
  auto compared = run::compareLayers(**loaded, **loadedReference, options.calibration.data,
                                     /*threads=*/1, kMostSamples);
  if (!compared)
    return report(compared.takeError());
  layers = std::move(*compared);
  object["samples"] = layers->samples;
  llvm::StringMap<const run::ComparedLayer *> known;
  for (const run::ComparedLayer &layer : layers->layers)
    known[layer.layer.tensor] = &layer;
  for (OpRow &row : rows)
    if (const run::ComparedLayer *layer = known.lookup(row.tensor))
      if (layer->layer.stored == row.stored)
        row.layer = layer;
  return success();
}

llvm::Error ReportMaker::measureTimes() {
  auto library = run::ModelLibrary::load(subject.library);
  if (!library) {
    llvm::consumeError(library.takeError());
    notes.push_back("no times: this machine cannot run code for " + options.target);
    return llvm::Error::success();
  }
  object["target"] = std::string((*library)->getModel().target);
  std::optional<npz::Samples> samples;
  if (!options.calibration.data.empty()) {
    auto opened = run::openSamples(options.calibration.data, (*library)->getInputs());
    if (!opened)
      return opened.takeError();
    samples = std::move(*opened);
  }
  for (uint32_t profile : {0, 1}) {
    auto instance = run::Instance::create(**library, {/*threads=*/1, profile});
    if (!instance)
      return instance.takeError();
    if (samples)
      if (llvm::Error error = run::readRun(*samples, 0, (*instance)->getInputs()))
        return error;
    if (!profile) {
      auto latency = run::measureLatency(**instance, kSeconds);
      if (!latency)
        return latency.takeError();
      object["latency_ms"] = latency->median;
      continue;
    }
    auto kernels = run::measureLaunches(**library, **instance, kSeconds);
    if (!kernels)
      return kernels.takeError();
    llvm::StringMap<double> times;
    for (const run::KernelTime &kernel : *kernels)
      times[kernel.node] += kernel.milliseconds * 1000;
    // The kernels of a node stand at its first op.
    for (OpRow &row : rows)
      if (auto time = times.find(row.node); time != times.end()) {
        row.microseconds = time->second;
        times.erase(time);
      }
  }
  return llvm::Error::success();
}

void ReportMaker::addStatistics() {
  if (!subject.table)
    return;
  for (OpRow &row : rows)
    row.statistics = subject.table->lookup(row.tensor);
  object["calibrator"] = describe(options.quantization.calibrator);
}

FailureOr<llvm::json::Value> ReportMaker::run() {
  rows = readOps(subject.quantized);
  object["model"] = llvm::json::fixUTF8(llvm::sys::path::filename(options.model));
  object["target"] = options.target;
  uint64_t bytes = 0;
  if (std::error_code code = fs::file_size(subject.library, bytes))
    return emitError(UnknownLoc::get(&context), code.message());
  object["library_bytes"] = static_cast<int64_t>(bytes);
  addStatistics();
  if (failed(compareWithF32()) || failed(report(measureTimes())))
    return failure();
  if (!subject.front.empty()) {
    auto front = llvm::json::parse(subject.front);
    if (!front)
      return emitError(UnknownLoc::get(&context), llvm::toString(front.takeError()));
    object["search"] = std::move(*front);
  }
  llvm::json::Array ops;
  int64_t weights = 0;
  for (const OpRow &row : rows) {
    ops.push_back(row.toJson());
    weights += row.weightBytes;
  }
  object["ops"] = std::move(ops);
  object["weight_bytes"] = weights;
  object["notes"] = std::move(notes);
  return llvm::json::Value(std::move(object));
}

FailureOr<llvm::json::Value> makeReport(MLIRContext &context, const CompilationOptions &options,
                                        const ReportSubject &subject) {
  return ReportMaker(context, options, subject).run();
}

std::string printReport(const llvm::json::Value &report, StringRef path) {
  if (path.ends_with(".html"))
    return printPage(report);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}\n", report);
  return text;
}

} // namespace octet
