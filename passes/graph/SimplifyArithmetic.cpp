// Applies the formulas of Arithmetic.td, and those that need more than a formula.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include <cmath>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_SIMPLIFYARITHMETIC
#include "passes/graph/Passes.h.inc"

namespace {

#include "passes/graph/Arithmetic.inc"

/// x / c  ->  x * (1 / c) where all of c are powers of two: else the product would
/// differ in the last bit
struct DivideByPowerOfTwo : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    auto divisors = getFloats(op.getB());
    if (!divisors)
      return rewriter.notifyMatchFailure(op, "the divisor is not an f32 constant");
    for (float &c : *divisors) {
      int exponent;
      if (!std::isnormal(c) || std::fabs(std::frexp(c, &exponent)) != 0.5f || !std::isnormal(1 / c))
        return rewriter.notifyMatchFailure(op, "a divisor is not a power of two");
      c = 1 / c;
    }
    Value factor = createConstant(rewriter, getInnerLocation(op.getLoc(), "reciprocal"),
                                  op.getB().getType().getShape(), *divisors);
    rewriter.replaceOpWithNewOp<MulOp>(op, op.getA(), factor);
    return success();
  }
};

struct SimplifyArithmetic : impl::SimplifyArithmeticBase<SimplifyArithmetic> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateWithGenerated(patterns);
    patterns.add<DivideByPowerOfTwo>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
