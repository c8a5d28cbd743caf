#include "codegen/microkernel/Register.h"

#include "mlir/IR/DialectRegistry.h"

namespace octet::codegen {

void registerContractionEmission(mlir::DialectRegistry &registry) {}

} // namespace octet::codegen
