// From a cleaned-up graph in f32 to machine code, as often as asked: one compilation does it
// once, a search for precisions once for each trial.

#ifndef OCTET_TOOLS_OCTETC_LOWERING_H
#define OCTET_TOOLS_OCTETC_LOWERING_H

#include "codegen/object/NativeModule.h"
#include "codegen/tune/MeasureTilings.h"
#include "codegen/tune/MeasuredTimeModel.h"
#include "passes/repair/SampledModel.h"
#include "tools/octetc/Compilation.h"

namespace octet {

/// Whether the model brings integers and their scales.
bool isQuantized(mlir::ModuleOp graph);

class Lowering {
public:
  /// Reports what is wrong with target or cache.
  static mlir::FailureOr<std::unique_ptr<Lowering>> create(mlir::MLIRContext &context,
                                                           const CompilationOptions &options);

  /// Decides and applies precisions, by `config` (resolved, or null) and `table` (or null).
  mlir::LogicalResult quantize(mlir::ModuleOp module, std::shared_ptr<const Config> config,
                               std::shared_ptr<const CalibrationTable> table);
  /// The same for another runtime: what is int8 does not depend on the target, and borders
  /// stand between groups.
  mlir::LogicalResult placeBorders(mlir::ModuleOp module, std::shared_ptr<const Config> config,
                                   std::shared_ptr<const CalibrationTable> table);
  /// Kernels and launches.
  mlir::LogicalResult emitKernels(mlir::ModuleOp module);
  /// Consumes the module.
  mlir::FailureOr<codegen::NativeModule> emitNative(mlir::ModuleOp module);
  /// Links the self-contained shared library `path`.
  llvm::Error linkLibrary(codegen::NativeModule &native, llvm::StringRef path);
  /// All of it: the library `path` of `graph`, which stays as it is.
  mlir::LogicalResult buildLibrary(mlir::ModuleOp graph, std::shared_ptr<const Config> config,
                                   std::shared_ptr<const CalibrationTable> table,
                                   llvm::StringRef path);

  /// For repairs that run the model.
  void setSamples(std::shared_ptr<SampleRunner> runner) { samples = std::move(runner); }

  const codegen::Target &getTarget() const { return target; }
  /// Measures kernels in all precisions, in any target that this machine can run.
  mlir::FailureOr<std::shared_ptr<const TimeModel>> createMeasuredTimes();
  /// Writes what was measured; says so on `out`.
  llvm::Error saveMeasurements(llvm::raw_ostream &out);

private:
  Lowering(mlir::MLIRContext &context, const CompilationOptions &options, codegen::Target target)
      : context(context), options(options), target(std::move(target)) {}
  QuantizeOptions getQuantization(mlir::ModuleOp module, std::shared_ptr<const Config> config,
                                  std::shared_ptr<const CalibrationTable> table,
                                  mlir::ModuleOp exact) const;
  mlir::LogicalResult prepareTuning();
  mlir::LogicalResult runPasses(mlir::ModuleOp module,
                                llvm::function_ref<void(mlir::OpPassManager &)> build);

  mlir::MLIRContext &context;
  const CompilationOptions &options;
  codegen::Target target;
  std::shared_ptr<SampleRunner> samples; ///< null without --calibrate
  std::optional<codegen::MeasureTilings> tuning;
  std::shared_ptr<codegen::MeasuredTimeModel> times; ///< with `tuning`
  codegen::TilingCache ownCache;                     ///< for times without `tuning`
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_LOWERING_H
