// A model may bring integers in forms that no kernel has: activations of s8 or of four bits,
// weights of u8 or with a zero point, weights behind a transpose, a bias that is added behind a
// matrix product. Each has an equal form that kernels take; it is made here, so that the stages
// behind this one know u8 activations and symmetric s8 weights alone (rule Q20). No value changes.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include "dialect/StoredConstant.h"
#include "dialect/reference/Evaluate.h"
#include "dialect/reference/QuantRules.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_NORMALIZEBORDERS
#include "passes/graph/Passes.h.inc"

namespace {

quant::QuantizedType getByteType(Value value) {
  auto type = dyn_cast<quant::QuantizedType>(getElementTypeOrSelf(value));
  return type && type.getStorageTypeIntegralWidth() == 8 ? type : quant::QuantizedType();
}

// The dimension of `to` that dimension `axis` of `from` becomes in a reshape.
std::optional<int64_t> findReshapedAxis(ArrayRef<int64_t> from, int64_t axis,
                                        ArrayRef<int64_t> to) {
  int64_t outer = 1, seen = 1;
  for (int64_t extent : from.take_front(axis))
    outer *= extent;
  for (auto [i, extent] : llvm::enumerate(to)) {
    if (seen == outer && extent == from[axis])
      return i;
    seen *= extent;
  }
  return std::nullopt;
}

struct NormalizeBorders : impl::NormalizeBordersBase<NormalizeBorders> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block))
        if (isa<ReshapeOp, TransposeOp>(op) && failed(moveStored(&op)))
          return signalPassFailure();
      for (AddOp add : llvm::make_early_inc_range(block.getOps<AddOp>()))
        takeBias(add);
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (auto constant = dyn_cast<ConstantOp>(op))
          makeSymmetric(constant);
        else if (auto quantize = dyn_cast<QuantizeOp>(op))
          makeUnsigned(quantize);
      }
      for (Operation &op : llvm::make_early_inc_range(block))
        splitWeights(&op);
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isa<ConstantOp, DequantizeOp>(op) && op.use_empty())
          op.erase();
    }
  }

private:
  /// move(dequantize(constant))  ->  dequantize(moved constant)
  static LogicalResult moveStored(Operation *move) {
    ConstantOp constant = getStoredConstant(move->getOperand(0));
    if (!constant)
      return success();
    Type element = constant.getY().getType().getElementType();
    auto shape = cast<RankedTensorType>(move->getResult(0).getType()).getShape();
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element)) {
      auto axis = findMovedAxis(move, perAxis.getQuantizedDimension());
      if (!axis)
        return success(); // It is folded to f32 with the other constants.
      element = quant::UniformQuantizedPerAxisType::get(
          perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
          perAxis.getScales(), perAxis.getZeroPoints(), *axis, perAxis.getStorageTypeMin(),
          perAxis.getStorageTypeMax());
    }
    OpBuilder builder(move);
    // As plain integers, which have no axis that a move could get wrong.
    auto plain = ConstantOp::create(builder, move->getLoc(), constant.getValue());
    Operation *moved = builder.clone(*move);
    moved->setOperand(0, plain.getY());
    moved->getResult(0).setType(
        RankedTensorType::get(shape, plain.getY().getType().getElementType()));
    FailureOr<SmallVector<ElementsAttr>> values = reference::foldConstants(moved);
    moved->erase();
    plain.erase();
    if (failed(values))
      return failure();
    auto stored = ConstantOp::create(builder, move->getLoc(), RankedTensorType::get(shape, element),
                                     values->front());
    auto real = DequantizeOp::create(builder, move->getLoc(), move->getResult(0).getType(), stored);
    move->getResult(0).replaceAllUsesWith(real.getY());
    move->erase();
    return success();
  }

  static std::optional<int64_t> findMovedAxis(Operation *move, int64_t axis) {
    if (auto transpose = dyn_cast<TransposeOp>(move))
      return llvm::find(transpose.getPermutation(), axis) - transpose.getPermutation().begin();
    auto reshape = cast<ReshapeOp>(move);
    return findReshapedAxis(reshape.getX().getType().getShape(), axis, reshape.getShape());
  }

  /// a * b + dequantize(integers of 32 bits)  ->  a * b with that bias: ONNX has a product with
  /// a bias for matrices alone (Gemm).
  static void takeBias(AddOp add) {
    auto product = add.getA().getDefiningOp<MatMulOp>();
    Value bias = product ? add.getB() : add.getA();
    if (!product)
      product = add.getB().getDefiningOp<MatMulOp>();
    ConstantOp integers = getStoredConstant(bias);
    if (!product || !integers || product.getBias() || !product.getY().hasOneUse() ||
        product.getB().getType().getRank() != 2 || !getStoredConstant(product.getB()) ||
        !product.getA().getDefiningOp<DequantizeOp>())
      return;
    auto type = cast<quant::QuantizedType>(integers.getY().getType().getElementType());
    ArrayRef<int64_t> shape = product.getY().getType().getShape();
    if (type.getStorageTypeIntegralWidth() != 32 || add.getY().getType().getShape() != shape ||
        integers.getY().getType().getShape() != shape.take_back())
      return;
    // Both may stand between the two.
    integers->moveBefore(product);
    bias.getDefiningOp()->moveBefore(product);
    product.getBiasMutable().assign(bias);
    product->setLoc(add.getLoc());
    add.getY().replaceAllUsesWith(product.getY());
    add.erase();
  }

  // s8 becomes u8 by adding 128 to values and zero point. Integers of less than a byte become
  // bytes of real values that are clipped to their range: the quotient of a rounded bound and
  // the scale is next to the integer.
  static void makeUnsigned(QuantizeOp quantize) {
    auto type = dyn_cast_or_null<quant::UniformQuantizedType>(getByteType(quantize.getY()));
    if (!type || !llvm::all_of(quantize.getY().getUsers(), llvm::IsaPred<DequantizeOp>))
      return;
    int64_t shift = type.isSigned() ? 128 : 0;
    int64_t low = type.getStorageTypeMin(), high = type.getStorageTypeMax();
    if (low + shift != 0 || high + shift != UINT8_MAX) {
      auto getReal = [&](int64_t q) {
        return APFloat(reference::dequantize(q, reference::getScale(type)));
      };
      OpBuilder builder(quantize);
      quantize.getXMutable().assign(ClipOp::create(builder,
                                                   getInnerLocation(quantize.getLoc(), "clipped"),
                                                   quantize.getX(), getReal(low), getReal(high)));
    }
    auto shifted = quant::UniformQuantizedType::get(
        /*flags=*/0, type.getStorageType(), type.getExpressedType(), type.getScale(),
        type.getZeroPoint() + shift, /*storageTypeMin=*/0, /*storageTypeMax=*/UINT8_MAX);
    quantize.getY().setType(withElementType(quantize.getY().getType(), shifted));
  }

  // Bytes less their zero points.
  static SmallVector<int64_t> getDifferences(ConstantOp constant) {
    auto type = cast<quant::QuantizedType>(constant.getY().getType().getElementType());
    reference::Tensor stored =
        reference::Tensor::fromAttr(constant.getValue(), constant.getY().getType());
    reference::IndexList channels = reference::listChannels(stored.getType());
    SmallVector<int64_t> differences;
    for (int64_t i = 0; i < stored.size(); ++i)
      differences.push_back(stored.getInteger(i) -
                            reference::getScale(type, channels[i]).zeroPoint);
    return differences;
  }

  // A constant like `like` that holds these as s8 with zero points of 0, or null where it
  // cannot. The range of the type says whether -128 is among them.
  static ConstantOp createSymmetric(OpBuilder &builder, ConstantOp like, Location loc,
                                    ArrayRef<int64_t> integers) {
    int64_t low = -127, high = 127;
    for (int64_t q : integers) {
      low = std::min(low, q);
      high = std::max(high, q);
    }
    if (low < -128 || high > 127)
      return {};
    auto type = cast<quant::QuantizedType>(like.getY().getType().getElementType());
    Type element;
    constexpr unsigned kSigned = quant::QuantizationFlags::Signed;
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
      element = quant::UniformQuantizedPerAxisType::get(
          kSigned, type.getStorageType(), type.getExpressedType(), perAxis.getScales(),
          SmallVector<int64_t>(perAxis.getScales().size(), 0), perAxis.getQuantizedDimension(), low,
          high);
    else
      element = quant::UniformQuantizedType::get(
          kSigned, type.getStorageType(), type.getExpressedType(),
          cast<quant::UniformQuantizedType>(type).getScale(), /*zeroPoint=*/0, low, high);
    reference::Tensor result(withElementType(like.getY().getType(), element));
    for (auto [i, q] : llvm::enumerate(integers))
      result.setInteger(i, q);
    return ConstantOp::create(builder, loc, result.getType(), result.toAttr(getTensorName(loc)));
  }

  static void makeSymmetric(ConstantOp constant) {
    if (!getByteType(constant.getY()))
      return;
    OpBuilder builder(constant);
    ConstantOp symmetric =
        createSymmetric(builder, constant, constant.getLoc(), getDifferences(constant));
    if (!symmetric)
      return;
    constant.getY().replaceAllUsesWith(symmetric.getY());
    constant.erase();
  }

  // Differences of nine bits are the sum of two weights of s8 (255 of three), and the contraction
  // is the sum of as many: f(x, a + b)  ->  f(x, a) + f(x, b). More arithmetic, but in integers.
  static void splitWeights(Operation *op) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    if (!quantizable || quantizable.getQuantizationRole() != QuantizationRole::Contraction ||
        !op->getOperand(0).getDefiningOp<DequantizeOp>())
      return;
    ConstantOp weights = getStoredConstant(op->getOperand(1));
    quant::QuantizedType type = weights ? getByteType(weights.getY()) : quant::QuantizedType();
    auto perAxis = dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(type);
    if (!type || isSymmetric(type, perAxis ? perAxis.getQuantizedDimension() : 0))
      return;
    OpBuilder builder(op);
    Location loc = getInnerLocation(op->getLoc(), "part");
    Type real = op->getOperand(1).getType();
    SmallVector<int64_t> rest = getDifferences(weights);
    SmallVector<Value> parts;
    while (llvm::any_of(rest, [](int64_t q) { return q != 0; })) {
      SmallVector<int64_t> part;
      for (int64_t &q : rest) {
        part.push_back(std::clamp<int64_t>(q, -127, 127));
        q -= part.back();
      }
      parts.push_back(
          DequantizeOp::create(builder, loc, real, createSymmetric(builder, weights, loc, part)));
    }
    Value x = op->getOperand(0), whole = op->getResult(0), sum = whole;
    op->setOperand(1, parts[0]);
    builder.setInsertionPointAfter(op);
    SmallVector<Operation *> sums;
    for (Value part : ArrayRef(parts).drop_front()) {
      Operation *next = builder.clone(*op);
      next->setLoc(loc);
      next->setOperands({x, part}); // The bias is added once.
      auto added = AddOp::create(builder, loc, sum, next->getResult(0));
      sums.push_back(added);
      sum = added;
    }
    sums.back()->setLoc(getInnerLocation(op->getLoc(), "sum"));
    whole.replaceUsesWithIf(
        sum, [&](OpOperand &use) { return !llvm::is_contained(sums, use.getOwner()); });
  }
};

} // namespace
} // namespace octet
