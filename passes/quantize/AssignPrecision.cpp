// One place decides what runs in integers or bf16 and says why; other passes obey or,
// where arithmetic forbids it, correct the record. An elementwise op runs in int8
// only behind another int8 op: alone between f32 values, borders would cost more
// than they save. Behind a bf16 op it runs in bf16, as part of its kernel. What a model brings
// as integers runs in int8, whatever the default is.

#include "dialect/StoredConstant.h"
#include "dialect/TransformerOps.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Scope.h"
#include "llvm/ADT/StringSet.h"

namespace octet {

#define GEN_PASS_DEF_ASSIGNPRECISION
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct Decision {
  Precision precision;
  std::string reason;
};

bool isReal(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isF32();
}

bool touchesReal(Operation &op) {
  return llvm::any_of(op.getOperandTypes(), isReal) || llvm::any_of(op.getResultTypes(), isReal);
}

struct AssignPrecision : impl::AssignPrecisionBase<AssignPrecision> {
  using AssignPrecisionBase::AssignPrecisionBase;
  explicit AssignPrecision(Precision precision, std::shared_ptr<const Config> config)
      : config(std::move(config)) {
    defaultPrecision = stringifyPrecision(precision).str();
  }

  LogicalResult initialize(MLIRContext *context) override {
    std::optional<Precision> parsed = parsePrecision(defaultPrecision);
    Location loc = UnknownLoc::get(context);
    if (!parsed)
      return emitError(loc) << "expected precision 'int8', 'bf16' or 'f32', got '"
                            << defaultPrecision << "'";
    if (!configPath.empty()) {
      llvm::Expected<Config> loaded = Config::load(configPath);
      if (!loaded)
        return emitError(loc) << llvm::toString(loaded.takeError());
      config = std::make_shared<const Config>(std::move(*loaded));
    }
    if (!config)
      config = std::make_shared<const Config>();
    fallback = config->precision.value_or(*parsed);
    return success();
  }

  void runOnOperation() override {
    if (!config->isResolved) {
      FailureOr<Config> resolved = resolveScopes(*config, getOperation());
      if (failed(resolved))
        return signalPassFailure();
      config = std::make_shared<const Config>(std::move(*resolved));
    }
    warnOfFoldedNames();
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (isa_and_nonnull<OctetDialect>(op.getDialect()) &&
            !isa<ConstantOp, QuantizeOp, DequantizeOp>(op) && touchesReal(op)) {
          Decision decision = decide(op);
          op.setAttr(kPrecisionAttr, PrecisionAttr::get(&getContext(), decision.precision));
          op.setAttr(kReasonAttr, StringAttr::get(&getContext(), decision.reason));
          if (const Config::Rule *rule = findRule(op);
              rule && rule->weightsInInt8 && isContraction(op))
            op.setAttr(kCompressWeightsAttr, UnitAttr::get(&getContext()));
        }
  }

private:
  // A name that nothing bears any more.
  void warnOfFoldedNames() {
    llvm::StringSet<> names;
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (StringRef name = getNodeName(op.getLoc()); !name.empty())
          names.insert(name);
    for (const Config::Rule &rule : config->rules)
      if (llvm::none_of(rule.names, [&](StringRef name) { return names.contains(name); }))
        emitWarning(UnknownLoc::get(&getContext()))
            << rule.origin << ": the clean-up has folded node '" << rule.names.front()
            << "' into other nodes, which are not named";
  }

  const Config::Rule *findRule(Operation &op) const {
    StringRef name = getNodeName(op.getLoc());
    for (const Config::Rule &rule : llvm::reverse(config->rules))
      if (!name.empty() && llvm::is_contained(rule.names, name))
        return &rule;
    return nullptr;
  }

  static bool isContraction(Operation &op) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    return quantizable && quantizable.getQuantizationRole() == QuantizationRole::Contraction;
  }

  Decision decide(Operation &op) const {
    const Config::Rule *rule = findRule(op);
    bool given = !rule && isQuantizedInModel(op);
    Precision wanted = rule ? rule->precision : given ? Precision::Int8 : fallback;
    StringRef reason = op.hasAttr(kSmoothedAttr) ? "default, its input smoothed" : "default";
    if (rule)
      reason = kConfigurationReason;
    else if (given)
      reason = kModelReason;
    if (wanted == Precision::F32)
      return {wanted, reason.str()};
    if (wanted == Precision::BF16)
      return decideBF16(op, reason);
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    auto activations = dyn_cast<IntegerActivationsOpInterface>(op);
    if (!activations &&
        (!quantizable || quantizable.getQuantizationRole() == QuantizationRole::Float))
      return {Precision::F32, "has no integer form"};
    if (!llvm::all_of(op.getResultTypes(), isReal))
      return {Precision::F32, "does not give f32"};
    if (activations) {
      if (std::string refusal = activations.refuseIntegers(); !refusal.empty())
        return {Precision::F32, refusal};
    } else if (quantizable.getQuantizationRole() == QuantizationRole::Contraction) {
      if (std::string refusal = refuseContraction(op); !refusal.empty())
        return {Precision::F32, refusal};
    } else if (!rule && !given && !reads(op, Precision::Int8)) {
      if (reads(op, Precision::BF16))
        return decideBF16(op, "reads bf16");
      return {Precision::F32, "reads f32"};
    }
    return {Precision::Int8, reason.str()};
  }

  // Whether the model says which integers `op` is to read: a contraction those of its operand
  // and weights, an average also those to give; other ops follow the op before them.
  static bool isQuantizedInModel(Operation &op) {
    auto isStored = [](Value value) { return value.getDefiningOp<DequantizeOp>() != nullptr; };
    if (auto activations = dyn_cast<IntegerActivationsOpInterface>(op))
      return llvm::all_of(op.getOperands().take_front(activations.getIntegerOperandCount()),
                          isStored);
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    QuantizationRole role =
        quantizable ? quantizable.getQuantizationRole() : QuantizationRole::Float;
    switch (role) {
    case QuantizationRole::Float:
      return false;
    case QuantizationRole::Contraction:
      return isStored(op.getOperand(0)) && getStoredConstant(op.getOperand(1));
    case QuantizationRole::Averaging:
    case QuantizationRole::Resampling:
      return isStored(op.getOperand(0)) &&
             llvm::all_of(op.getResult(0).getUsers(), llvm::IsaPred<QuantizeOp>);
    default:
      return llvm::any_of(op.getOperands(), [&](Value operand) {
        Operation *producer = operand.getDefiningOp();
        auto why = producer ? producer->getAttrOfType<StringAttr>(kReasonAttr) : StringAttr();
        return isStored(operand) || (why && why.getValue() == kModelReason);
      });
    }
  }

  static Decision decideBF16(Operation &op, StringRef reason) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    if (!quantizable || !quantizable.takesBF16())
      return {Precision::F32, "has no bf16 form"};
    if (!llvm::all_of(op.getResultTypes(), isReal))
      return {Precision::F32, "does not give f32"};
    if (isContraction(op) && op.getNumOperands() > 2 && !isConstantOrStored(op.getOperand(2)))
      return {Precision::F32, "bias is not constant"};
    return {Precision::BF16, reason.str()};
  }

  static std::string refuseContraction(Operation &op) {
    for (unsigned i = 1; i < op.getNumOperands(); ++i)
      if (!isConstantOrStored(op.getOperand(i)))
        return i == 1 ? "weights are not constant" : "bias is not constant";
    auto weights = cast<RankedTensorType>(op.getOperand(1).getType());
    int64_t axis = cast<QuantizableOpInterface>(op).getWeightChannelAxis();
    auto activation = cast<RankedTensorType>(op.getOperand(0).getType());
    // Channels along the last axis are those of a matrix; batches have no integer form.
    if (weights.getRank() <= axis || (axis > 0 && weights.getRank() != axis + 1))
      return "weights are not a matrix";
    if (weights.getNumElements() == 0 || activation.getNumElements() == 0)
      return "has no elements";
    if (ConstantOp stored = getStoredConstant(op.getOperand(1)))
      return refuseStored(stored, axis);
    return {};
  }

  // The forms that NormalizeBorders could not bring to the one of kernels.
  static std::string refuseStored(ConstantOp weights, int64_t axis) {
    Type type = weights.getY().getType().getElementType();
    if (isSymmetric(type, axis))
      return {};
    auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
    return perAxis && perAxis.getQuantizedDimension() != axis
               ? "weight scales are not those of output channels"
               : "weights less their zero point are not s8";
  }

  static bool reads(Operation &op, Precision precision) {
    return llvm::any_of(op.getOperands(), [&](Value operand) {
      Operation *producer = operand.getDefiningOp();
      return producer && getPrecision(producer) == precision;
    });
  }

  std::shared_ptr<const Config> config;
  Precision fallback = Precision::F32;
};

} // namespace

std::unique_ptr<Pass> createAssignPrecision(Precision defaultPrecision,
                                            std::shared_ptr<const Config> config) {
  return std::make_unique<AssignPrecision>(defaultPrecision, std::move(config));
}

} // namespace octet
