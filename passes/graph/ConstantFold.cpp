// Evaluates ops whose operands are all constants, with the reference evaluator: a
// folded graph computes what the unfolded one does by definition.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include "dialect/StoredConstant.h"
#include "dialect/reference/Evaluate.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_CONSTANTFOLD
#include "passes/graph/Passes.h.inc"

namespace {

/// Results up to this size are folded even if they are larger than their operands.
constexpr int64_t kSmallBytes = 1 << 16;

int64_t getBytes(TypeRange types) {
  int64_t bytes = 0;
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    bytes += tensor.getNumElements() * getElementBytes(tensor.getElementType());
  }
  return bytes;
}

struct ConstantFold : impl::ConstantFoldBase<ConstantFold> {
  using Base::Base;

  void runOnOperation() override {
    // Operands come before their uses, so one pass over the block folds chains.
    for (Block &block : getOperation().getBody())
      for (Operation &op : llvm::make_early_inc_range(block))
        if (shouldFold(&op) && failed(fold(&op)))
          return signalPassFailure();
    for (Block &block : getOperation().getBody())
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isa<ConstantOp>(op) && op.use_empty())
          op.erase();
  }

private:
  bool shouldFold(Operation *op) {
    if (!reference::isFoldable(op, maxBytes))
      return false;
    if (isa<DequantizeOp>(op))
      return !llvm::all_of(op->getUses(), isContractionParameter);
    // An expanded splat would only fill the file with copies.
    int64_t bytes = getBytes(op->getResultTypes());
    return bytes <= maxBytes &&
           (bytes <= kSmallBytes || bytes <= 2 * getBytes(op->getOperandTypes()));
  }

  LogicalResult fold(Operation *op) {
    FailureOr<SmallVector<ElementsAttr>> values = reference::foldConstants(op);
    if (failed(values))
      return failure();
    OpBuilder builder(op);
    for (auto [result, value] : llvm::zip(op->getResults(), *values)) {
      Value constant = ConstantOp::create(builder, op->getLoc(), result.getType(), value);
      result.replaceUsesWithIf(constant, [&](OpOperand &use) {
        return !isa<DequantizeOp>(op) || !isContractionParameter(use);
      });
    }
    if (op->use_empty())
      op->erase();
    return success();
  }
};

} // namespace
} // namespace octet
