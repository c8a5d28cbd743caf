// Integers are a quarter of the bytes, so whatever only moves elements moves
// integers. Borders only ever go down, from producers to readers, which ends
// after one walk in program order.

#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_PROPAGATEQDQ
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct PropagateQdq : impl::PropagateQdqBase<PropagateQdq> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (auto quantize = dyn_cast<QuantizeOp>(op))
          moveUp(quantize);
      for (Operation &op : llvm::make_early_inc_range(block)) {
        if (isa<FusedOp>(op) || !isInt8(&op) || !movesIntegers(&op))
          continue;
        if (auto concat = dyn_cast<ConcatOp>(op))
          quantizeConcat(concat);
        else
          moveDown(&op);
      }
      cancelPairs(block);
      eraseDeadOps(block);
    }
  }

private:
  // A move whose result is only quantized can move integers, wherever its operand comes from.
  static void moveUp(QuantizeOp quantize) {
    Operation *move = quantize.getX().getDefiningOp();
    // A reshape costs nothing in any precision, and lets the border into a kernel.
    bool mayMove = move && (isInt8(move) || isa<ReshapeOp>(move));
    if (!mayMove || isa<ConcatOp, FusedOp>(move) || !movesIntegers(move) ||
        !quantize.getX().hasOneUse() || move->getOperand(0).getDefiningOp<DequantizeOp>())
      return;
    auto type = dyn_cast<quant::UniformQuantizedType>(quantize.getY().getType().getElementType());
    if (!type)
      return;
    OpBuilder builder(move);
    auto real = cast<RankedTensorType>(move->getOperand(0).getType());
    Value stored = QuantizeOp::create(builder, quantize.getLoc(), withElementType(real, type),
                                      move->getOperand(0));
    move->setOperand(0, stored);
    move->getResult(0).setType(quantize.getY().getType());
    quantize.getY().replaceAllUsesWith(move->getResult(0));
    quantize.erase();
  }

  static void moveDown(Operation *op) {
    auto dequantize = op->getOperand(0).getDefiningOp<DequantizeOp>();
    if (!dequantize)
      return;
    OpBuilder builder(op);
    auto real = cast<RankedTensorType>(op->getResult(0).getType());
    Type element = dequantize.getX().getType().getElementType();
    if (!isa<quant::UniformQuantizedType>(element))
      return;
    Operation *moved = builder.clone(*op);
    moved->setOperand(0, dequantize.getX());
    moved->getResult(0).setType(withElementType(real, element));
    auto restored = DequantizeOp::create(builder, op->getLoc(), real, moved->getResult(0));
    op->getResult(0).replaceAllUsesWith(restored.getY());
  }

  // Only where the result is stored: then its parameters are known.
  static void quantizeConcat(ConcatOp concat) {
    if (!concat.getY().hasOneUse())
      return;
    auto quantize = dyn_cast<QuantizeOp>(*concat.getY().getUsers().begin());
    if (!quantize)
      return;
    Type element = quantize.getY().getType().getElementType();
    OpBuilder builder(concat);
    SmallVector<Value> operands;
    for (Value operand : concat.getInputs())
      operands.push_back(getStored(builder, operand, element));
    auto joined = ConcatOp::create(builder, concat.getLoc(), quantize.getY().getType(), operands,
                                   concat.getAxis());
    for (StringRef name : {kPrecisionAttr, kReasonAttr})
      joined->setAttr(name, concat->getAttr(name));
    quantize.getY().replaceAllUsesWith(joined.getY());
    // The walk may stand on the quantize next; it dies with the other dead ops.
  }

  static Value getStored(OpBuilder &builder, Value value, Type element) {
    auto type = withElementType(cast<RankedTensorType>(value.getType()), element);
    if (ElementsAttr constant = getConstantValue(value)) {
      reference::Tensor real =
          reference::Tensor::fromAttr(constant, cast<RankedTensorType>(value.getType()));
      reference::Tensor stored(type);
      auto uniform = cast<quant::UniformQuantizedType>(element);
      for (int64_t i = 0; i < real.size(); ++i)
        stored.setInteger(i, quantizeElement(real.getFloat(i), uniform));
      return ConstantOp::create(builder, value.getLoc(), type,
                                stored.toAttr(getTensorName(value.getLoc())));
    }
    if (auto dequantize = value.getDefiningOp<DequantizeOp>()) {
      if (dequantize.getX().getType().getElementType() == element)
        return dequantize.getX();
      return RequantizeOp::create(builder, value.getLoc(), type, dequantize.getX());
    }
    return QuantizeOp::create(builder, value.getLoc(), type, value);
  }

  static void cancelPairs(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto quantize = dyn_cast<QuantizeOp>(op);
      if (!quantize || !quantize.getX().getDefiningOp<DequantizeOp>())
        continue;
      OpBuilder builder(quantize);
      quantize.getY().replaceAllUsesWith(
          getStored(builder, quantize.getX(), quantize.getY().getType().getElementType()));
    }
  }
};

} // namespace

} // namespace octet
