#include "codegen/emit/Register.h"

#include "codegen/emit/ElementwiseKernel.h"
#include "codegen/emit/Emit.h"

using namespace mlir;

namespace octet::codegen {

void registerEmission(DialectRegistry &registry) { registerElementwiseEmission(registry); }

LogicalResult emitElementwiseGroup(KernelBuilder &kernel) {
  return emitError(kernel.b().getLoc(), "has no kernel");
}
LogicalResult emitHaloFill(KernelBuilder &kernel) {
  return emitError(kernel.b().getLoc(), "has no kernel");
}

} // namespace octet::codegen
