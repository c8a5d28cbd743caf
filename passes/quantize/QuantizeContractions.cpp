// Weights become integers here and nowhere else. A contraction gives f32 at first
// (Q5), so that this pass need not know what follows in the group. Weights that a model brings
// as integers are taken as they are (Q20).

#include "dialect/StoredConstant.h"
#include "dialect/reference/Evaluate.h"
#include "dialect/reference/QuantRules.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/IntegerWeights.h"
#include "passes/quantize/Passes.h"
#include "llvm/Support/Error.h"

namespace octet {

#define GEN_PASS_DEF_QUANTIZECONTRACTIONS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct QuantizeContractions : impl::QuantizeContractionsBase<QuantizeContractions> {
  using QuantizeContractionsBase::QuantizeContractionsBase;
  explicit QuantizeContractions(const WeightScheme &scheme) {
    perTensorWeights = scheme.perTensor;
    weightRanges = stringifyWeightRanges(scheme.ranges).str();
    rounding = stringifyWeightRounding(scheme.rounding).str();
  }

  LogicalResult initialize(MLIRContext *context) override {
    std::optional<WeightRanges> ranges = parseWeightRanges(weightRanges);
    if (!ranges)
      return emitError(UnknownLoc::get(context))
             << "expected weight ranges 'max' or 'mse', got '" << weightRanges << "'";
    std::optional<WeightRounding> parsed = parseWeightRounding(rounding);
    if (!parsed)
      return emitError(UnknownLoc::get(context))
             << "expected rounding 'nearest', 'balanced' or 'adaptive', got '" << rounding << "'";
    scheme = {perTensorWeights, *ranges, *parsed};
    return success();
  }

  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (!isInt8Contraction(&op))
          continue;
        auto group = dyn_cast<FusedOp>(op);
        quantize(group ? group : wrapIntoGroup(&op));
      }
      dropDecisions(block);
      foldStored(block);
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
    Value weights = getOutsideOperand(group, 1), bias;
    if (!weights || !isConstantOrStored(weights))
      return fallBackToF32(group, "weights are not constant");
    if (root->getNumOperands() > 2) {
      bias = getOutsideOperand(group, 2);
      if (!bias || !isConstantOrStored(bias))
        return fallBackToF32(group, "bias is not constant");
    }
    int64_t axis = cast<QuantizableOpInterface>(root).getWeightChannelAxis();
    llvm::Expected<IntegerWeights> integers = getIntegers(root, weights, bias, axis, activation);
    if (!integers)
      return fallBackToF32(group, llvm::toString(integers.takeError()));

    OpBuilder builder(group);
    SmallVector<Value> operands{dequantize.getX()};
    auto type = cast<RankedTensorType>(weights.getType());
    operands.push_back(makeConstant(
        builder, weights,
        reference::Tensor(withElementType(type, integers->elementType), integers->weights)));
    if (bias) {
      auto biasType = cast<RankedTensorType>(bias.getType());
      ArrayRef<char> bytes(reinterpret_cast<const char *>(integers->bias.data()),
                           integers->bias.size() * sizeof(int32_t));
      operands.push_back(
          makeConstant(builder, bias,
                       reference::Tensor(withElementType(biasType, builder.getI32Type()), bytes)));
    }
    root->setOperands(prependGroupInputs(group, operands));
    tidyGroupInputs(group);
  }

  llvm::Expected<IntegerWeights> getIntegers(Operation *root, Value weights, Value bias,
                                             int64_t axis, quant::UniformQuantizedType activation) {
    SmallVector<double> biases;
    if (bias)
      biases = getNumbers(bias);
    if (ConstantOp stored = getStoredConstant(weights))
      return takeWeights(getConstant(stored), biases, axis, activation);
    reference::Tensor real = getConstant(weights);
    SmallVector<float> rounded(biases.begin(), biases.end());
    RealWeights exact{real.getType(), real.as<float>(), rounded, axis};
    auto decided = decideWeights(root, exact, activation.getScale(), scheme);
    if (!decided)
      return decided.takeError();
    return quantizeBias(exact, std::move(*decided), activation, scheme.perTensor);
  }

  // Applied, or about ops that are not int8.
  static void dropDecisions(Block &block) {
    block.walk([](Operation *op) {
      op->removeAttr(kIntegerWeightsAttr);
      op->removeAttr(kWeightScalesAttr);
    });
  }

  // The exact values of a constant, be it f32 or integers with scales.
  static SmallVector<double> getNumbers(Value value) {
    SmallVector<double> numbers;
    ConstantOp stored = getStoredConstant(value);
    reference::Tensor tensor = getConstant(stored ? stored.getY() : value);
    reference::IndexList channels = reference::listChannels(tensor.getType());
    for (int64_t i = 0; i < tensor.size(); ++i) {
      if (!stored) {
        numbers.push_back(tensor.getFloat(i));
        continue;
      }
      auto type = cast<quant::QuantizedType>(tensor.getType().getElementType());
      reference::Scale scale = reference::getScale(type, channels[i]);
      numbers.push_back(static_cast<double>(tensor.getInteger(i) - scale.zeroPoint) * scale.scale);
    }
    return numbers;
  }

  // Integers that no contraction takes are f32 constants, which remember what they were.
  static void foldStored(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto dequantize = dyn_cast<DequantizeOp>(op);
      ConstantOp stored = dequantize ? getStoredConstant(dequantize.getY()) : ConstantOp();
      if (!stored || op.use_empty())
        continue;
      auto values = reference::foldConstants(&op);
      if (failed(values))
        continue;
      OpBuilder builder(&op);
      auto real =
          ConstantOp::create(builder, op.getLoc(), dequantize.getY().getType(), values->front());
      auto type = cast<quant::QuantizedType>(stored.getY().getType().getElementType());
      if (type.getStorageTypeIntegralWidth() == 8) {
        real->setAttr(kStoredIntegersAttr, stored.getValue());
        real->setAttr(kStoredTypeAttr, TypeAttr::get(type));
      }
      dequantize.getY().replaceAllUsesWith(real.getY());
    }
  }

  static Value makeConstant(OpBuilder &builder, Value original, const reference::Tensor &tensor) {
    StringRef name = getTensorName(original.getLoc());
    return ConstantOp::create(builder, original.getLoc(), tensor.getType(), tensor.toAttr(name));
  }

  WeightScheme scheme;
};

} // namespace

std::unique_ptr<Pass> createQuantizeContractions(const WeightScheme &scheme) {
  return std::make_unique<QuantizeContractions>(scheme);
}

} // namespace octet
