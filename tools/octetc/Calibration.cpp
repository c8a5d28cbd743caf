#include "tools/octetc/Calibration.h"

#include "codegen/object/JitModel.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Passes.h"
#include "tools/npz/Samples.h"

#include "mlir/Pass/PassManager.h"

#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace mlir;

namespace octet {

static std::optional<npz::DType> getNpyType(Type element) {
  using npz::DType;
  if (element.isF32())
    return DType::F32;
  if (element.isF64())
    return DType::F64;
  if (element.isF16())
    return DType::F16;
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return isUnsigned ? DType::U8 : DType::I8;
  case 16:
    return isUnsigned ? DType::U16 : DType::I16;
  case 32:
    return isUnsigned ? DType::U32 : DType::I32;
  default:
    return isUnsigned ? DType::U64 : DType::I64;
  }
}

namespace {

// One line on a terminal that is written over again and again, and nothing elsewhere.
class Progress {
public:
  Progress(StringRef task, int64_t total)
      : task(task), total(total), isShown(llvm::errs().is_displayed()) {}
  ~Progress() {
    if (isShown)
      llvm::errs() << "\r\033[K";
  }
  void show(int64_t done) {
    constexpr int64_t kWidth = 40;
    int64_t filled = done * kWidth / total;
    if (isShown && (filled != shown || done == 0))
      llvm::errs() << "\r" << task << " [" << std::string(filled, '#')
                   << std::string(kWidth - filled, '.') << "] " << done << "/" << total;
    shown = filled;
  }

private:
  StringRef task;
  int64_t total, shown = 0;
  bool isShown;
};

} // namespace

/// What makes the range of a tensor doubtful, or nothing.
static std::string findFault(const TensorStatistics &statistics) {
  const Histogram &histogram = statistics.histogram;
  if (uint64_t n = histogram.getNaNs())
    return "expected finite values in calibration, got " + std::to_string(n) + " NaN";
  if (uint64_t n = histogram.getInfinities())
    return "expected finite values in calibration, got " + std::to_string(n) + " infinities";
  if (histogram.getCount() == 0)
    return "expected values in calibration, got none";
  if (histogram.getCount() > 1 && histogram.getMin() == histogram.getMax()) {
    std::string text = "expected values that vary in calibration, got always ";
    llvm::raw_string_ostream(text) << histogram.getMin();
    return text;
  }
  return {};
}

static void warnOfFaults(const CalibrationTable &table, Location loc) {
  constexpr unsigned kMostWarnings = 10;
  unsigned faults = 0;
  for (const auto &[tensor, statistics] : table) {
    std::string fault = findFault(statistics);
    if (fault.empty() || ++faults > kMostWarnings)
      continue;
    emitWarning(loc) << "tensor '" << tensor << "': " << fault;
  }
  if (faults > kMostWarnings)
    emitWarning(loc) << faults - kMostWarnings << " more tensors of doubtful range";
}

static unsigned getThreads(const CalibrationOptions &options) {
  constexpr unsigned kMostThreads = 8;
  return options.threads ? options.threads
                         : std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
}

namespace {

/// A compiled graph, and the samples that it runs over.
class SampledGraph : public SampledModel {
public:
  /// `graph` is fused and consumed; the first `inputs` of its arguments come from samples.
  static FailureOr<std::unique_ptr<SampledGraph>>
  open(ModuleOp graph, const CalibrationOptions &options, StringRef task, unsigned inputs);

  LogicalResult run(ArrayRef<SmallVector<float>> extra,
                    llvm::function_ref<void(unsigned, ArrayRef<float>)> observe) override {
    return runEach(extra, [&](ArrayRef<reference::Tensor> outputs) {
      for (auto [i, output] : llvm::enumerate(outputs))
        observe(i, output.as<float>());
    });
  }
  LogicalResult runEach(ArrayRef<SmallVector<float>> extra,
                        llvm::function_ref<void(ArrayRef<reference::Tensor>)> observe);
  const codegen::ModelInfo &getInfo() const { return model.getInfo(); }

private:
  SampledGraph(codegen::JitModel model, npz::Samples samples, const CalibrationOptions &options,
               StringRef task, unsigned inputs, Location loc)
      : model(std::move(model)), samples(std::move(samples)), options(options), task(task),
        inputs(inputs), loc(loc) {}

  codegen::JitModel model;
  npz::Samples samples;
  const CalibrationOptions &options;
  std::string task;
  unsigned inputs;
  Location loc;
};

FailureOr<std::unique_ptr<SampledGraph>> SampledGraph::open(ModuleOp graph,
                                                            const CalibrationOptions &options,
                                                            StringRef task, unsigned inputs) {
  // The values do not depend on the number of threads.
  auto model = codegen::JitModel::compile(graph, "native", getThreads(options));
  if (failed(model))
    return failure();
  // From here on the data may be at fault, not the model.
  Location loc = UnknownLoc::get(graph.getContext());
  std::vector<npz::TensorSpec> specs;
  for (const codegen::IoInfo &io : ArrayRef(model->getInfo().inputs).take_front(inputs)) {
    auto dtype = getNpyType(io.type.getElementType());
    if (!dtype)
      return graph.emitError("input '") << io.name << "' has type " << io.type.getElementType()
                                        << ", which no calibration array can have";
    specs.push_back({io.name, *dtype, io.type.getShape().vec()});
  }
  auto samples = npz::Samples::open(options.data, specs);
  if (!samples)
    return emitError(loc, llvm::toString(samples.takeError()));
  return std::unique_ptr<SampledGraph>(
      new SampledGraph(std::move(*model), std::move(*samples), options, task, inputs, loc));
}

LogicalResult SampledGraph::runEach(ArrayRef<SmallVector<float>> extra,
                                    llvm::function_ref<void(ArrayRef<reference::Tensor>)> observe) {
  SmallVector<reference::Tensor> arguments, outputs;
  for (const codegen::IoInfo &io : getInfo().inputs)
    arguments.emplace_back(io.type);
  for (const codegen::IoInfo &io : getInfo().outputs)
    outputs.emplace_back(io.type);
  for (auto [argument, values] :
       llvm::zip_equal(MutableArrayRef(arguments).drop_front(inputs), extra))
    llvm::copy(values, argument.as<float>().begin());
  // Evenly spaced: data that is sorted by class gives a bit of each.
  int64_t runs = std::min<int64_t>(samples.size(), options.subset);
  Progress progress(task, runs);
  for (int64_t run = 0; run < runs; ++run) {
    progress.show(run);
    int64_t sample = run * samples.size() / runs;
    for (unsigned i = 0; i < inputs; ++i)
      if (llvm::Error error = samples.read(sample, i, arguments[i].bytes().data()))
        return emitError(loc, options.data)
               << ": sample " << sample << ": " << llvm::toString(std::move(error));
    model.run(arguments, outputs);
    observe(outputs);
  }
  return success();
}

class GraphRunner : public SampleRunner {
public:
  GraphRunner(const CalibrationOptions &options, unsigned inputs)
      : options(options), inputs(inputs) {}

  FailureOr<std::unique_ptr<SampledModel>> compile(ModuleOp graph) override {
    OwningOpRef<ModuleOp> fused = graph.clone();
    PassManager pm(graph.getContext());
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    if (failed(pm.run(*fused)))
      return failure();
    auto opened = SampledGraph::open(*fused, options, "correcting biases", inputs);
    if (failed(opened))
      return failure();
    return std::unique_ptr<SampledModel>(std::move(*opened));
  }

private:
  const CalibrationOptions &options;
  unsigned inputs;
};

unsigned getNumInputs(ModuleOp graph) {
  return graph.lookupSymbol<func::FuncOp>("main").getNumArguments();
}

} // namespace

std::shared_ptr<SampleRunner> createSampleRunner(ModuleOp graph,
                                                 const CalibrationOptions &options) {
  return std::make_shared<GraphRunner>(options, getNumInputs(graph));
}

/// The results of one run that bear a name.
using Observations = SmallVector<std::pair<StringRef, ArrayRef<float>>>;

static LogicalResult runObserved(ModuleOp observed, const CalibrationOptions &options,
                                 StringRef task,
                                 llvm::function_ref<void(const Observations &)> observe) {
  auto graph = SampledGraph::open(observed, options, task, getNumInputs(observed));
  if (failed(graph))
    return failure();
  return (*graph)->runEach({}, [&](ArrayRef<reference::Tensor> outputs) {
    Observations observations;
    for (auto [io, output] : llvm::zip((*graph)->getInfo().outputs, outputs))
      if (!io.observed.empty())
        observations.emplace_back(io.observed, output.as<float>());
    observe(observations);
  });
}

LogicalResult runOverSamples(ModuleOp observed, const CalibrationOptions &options, StringRef task,
                             llvm::function_ref<void(StringRef, ArrayRef<float>)> observe) {
  return runObserved(observed, options, task, [&](const Observations &observations) {
    for (auto [name, values] : observations)
      observe(name, values);
  });
}

FailureOr<CalibrationTable> calibrate(ModuleOp graph, const CalibrationOptions &options) {
  OwningOpRef<ModuleOp> observed = graph.clone();
  PassManager pm(graph.getContext());
  pm.addNestedPass<func::FuncOp>(createInsertObservers());
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  if (failed(pm.run(*observed)))
    return failure();
  llvm::StringMap<ChannelAxis> channels =
      findContractionInputs(graph.lookupSymbol<func::FuncOp>("main"));
  // Each thread takes the next tensor and has a table of its own. As tables merge exactly, it does
  // not matter who took what. Counting values takes longer than computing them.
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(getThreads(options)));
  std::vector<CalibrationTable> tables(pool.getMaxConcurrency());
  auto observe = [&](const Observations &observations) {
    std::atomic<size_t> next = 0;
    for (CalibrationTable &table : tables)
      pool.async([&] {
        for (size_t i; (i = next++) < observations.size();) {
          auto [tensor, values] = observations[i];
          table.observe(tensor, values);
          if (auto found = channels.find(tensor); found != channels.end())
            table.observeChannels(tensor, values, found->second);
        }
      });
    pool.wait();
  };
  if (failed(runObserved(*observed, options, "calibrating", observe)))
    return failure();
  CalibrationTable table;
  for (const CalibrationTable &part : tables)
    table.merge(part);
  warnOfFaults(table, graph.getLoc());
  return table;
}

} // namespace octet
