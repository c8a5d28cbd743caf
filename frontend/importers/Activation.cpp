#include "frontend/importers/Activation.h"

#include "dialect/LogicOps.h"

using namespace mlir;

namespace octet {

namespace {

struct Row {
  const char *name;
  Activation::Function function;
  /// Their defaults, where the function has such parameters.
  std::optional<float> alpha, beta;
};

} // namespace

template <typename OpTy>
static Value buildUnary(const Activation &, NodeBuilder &build, Value x) {
  return build.create<OpTy>(x);
}

template <typename OpTy>
static Value buildWithAlpha(const Activation &activation, NodeBuilder &build, Value x) {
  return build.create<OpTy>(x, APFloat(activation.alpha));
}

static Value scale(NodeBuilder &build, Value x, float factor) {
  return build.create<MulOp>(x, build.scalar(build.getBuilder().getF32Type(), factor));
}

static Value shift(NodeBuilder &build, Value x, float term) {
  return build.create<AddOp>(x, build.scalar(build.getBuilder().getF32Type(), term));
}

static Value buildAffine(const Activation &activation, NodeBuilder &build, Value x) {
  return shift(build, scale(build, x, activation.alpha), activation.beta);
}

static Value buildHardSigmoid(const Activation &activation, NodeBuilder &build, Value x) {
  return build.create<HardSigmoidOp>(x, APFloat(activation.alpha), APFloat(activation.beta));
}

static Value buildScaledTanh(const Activation &activation, NodeBuilder &build, Value x) {
  return scale(build, build.create<TanhOp>(scale(build, x, activation.beta)), activation.alpha);
}

static Value buildThresholdedRelu(const Activation &activation, NodeBuilder &build, Value x) {
  Type f32 = build.getBuilder().getF32Type();
  Value isAbove =
      build.create<CompareOp>(x, build.scalar(f32, activation.alpha), ComparePredicate::Greater);
  return build.create<SelectOp>(isAbove, x, build.scalar(f32, 0));
}

static Value buildSoftsign(const Activation &, NodeBuilder &build, Value x) {
  return build.create<DivOp>(x, shift(build, build.create<AbsOp>(x), 1));
}

// max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
static Value buildSoftplus(const Activation &, NodeBuilder &build, Value x) {
  Value small = build.create<ExpOp>(build.create<NegOp>(build.create<AbsOp>(x)));
  return build.create<AddOp>(build.create<ReluOp>(x), build.create<LogOp>(shift(build, small, 1)));
}

static const Row kRows[] = {
    {"Affine", buildAffine, 1.0f, 0.0f},
    {"Elu", buildWithAlpha<EluOp>, 1.0f, std::nullopt},
    {"HardSigmoid", buildHardSigmoid, 0.2f, 0.5f},
    {"LeakyRelu", buildWithAlpha<LeakyReluOp>, 0.01f, std::nullopt},
    {"Relu", buildUnary<ReluOp>, std::nullopt, std::nullopt},
    {"ScaledTanh", buildScaledTanh, 1.0f, 1.0f},
    {"Sigmoid", buildUnary<SigmoidOp>, std::nullopt, std::nullopt},
    {"Softplus", buildSoftplus, std::nullopt, std::nullopt},
    {"Softsign", buildSoftsign, std::nullopt, std::nullopt},
    {"Tanh", buildUnary<TanhOp>, std::nullopt, std::nullopt},
    {"ThresholdedRelu", buildThresholdedRelu, 1.0f, std::nullopt},
};

Activation ActivationReader::read(StringRef name) {
  for (const Row &row : kRows) {
    if (!name.equals_insensitive(row.name))
      continue;
    Activation activation{row.function, row.alpha.value_or(0), row.beta.value_or(0)};
    if (row.alpha && nextAlpha < alphas.size())
      activation.alpha = alphas[nextAlpha++];
    if (row.beta && nextBeta < betas.size())
      activation.beta = betas[nextBeta++];
    return activation;
  }
  node.error() << "activation '" << name << "' is not supported";
  return {};
}

} // namespace octet
