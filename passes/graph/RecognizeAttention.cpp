// softmax(scale * q k^T + mask) v in the order of heads, batches and rows that exporters use
// (what lies between product and softmax is read in AttentionScores.cpp) becomes one op on operands
// whose heads lie side by side, as the projections before it write them. The transposes that this
// order takes are written out here; SimplifyShapes composes them with those of the exporter, and
// mostly nothing is left.

#include "dialect/LogicOps.h"
#include "dialect/TransformerOps.h"
#include "passes/graph/AttentionScores.h"
#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include <numeric>

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

/// `value` before factors of one value, which may stand behind reshapes and transposes, and
/// their product.
std::pair<Value, double> takeScale(OpBuilder &builder, Value value) {
  SmallVector<Operation *> moves;
  double scale = 1;
  Value source = value;
  bool isScaled = false;
  while (Operation *op = source.getDefiningOp()) {
    if (isa<TransposeOp, ReshapeOp>(op)) {
      moves.push_back(op);
      source = op->getOperand(0);
      continue;
    }
    int scaled = -1;
    for (int i = 0; isa<MulOp, DivOp>(op) && i < (isa<DivOp>(op) ? 1 : 2); ++i)
      if (op->getOperand(i).getType() == op->getResult(0).getType() &&
          getSplat(op->getOperand(1 - i)))
        scaled = i;
    if (scaled < 0)
      break;
    double number = *getSplat(op->getOperand(1 - scaled));
    scale *= isa<DivOp>(op) ? 1 / number : number;
    source = op->getOperand(scaled);
    isScaled = true;
  }
  if (!isScaled || !isUsualScale(scale))
    return {value, 1.0};
  for (Operation *move : llvm::reverse(moves)) {
    Operation *moved = builder.clone(*move);
    moved->setOperand(0, source);
    moved->getResult(0).setType(move->getResult(0).getType());
    source = moved->getResult(0);
  }
  return {source, scale};
}

/// The weights of a product with values: a softmax of rows, which other ops use at most to
/// replace its NaNs by zeros.
struct Weights {
  SoftmaxOp softmax;
  bool replacesNan = false;

  static std::optional<Weights> read(Value value) {
    Weights weights;
    while (auto reshape = value.getDefiningOp<ReshapeOp>()) {
      ArrayRef<int64_t> from = getType(reshape.getX()).getShape(), to = getType(value).getShape();
      if (!value.hasOneUse() || from.size() < 2 || to.size() < 2 ||
          from.take_back(2) != to.take_back(2))
        return std::nullopt;
      value = reshape.getX();
    }
    unsigned uses = 1;
    if (auto choice = value.getDefiningOp<SelectOp>()) {
      auto isNan = choice.getCondition().getDefiningOp<CompareOp>();
      if (!isNan || isNan.getKind() != ComparePredicate::NotEqual || isNan.getA() != isNan.getB() ||
          isNan.getA() != choice.getB() || getSplat(choice.getA()) != 0.0f || !value.hasOneUse() ||
          !isNan.getY().hasOneUse())
        return std::nullopt;
      value = choice.getB();
      weights.replacesNan = true;
      uses = 3;
    }
    weights.softmax = value.getDefiningOp<SoftmaxOp>();
    bool isOfRows = weights.softmax &&
                    static_cast<int64_t>(weights.softmax.getAxis()) == getType(value).getRank() - 1;
    if (!isOfRows || !value.hasNUses(uses))
      return std::nullopt;
    return weights;
  }
};

/// Two leading extents of `count` matrices that spare transposes: those that `operand`
/// is reshaped from.
std::array<int64_t, 2> divideMatrices(Value operand, int64_t count) {
  auto reshape = operand.getDefiningOp<ReshapeOp>();
  if (reshape && getType(reshape.getX()).getRank() == 4) {
    ArrayRef<int64_t> shape = getType(reshape.getX()).getShape();
    if (shape[0] * shape[1] == count)
      return {shape[0], shape[1]};
  }
  // [length, batch, heads * size] as [length, batch * heads, size], then transposed.
  auto moved = operand.getDefiningOp<TransposeOp>();
  reshape = moved ? moved.getX().getDefiningOp<ReshapeOp>() : ReshapeOp();
  if (reshape && moved.getPermutation().front() == 1 && getType(reshape.getX()).getRank() == 3) {
    ArrayRef<int64_t> shape = getType(reshape.getX()).getShape();
    if (shape[1] > 0 && count % shape[1] == 0 && shape[0] == getType(moved.getX()).getDimSize(0))
      return {shape[1], count / shape[1]};
  }
  return {count, 1};
}

struct FormAttention : OpRewritePattern<MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    // weights v, or the transpose of both: v^T weights^T.
    std::optional<Weights> weights = Weights::read(op.getA());
    bool isSwapped = !weights;
    if (auto turned = op.getB().getDefiningOp<TransposeOp>();
        isSwapped && turned && turned.getY().hasOneUse() && swapsMatrices(turned))
      weights = Weights::read(turned.getX());
    if (!weights || op.getBias())
      return rewriter.notifyMatchFailure(op, "does not multiply the softmax of rows");
    std::optional<AttentionScores> scores = AttentionScores::read(weights->softmax.getX());
    if (!scores)
      return rewriter.notifyMatchFailure(op, "scores are not a matrix product");
    Value q = scores->getProduct().getA(), k = scores->getProduct().getB(),
          v = isSwapped ? op.getA() : op.getB();
    for (Value operand : {q, k, v})
      if (getType(operand).getRank() < 2 || !getType(operand).getElementType().isF32())
        return rewriter.notifyMatchFailure(op, "expected matrices of f32");
    if (getConstantValue(k) || getConstantValue(v))
      return rewriter.notifyMatchFailure(op, "a product with a constant is a contraction");
    if (getType(op.getY()).getNumElements() == 0 ||
        getType(scores->getProduct().getY()).getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no elements");
    if (countMatrices(op.getY()) != countMatrices(scores->getProduct().getY()))
      return rewriter.notifyMatchFailure(op, "weights are broadcast");

    auto [realQ, scaleQ] = takeScale(rewriter, q);
    auto [realK, scaleK] = takeScale(rewriter, k);
    double scale = scores->getScale() * scaleQ * scaleK;
    std::array<int64_t, 2> leading = getLeading(*scores, realQ);
    Value mask = scores->buildMask(rewriter, leading[0], leading[1]);
    ArrayRef<int64_t> products = getType(scores->getProduct().getY()).getShape().drop_back(2),
                      results = getType(op.getY()).getShape().drop_back(2);
    bool sharesKeys = sharesHeads(realK, products) && sharesHeads(v, results);
    q = getMatrices(rewriter, realQ, products, leading);
    k = getMatrices(rewriter, realK, products, leading, sharesKeys);
    v = getMatrices(rewriter, v, results, leading, sharesKeys);
    q = permute(rewriter, q, {0, 2, 1, 3});
    k = permute(rewriter, k, {0, 3, 1, 2});
    v = permute(rewriter, v, ArrayRef<int64_t>(isSwapped ? kSwapped : kStraight));
    Value fewKeys = skipRepetition(rewriter, k), fewValues = skipRepetition(rewriter, v);
    if (getType(fewKeys).getDimSize(2) == getType(fewValues).getDimSize(2)) {
      k = fewKeys;
      v = fewValues;
    }
    Location loc = op.getLoc();
    Value y = AttentionOp::create(rewriter, loc, q, k, v, mask,
                                  rewriter.getF32FloatAttr(static_cast<float>(scale)));
    if (weights->replacesNan && mayHideAllKeys(mask)) {
      Location inner = getInnerLocation(loc, "guard");
      Value isNan = CompareOp::create(rewriter, inner, y, y, ComparePredicate::NotEqual);
      y = SelectOp::create(rewriter, inner, isNan, createConstant(rewriter, inner, {}, 0.0f), y);
    }
    y = transpose(rewriter, getInnerLocation(loc, "heads"), y,
                  isSwapped ? ArrayRef<int64_t>{0, 2, 3, 1} : ArrayRef<int64_t>{0, 2, 1, 3});
    rewriter.replaceOpWithNewOp<ReshapeOp>(
        op, y, rewriter.getDenseI64ArrayAttr(op.getY().getType().getShape()));
    return success();
  }

private:
  static constexpr int64_t kStraight[] = {0, 2, 1, 3}, kSwapped[] = {0, 3, 1, 2};

  static bool swapsMatrices(TransposeOp op) {
    SmallVector<int64_t> expected(op.getPermutation().size());
    std::iota(expected.begin(), expected.end(), 0);
    if (expected.size() < 2)
      return false;
    std::swap(expected[expected.size() - 2], expected.back());
    return op.getPermutation() == ArrayRef(expected);
  }

  static int64_t countMatrices(Value value) {
    return ShapedType::getNumElements(getType(value).getShape().drop_back(2));
  }

  /// [batch, heads] of the product of queries and keys.
  static std::array<int64_t, 2> getLeading(const AttentionScores &scores, Value q) {
    ArrayRef<int64_t> shape = getType(scores.getProduct().getY()).getShape().drop_back(2);
    int64_t count = ShapedType::getNumElements(shape);
    if (shape.size() == 1)
      if (std::optional<std::array<int64_t, 2>> known = scores.getBatchAndHeads())
        return *known;
    if (shape.size() == 1)
      return divideMatrices(q, count);
    if (shape.empty())
      return {1, 1};
    return {count / shape.back(), shape.back()};
  }

  /// Whether one matrix serves all heads of its image.
  static bool sharesHeads(Value value, ArrayRef<int64_t> leading) {
    ArrayRef<int64_t> own = getType(value).getShape().drop_back(2);
    return leading.size() == 2 && own.size() == 2 && own[0] == leading[0] && own[1] == 1;
  }

  /// `value`, whose leading dimensions broadcast to `from`, as [batch, heads, ., .].
  static Value getMatrices(OpBuilder &builder, Value value, ArrayRef<int64_t> from,
                           std::array<int64_t, 2> leading, bool isShared = false) {
    if (isShared)
      return value;
    ArrayRef<int64_t> matrix = getType(value).getShape().take_back(2);
    SmallVector<int64_t> whole(from), divided(leading.begin(), leading.end());
    whole.append(matrix.begin(), matrix.end());
    divided.append(matrix.begin(), matrix.end());
    if (getType(value).getShape() != ArrayRef(whole))
      value = ExpandOp::create(builder, value.getLoc(), value, builder.getDenseI64ArrayAttr(whole));
    return whole == divided ? value : reshape(builder, value.getLoc(), value, divided);
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
