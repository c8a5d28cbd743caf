#ifndef OCTET_CODEGEN_MICROKERNEL_REGISTER_H
#define OCTET_CODEGEN_MICROKERNEL_REGISTER_H

namespace mlir {
class DialectRegistry;
}

namespace octet::codegen {

/// Attaches the kernels of convolution and matrix multiply.
void registerContractionEmission(mlir::DialectRegistry &registry);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_REGISTER_H
