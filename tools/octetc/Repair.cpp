#include "tools/octetc/Repair.h"

#include "mlir/Pass/PassManager.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Passes.h"
#include "passes/repair/OptimizeRounding.h"
#include "tools/octetc/Calibration.h"

using namespace mlir;

namespace octet {

// Moments of as many contractions at a time as fit are collected in one run over the samples.
LogicalResult roundAdaptively(ModuleOp graph, ModuleOp single, const CalibrationTable &table,
                              const CompilationOptions &options) {
  constexpr int64_t kMostBytes = int64_t(256) << 20;
  // Windows of a sample: neighbours tell little that is new.
  constexpr int64_t kMostWindows = 32;
  OwningOpRef<ModuleOp> observed = single.clone();
  PassManager pm(graph.getContext());
  pm.addNestedPass<func::FuncOp>(createInsertObservers());
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  if (failed(pm.run(*observed)))
    return failure();

  RoundingOptions rounding;
  rounding.scheme = options.quantization.weights;
  rounding.calibrator = options.quantization.calibrator;
  rounding.centred = options.repair.biasCorrection != BiasCorrection::Off;
  auto function = graph.lookupSymbol<func::FuncOp>("main");
  // The same ops of the graph for one sample: geometry may differ by the batch.
  llvm::StringMap<Operation *> singles;
  for (Operation *op : findRoundedContractions(single.lookupSymbol<func::FuncOp>("main"), table))
    singles[getTensorName(op->getLoc())] = op;

  SmallVector<Operation *> waiting = findRoundedContractions(function, table);
  while (!waiting.empty()) {
    struct Job {
      Operation *op;
      SecondMoments moments;
    };
    std::vector<Job> jobs;
    llvm::StringMap<SmallVector<size_t>> readers;
    int64_t bytes = 0;
    while (!waiting.empty()) {
      Operation *op = waiting.back();
      Operation *one = singles.lookup(getTensorName(op->getLoc()));
      std::optional<SecondMoments> moments = one ? SecondMoments::create(one) : std::nullopt;
      // What would take more than all memory keeps its default rounding.
      if (!moments || moments->getBytes() > kMostBytes) {
        waiting.pop_back();
        continue;
      }
      bytes += moments->getBytes();
      if (bytes > kMostBytes)
        break;
      readers[getContractionInputName(one)].push_back(jobs.size());
      jobs.push_back({op, std::move(*moments)});
      waiting.pop_back();
    }
    auto observe = [&](StringRef tensor, ArrayRef<float> values) {
      auto found = readers.find(tensor);
      if (found == readers.end())
        return;
      for (size_t job : found->second)
        jobs[job].moments.add(values, kMostWindows);
    };
    if (!jobs.empty() &&
        failed(runOverSamples(*observed, options.calibration, "rounding", observe)))
      return failure();
    for (Job &job : jobs)
      optimizeRounding(job.op, job.moments, table, rounding);
  }
  return success();
}

} // namespace octet
