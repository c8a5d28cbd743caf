// How a pass sees calibration samples: as runs of a graph that it has made. Who compiles the
// graph, and where samples come from, is the driver's business.

#ifndef OCTET_PASSES_REPAIR_SAMPLEDMODEL_H
#define OCTET_PASSES_REPAIR_SAMPLEDMODEL_H

#include "dialect/Octet.h"

#include <memory>

namespace octet {

/// A graph that can be run over all samples, again and again.
class SampledModel {
public:
  virtual ~SampledModel() = default;
  /// Runs each sample, with `extra` for the f32 arguments that follow the model's inputs, and
  /// calls `observe` with the index of each result and its elements (f32). Fails with a
  /// diagnostic where samples cannot be read.
  virtual llvm::LogicalResult
  run(llvm::ArrayRef<llvm::SmallVector<float>> extra,
      llvm::function_ref<void(unsigned, llvm::ArrayRef<float>)> observe) = 0;
};

class SampleRunner {
public:
  virtual ~SampleRunner() = default;
  /// Compiles @main of `graph`, which stays as it is: not fused, results in f32.
  virtual mlir::FailureOr<std::unique_ptr<SampledModel>> compile(mlir::ModuleOp graph) = 0;
};

} // namespace octet

#endif // OCTET_PASSES_REPAIR_SAMPLEDMODEL_H
