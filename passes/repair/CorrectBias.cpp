// The analytic form of bias correction: what the weights' rounding adds to a sum on the
// average follows from the means of the inputs, without running the quantized model.

#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Constants.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/repair/BiasShift.h"
#include "passes/repair/Passes.h"
#include "llvm/Support/Error.h"

namespace octet {

#define GEN_PASS_DEF_CORRECTBIAS
#include "passes/repair/Passes.h.inc"

using namespace mlir;

namespace {

struct CorrectBias : impl::CorrectBiasBase<CorrectBias> {
  using CorrectBiasBase::CorrectBiasBase;
  CorrectBias(std::shared_ptr<const CalibrationTable> table, const WeightScheme &scheme)
      : table(std::move(table)), scheme(scheme) {}

  LogicalResult initialize(MLIRContext *context) override {
    return loadTable(context, calibrationPath, table);
  }

  void runOnOperation() override {
    if (!table) {
      getOperation().emitError() << "expected a calibration table to correct biases by";
      return signalPassFailure();
    }
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (isInt8Contraction(&op))
          correct(&op);
  }

private:
  void correct(Operation *op) {
    auto group = dyn_cast<FusedOp>(op);
    Operation *root = getRootOp(op);
    auto getOperand = [&](unsigned i) {
      return group ? getOutsideOperand(group, i) : root->getOperand(i);
    };
    Value x = getOperand(0);
    auto dequantize = x ? x.getDefiningOp<DequantizeOp>() : DequantizeOp();
    auto activation =
        dequantize
            ? dyn_cast<quant::UniformQuantizedType>(dequantize.getX().getType().getElementType())
            : quant::UniformQuantizedType();
    std::optional<Contraction> contraction = Contraction::match(root);
    if (!activation || !contraction || !getOperand(1))
      return;
    const ChannelStatistics *statistics = table->lookupChannels(getTensorName(dequantize.getLoc()));
    if (!statistics || statistics->size() != contraction->inputChannels)
      return;
    SmallVector<double> means;
    for (int64_t c = 0; c < statistics->size(); ++c) {
      std::optional<double> mean = statistics->getMean(c);
      if (!mean)
        return;
      means.push_back(*mean);
    }
    // QuantizeContractions says why such a contraction stays in f32.
    auto weights = getFloats(getOperand(1));
    bool hasBias = root->getNumOperands() > 2;
    auto bias = hasBias && getOperand(2) ? getFloats(getOperand(2)) : std::nullopt;
    if (!weights || hasBias != bias.has_value())
      return;
    contraction->weights = std::move(*weights);
    SmallVector<float> corrected(contraction->outputChannels(), 0.0f);
    if (bias)
      corrected = *bias;
    auto type = cast<RankedTensorType>(getOperand(1).getType());
    RealWeights real{type, contraction->weights, corrected,
                     cast<QuantizableOpInterface>(root).getWeightChannelAxis()};
    auto decided = decideWeights(root, real, activation.getScale(), scheme);
    if (!decided)
      return llvm::consumeError(decided.takeError());
    SmallVector<double> shift = getExpectedShift(*contraction, *decided, means);
    for (auto [b, s] : llvm::zip_equal(corrected, shift))
      b = static_cast<float>(b + s);
    setDecidedWeights(root, real, *decided);
    setBias(op, root, corrected);
  }

  void setBias(Operation *op, Operation *root, ArrayRef<float> bias) {
    OpBuilder builder(op);
    Value constant = createConstant(builder, getInnerLocation(root->getLoc(), "corrected bias"),
                                    {static_cast<int64_t>(bias.size())}, bias);
    auto group = dyn_cast<FusedOp>(op);
    if (group) {
      group.getInputsMutable().append(constant);
      constant = group.getBlock().addArgument(constant.getType(), constant.getLoc());
    }
    if (root->getNumOperands() > 2)
      root->setOperand(2, constant);
    else
      root->insertOperands(2, constant);
    if (group)
      tidyGroupInputs(group);
  }

  std::shared_ptr<const CalibrationTable> table;
  WeightScheme scheme;
};

} // namespace

std::unique_ptr<Pass> createCorrectBias(std::shared_ptr<const CalibrationTable> table,
                                        const WeightScheme &scheme) {
  return std::make_unique<CorrectBias>(std::move(table), scheme);
}

} // namespace octet
