// Memory that a kernel needs while it runs is planned with that of tensors, so its size has
// to stand on the op before there is code. Convolutions on transformed tiles get theirs with
// the decision for them.

#include "codegen/lower/Passes.h"

#include "codegen/emit/NonMaxSuppression.h"
#include "codegen/microkernel/AttentionPlan.h"
#include "codegen/microkernel/WinogradDecision.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_ASSIGNSCRATCH
#include "codegen/lower/Passes.h.inc"

namespace {

int64_t getScratchBytes(Operation *op) {
  if (auto suppression = dyn_cast<NonMaxSuppressionOp>(op))
    return codegen::getSuppressionScratchBytes(suppression);
  return codegen::getAttentionScratchBytes(op);
}

struct AssignScratch : impl::AssignScratchBase<AssignScratch> {
  void runOnOperation() override {
    Builder b(&getContext());
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (int64_t bytes = getScratchBytes(&op))
          op.setAttr(codegen::kScratchBytesAttr, b.getI64IntegerAttr(bytes));
  }
};

} // namespace
} // namespace octet
