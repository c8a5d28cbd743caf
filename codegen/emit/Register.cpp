#include "codegen/emit/Register.h"

#include "codegen/emit/Emit.h"

using namespace mlir;

namespace octet::codegen {

void registerEmission(DialectRegistry &registry) {
  registerElementwiseEmission(registry);
  registerGeluEmission(registry);
  registerElementwiseKernels(registry);
  registerLogicEmission(registry);
  registerAlongAxisKernels(registry);
  registerArgExtremumKernels(registry);
  registerEliminationKernels(registry);
  registerExtentKernels(registry);
  registerGridSampleKernels(registry);
  registerIndexedMovementKernels(registry);
  registerMathEmission(registry);
  registerMovementKernels(registry);
  registerNonMaxSuppressionKernels(registry);
  registerPoolKernels(registry);
  registerReduceKernels(registry);
  registerResizeKernels(registry);
  registerRoiAlignKernels(registry);
  registerScatterKernels(registry);
  registerRowNormKernels(registry);
  registerSoftmaxKernels(registry);
}

} // namespace octet::codegen
