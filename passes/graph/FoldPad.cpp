// Moves a border of zeros into the window op that reads it: a halo costs nothing,
// a pad op writes the whole tensor again.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_FOLDPAD
#include "passes/graph/Passes.h.inc"

namespace {

/// The pads (top, left, bottom, right) that `pad` adds to those of its user, or
/// nullopt where it does anything else.
std::optional<SmallVector<int64_t>> addPads(PadOp pad, ArrayRef<int64_t> pads) {
  ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
  if (low.size() != 4 || pad.getMode() != PadMode::Constant || !pad.getValue().isZero())
    return std::nullopt;
  for (int i = 0; i < 4; ++i)
    if (low[i] < 0 || high[i] < 0 || (i < 2 && (low[i] || high[i])))
      return std::nullopt;
  return SmallVector<int64_t>{low[2] + pads[0], low[3] + pads[1], high[2] + pads[2],
                              high[3] + pads[3]};
}

/// conv(pad(x))  ->  conv(x) with larger pads
struct FoldIntoConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp conv, PatternRewriter &rewriter) const override {
    auto pad = conv.getX().getDefiningOp<PadOp>();
    if (!pad)
      return rewriter.notifyMatchFailure(conv, "x is not padded");
    auto pads = addPads(pad, conv.getPads());
    if (!pads)
      return rewriter.notifyMatchFailure(conv, "the pad is not a border of zeros in the plane");
    rewriter.modifyOpInPlace(conv, [&] {
      conv.getXMutable().assign(pad.getX());
      conv.setPads(*pads);
    });
    return success();
  }
};

/// average_pool(pad(x))  ->  average_pool(x) that counts its pads
struct FoldIntoAveragePool : OpRewritePattern<AveragePoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AveragePoolOp pool, PatternRewriter &rewriter) const override {
    auto pad = pool.getX().getDefiningOp<PadOp>();
    if (!pad)
      return rewriter.notifyMatchFailure(pool, "x is not padded");
    bool ownPads = llvm::any_of(pool.getPads(), [](int64_t p) { return p != 0; });
    if (ownPads && !pool.getCountIncludePad())
      return rewriter.notifyMatchFailure(pool, "its own pads do not count, the border does");
    if (pool.getCeilMode())
      return rewriter.notifyMatchFailure(pool, "partial windows may end in either border");
    auto pads = addPads(pad, pool.getPads());
    if (!pads)
      return rewriter.notifyMatchFailure(pool, "the pad is not a border of zeros in the plane");
    for (int i = 0; i < 4; ++i)
      if ((*pads)[i] > (pool.getKernel()[i % 2] - 1) * pool.getDilations()[i % 2])
        return rewriter.notifyMatchFailure(pool, "a window would lie in the border");
    rewriter.modifyOpInPlace(pool, [&] {
      pool.getXMutable().assign(pad.getX());
      pool.setPads(*pads);
      pool.setCountIncludePad(true);
    });
    return success();
  }
};

struct FoldPad : impl::FoldPadBase<FoldPad> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldIntoConv, FoldIntoAveragePool>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
