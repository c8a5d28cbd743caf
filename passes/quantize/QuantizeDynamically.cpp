// Scales that are found at run time need no kernel of their own: an activation divided by its
// largest magnitude has a range that is known at compile time, and what it was divided by
// is a factor of the contraction's result. So a dynamic contraction is a static one
// between two ops that other code has long known.
//
// The zero point stays constant, which keeps padding free: 128 in general, 0 where the
// values cannot be negative, which is most of what follows a relu.

#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_QUANTIZEDYNAMICALLY
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

bool isNeverNegative(Value value, unsigned depth = 0) {
  constexpr unsigned kFarEnough = 16;
  Operation *op = value.getDefiningOp();
  if (!op || depth == kFarEnough)
    return false;
  if (isa<ReluOp, SigmoidOp, HardSigmoidOp, ExpOp, AbsOp, SqrtOp, SoftmaxOp>(op))
    return true;
  if (auto clip = dyn_cast<ClipOp>(op))
    return clip.getLow().convertToDouble() >= 0;
  if (isa<MaxPoolOp, AveragePoolOp, ReshapeOp, TransposeOp, SliceOp, ConcatOp, DepthToSpaceOp,
          AddOp, MulOp>(op))
    return llvm::all_of(op->getOperands(),
                        [&](Value operand) { return isNeverNegative(operand, depth + 1); });
  return false;
}

struct QuantizeDynamically : impl::QuantizeDynamicallyBase<QuantizeDynamically> {
  void runOnOperation() override {
    scaled.clear();
    for (Block &block : getOperation().getBody())
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (!isInt8(&op) || hasOwnBorders(&op))
          continue;
        QuantizationRole role = getRole(&op);
        if (role == QuantizationRole::Contraction)
          quantize(&op);
        else if (role == QuantizationRole::Real)
          setPrecision(&op, Precision::Int8); // In the group of a contraction, or by itself f32.
        else
          fallBackToF32(&op, "reads f32");
      }
  }

private:
  /// An activation over its scale, as integers and back, and the scale.
  struct Scaled {
    Value value, scale;
  };

  void setPrecision(Operation *op, Precision precision) {
    op->setAttr(kPrecisionAttr, PrecisionAttr::get(&getContext(), precision));
    op->setAttr(kReasonAttr, StringAttr::get(&getContext(), kDynamicReason));
  }

  static Value makeScalar(OpBuilder &b, Location loc, double value) {
    return ConstantOp::create(b, loc,
                              DenseElementsAttr::get(RankedTensorType::get({}, b.getF32Type()),
                                                     b.getF32FloatAttr(value)));
  }

  Scaled scale(Value x, Location loc) {
    auto [it, isNew] = scaled.try_emplace(x);
    if (!isNew)
      return it->second;
    OpBuilder b(&getContext());
    b.setInsertionPointAfterValue(x);
    auto type = cast<RankedTensorType>(x.getType());
    auto scalar = RankedTensorType::get({}, b.getF32Type());
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    bool isPositive = isNeverNegative(x);
    Value largest = ReduceOp::create(b, loc, scalar, x, ReduceKind::Max, axes, false);
    if (!isPositive) {
      Value least = ReduceOp::create(b, loc, scalar, x, ReduceKind::Min, axes, false);
      largest = MaxOp::create(b, loc, largest, NegOp::create(b, loc, least));
    }
    // A tensor of zeros has a scale, too; its reciprocal is still an f32.
    constexpr double kSmallest = 0x1p-100;
    largest = MaxOp::create(b, loc, largest, makeScalar(b, loc, kSmallest));
    int64_t zeroPoint = isPositive ? 0 : 128, steps = isPositive ? 255 : 127;
    Value factor = DivOp::create(b, loc, makeScalar(b, loc, steps), largest);
    auto storage = quant::UniformQuantizedType::get(
        /*flags=*/0, b.getI8Type(), b.getF32Type(), /*scale=*/1, zeroPoint,
        /*storageTypeMin=*/0, /*storageTypeMax=*/255);
    Value q = QuantizeOp::create(b, loc, withElementType(type, storage),
                                 MulOp::create(b, loc, x, factor));
    it->second = {DequantizeOp::create(b, loc, type, q),
                  DivOp::create(b, loc, largest, makeScalar(b, loc, steps))};
    return it->second;
  }

  // y = f(x, w) + b  ->  y = f(x / s, w) * s + b
  void quantize(Operation *op) {
    Location loc = op->getLoc();
    Scaled x = scale(op->getOperand(0), loc);
    Value y = op->getResult(0);
    OpBuilder b(&getContext());
    b.setInsertionPointAfter(op);
    op->setOperand(0, x.value);
    setPrecision(op, Precision::Int8);
    Operation *product = MulOp::create(b, loc, y, x.scale), *last = product;
    setPrecision(product, Precision::Int8);
    if (op->getNumOperands() > 2) {
      last = AddOp::create(b, loc, product->getResult(0), spreadBias(b, op));
      setPrecision(last, Precision::Int8);
      op->eraseOperand(2);
    }
    y.replaceUsesWithIf(last->getResult(0),
                        [&](OpOperand &use) { return use.getOwner() != product; });
  }

  /// The bias in a shape that broadcasts along the channels of the result.
  static Value spreadBias(OpBuilder &b, Operation *op) {
    Value bias = op->getOperand(2);
    if (!isa<ConvOp>(op))
      return bias;
    auto result = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> shape(result.getRank(), 1);
    shape[1] = result.getDimSize(1);
    auto type = RankedTensorType::get(shape, b.getF32Type());
    auto flat =
        reference::Tensor::fromAttr(getConstantValue(bias), cast<RankedTensorType>(bias.getType()));
    return ConstantOp::create(
        b, bias.getLoc(), type,
        reference::Tensor(type, flat.bytes()).toAttr(getTensorName(bias.getLoc())));
  }

  llvm::DenseMap<Value, Scaled> scaled;
};

} // namespace

} // namespace octet
