// Removes ops that move elements where they cancel, and moves the rest behind unary
// ops, so that these reach the kernel that computes their operand.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_SIMPLIFYSHAPES
#include "passes/graph/Passes.h.inc"

namespace {

/// transpose(transpose(x))  ->  transpose(x)
struct ComposeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand is not transposed");
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(inner.getPermutation()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, inner.getX(), permutation);
    return success();
  }
};

/// A transpose that keeps the order of all extents but 1  ->  reshape
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    int64_t last = -1;
    for (int64_t axis : op.getPermutation()) {
      if (op.getX().getType().getDimSize(axis) == 1)
        continue;
      if (axis < last)
        return rewriter.notifyMatchFailure(op, "elements move");
      last = axis;
    }
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getX(), op.getY().getType().getShape());
    return success();
  }
};

/// concat(a, concat(b, c))  ->  concat(a, b, c), and empty operands go
struct FlattenConcat : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs;
    bool changed = false;
    for (Value input : op.getInputs()) {
      auto inner = input.getDefiningOp<ConcatOp>();
      bool empty = cast<RankedTensorType>(input.getType()).getDimSize(op.getAxis()) == 0;
      bool nested = inner && inner.getAxis() == op.getAxis() && input.hasOneUse();
      if (nested)
        llvm::append_range(inputs, inner.getInputs());
      else if (!empty)
        inputs.push_back(input);
      changed |= nested || empty;
    }
    if (!changed || inputs.empty())
      return rewriter.notifyMatchFailure(op, "no operand is an unshared concat of this axis");
    rewriter.replaceOpWithNewOp<ConcatOp>(op, inputs, op.getAxis());
    return success();
  }
};

/// slice(slice(x))  ->  slice(x)
struct ComposeSlices : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<SliceOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "the operand is not sliced");
    SmallVector<int64_t> offsets, steps;
    for (size_t i = 0; i < op.getSizes().size(); ++i) {
      int64_t step = inner.getSteps()[i];
      // Offsets of an empty slice need not lie inside.
      if (op.getSizes()[i] == 0)
        return rewriter.notifyMatchFailure(op, "the slice is empty");
      offsets.push_back(inner.getOffsets()[i] + op.getOffsets()[i] * step);
      steps.push_back(op.getSteps()[i] * step);
    }
    rewriter.replaceOpWithNewOp<SliceOp>(op, inner.getX(), offsets, op.getSizes(), steps);
    return success();
  }
};

/// gather of one index  ->  slice and reshape
struct GatherToSlice : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    ElementsAttr indices = getConstantValue(op.getIndices());
    if (!indices || indices.getNumElements() != 1)
      return rewriter.notifyMatchFailure(op, "not one constant index");
    SmallVector<char> raw = getRawElements(indices);
    int64_t index = 0;
    if (indices.getElementType().isInteger(64)) {
      std::memcpy(&index, raw.data(), sizeof(int64_t));
    } else {
      int32_t narrow;
      std::memcpy(&narrow, raw.data(), sizeof(int32_t));
      index = narrow;
    }
    RankedTensorType type = op.getX().getType();
    int64_t axis = op.getAxis(), extent = type.getDimSize(axis);
    index = std::clamp<int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
    SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
        steps(type.getRank(), 1);
    offsets[axis] = index;
    sizes[axis] = 1;
    Value slice = SliceOp::create(rewriter, getInnerLocation(op.getLoc(), "slice"), op.getX(),
                                  offsets, sizes, steps);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, slice, op.getY().getType().getShape());
    return success();
  }
};

/// An op that broadcasts its operands anyway needs none of them expanded.
struct DropExpand : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumOperands() < 2)
      return rewriter.notifyMatchFailure(op, "does not broadcast");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    for (unsigned i = 0; i < op->getNumOperands(); ++i) {
      auto expand = op->getOperand(i).getDefiningOp<ExpandOp>();
      if (!expand || getShapeWithout(op, i, expand.getX()) != type.getShape())
        continue;
      rewriter.modifyOpInPlace(op, [&] { op->setOperand(i, expand.getX()); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is expanded without need");
  }

private:
  /// The shape of the result with `x` as operand `i`.
  static SmallVector<int64_t> getShapeWithout(Operation *op, unsigned i, Value x) {
    SmallVector<int64_t> shape;
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.getOperandNumber() == i ? x : operand.get();
      shape = *broadcastShapes(shape, cast<RankedTensorType>(value.getType()).getShape());
    }
    return shape;
  }
};

/// Whether `move` is a reshape that leaves batch and channels what they are, as around a
/// convolution in one dimension.
bool keepsChannels(Operation *move) {
  auto reshape = dyn_cast<ReshapeOp>(move);
  if (!reshape)
    return false;
  ArrayRef<int64_t> from = reshape.getX().getType().getShape(), to = reshape.getShape();
  return from.size() > 1 && to.size() > 1 && from.take_front(2) == to.take_front(2);
}

/// f(move(x), c)  ->  move(f(x, c)) for an elementwise f, where x is computed by an op that f
/// can join and c is a constant or moved alike. Clips are monotonic, so that a max_pool
/// counts as a move for them.
struct SinkMove : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ElementwiseOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto it =
        llvm::find_if(op->getOpOperands(), [](OpOperand &operand) { return canSink(operand); });
    if (it == op->getOpOperands().end())
      return rewriter.notifyMatchFailure(op, "no operand is moved away from an op to join");
    int moved = it->getOperandNumber();
    Operation *move = it->get().getDefiningOp();
    Value source = move->getOperand(0);

    SmallVector<Value> operands(op->getOperands());
    for (auto [i, operand] : llvm::enumerate(operands)) {
      if (static_cast<int>(i) == moved) {
        operand = source;
        continue;
      }
      operand = moveBack(rewriter, operand, move);
      if (!operand)
        return rewriter.notifyMatchFailure(op, "another operand is not moved alike");
    }
    // Values with the same elements can share a name.
    Location loc = isa<MaxPoolOp>(move) ? getInnerLocation(op.getLoc(), "unpooled") : op.getLoc();
    Operation *computed = rewriter.create(loc, op->getName().getIdentifier(), operands,
                                          source.getType(), op->getAttrs());
    Operation *last = rewriter.clone(*move);
    last->setLoc(op->getLoc());
    last->setOperand(0, computed->getResult(0));
    rewriter.replaceOp(op, last);
    return success();
  }

private:
  static bool canSink(OpOperand &operand) {
    Operation *op = operand.getOwner(), *move = operand.get().getDefiningOp();
    bool moves = isa_and_nonnull<ReshapeOp, TransposeOp, DepthToSpaceOp>(move) ||
                 (isa_and_nonnull<MaxPoolOp>(move) && isa<ReluOp, ClipOp>(op));
    return moves && operand.get().getType() == op->getResult(0).getType() && move->hasOneUse() &&
           move->getOperand(0).hasOneUse() && canJoin(move->getOperand(0).getDefiningOp());
  }

  /// What takes the place of `operand` before the move, or null.
  static Value moveBack(PatternRewriter &rewriter, Value operand, Operation *move) {
    if (std::optional<float> splat = getSplat(operand))
      return createConstant(rewriter, operand.getLoc(), {}, *splat);
    auto type = cast<RankedTensorType>(move->getResult(0).getType());
    if (Operation *other = operand.getDefiningOp();
        other && other->getName() == move->getName() && operand.getType() == type &&
        other->getAttrDictionary() == move->getAttrDictionary() &&
        other->getOperand(0).getType() == move->getOperand(0).getType())
      return other->getOperand(0);
    std::optional<SmallVector<double>> channels;
    if (keepsChannels(move))
      channels = getChannelValues(operand, type, 1);
    if (!channels)
      return {};
    auto source = cast<RankedTensorType>(move->getOperand(0).getType());
    SmallVector<int64_t> shape(source.getRank(), 1);
    shape[1] = source.getDimSize(1);
    return createConstant(rewriter, operand.getLoc(), shape,
                          SmallVector<float>(channels->begin(), channels->end()));
  }

  static bool canJoin(Operation *producer) {
    // A batch_norm is folded or becomes elementwise later.
    if (isa_and_nonnull<BatchNormOp>(producer))
      return true;
    auto quantizable = dyn_cast_or_null<QuantizableOpInterface>(producer);
    if (!quantizable)
      return false;
    QuantizationRole role = quantizable.getQuantizationRole();
    return role == QuantizationRole::Contraction || role == QuantizationRole::Averaging ||
           role == QuantizationRole::Real;
  }
};

/// batch_norm(reshape(x))  ->  reshape(batch_norm(x)) where channels stay in place
struct SinkBelowBatchNorm : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getX().getDefiningOp<ReshapeOp>();
    if (!reshape || !reshape->hasOneUse() || !keepsChannels(reshape))
      return rewriter.notifyMatchFailure(op, "x is not an unshared reshape of its plane");
    Value y =
        BatchNormOp::create(rewriter, op.getLoc(), reshape.getX(), op.getScale(), op.getBias(),
                            op.getMean(), op.getVariance(), op.getEpsilonAttr());
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, y, reshape.getShape());
    return success();
  }
};

/// A resize to the same extents  ->  x
struct DropResize : OpRewritePattern<ResizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ResizeOp op, PatternRewriter &rewriter) const override {
    bool same = op.getX().getType() == op.getY().getType() &&
                llvm::all_of(op.getScales(), [](float scale) { return scale == 1.0f; });
    if (!same)
      return rewriter.notifyMatchFailure(op, "elements are resampled");
    rewriter.replaceOp(op, op.getX());
    return success();
  }
};

struct SimplifyShapes : impl::SimplifyShapesBase<SimplifyShapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ComposeTransposes, TransposeToReshape, FlattenConcat, ComposeSlices, GatherToSlice,
                 DropExpand, SinkMove, SinkBelowBatchNorm, DropResize>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
