#include "passes/Pipelines.h"

#include "passes/graph/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace octet {

void buildGraphPipeline(OpPassManager &pm, const GraphOptions &options) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  auto fold = [&] {
    ConstantFoldOptions fold;
    fold.maxBytes = options.maxFoldBytes;
    function.addPass(createConstantFold(fold));
  };
  // Before folding, which keeps the integers of weights only where contractions read them.
  function.addPass(createNormalizeBorders());
  // Folding first: patterns look for constants, not for what computes them.
  fold();
  function.addPass(createSimplifyShapes());
  function.addPass(createSimplifyArithmetic());
  // Before FoldBatchNorm, which would take apart clip(x + 3, 0, 6) behind a conv.
  function.addPass(createRecognizeActivations());
  // Before FoldBatchNorm, too, which takes a row's numbers for those of channels.
  function.addPass(createRecognizeNormalization());
  function.addPass(createRecognizeAttention());
  function.addPass(createFoldBatchNorm());
  // Behind both: attention says which order it wants, and biases stand in products by now.
  function.addPass(createCancelTransposes());
  function.addPass(createFoldPad());
  function.addPass(createRecognizePooling());
  function.addPass(createDecomposeConvTranspose());
  // Moves that came with decompositions.
  function.addPass(createSimplifyShapes());
  fold();
  function.addPass(createVerifyGraph());
}

void registerGraphPipelines() {
  PassPipelineRegistration<GraphOptions>("octet-graph", "Clean up an imported graph",
                                         buildGraphPipeline);
}

} // namespace octet
