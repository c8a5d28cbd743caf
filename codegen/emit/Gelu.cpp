// Both forms of GELU, each operation rounded once, as the op's scalar meaning has them.

#include "codegen/emit/ElementwiseKernel.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Polynomials.h"
#include "dialect/TransformerOps.h"

#include <cmath>

using namespace mlir;

namespace octet::codegen {

namespace {
struct GeluModel : ElementwiseEmissionInterface::ExternalModel<GeluModel, GeluOp> {
  Value emitElement(Operation *op, OpBuilder &b, Location loc, ValueRange operands) const {
    Value x = operands[0];
    LaneMath m(b, loc, x.getType());
    Value half = m.mul(m.f(0.5), x);
    if (!cast<GeluOp>(op).getTanh())
      return m.mul(half, m.add(m.f(1), emitErf(m, m.mul(x, m.f(M_SQRT1_2)))));
    Value cube = m.mul(m.f(0.044715), m.mul(m.mul(x, x), x));
    Value inner = m.mul(m.f(std::sqrt(M_2_PI)), m.add(x, cube));
    return m.mul(half, m.add(m.f(1), emitTanh(m, inner)));
  }
};

struct GeluKernel : KernelOpInterface::ExternalModel<GeluKernel, GeluOp> {
  LogicalResult emitKernel(Operation *, KernelBuilder &kernel) const {
    return emitElementwiseGroup(kernel);
  }
};
} // namespace

void registerGeluEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    GeluOp::attachInterface<GeluModel>(*context);
    GeluOp::attachInterface<GeluKernel>(*context);
  });
}

} // namespace octet::codegen
