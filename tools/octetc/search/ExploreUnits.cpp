#include "tools/octetc/search/ExploreUnits.h"

#include "passes/graph/Passes.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"
#include "tools/octetc/Calibration.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace octet {

namespace {

LogicalResult runPasses(ModuleOp module, llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  build(pm);
  return pm.run(module);
}

/// What the configuration asks for is not up to a search.
bool isChosen(Operation *op) {
  auto reason = op->getAttrOfType<StringAttr>(kReasonAttr);
  return isInt8Contraction(op) && reason && reason.getValue() != kConfigurationReason;
}

/// Energies by their names, summed over the samples.
FailureOr<llvm::StringMap<double>> measureEnergies(ModuleOp single,
                                                   const QuantizeOptions &quantization,
                                                   std::shared_ptr<const CalibrationTable> table,
                                                   const CompilationOptions &options) {
  OwningOpRef<ModuleOp> probed = single.clone();
  if (failed(runPasses(*probed, [&](OpPassManager &pm) {
        buildAssignPrecisionPipeline(pm, quantization);
        pm.addNestedPass<func::FuncOp>(
            createInsertNoiseProbes(table, quantization.calibrator, quantization.weights));
        pm.addNestedPass<func::FuncOp>(createConstantFold());
        pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
      })))
    return failure();
  // A ranking needs fewer samples than ranges do.
  constexpr unsigned kEnough = 64;
  CalibrationOptions samples = options.calibration;
  samples.subset = std::min(samples.subset, kEnough);
  llvm::StringMap<double> energies;
  auto add = [&](StringRef name, ArrayRef<float> values) { energies[name] += values.front(); };
  if (failed(runOverSamples(*probed, samples, "sensitivity", add)))
    return failure();
  return energies;
}

} // namespace

LogicalResult exploreUnits(SearchSpace &space, ModuleOp graph, ModuleOp single, Lowering &lowering,
                           std::shared_ptr<const Config> config,
                           std::shared_ptr<const CalibrationTable> table,
                           const CompilationOptions &options) {
  OwningOpRef<ModuleOp> assigned = graph.clone();
  QuantizeOptions quantization = options.quantization;
  quantization.precision = Precision::Int8;
  quantization.config = config;
  auto energies = measureEnergies(single, quantization, table, options);
  auto times = lowering.createMeasuredTimes();
  if (failed(energies) || failed(times) || failed(runPasses(*assigned, [&](OpPassManager &pm) {
        buildAssignPrecisionPipeline(pm, quantization);
        pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
      })))
    return failure();

  llvm::StringMap<size_t> indices;
  auto main = assigned->lookupSymbol<func::FuncOp>("main");
  for (auto group : main.getOps<FusedOp>()) {
    if (!isChosen(group))
      continue;
    StringRef name = getNodeName(group.getRoot()->getLoc());
    auto [it, isNew] = indices.try_emplace(name, space.units.size());
    if (isNew) {
      Unit unit;
      unit.name = name.str();
      double signal = energies->lookup(("signal " + name).str());
      unit.noise = signal > 0 ? energies->lookup(("noise " + name).str()) / signal : 0;
      space.units.push_back(std::move(unit));
    }
    Unit &unit = space.units[it->second];
    Value weights = getOutsideOperand(group, 1);
    unit.weights += cast<RankedTensorType>(weights.getType()).getNumElements();
    for (Precision precision : space.mix)
      unit.times[precision] += (*times)->getTime(group, precision);
  }
  if (space.units.empty())
    return graph.emitError("expected contractions with constant weights to search precisions "
                           "for, got none");
  return success();
}

} // namespace octet
