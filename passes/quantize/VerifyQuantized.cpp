// Closes the stage: what the emitters rely on is checked from the IR alone,
// whoever made it.

#include "dialect/reference/Tensor.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/IntegerWeights.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_VERIFYQUANTIZED
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct VerifyQuantized : impl::VerifyQuantizedBase<VerifyQuantized> {
  void runOnOperation() override {
    bool good = true;
    getOperation().walk([&](Operation *op) {
      if (isa<QuantizeOp, DequantizeOp, RequantizeOp, LookupOp>(op) &&
          !isa<FusedOp>(op->getParentOp())) {
        op->emitOpError("expected a place inside a group");
        good = false;
      }
      if (getRole(op) == QuantizationRole::Contraction && !isa<FusedOp>(op))
        good &= succeeded(verifyContraction(op));
    });
    if (!good)
      signalPassFailure();
  }

private:
  static reference::Tensor getConstant(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      if (auto group = dyn_cast<FusedOp>(argument.getOwner()->getParentOp()))
        value = group.getInputs()[argument.getArgNumber()];
    ElementsAttr attr = getConstantValue(value);
    return attr ? reference::Tensor::fromAttr(attr, cast<RankedTensorType>(value.getType()))
                : reference::Tensor();
  }

  static LogicalResult verifyContraction(Operation *op) {
    auto x = cast<RankedTensorType>(op->getOperand(0).getType());
    auto type = dyn_cast<quant::UniformQuantizedType>(x.getElementType());
    if (!type)
      return success();
    reference::Tensor weights = getConstant(op->getOperand(1)), bias;
    if (!weights.getType())
      return op->emitOpError("expected constant quantized weights");
    if (op->getNumOperands() > 2) {
      bias = getConstant(op->getOperand(2));
      if (!bias.getType())
        return op->emitOpError("expected a constant i32 bias");
    }
    int64_t axis = cast<QuantizableOpInterface>(op).getWeightChannelAxis();
    auto channel = findOverflow(weights.getShape(), weights.as<int8_t>(),
                                bias.getType() ? bias.as<int32_t>() : ArrayRef<int32_t>(), axis,
                                type.getZeroPoint());
    if (channel)
      return op->emitOpError("expected sums within s32 (rule Q11), got an overflow in channel ")
             << *channel;
    return success();
  }
};

} // namespace

} // namespace octet
