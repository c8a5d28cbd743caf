// Weights become integers here and nowhere else. A contraction gives f32 at first
// (Q5), so that this pass need not know what follows in the group.

#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"
#include "llvm/Support/Error.h"

namespace octet {

#define GEN_PASS_DEF_QUANTIZECONTRACTIONS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct QuantizeContractions : impl::QuantizeContractionsBase<QuantizeContractions> {
  using QuantizeContractionsBase::QuantizeContractionsBase;

  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (!isInt8Contraction(&op))
          continue;
        auto group = dyn_cast<FusedOp>(op);
        quantize(group ? group : wrapIntoGroup(&op));
      }
      eraseDeadOps(block);
    }
  }

private:
  static reference::Tensor getConstant(Value value) {
    ElementsAttr attr = value ? getConstantValue(value) : ElementsAttr();
    return attr ? reference::Tensor::fromAttr(attr, cast<RankedTensorType>(value.getType()))
                : reference::Tensor();
  }

  void quantize(FusedOp group) {
    Operation *root = group.getRoot();
    Value x = getOutsideOperand(group, 0);
    auto dequantize = x ? x.getDefiningOp<DequantizeOp>() : DequantizeOp();
    auto activation =
        dequantize
            ? dyn_cast<quant::UniformQuantizedType>(dequantize.getX().getType().getElementType())
            : quant::UniformQuantizedType();
    if (!activation || activation.isSigned())
      return fallBackToF32(group, "reads f32");
    reference::Tensor weights = getConstant(getOutsideOperand(group, 1)), bias;
    if (!weights.getType())
      return fallBackToF32(group, "weights are not constant");
    if (root->getNumOperands() > 2) {
      bias = getConstant(getOutsideOperand(group, 2));
      if (!bias.getType())
        return fallBackToF32(group, "bias is not constant");
    }
    int64_t axis = cast<QuantizableOpInterface>(root).getWeightChannelAxis();
    llvm::Expected<QuantizedWeights> integers = quantizeWeights(
        weights.getType(), weights.as<float>(),
        bias.getType() ? bias.as<float>() : ArrayRef<float>(), axis, activation, perTensorWeights);
    if (!integers)
      return fallBackToF32(group, llvm::toString(integers.takeError()));

    OpBuilder builder(group);
    SmallVector<Value> operands{dequantize.getX()};
    operands.push_back(
        makeConstant(builder, getOutsideOperand(group, 1),
                     reference::Tensor(withElementType(weights.getType(), integers->elementType),
                                       integers->weights)));
    if (bias.getType()) {
      ArrayRef<char> bytes(reinterpret_cast<const char *>(integers->bias.data()),
                           integers->bias.size() * sizeof(int32_t));
      operands.push_back(makeConstant(
          builder, getOutsideOperand(group, 2),
          reference::Tensor(withElementType(bias.getType(), builder.getI32Type()), bytes)));
    }
    root->setOperands(prependGroupInputs(group, operands));
    tidyGroupInputs(group);
  }

  static Value makeConstant(OpBuilder &builder, Value original, const reference::Tensor &tensor) {
    StringRef name = getTensorName(original.getLoc());
    return ConstantOp::create(builder, original.getLoc(), tensor.getType(), tensor.toAttr(name));
  }
};

} // namespace

} // namespace octet
