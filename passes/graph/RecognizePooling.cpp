// A reduction over the plane is a pool over all of it, which runs channels last and
// in INT8; a reduce op needs its operand in row-major order and in f32.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_RECOGNIZEPOOLING
#include "passes/graph/Passes.h.inc"

namespace {

/// reduce mean or max over [2, 3]  ->  pool, and a reshape where dimensions go
struct ReduceToPool : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getX().getType();
    if (type.getRank() != 4 || op.getAxes() != ArrayRef<int64_t>{2, 3} ||
        !type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "does not reduce a plane of f32");
    if (op.getKind() != ReduceKind::Mean && op.getKind() != ReduceKind::Max)
      return rewriter.notifyMatchFailure(op, "no pool computes this kind");
    ArrayRef<int64_t> kernel = type.getShape().drop_front(2);
    const SmallVector<int64_t> ones{1, 1}, zeros{0, 0, 0, 0};
    Location loc = op.getKeepdims() ? op.getLoc() : getInnerLocation(op.getLoc(), "pooled");
    Value y;
    if (op.getKind() == ReduceKind::Mean)
      y = AveragePoolOp::create(rewriter, loc, op.getX(), kernel, ones, zeros, ones,
                                /*ceil_mode=*/false, /*count_include_pad=*/false);
    else
      y = MaxPoolOp::create(rewriter, loc, op.getX(), kernel, ones, zeros, ones,
                            /*ceil_mode=*/false);
    if (!op.getKeepdims())
      y = ReshapeOp::create(rewriter, op.getLoc(), y, op.getY().getType().getShape());
    rewriter.replaceOp(op, y);
    return success();
  }
};

/// A pool whose windows are single elements, all of them  ->  x
template <typename Op>
struct DropIdentity : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto all = [](ArrayRef<int64_t> list, int64_t value) {
      return llvm::all_of(list, [=](int64_t i) { return i == value; });
    };
    if (!all(op.getKernel(), 1) || !all(op.getStrides(), 1) || !all(op.getPads(), 0))
      return rewriter.notifyMatchFailure(op, "windows are larger, or elements are skipped");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

struct RecognizePooling : impl::RecognizePoolingBase<RecognizePooling> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ReduceToPool, DropIdentity<AveragePoolOp>, DropIdentity<MaxPoolOp>>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
