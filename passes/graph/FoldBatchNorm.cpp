// Removes batch_norm, and what else scales and shifts channels by constants next to
// a contraction. A whole run of such ops is composed in f64 and rounded once.
//
// The order matters and makes three phases: into the contraction before it (always
// exact up to rounding), into the one behind it (only where no padding is read,
// since a padded zero would have to become -shift / scale), and else mul and add.

#include "passes/graph/Constants.h"
#include "passes/graph/Contraction.h"
#include "passes/graph/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_FOLDBATCHNORM
#include "passes/graph/Passes.h.inc"

namespace {

/// y = scale[c] * x + shift[c]
struct ChannelAffine {
  SmallVector<double> scale, shift;

  explicit ChannelAffine(int64_t channels) : scale(channels, 1.0), shift(channels, 0.0) {}

  /// This map, then `scale` and `shift`.
  void append(int64_t c, double nextScale, double nextShift) {
    scale[c] *= nextScale;
    shift[c] = shift[c] * nextScale + nextShift;
  }

  bool isFinite() const {
    auto finite = [](double x) { return std::isfinite(x); };
    return llvm::all_of(scale, finite) && llvm::all_of(shift, finite);
  }
};

LogicalResult appendBatchNorm(BatchNormOp op, ChannelAffine &affine) {
  auto scale = getFloats(op.getScale()), bias = getFloats(op.getBias());
  auto mean = getFloats(op.getMean()), variance = getFloats(op.getVariance());
  if (!scale || !bias || !mean || !variance)
    return failure();
  double epsilon = op.getEpsilon().convertToFloat();
  for (size_t c = 0; c < affine.scale.size(); ++c) {
    double factor = (*scale)[c] / std::sqrt((*variance)[c] + epsilon);
    affine.append(c, factor, (*bias)[c] - (*mean)[c] * factor);
  }
  return success();
}

/// Appends what `op` does to the channels (dimension `axis`) of its operand `x`, if
/// all it does is to scale and shift them by constants.
LogicalResult appendAffine(Operation *op, Value x, int64_t axis, ChannelAffine &affine) {
  auto type = cast<RankedTensorType>(x.getType());
  if (op->getNumResults() != 1 || op->getResult(0).getType() != type)
    return failure();
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return axis == 1 && norm.getX() == x ? appendBatchNorm(norm, affine) : failure();
  if (!isa<AddOp, SubOp, MulOp, DivOp>(op))
    return failure();
  bool first = op->getOperand(0) == x;
  auto values = getChannelValues(op->getOperand(first ? 1 : 0), type, axis);
  if (!values || (isa<DivOp>(op) && !first))
    return failure();
  for (auto [c, value] : llvm::enumerate(*values)) {
    if (isa<MulOp>(op))
      affine.append(c, value, 0);
    else if (isa<DivOp>(op))
      affine.append(c, 1 / value, 0);
    else if (isa<SubOp>(op) && !first)
      affine.append(c, -1, value);
    else
      affine.append(c, 1, isa<SubOp>(op) ? -value : value);
  }
  return success();
}

bool areFinite(ArrayRef<double> values) {
  return llvm::all_of(values, [](double x) { return std::isfinite(static_cast<float>(x)); });
}

/// contraction(x, w, b) * s + t  ->  contraction(x, w * s, b * s + t)
struct FoldIntoProducer : RewritePattern {
  explicit FoldIntoProducer(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (!isa<ConvOp, ConvTransposeOp, MatMulOp>(op))
      return rewriter.notifyMatchFailure(op, "not a contraction");
    if (!op->getResult(0).hasOneUse())
      return rewriter.notifyMatchFailure(op, "the result has more than one use");
    std::optional<Contraction> contraction = Contraction::match(op);
    if (!contraction)
      return rewriter.notifyMatchFailure(op, "operands are vectors");

    ChannelAffine affine(contraction->outputChannels());
    Operation *last = op;
    while (last->getResult(0).hasOneUse()) {
      Operation *user = *last->getUsers().begin();
      ChannelAffine next = affine;
      if (failed(appendAffine(user, last->getResult(0), contraction->resultAxis, next)) ||
          !next.isFinite())
        break;
      affine = next;
      last = user;
    }
    if (last == op)
      return rewriter.notifyMatchFailure(op, "no scale or shift of channels follows");
    if (failed(contraction->readConstants()))
      return rewriter.notifyMatchFailure(op, "weights or bias are not constant");

    SmallVector<double> bias(affine.shift);
    if (contraction->bias)
      for (auto [c, value] : llvm::enumerate(*contraction->bias))
        bias[c] += affine.scale[c] * value;
    for (auto [i, weight] : llvm::enumerate(contraction->weights)) {
      weight = static_cast<float>(weight * affine.scale[contraction->outputChannel(i)]);
      if (!std::isfinite(weight))
        return rewriter.notifyMatchFailure(op, "a scaled weight leaves the range of f32");
    }
    if (!areFinite(bias))
      return rewriter.notifyMatchFailure(op, "a scaled bias leaves the range of f32");
    contraction->write(rewriter, bias);
    op->setLoc(getMergedLocation(op->getLoc(), last->getLoc()));
    rewriter.replaceOp(last, op->getResult(0));
    return success();
  }
};

/// contraction(batch_norm(x), w, b)  ->  contraction(x, w * s, b + sum(w * t))
struct FoldIntoFollower : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp norm, PatternRewriter &rewriter) const override {
    if (!norm.getY().hasOneUse())
      return rewriter.notifyMatchFailure(norm, "the result has more than one use");
    Operation *op = *norm->getUsers().begin();
    std::optional<Contraction> contraction = Contraction::match(op);
    if (!contraction || isa<ConvTransposeOp>(op) || contraction->x() != norm.getY() ||
        contraction->inputAxis != 1)
      return rewriter.notifyMatchFailure(norm, "no contraction of the channels follows");
    if (isa<MatMulOp>(op) && cast<RankedTensorType>(op->getOperand(1).getType()).getRank() != 2)
      return rewriter.notifyMatchFailure(norm, "the weights are a batch of matrices");
    if (failed(contraction->readConstants()))
      return rewriter.notifyMatchFailure(norm, "weights or bias are not constant");
    ChannelAffine affine(contraction->inputChannels);
    if (failed(appendBatchNorm(norm, affine)) || !affine.isFinite())
      return rewriter.notifyMatchFailure(norm, "parameters are not finite constants");
    if (contraction->padded && llvm::any_of(affine.shift, [](double t) { return t != 0; }))
      return rewriter.notifyMatchFailure(norm, "padding of the convolution is not shifted");

    SmallVector<double> bias(contraction->outputChannels(), 0.0);
    if (contraction->bias)
      llvm::copy(*contraction->bias, bias.begin());
    for (auto [i, weight] : llvm::enumerate(contraction->weights)) {
      int64_t c = contraction->inputChannel(i);
      bias[contraction->outputChannel(i)] += weight * affine.shift[c];
      weight = static_cast<float>(weight * affine.scale[c]);
      if (!std::isfinite(weight))
        return rewriter.notifyMatchFailure(norm, "a scaled weight leaves the range of f32");
    }
    if (!areFinite(bias))
      return rewriter.notifyMatchFailure(norm, "a shifted bias leaves the range of f32");
    contraction->write(rewriter, bias);
    rewriter.replaceOp(norm, norm.getX());
    return success();
  }
};

/// batch_norm(x)  ->  x * s + t
struct Decompose : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp norm, PatternRewriter &rewriter) const override {
    RankedTensorType type = norm.getX().getType();
    ChannelAffine affine(type.getDimSize(1));
    if (failed(appendBatchNorm(norm, affine)))
      return rewriter.notifyMatchFailure(norm, "parameters are not constant");
    SmallVector<int64_t> shape(type.getRank(), 1);
    shape[1] = type.getDimSize(1);
    auto constant = [&](ArrayRef<double> values, StringRef name) {
      return createConstant(rewriter, getInnerLocation(norm.getLoc(), name), shape,
                            SmallVector<float>(values.begin(), values.end()));
    };
    Value scaled = MulOp::create(rewriter, getInnerLocation(norm.getLoc(), "scaled"), norm.getX(),
                                 constant(affine.scale, "scale"));
    rewriter.replaceOpWithNewOp<AddOp>(norm, scaled, constant(affine.shift, "shift"));
    return success();
  }
};

struct FoldBatchNorm : impl::FoldBatchNormBase<FoldBatchNorm> {
  void runOnOperation() override {
    if (failed(apply<FoldIntoProducer>()) || failed(apply<FoldIntoFollower>()) ||
        failed(apply<Decompose>()))
      signalPassFailure();
  }

private:
  template <typename Pattern>
  LogicalResult apply() {
    RewritePatternSet patterns(&getContext());
    patterns.add<Pattern>(&getContext());
    return applyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace octet
