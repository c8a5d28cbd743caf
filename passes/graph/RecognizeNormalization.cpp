// Exporters write layer norm and RMS norm as reductions and arithmetic, in many orders: the
// variance as the mean of squares of differences or as a difference of means, a mean as a sum
// times a constant, a quotient as a product with a reciprocal that may carry the scale.
// Numbers of rows may be reshaped or expanded on the way. So values are asked what they
// are (a mean of x? a variance of x?) instead of being matched op by op.
//
// Only x / deviation is replaced. A scale and a shift behind it stay what they are, elementwise
// ops that fusion puts into the same kernel.

#include "dialect/TransformerOps.h"
#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include <cmath>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_RECOGNIZENORMALIZATION
#include "passes/graph/Passes.h.inc"

namespace {

/// The row numbers (one for each row of `x`) that a value holds.
class RowNumbers {
public:
  explicit RowNumbers(Value x) : x(x), type(cast<RankedTensorType>(x.getType())) {}

  struct Deviation {
    bool isCentered;
    double epsilon;
  };

  /// sqrt(variance + epsilon), or with the mean square in place of the variance.
  std::optional<Deviation> readDeviation(Value value) const {
    auto root = strip(value).getDefiningOp<SqrtOp>();
    auto sum = root ? strip(root.getX()).getDefiningOp<AddOp>() : AddOp();
    if (!sum)
      return std::nullopt;
    for (int i = 0; i < 2; ++i) {
      std::optional<float> epsilon = getSplat(sum->getOperand(i));
      Value square = sum->getOperand(1 - i);
      if (!epsilon || *epsilon < 0)
        continue;
      if (isVariance(square))
        return Deviation{true, *epsilon};
      if (isMeanOfSquares(square))
        return Deviation{false, *epsilon};
    }
    return std::nullopt;
  }

  std::optional<Deviation> readInverseDeviation(Value value) const {
    Value stripped = strip(value);
    if (auto reciprocal = stripped.getDefiningOp<ReciprocalOp>())
      return readDeviation(reciprocal.getX());
    auto quotient = stripped.getDefiningOp<DivOp>();
    if (quotient && getSplat(quotient.getA()) == 1.0f)
      return readDeviation(quotient.getB());
    return std::nullopt;
  }

  /// x - mean(x)
  bool isCentered(Value value) const {
    auto difference = value.getDefiningOp<SubOp>();
    return difference && difference.getA() == x && isMean(difference.getB());
  }

private:
  /// `value` before reshapes and expansions that keep a number for each row.
  Value strip(Value value) const {
    int64_t rows = type.getNumElements() / type.getShape().back();
    while (Operation *op = value.getDefiningOp()) {
      if (!isa<ReshapeOp, ExpandOp>(op))
        break;
      auto from = cast<RankedTensorType>(op->getOperand(0).getType());
      auto to = cast<RankedTensorType>(op->getResult(0).getType());
      bool keepsRows = from.getNumElements() == rows && to.getNumElements() == rows;
      bool repeatsColumns = isa<ExpandOp>(op) && from.getNumElements() == rows &&
                            to.getShape() == type.getShape() && from.getRank() == to.getRank() &&
                            from.getShape().back() == 1;
      if (!keepsRows && !repeatsColumns)
        break;
      value = op->getOperand(0);
    }
    return value;
  }

  bool reducesRows(ReduceOp op) const {
    return op.getAxes().size() == 1 && op.getAxes().front() == type.getRank() - 1;
  }

  /// What `value` holds the row means of, or null.
  Value getAveraged(Value value) const {
    Value stripped = strip(value);
    auto averaged = [&](Value reduced, ReduceKind kind) {
      auto op = strip(reduced).getDefiningOp<ReduceOp>();
      bool fits = op && op.getKind() == kind && op.getX().getType() == type && reducesRows(op);
      return fits ? op.getX() : Value();
    };
    if (Value operand = averaged(stripped, ReduceKind::Mean))
      return operand;
    double extent = type.getShape().back();
    auto isNear = [](double a, double b) { return std::fabs(a - b) <= 1e-6 * b; };
    if (auto product = stripped.getDefiningOp<MulOp>())
      for (int i = 0; i < 2; ++i) {
        std::optional<float> factor = getSplat(product->getOperand(i));
        if (factor && isNear(*factor, 1 / extent))
          return averaged(product->getOperand(1 - i), ReduceKind::Sum);
      }
    if (auto quotient = stripped.getDefiningOp<DivOp>())
      if (getSplat(quotient.getB()) == static_cast<float>(extent))
        return averaged(quotient.getA(), ReduceKind::Sum);
    return {};
  }

  static bool isSquare(Value value, function_ref<bool(Value)> isBase) {
    auto product = value ? value.getDefiningOp<MulOp>() : MulOp();
    return product && isBase(product.getA()) && isBase(product.getB());
  }

  bool isMean(Value value) const { return getAveraged(value) == x; }
  bool isMeanOfSquares(Value value) const {
    return isSquare(getAveraged(value), [&](Value base) { return base == x; });
  }

  bool isVariance(Value value) const {
    if (isSquare(getAveraged(value), [&](Value base) { return isCentered(base); }))
      return true;
    // mean(x^2) - mean(x)^2, which rounding may make negative.
    Value stripped = strip(value);
    if (auto relu = stripped.getDefiningOp<ReluOp>())
      stripped = strip(relu.getX());
    auto difference = stripped.getDefiningOp<SubOp>();
    return difference && isMeanOfSquares(difference.getA()) &&
           isSquare(strip(difference.getB()), [&](Value base) { return isMean(base); });
  }

  Value x;
  RankedTensorType type;
};

/// Calls `read` with what `value` may be the standardized form of: x - mean(x) or x itself.
/// Null where neither fits the deviation that it finds.
template <typename Read>
Value standardize(PatternRewriter &rewriter, Operation *op, Value value, Read read) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 0 || type.getNumElements() == 0 || !type.getElementType().isF32())
    return {};
  auto difference = value.getDefiningOp<SubOp>();
  if (difference && difference.getA().getType() == type) {
    RowNumbers rows(difference.getA());
    std::optional<RowNumbers::Deviation> deviation = read(rows);
    if (deviation && deviation->isCentered && rows.isCentered(value))
      return LayerNormOp::create(rewriter, op->getLoc(), difference.getA(),
                                 rewriter.getF32FloatAttr(deviation->epsilon));
  }
  std::optional<RowNumbers::Deviation> deviation = read(RowNumbers(value));
  if (deviation && !deviation->isCentered)
    return RmsNormOp::create(rewriter, op->getLoc(), value,
                             rewriter.getF32FloatAttr(deviation->epsilon));
  return {};
}

/// x / deviation
struct RecognizeQuotient : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    Value norm = standardize(rewriter, op, op.getA(),
                             [&](const RowNumbers &rows) { return rows.readDeviation(op.getB()); });
    if (!norm || norm.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "does not divide by the deviation of its rows");
    rewriter.replaceOp(op, norm);
    return success();
  }
};

/// x * (1 / deviation), and x * (1 / deviation * scale)
struct RecognizeProduct : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    for (int i = 0; i < 2; ++i) {
      Value value = op->getOperand(i), factor = op->getOperand(1 - i);
      if (value.getType() != op.getType())
        continue;
      auto read = [&](Value inverse) {
        return standardize(rewriter, op, value, [&](const RowNumbers &rows) {
          return rows.readInverseDeviation(inverse);
        });
      };
      if (Value norm = read(factor)) {
        rewriter.replaceOp(op, norm);
        return success();
      }
      auto scaled = factor.getDefiningOp<MulOp>();
      for (int j = 0; scaled && j < 2; ++j) {
        Value scale = scaled->getOperand(1 - j);
        if (!getConstantValue(scale))
          continue;
        if (Value norm = read(scaled->getOperand(j))) {
          rewriter.replaceOpWithNewOp<MulOp>(op, norm, scale);
          return success();
        }
      }
    }
    return rewriter.notifyMatchFailure(op, "no factor is the deviation of the other's rows");
  }
};

struct RecognizeNormalization : impl::RecognizeNormalizationBase<RecognizeNormalization> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeQuotient, RecognizeProduct>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
