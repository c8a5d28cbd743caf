// Exporters write activations as arithmetic; here they become the ops that a kernel
// has one formula for. Factors may sit at any level of the product and may be
// divisions, so that operands are not matched one by one but read as a linear
// function of some value (Linear) and as a clipped one (Ramp). C++ and not DRR: a
// declarative list would need one entry for each order of the same factors.

#include "dialect/TransformerOps.h"
#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include <array>
#include <cfloat>
#include <cmath>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_RECOGNIZEACTIVATIONS
#include "passes/graph/Passes.h.inc"

namespace {

bool isNear(double a, double b) { return std::fabs(a - b) <= 1e-6 * std::max(1.0, std::fabs(b)); }

/// scale * x + shift
struct Linear {
  Value x;
  double scale = 1, shift = 0;

  /// Reads through operations with constants of one value.
  static Linear read(Value value) {
    Linear result{value};
    while (result.peel()) {
    }
    return result;
  }

private:
  bool peel() {
    Operation *op = x.getDefiningOp();
    if (!op || !isa<AddOp, SubOp, MulOp, DivOp>(op))
      return false;
    // A constant that broadcasts the other operand is more than a factor.
    bool first = op->getOperand(0).getType() == x.getType() && getSplat(op->getOperand(1));
    bool second = op->getOperand(1).getType() == x.getType() && getSplat(op->getOperand(0));
    if (!first && (!second || isa<SubOp, DivOp>(op)))
      return false;
    double c = *getSplat(op->getOperand(first ? 1 : 0));
    if (isa<DivOp>(op) && c == 0)
      return false;
    if (isa<AddOp, SubOp>(op))
      shift += scale * (isa<SubOp>(op) ? -c : c);
    else
      scale *= isa<DivOp>(op) ? 1 / c : c;
    x = op->getOperand(first ? 0 : 1);
    return true;
  }
};

/// height * clip(alpha * x + beta, 0, 1)
struct Ramp {
  Value x;
  double alpha, beta, height;

  static std::optional<Ramp> read(Value value) {
    Linear outer = Linear::read(value);
    if (auto hard = outer.x.getDefiningOp<HardSigmoidOp>()) {
      if (outer.shift != 0 || outer.scale <= 0)
        return std::nullopt;
      return Ramp{hard.getX(), hard.getAlpha().convertToFloat(), hard.getBeta().convertToFloat(),
                  outer.scale};
    }
    auto clip = outer.x.getDefiningOp<ClipOp>();
    if (!clip || outer.scale <= 0)
      return std::nullopt;
    double low = outer.scale * clip.getLow().convertToFloat() + outer.shift;
    double height = outer.scale * clip.getHigh().convertToFloat() + outer.shift;
    if (!isNear(low, 0) || !std::isfinite(height) || height <= 0)
      return std::nullopt;
    Linear inner = Linear::read(clip.getX());
    return Ramp{inner.x, outer.scale * inner.scale / height,
                (outer.scale * inner.shift + outer.shift) / height, height};
  }
};

/// Whether no element of `value` is negative (NaN aside).
bool isNonnegative(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto clip = dyn_cast_or_null<ClipOp>(op))
    return !clip.getLow().isNegative();
  return isa_and_nonnull<ReluOp, SigmoidOp, HardSigmoidOp, ExpOp, AbsOp, SqrtOp, SoftmaxOp>(op);
}

/// x * clip(x + 3, 0, 6) / 6, with the factors in any order  ->  hard_swish(x)
template <typename Op>
struct RecognizeHardSwish : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Linear outer = Linear::read(op.getY());
    auto product = outer.x.template getDefiningOp<MulOp>();
    if (!product || outer.shift != 0)
      return rewriter.notifyMatchFailure(op, "not a product of two values");
    for (int i = 0; i < 2; ++i) {
      Linear factor = Linear::read(product->getOperand(i));
      std::optional<Ramp> ramp = Ramp::read(product->getOperand(1 - i));
      if (ramp && ramp->x == factor.x && factor.shift == 0 && ramp->x.getType() == op.getType() &&
          isNear(ramp->alpha, 1.0 / 6) && isNear(ramp->beta, 0.5) &&
          isNear(outer.scale * factor.scale * ramp->height, 1)) {
        rewriter.replaceOpWithNewOp<HardSwishOp>(op, ramp->x);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no factor is clip(x / 6 + 1/2, 0, 1)");
  }
};

/// clip(x + 3, 0, 6) / 6 and the like  ->  hard_sigmoid(x)
template <typename Op>
struct RecognizeHardSigmoid : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    std::optional<Ramp> ramp = Ramp::read(op.getY());
    if (!ramp || !isNear(ramp->height, 1) || ramp->x.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not a line clipped to [0, 1]");
    if (isa<ClipOp>(op) && ramp->x == op->getOperand(0))
      return rewriter.notifyMatchFailure(op, "a clip alone is simpler");
    rewriter.replaceOpWithNewOp<HardSigmoidOp>(op, ramp->x, rewriter.getF32FloatAttr(ramp->alpha),
                                               rewriter.getF32FloatAttr(ramp->beta));
    return success();
  }
};

/// x * sigmoid(x)  ->  silu(x)
struct RecognizeSilu : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    for (int i = 0; i < 2; ++i) {
      auto sigmoid = op->getOperand(i).getDefiningOp<SigmoidOp>();
      if (sigmoid && sigmoid.getX() == op->getOperand(1 - i)) {
        rewriter.replaceOpWithNewOp<SiluOp>(op, sigmoid.getX());
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no factor is the sigmoid of the other");
  }
};

/// c[0] + c[1] * x + c[2] * x^2 + c[3] * x^3
using Cubic = std::array<double, 4>;

/// `value` as a polynomial of `x`, or nullopt where it is none of degree 3 or less.
std::optional<Cubic> readCubic(Value value, Value x, unsigned depth = 0) {
  constexpr unsigned kDeepEnough = 8;
  if (value == x)
    return Cubic{0, 1, 0, 0};
  if (std::optional<float> number = getSplat(value))
    return Cubic{*number, 0, 0, 0};
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<AddOp, SubOp, MulOp>(op) || depth == kDeepEnough)
    return std::nullopt;
  std::optional<Cubic> a = readCubic(op->getOperand(0), x, depth + 1);
  std::optional<Cubic> b = a ? readCubic(op->getOperand(1), x, depth + 1) : std::nullopt;
  if (!b)
    return std::nullopt;
  Cubic result{};
  for (size_t i = 0; i < result.size(); ++i) {
    if (!isa<MulOp>(op)) {
      result[i] = (*a)[i] + (isa<SubOp>(op) ? -(*b)[i] : (*b)[i]);
      continue;
    }
    for (size_t j = 0; j < result.size(); ++j) {
      double product = (*a)[i] * (*b)[j];
      if (i + j < result.size())
        result[i + j] += product;
      else if (product != 0)
        return std::nullopt;
    }
  }
  return result;
}

/// Whether `value` is sqrt(2 / pi) * (x + 0.044715 * x^3).
bool isTanhArgument(Value value, Value x) {
  constexpr double kCubic = 0.044715;
  const double root = std::sqrt(M_2_PI);
  std::optional<Cubic> cubic = readCubic(value, x);
  return cubic && (*cubic)[0] == 0 && isNear((*cubic)[1], root) && (*cubic)[2] == 0 &&
         isNear((*cubic)[3], root * kCubic);
}

/// x / 2 * (1 + erf(x / sqrt(2)))  ->  gelu(x), and the form with tanh; factors in any order
template <typename Op>
struct RecognizeGelu : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Linear outer = Linear::read(op.getY());
    auto product = outer.x.template getDefiningOp<MulOp>();
    if (!product || outer.shift != 0)
      return rewriter.notifyMatchFailure(op, "not a product of two values");
    for (int i = 0; i < 2; ++i) {
      Linear factor = Linear::read(product->getOperand(i)),
             share = Linear::read(product->getOperand(1 - i));
      Operation *curve = share.x.getDefiningOp();
      if (!isa_and_nonnull<ErfOp, TanhOp>(curve) || factor.shift != 0 ||
          factor.x.getType() != op.getType() || !isNear(share.scale, share.shift) ||
          !isNear(outer.scale * factor.scale * share.scale, 0.5))
        continue;
      Linear argument = Linear::read(curve->getOperand(0));
      bool isTanh = isa<TanhOp>(curve);
      if (isTanh
              ? !isTanhArgument(curve->getOperand(0), factor.x)
              : argument.x != factor.x || argument.shift != 0 || !isNear(argument.scale, M_SQRT1_2))
        continue;
      rewriter.replaceOpWithNewOp<GeluOp>(op, factor.x, isTanh);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is half of 1 + erf or 1 + tanh");
  }
};

/// min(x, c)  ->  clip(x, -inf, c); max(x, c)  ->  clip(x, c, inf)
template <typename Op>
struct RecognizeClip : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    for (int i = 0; i < 2; ++i) {
      std::optional<float> bound = getSplat(op->getOperand(i));
      Value x = op->getOperand(1 - i);
      if (!bound || std::isnan(*bound) || x.getType() != op.getType())
        continue;
      bool isMin = isa<MinOp>(op);
      rewriter.replaceOpWithNewOp<ClipOp>(op, x,
                                          rewriter.getF32FloatAttr(isMin ? -INFINITY : *bound),
                                          rewriter.getF32FloatAttr(isMin ? *bound : INFINITY));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is a constant bound");
  }
};

/// clip(clip(x, a, b), c, d)  ->  clip(x, a', b'); a relu inside counts as a clip
struct SimplifyClip : OpRewritePattern<ClipOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ClipOp op, PatternRewriter &rewriter) const override {
    float low = op.getLow().convertToFloat(), high = op.getHigh().convertToFloat();
    // ONNX's defaults are the largest finite numbers; they mean "no bound".
    bool unboundedBelow = low <= -FLT_MAX, unboundedAbove = high >= FLT_MAX;
    if (unboundedBelow && unboundedAbove) {
      rewriter.replaceOp(op, op.getX());
      return success();
    }
    if (low == 0 && unboundedAbove) {
      rewriter.replaceOpWithNewOp<ReluOp>(op, op.getX());
      return success();
    }
    Operation *producer = op.getX().getDefiningOp();
    if (!isa_and_nonnull<ClipOp, ReluOp>(producer))
      return rewriter.notifyMatchFailure(op, "bounds do not simplify");
    auto clip = dyn_cast<ClipOp>(producer);
    float innerLow = clip ? clip.getLow().convertToFloat() : 0;
    float innerHigh = clip ? clip.getHigh().convertToFloat() : INFINITY;
    auto bound = [&](float x) {
      return rewriter.getF32FloatAttr(std::min(std::max(x, low), high));
    };
    rewriter.replaceOpWithNewOp<ClipOp>(op, producer->getOperand(0), bound(innerLow),
                                        bound(innerHigh));
    return success();
  }
};

/// relu(x)  ->  x where x is not negative
struct DropRelu : OpRewritePattern<ReluOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReluOp op, PatternRewriter &rewriter) const override {
    if (!isNonnegative(op.getX()))
      return rewriter.notifyMatchFailure(op, "x may be negative");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

struct RecognizeActivations : impl::RecognizeActivationsBase<RecognizeActivations> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeHardSwish<MulOp>, RecognizeHardSwish<DivOp>, RecognizeGelu<MulOp>,
                 RecognizeGelu<DivOp>>(&getContext(), 2);
    patterns
        .add<RecognizeHardSigmoid<MulOp>, RecognizeHardSigmoid<DivOp>, RecognizeHardSigmoid<ClipOp>,
             RecognizeSilu, RecognizeClip<MinOp>, RecognizeClip<MaxOp>, SimplifyClip, DropRelu>(
            &getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
