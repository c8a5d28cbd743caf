// The target-independent stages, as pipelines that drivers call by name.

#ifndef OCTET_PASSES_PIPELINES_H
#define OCTET_PASSES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
}

namespace octet {

struct GraphOptions : mlir::PassPipelineOptions<GraphOptions> {
  Option<int64_t> maxFoldBytes{*this, "max-fold-bytes",
                               llvm::cl::desc("bytes that a folded constant may have"),
                               llvm::cl::init(int64_t(64) << 20)};
};

/// `octet-graph`: from an imported graph to one that is ready for calibration. The
/// tensors that exist after it are the ones that ranges are collected for.
void buildGraphPipeline(mlir::OpPassManager &pm, const GraphOptions &options);

void registerGraphPipelines();

} // namespace octet

#endif // OCTET_PASSES_PIPELINES_H
