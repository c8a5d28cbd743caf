#include "passes/repair/OptimizeRounding.h"

#include "dialect/reference/Tensor.h"
#include "passes/quantize/Parameters.h"
#include "passes/repair/AdaptiveRounding.h"
#include "llvm/Support/Error.h"

using namespace mlir;

namespace octet {

static const TensorStatistics *getInputStatistics(Operation *op, const CalibrationTable &table) {
  return table.lookup(getContractionInputName(op));
}

SmallVector<Operation *> findRoundedContractions(func::FuncOp function,
                                                 const CalibrationTable &table) {
  SmallVector<Operation *> found;
  function.walk([&](Operation *op) {
    if (!isa<ConvOp, MatMulOp>(op) || getTensorName(op->getLoc()).empty() ||
        !SecondMoments::create(op) || !getInputStatistics(op, table))
      return;
    auto isConstant = [](Value value) {
      return getConstantValue(value) &&
             cast<RankedTensorType>(value.getType()).getElementType().isF32();
    };
    if (llvm::all_of(llvm::drop_begin(op->getOperands()), isConstant))
      found.push_back(op);
  });
  return found;
}

// A little of the cost of independent errors: where samples are fewer than weights,
// the moments hold directions without any cost, along which errors would grow.
static void regularize(Eigen::MatrixXf &moments) {
  constexpr float kShare = 0.01f;
  if (moments.rows() > 0)
    moments.diagonal().array() += kShare * moments.trace() / moments.rows();
}

void optimizeRounding(Operation *op, const SecondMoments &moments, const CalibrationTable &table,
                      const RoundingOptions &options) {
  auto getTensor = [&](unsigned i) {
    Value value = op->getOperand(i);
    return reference::Tensor::fromAttr(getConstantValue(value),
                                       cast<RankedTensorType>(value.getType()));
  };
  reference::Tensor weights = getTensor(1), bias;
  if (op->getNumOperands() > 2)
    bias = getTensor(2);
  int64_t axis = cast<QuantizableOpInterface>(op).getWeightChannelAxis();
  RealWeights real{weights.getType(), weights.as<float>(),
                   bias.getType() ? bias.as<float>() : ArrayRef<float>(), axis};
  Range range = estimateRange(*getInputStatistics(op, table), options.calibrator);
  double inputScale = getActivationType(op->getContext(), range.low, range.high).getScale();
  auto scales = chooseWeightScales(real, inputScale, options.scheme);
  // QuantizeContractions says why.
  if (!scales)
    return llvm::consumeError(scales.takeError());
  SmallVector<char> integers = roundWeights(real, *scales, WeightRounding::Balanced);

  int64_t channels = real.channels(), inputs = moments.size();
  int64_t perGroup = channels / moments.getGroups();
  SmallVector<float> exact(inputs);
  SmallVector<int8_t> rounded(inputs);
  for (int64_t group = 0; group < moments.getGroups(); ++group) {
    Eigen::MatrixXf matrix = moments.get(group, options.centred);
    regularize(matrix);
    for (int64_t c = group * perGroup; c < (group + 1) * perGroup; ++c) {
      auto place = [&](int64_t k) { return axis == 0 ? c * inputs + k : k * channels + c; };
      for (int64_t k = 0; k < inputs; ++k) {
        exact[k] = static_cast<float>(real.weights[place(k)] / (*scales)[c]);
        rounded[k] = static_cast<int8_t>(integers[place(k)]);
      }
      octet::optimizeRounding(matrix, exact, rounded);
      for (int64_t k = 0; k < inputs; ++k)
        integers[place(k)] = static_cast<char>(rounded[k]);
    }
  }
  setDecidedWeights(op, real, {std::move(*scales), std::move(integers)});
}

} // namespace octet
