#ifndef OCTET_CODEGEN_EMIT_REGISTER_H
#define OCTET_CODEGEN_EMIT_REGISTER_H

namespace mlir {
class DialectRegistry;
}

namespace octet::codegen {

/// Attaches elementwise emission and the kernels of everything but contractions.
void registerEmission(mlir::DialectRegistry &registry);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_REGISTER_H
