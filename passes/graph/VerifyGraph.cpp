// Closes the graph stage: what follows may rely on what is checked here.

#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_VERIFYGRAPH
#include "passes/graph/Passes.h.inc"

namespace {

LogicalResult verifyTypes(Operation *op) {
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (auto tensor = dyn_cast<RankedTensorType>(type); !tensor || !tensor.hasStaticShape())
        return op->emitOpError("expected tensors of static shape, got ") << type;
  return success();
}

LogicalResult verifyOp(Operation *op) {
  if (auto conv = dyn_cast<ConvTransposeOp>(op)) {
    StringRef operand =
        getConstantValue(conv.getWeights()) ? "a constant bias" : "constant weights";
    return op->emitOpError("expected ") << operand << ", got a computed value";
  }
  if (isa<BatchNormOp>(op))
    return op->emitOpError("expected constant parameters, got a computed value");
  if (!isa<OctetDialect, func::FuncDialect>(op->getDialect()))
    return op->emitOpError("expected an op of the octet dialect");
  return verifyTypes(op);
}

struct VerifyGraph : impl::VerifyGraphBase<VerifyGraph> {
  void runOnOperation() override {
    // All errors are reported in one run.
    bool valid = true;
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        valid &= succeeded(verifyOp(&op));
    if (!valid)
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
