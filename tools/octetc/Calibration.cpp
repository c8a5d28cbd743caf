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

/// The results of one run that bear a name.
using Observations = SmallVector<std::pair<StringRef, ArrayRef<float>>>;

static LogicalResult runEach(ModuleOp observed, const CalibrationOptions &options, StringRef task,
                             llvm::function_ref<void(const Observations &)> observe) {
  // The values do not depend on the number of threads.
  auto model = codegen::JitModel::compile(observed, "native", getThreads(options));
  if (failed(model))
    return failure();

  const codegen::ModelInfo &info = model->getInfo();
  std::vector<npz::TensorSpec> specs;
  for (const codegen::IoInfo &io : info.inputs) {
    auto dtype = getNpyType(io.type.getElementType());
    if (!dtype)
      return observed.emitError("input '") << io.name << "' has type " << io.type.getElementType()
                                           << ", which no calibration array can have";
    specs.push_back({io.name, *dtype, io.type.getShape().vec()});
  }
  // From here on the data may be at fault, not the model.
  Location loc = UnknownLoc::get(observed.getContext());
  auto samples = npz::Samples::open(options.data, specs);
  if (!samples)
    return emitError(loc, llvm::toString(samples.takeError()));

  SmallVector<reference::Tensor> inputs, outputs;
  for (const codegen::IoInfo &io : info.inputs)
    inputs.emplace_back(io.type);
  for (const codegen::IoInfo &io : info.outputs)
    outputs.emplace_back(io.type);
  // Evenly spaced: data that is sorted by class gives a bit of each.
  int64_t runs = std::min<int64_t>(samples->size(), options.subset);
  Progress progress(task, runs);
  for (int64_t run = 0; run < runs; ++run) {
    progress.show(run);
    int64_t sample = run * samples->size() / runs;
    for (auto [i, input] : llvm::enumerate(inputs))
      if (llvm::Error error = samples->read(sample, i, input.bytes().data()))
        return emitError(loc, options.data)
               << ": sample " << sample << ": " << llvm::toString(std::move(error));
    model->run(inputs, outputs);
    Observations observations;
    for (auto [io, output] : llvm::zip(info.outputs, outputs))
      if (!io.observed.empty())
        observations.emplace_back(io.observed, output.as<float>());
    observe(observations);
  }
  return success();
}

LogicalResult runOverSamples(ModuleOp observed, const CalibrationOptions &options, StringRef task,
                             llvm::function_ref<void(StringRef, ArrayRef<float>)> observe) {
  return runEach(observed, options, task, [&](const Observations &observations) {
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
  if (failed(runEach(*observed, options, "calibrating", observe)))
    return failure();
  CalibrationTable table;
  for (const CalibrationTable &part : tables)
    table.merge(part);
  warnOfFaults(table, graph.getLoc());
  return table;
}

} // namespace octet
