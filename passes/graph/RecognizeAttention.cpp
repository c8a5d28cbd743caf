// softmax(scale * q k^T + mask) v in the order of heads, batches and rows that exporters use
// becomes one op on operands whose heads lie side by side, as the projections before it write
// them. The transposes that this order takes are written out here; SimplifyShapes composes them
// with those of the exporter, and mostly nothing is left.

#include "dialect/TransformerOps.h"
#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_RECOGNIZEATTENTION
#include "passes/graph/Passes.h.inc"

namespace {

RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

Value transpose(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> permutation) {
  return TransposeOp::create(builder, loc, value, builder.getDenseI64ArrayAttr(permutation));
}

Value reshape(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> shape) {
  return ReshapeOp::create(builder, loc, value, builder.getDenseI64ArrayAttr(shape));
}

/// `value` [B, L, H, D] before each of its heads was repeated for several queries; `value`
/// itself where none was.
Value skipRepetition(OpBuilder &builder, Value value) {
  auto moved = value.getDefiningOp<TransposeOp>();
  bool isMoved = moved && moved.getPermutation() == ArrayRef<int64_t>{0, 2, 1, 3};
  Value heads = isMoved ? moved.getX() : value;
  int64_t headDim = isMoved ? 1 : 2;
  auto merged = heads.getDefiningOp<ReshapeOp>();
  auto expand = merged ? merged.getX().getDefiningOp<ExpandOp>() : ExpandOp();
  if (!expand || getType(expand.getX()).getRank() != 5 || getType(expand.getY()).getRank() != 5)
    return value;
  SmallVector<int64_t> before(getType(expand.getX()).getShape()),
      after(getType(expand.getY()).getShape()), joined(getType(heads).getShape());
  // The repeated dimension stands behind that of the heads, and joins it.
  int64_t repeated = headDim + 1;
  SmallVector<int64_t> expected(after);
  expected[headDim] *= expected[repeated];
  expected.erase(expected.begin() + repeated);
  if (before[repeated] != 1 || joined != expected)
    return value;
  after[repeated] = 1;
  if (before != after)
    return value;
  before.erase(before.begin() + repeated);
  Value single = reshape(builder, value.getLoc(), expand.getX(), before);
  return isMoved ? transpose(builder, value.getLoc(), single, {0, 2, 1, 3}) : single;
}

/// `value` with its dimensions in the order of `permutation`, without a transpose that would
/// undo the one before it.
Value permute(OpBuilder &builder, Value value, ArrayRef<int64_t> permutation) {
  Location loc = value.getLoc();
  auto source = value.getDefiningOp<TransposeOp>();
  if (!source)
    return transpose(builder, loc, value, permutation);
  SmallVector<int64_t> joined;
  for (int64_t i : permutation)
    joined.push_back(source.getPermutation()[i]);
  if (joined == SmallVector<int64_t>{0, 1, 2, 3})
    return source.getX();
  return transpose(builder, loc, source.getX(), joined);
}

struct Scores {
  MatMulOp product;
  Value mask;
  double scale = 1;

  /// scale * product + mask, with the scale as product or quotient, in any order but the mask
  /// behind the scale.
  static std::optional<Scores> read(Value value) {
    Scores scores;
    Type type = value.getType();
    while (Operation *op = value.getDefiningOp()) {
      if (!value.hasOneUse())
        return std::nullopt;
      if ((scores.product = dyn_cast<MatMulOp>(op))) {
        if (scores.product.getBias())
          return std::nullopt;
        return scores;
      }
      if (!isa<AddOp, MulOp, DivOp>(op))
        return std::nullopt;
      // The operand that is not the mask or the scale.
      int chain = -1;
      for (int i = 0; i < (isa<DivOp>(op) ? 1 : 2) && chain < 0; ++i) {
        Value other = op->getOperand(1 - i);
        bool isPart = isa<AddOp>(op) ? !scores.mask && scores.scale == 1 : bool(getSplat(other));
        if (op->getOperand(i).getType() == type && isPart && isChain(op->getOperand(i)))
          chain = i;
      }
      if (chain < 0)
        return std::nullopt;
      Value other = op->getOperand(1 - chain);
      if (isa<AddOp>(op))
        scores.mask = other;
      else
        scores.scale *= isa<DivOp>(op) ? 1.0 / *getSplat(other) : *getSplat(other);
      value = op->getOperand(chain);
    }
    return std::nullopt;
  }

private:
  static bool isChain(Value value) {
    return isa_and_nonnull<MatMulOp, MulOp, DivOp>(value.getDefiningOp());
  }
};

struct FormAttention : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    auto softmax = op.getA().getDefiningOp<SoftmaxOp>();
    int64_t rank = op.getY().getType().getRank();
    if (!softmax || op.getBias() || !softmax.getY().hasOneUse() ||
        static_cast<int64_t>(softmax.getAxis()) != getType(softmax.getX()).getRank() - 1)
      return rewriter.notifyMatchFailure(op, "does not multiply the softmax of rows");
    if (rank != 3 && rank != 4)
      return rewriter.notifyMatchFailure(op, "expected three or four dimensions");
    std::optional<Scores> scores = Scores::read(softmax.getX());
    if (!scores)
      return rewriter.notifyMatchFailure(op, "scores are not a matrix product");
    Value q = scores->product.getA(), k = scores->product.getB(), v = op.getB();
    for (Value operand : {q, k, v})
      if (getType(operand).getRank() != rank || !getType(operand).getElementType().isF32())
        return rewriter.notifyMatchFailure(op, "expected operands of one rank, of f32");
    if (getConstantValue(k) || getConstantValue(v))
      return rewriter.notifyMatchFailure(op, "a product with a constant is a contraction");
    int64_t batch = getType(op.getY()).getDimSize(0), heads = getType(q).getDimSize(1);
    for (Value operand : {q, k, v})
      if (getType(operand).getDimSize(0) != batch)
        return rewriter.notifyMatchFailure(op, "expected operands of one batch");
    if (rank == 4 && (getType(op.getY()).getDimSize(1) != heads ||
                      getType(k).getDimSize(1) != getType(v).getDimSize(1)))
      return rewriter.notifyMatchFailure(op, "queries, or keys or values alone, are broadcast");

    Location loc = op.getLoc();
    Value mask = scores->mask;
    if (rank == 4) {
      q = permute(rewriter, q, {0, 2, 1, 3});
      k = permute(rewriter, k, {0, 3, 1, 2});
      v = permute(rewriter, v, {0, 2, 1, 3});
      Value fewKeys = skipRepetition(rewriter, k), fewValues = skipRepetition(rewriter, v);
      if (getType(fewKeys).getDimSize(2) == getType(fewValues).getDimSize(2)) {
        k = fewKeys;
        v = fewValues;
      }
    } else {
      auto addHead = [&](Value value) {
        ArrayRef<int64_t> shape = getType(value).getShape();
        return reshape(rewriter, loc, value, {shape[0], shape[1], 1, shape[2]});
      };
      q = addHead(q);
      k = addHead(transpose(rewriter, loc, k, {0, 2, 1}));
      v = addHead(v);
      if (mask && getType(mask).getRank() == 3) {
        ArrayRef<int64_t> shape = getType(mask).getShape();
        mask = reshape(rewriter, loc, mask, {shape[0], 1, shape[1], shape[2]});
      }
    }
    Value y = AttentionOp::create(rewriter, loc, q, k, v, mask,
                                  rewriter.getF32FloatAttr(static_cast<float>(scores->scale)));
    if (rank == 4)
      rewriter.replaceOpWithNewOp<TransposeOp>(op, y, rewriter.getDenseI64ArrayAttr({0, 2, 1, 3}));
    else
      rewriter.replaceOpWithNewOp<ReshapeOp>(
          op, y, rewriter.getDenseI64ArrayAttr(op.getY().getType().getShape()));
    return success();
  }
};

struct RecognizeAttention : impl::RecognizeAttentionBase<RecognizeAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FormAttention>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
