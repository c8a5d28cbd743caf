#include "passes/graph/Contraction.h"

#include "passes/graph/Constants.h"

using namespace mlir;

namespace octet {

std::optional<Contraction> Contraction::match(Operation *op) {
  if (!isa<ConvOp, ConvTransposeOp, MatMulOp>(op))
    return std::nullopt;
  auto xType = cast<RankedTensorType>(op->getOperand(0).getType());
  ArrayRef<int64_t> w = cast<RankedTensorType>(op->getOperand(1).getType()).getShape();

  Contraction result;
  result.op = op;
  result.resultAxis = result.inputAxis = 1;
  if (auto conv = dyn_cast<ConvOp>(op)) {
    int64_t perOutput = w[1] * w[2] * w[3], plane = w[2] * w[3], inputs = w[1];
    int64_t groupOutputs = w[0] / conv.getGroup();
    result.padded = llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
    result.outputChannel = [=](int64_t i) { return i / perOutput; };
    result.inputChannel = [=](int64_t i) {
      return i / perOutput / groupOutputs * inputs + i / plane % inputs;
    };
  } else if (auto conv = dyn_cast<ConvTransposeOp>(op)) {
    int64_t plane = w[2] * w[3], outputs = w[1], groupInputs = w[0] / conv.getGroup();
    result.outputChannel = [=](int64_t i) {
      return i / (plane * outputs) / groupInputs * outputs + i / plane % outputs;
    };
    result.inputChannel = [=](int64_t i) { return i / (plane * outputs); };
  } else {
    if (w.size() < 2 || xType.getRank() < 2)
      return std::nullopt;
    int64_t columns = w.back(), rows = w[w.size() - 2];
    result.resultAxis = cast<RankedTensorType>(op->getResult(0).getType()).getRank() - 1;
    result.inputAxis = xType.getRank() - 1;
    result.outputChannel = [=](int64_t i) { return i % columns; };
    result.inputChannel = [=](int64_t i) { return i / columns % rows; };
  }
  result.inputChannels = xType.getDimSize(result.inputAxis);
  return result;
}

LogicalResult Contraction::readConstants() {
  auto constantWeights = getFloats(op->getOperand(1));
  bool hasBias = op->getNumOperands() > 2;
  bias = hasBias ? getFloats(op->getOperand(2)) : std::nullopt;
  if (!constantWeights || hasBias != bias.has_value())
    return failure();
  weights = std::move(*constantWeights);
  return success();
}

void Contraction::write(RewriterBase &rewriter, ArrayRef<double> newBias) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Value old = op->getOperand(1);
  Value constant = createConstant(rewriter, old.getLoc(),
                                  cast<RankedTensorType>(old.getType()).getShape(), weights);
  rewriter.modifyOpInPlace(op, [&] { op->setOperand(1, constant); });
  if (newBias.empty())
    return;
  SmallVector<float> rounded(newBias.begin(), newBias.end());
  Value biasConstant =
      createConstant(rewriter, getInnerLocation(op->getLoc(), "bias"), {outputChannels()}, rounded);
  rewriter.modifyOpInPlace(op, [&] {
    if (op->getNumOperands() > 2)
      op->setOperand(2, biasConstant);
    else
      op->insertOperands(2, biasConstant);
  });
}

} // namespace octet
