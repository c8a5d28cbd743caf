#include "passes/repair/Pipeline.h"

#include "passes/calibrate/CalibrationTable.h"
#include "passes/repair/Passes.h"

using namespace mlir;

namespace octet {

bool isEqualized(const CalibrationTable &table) {
  return llvm::any_of(table, [](const auto &entry) {
    return llvm::StringRef(entry.first).contains((":" + kEqualizedSuffix).str());
  });
}

void buildEqualizePipeline(OpPassManager &pm, const RepairOptions &options) {
  if (options.equalize.value_or(false))
    pm.addNestedPass<func::FuncOp>(createEqualizeLayers());
}

void addRepairPasses(OpPassManager &pm, const RepairOptions &options,
                     std::shared_ptr<const CalibrationTable> table, const WeightScheme &scheme,
                     std::shared_ptr<SampleRunner> runner, ModuleOp exact) {
  if (options.biasCorrection != BiasCorrection::Off && table)
    pm.addPass(createCorrectBias(table, scheme));
  if (options.biasCorrection == BiasCorrection::Full)
    pm.addPass(createCorrectBiasBySamples(std::move(runner), exact, scheme));
}

} // namespace octet
