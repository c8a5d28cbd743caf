// Kernels of the functions of one f32 element in dialect/MathOps.h.

#include "codegen/emit/ElementwiseKernel.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Trigonometry.h"
#include "dialect/MathOps.h"

using namespace mlir;

namespace octet::codegen {
namespace {

template <typename Op, Value (*emit)(const LaneMath &, Value)>
struct MathModel : ElementwiseEmissionInterface::ExternalModel<MathModel<Op, emit>, Op> {
  Value emitElement(Operation *, OpBuilder &b, Location loc, ValueRange operands) const {
    return emit(LaneMath(b, loc, operands[0].getType()), operands[0]);
  }
};

template <typename Op>
struct MathKernel : KernelOpInterface::ExternalModel<MathKernel<Op>, Op> {
  LogicalResult emitKernel(Operation *, KernelBuilder &kernel) const {
    return emitElementwiseGroup(kernel);
  }
};

template <typename Op, Value (*emit)(const LaneMath &, Value)>
void attach(MLIRContext *context) {
  Op::template attachInterface<MathModel<Op, emit>, MathKernel<Op>>(*context);
}

} // namespace

void registerMathEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    attach<SinOp, emitSin>(context);
    attach<CosOp, emitCos>(context);
    attach<TanOp, emitTan>(context);
    attach<AsinOp, emitAsin>(context);
    attach<AcosOp, emitAcos>(context);
    attach<AtanOp, emitAtan>(context);
    attach<SinhOp, emitSinh>(context);
    attach<CoshOp, emitCosh>(context);
    attach<AsinhOp, emitAsinh>(context);
    attach<AcoshOp, emitAcosh>(context);
    attach<AtanhOp, emitAtanh>(context);
    attach<SoftplusOp, emitSoftplus>(context);
  });
}

} // namespace octet::codegen
