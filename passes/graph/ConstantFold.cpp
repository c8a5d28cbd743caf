// Evaluates ops whose operands are all constants, with the reference evaluator: a
// folded graph computes what the unfolded one does by definition.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include "dialect/StoredConstant.h"
#include "dialect/reference/Evaluate.h"

#include <cmath>

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

/// Multiplications or copies of elements that evaluating `op` takes, about.
double getWork(Operation *op) {
  auto count = [](Value value) {
    return static_cast<double>(cast<RankedTensorType>(value.getType()).getNumElements());
  };
  double elements = 0;
  for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults()))
    elements += count(value);
  auto role = dyn_cast<QuantizableOpInterface>(op);
  if (!role || role.getQuantizationRole() != QuantizationRole::Contraction)
    return elements;
  // [M, K] by [K, N] to [M, N]: M * K * N.
  return elements +
         std::sqrt(count(op->getOperand(0)) * count(op->getOperand(1)) * count(op->getResult(0)));
}

struct ConstantFold : impl::ConstantFoldBase<ConstantFold> {
  using Base::Base;

  void runOnOperation() override {
    // A few nodes may describe large constants (a splat that is expanded), and chains of ops on
    // them: the evaluator's time is bounded by what the model really holds.
    constexpr double kWorkPerByte = 64;
    budget = static_cast<double>(leastWork);
    getOperation().walk([&](ConstantOp constant) {
      auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
      if (!dense || !dense.isSplat())
        budget += kWorkPerByte * getBytes(constant->getResultTypes());
    });
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
           (bytes <= kSmallBytes || bytes <= 2 * getBytes(op->getOperandTypes())) && spend(op);
  }

  /// Whether there is work left for `op`, which then is spent.
  bool spend(Operation *op) {
    double work = getWork(op);
    if (work > budget)
      return false;
    budget -= work;
    return true;
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

  double budget = 0;
};

} // namespace
} // namespace octet
