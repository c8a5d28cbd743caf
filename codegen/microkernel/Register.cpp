#include "codegen/microkernel/Register.h"

#include "codegen/microkernel/Contractions.h"

#include "mlir/IR/DialectRegistry.h"

using namespace mlir;

namespace octet::codegen {

namespace {

struct ConvEmission : KernelOpInterface::ExternalModel<ConvEmission, ConvOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    return emitConvolution(kernel, cast<ConvOp>(op));
  }
};

struct MatMulEmission : KernelOpInterface::ExternalModel<MatMulEmission, MatMulOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    return emitMatMul(kernel, cast<MatMulOp>(op));
  }
};

struct AttentionEmission : KernelOpInterface::ExternalModel<AttentionEmission, AttentionOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    return emitAttention(kernel, cast<AttentionOp>(op));
  }
};

} // namespace

void registerContractionEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ConvOp::attachInterface<ConvEmission>(*context);
    AttentionOp::attachInterface<AttentionEmission>(*context);
    MatMulOp::attachInterface<MatMulEmission>(*context);
  });
}

} // namespace octet::codegen
