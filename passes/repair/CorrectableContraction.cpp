#include "passes/repair/CorrectableContraction.h"

#include "passes/graph/Constants.h"
#include "passes/quantize/Graph.h"
#include "llvm/Support/Error.h"

using namespace mlir;

namespace octet {

std::optional<CorrectableContraction> CorrectableContraction::match(Operation *op,
                                                                    const WeightScheme &scheme) {
  if (!isInt8Contraction(op))
    return std::nullopt;
  Operation *root = getRootOp(op);
  std::optional<Contraction> contraction = Contraction::match(root);
  if (!contraction)
    return std::nullopt;
  CorrectableContraction found(op, std::move(*contraction));
  auto group = dyn_cast<FusedOp>(op);
  auto getOperand = [&](unsigned i) {
    return group ? getOutsideOperand(group, i) : root->getOperand(i);
  };
  Value x = getOperand(0);
  found.input = x ? x.getDefiningOp<DequantizeOp>() : DequantizeOp();
  if (!found.input || !getOperand(1))
    return std::nullopt;
  auto activation =
      dyn_cast<quant::UniformQuantizedType>(found.input.getX().getType().getElementType());
  auto weights = getFloats(getOperand(1));
  if (!activation || !weights)
    return std::nullopt;
  found.contraction.weights = std::move(*weights);
  found.type = cast<RankedTensorType>(getOperand(1).getType());
  found.bias.assign(found.contraction.outputChannels(), 0.0f);
  if (root->getNumOperands() > 2) {
    auto bias = getOperand(2) ? getFloats(getOperand(2)) : std::nullopt;
    if (!bias)
      return std::nullopt;
    found.bias = std::move(*bias);
  }
  auto decided = decideWeights(root, found.getReal(), activation.getScale(), scheme);
  // QuantizeContractions says why such a contraction stays in f32.
  if (!decided) {
    llvm::consumeError(decided.takeError());
    return std::nullopt;
  }
  found.decided = std::move(*decided);
  return found;
}

RealWeights CorrectableContraction::getReal() const {
  return {type, contraction.weights, bias,
          cast<QuantizableOpInterface>(contraction.op).getWeightChannelAxis()};
}

void CorrectableContraction::correct(ArrayRef<double> shift) {
  setDecidedWeights(contraction.op, getReal(), decided);
  for (auto [b, s] : llvm::zip_equal(bias, shift))
    b = static_cast<float>(b + s);
  OpBuilder builder(op);
  setOperand(2,
             createConstant(builder, getInnerLocation(contraction.op->getLoc(), "corrected bias"),
                            {static_cast<int64_t>(bias.size())}, bias));
}

void CorrectableContraction::roundWeights() {
  SmallVector<float> rounded(contraction.weights.size());
  for (auto [i, integer] : llvm::enumerate(decided.integers))
    rounded[i] = static_cast<float>(decided.scales[contraction.outputChannel(i)] *
                                    static_cast<int8_t>(integer));
  OpBuilder builder(op);
  setOperand(1,
             createConstant(builder, getInnerLocation(contraction.op->getLoc(), "rounded weights"),
                            type.getShape(), rounded));
}

void CorrectableContraction::setOperand(unsigned i, Value value) {
  auto group = dyn_cast<FusedOp>(op);
  if (group) {
    group.getInputsMutable().append(value);
    value = group.getBlock().addArgument(value.getType(), value.getLoc());
  }
  Operation *root = contraction.op;
  if (i < root->getNumOperands())
    root->setOperand(i, value);
  else
    root->insertOperands(i, value);
  if (group)
    tidyGroupInputs(group);
}

} // namespace octet
