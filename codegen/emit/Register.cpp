#include "codegen/emit/Register.h"

#include "codegen/emit/Emit.h"

using namespace mlir;

namespace octet::codegen {

void registerEmission(DialectRegistry &registry) {
  registerElementwiseEmission(registry);
  registerElementwiseKernels(registry);
  registerMovementKernels(registry);
}

} // namespace octet::codegen
