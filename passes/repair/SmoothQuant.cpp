// Few channels of a transformer's activations are tens of times larger than the others, and
// with one scale for a tensor they take the others' bits. Weights have room: a scale for each
// column, and rows of similar size. So rows take a part of the spread.
//
// Ranges of what is divided follow from the extremes of channels, so that nothing is run twice.

#include "dialect/TransformerOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Constants.h"
#include "passes/graph/Contraction.h"
#include "passes/quantize/Attributes.h"
#include "passes/repair/Passes.h"

#include "llvm/ADT/MapVector.h"

#include <cmath>

namespace octet {

#define GEN_PASS_DEF_SMOOTHQUANT
#include "passes/repair/Passes.h.inc"

using namespace mlir;

namespace {

/// A matrix product with constant weights; nullopt for another op.
std::optional<Contraction> matchProduct(Operation *op) {
  if (!isa_and_nonnull<MatMulOp>(op))
    return std::nullopt;
  std::optional<Contraction> contraction = Contraction::match(op);
  if (!contraction || failed(contraction->readConstants()) ||
      !llvm::all_of(contraction->weights, [](float w) { return std::isfinite(w); }))
    return std::nullopt;
  return contraction;
}

/// Multiplies the channels of a value, which are its last dimension, by changing what computes it.
class Absorption {
public:
  Absorption(IRRewriter &rewriter, ArrayRef<double> factors, CalibrationTable &table)
      : rewriter(rewriter), factors(factors), table(table) {}

  bool isPossible(Value value, unsigned depth = 0) const {
    constexpr unsigned kFarEnough = 8;
    Operation *op = value.getDefiningOp();
    if (!op || depth == kFarEnough)
      return false;
    auto reach = [&](Value operand) {
      return operand.hasOneUse() && operand.getType() == value.getType() &&
             isPossible(operand, depth + 1);
    };
    if (isa<LayerNormOp, RmsNormOp>(op) || matchProduct(op))
      return true;
    if (isa<ReluOp, LeakyReluOp>(op))
      return reach(op->getOperand(0));
    if (!isa<MulOp, AddOp>(op))
      return false;
    if (int constant = findChannels(op); constant >= 0)
      return isa<MulOp>(op) || reach(op->getOperand(1 - constant));
    return isa<MulOp>(op) && (reach(op->getOperand(0)) || reach(op->getOperand(1)));
  }

  /// Only where it is possible. Returns the value in the place of `value`.
  Value apply(Value value) {
    Operation *op = value.getDefiningOp();
    if (isa<LayerNormOp, RmsNormOp>(op)) {
      Value scaled = multiply(value);
      value.replaceAllUsesExcept(scaled, scaled.getDefiningOp());
      return scaled;
    }
    rename(op);
    if (auto product = matchProduct(op)) {
      for (auto [i, weight] : llvm::enumerate(product->weights))
        weight = static_cast<float>(weight * factors[product->outputChannel(i)]);
      SmallVector<double> bias;
      if (product->bias)
        for (auto [c, number] : llvm::enumerate(*product->bias))
          bias.push_back(number * factors[c]);
      rewriter.setInsertionPoint(op);
      product->write(rewriter, bias);
      return op->getResult(0);
    }
    int constant = isa<MulOp, AddOp>(op) ? findChannels(op) : -1;
    if (constant >= 0)
      scaleConstant(op, constant);
    if (constant < 0 || isa<AddOp>(op)) {
      int next = constant >= 0 ? 1 - constant : 0;
      if (constant < 0 && !(op->getOperand(0).hasOneUse() && isPossible(op->getOperand(0))))
        next = 1;
      apply(op->getOperand(next));
    }
    return op->getResult(0);
  }

  /// A product with the factors behind `value`.
  Value multiply(Value value) {
    rewriter.setInsertionPointAfterValue(value);
    Location loc = getInnerLocation(value.getLoc(), kSmoothedSuffix);
    return MulOp::create(rewriter, loc, value, makeConstant(loc, factors));
  }

private:
  /// The operand that is a constant with one number for each channel, or -1.
  static int findChannels(Operation *op) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    for (int i = 0; i < 2; ++i)
      if (op->getOperand(1 - i).getType() == type &&
          getChannelValues(op->getOperand(i), type, type.getRank() - 1))
        return i;
    return -1;
  }

  Value makeConstant(Location loc, ArrayRef<double> numbers) {
    SmallVector<float> values(numbers.begin(), numbers.end());
    return createConstant(rewriter, getInnerLocation(loc, "factors"), {int64_t(values.size())},
                          values);
  }

  void scaleConstant(Operation *op, int operand) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<double> numbers =
        *getChannelValues(op->getOperand(operand), type, type.getRank() - 1);
    for (auto [number, factor] : llvm::zip_equal(numbers, factors))
      number *= factor;
    rewriter.setInsertionPoint(op);
    op->setOperand(operand, makeConstant(op->getLoc(), numbers));
  }

  // A tensor between those that products read has its extremes, but not by channel.
  void rename(Operation *op) {
    StringRef name = getTensorName(op->getLoc());
    Location loc = getInnerLocation(op->getLoc(), kSmoothedSuffix);
    if (const TensorStatistics *statistics = table.lookup(name)) {
      auto [least, most] = std::minmax_element(factors.begin(), factors.end());
      Histogram::State state = statistics->histogram.getState();
      SmallVector<float> extremes;
      for (double bound : {state.min, state.max})
        for (double factor : {*least, *most})
          extremes.push_back(static_cast<float>(bound * factor));
      table.observe(getTensorName(loc), extremes);
    }
    op->setLoc(loc);
  }

  IRRewriter &rewriter;
  ArrayRef<double> factors;
  CalibrationTable &table;
};

struct SmoothQuant : impl::SmoothQuantBase<SmoothQuant> {
  using SmoothQuantBase::SmoothQuantBase;
  SmoothQuant(std::shared_ptr<CalibrationTable> given, double share) : table(std::move(given)) {
    alpha = share;
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (!(alpha >= 0 && alpha <= 1))
      return emitError(UnknownLoc::get(context)) << "expected alpha of 0 to 1, got " << alpha;
    std::shared_ptr<const CalibrationTable> loaded;
    if (failed(loadTable(context, calibrationPath, loaded)))
      return failure();
    if (loaded)
      table = std::make_shared<CalibrationTable>(*loaded);
    return success();
  }

  void runOnOperation() override {
    if (!table) {
      getOperation().emitError() << "expected a calibration table to smooth activations by";
      return signalPassFailure();
    }
    llvm::MapVector<Value, SmallVector<Operation *>> readers;
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (matchProduct(&op))
          readers[op.getOperand(0)].push_back(&op);
    for (auto &[value, products] : readers)
      smooth(value, products);
  }

private:
  void smooth(Value value, ArrayRef<Operation *> products) {
    std::string name = getContractionInputName(products.front()).str();
    const ChannelStatistics *statistics = table->lookupChannels(name);
    auto type = cast<RankedTensorType>(value.getType());
    if (!statistics || type.getRank() < 2 || statistics->size() != type.getShape().back())
      return;
    SmallVector<double> divisors = getDivisors(*statistics, products), factors;
    for (double divisor : divisors)
      factors.push_back(1 / divisor);

    IRRewriter rewriter(&getContext());
    Absorption absorption(rewriter, factors, *table);
    bool isPrivate = llvm::all_of(
        value.getUsers(), [&](Operation *user) { return llvm::is_contained(products, user); });
    Value smoothed;
    if (isPrivate && absorption.isPossible(value))
      smoothed = absorption.apply(value);
    else if (isNorm(value))
      smoothed = absorption.multiply(value);
    else
      return;
    table->addScaled(name, getTensorName(smoothed.getLoc()), factors);
    for (Operation *op : products) {
      op->setOperand(0, smoothed);
      std::optional<Contraction> product = matchProduct(op);
      for (auto [i, weight] : llvm::enumerate(product->weights))
        weight = static_cast<float>(weight * divisors[product->inputChannel(i)]);
      rewriter.setInsertionPoint(op);
      product->write(rewriter, {});
      op->setAttr(kSmoothedAttr, UnitAttr::get(&getContext()));
    }
  }

  /// Whether `value` is a norm, with its scale and shift.
  static bool isNorm(Value value) {
    Operation *op = value.getDefiningOp();
    while (isa_and_nonnull<MulOp, AddOp>(op)) {
      bool first = getConstantValue(op->getOperand(1)) != nullptr;
      if (!first && !getConstantValue(op->getOperand(0)))
        return false;
      op = op->getOperand(first ? 0 : 1).getDefiningOp();
    }
    return isa_and_nonnull<LayerNormOp, RmsNormOp>(op);
  }

  SmallVector<double> getDivisors(const ChannelStatistics &statistics,
                                  ArrayRef<Operation *> products) const {
    SmallVector<double> weights(statistics.size(), 0);
    for (Operation *op : products) {
      std::optional<Contraction> product = matchProduct(op);
      for (auto [i, weight] : llvm::enumerate(product->weights)) {
        double &largest = weights[product->inputChannel(i)];
        largest = std::max<double>(largest, std::fabs(weight));
      }
    }
    SmallVector<double> divisors;
    for (auto [c, weight] : llvm::enumerate(weights)) {
      double x = std::max(std::fabs(statistics.getMin(c)), std::fabs(statistics.getMax(c)));
      double divisor = std::pow(x, alpha) / std::pow(weight, 1 - alpha);
      // Channels that are always 0, or that no weight reads.
      bool isUsable = x > 0 && weight > 0 && divisor > 0x1p-60 && divisor < 0x1p60;
      divisors.push_back(isUsable ? divisor : 1);
    }
    return divisors;
  }

  std::shared_ptr<CalibrationTable> table;
};

} // namespace

std::unique_ptr<Pass> createSmoothQuant(std::shared_ptr<CalibrationTable> table, double alpha) {
  return std::make_unique<SmoothQuant>(std::move(table), alpha);
}

} // namespace octet
