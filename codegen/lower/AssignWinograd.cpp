// Decides between the two algorithms for 3x3 convolutions of f32. Not a matter of tiles:
// it changes the memory that a kernel needs and the rounding of its results, so that it
// is decided before tiles and memory, by the cost model alone.

#include "codegen/lower/PassTarget.h"
#include "codegen/lower/Passes.h"

#include "codegen/microkernel/TilingDecision.h"
#include "codegen/microkernel/WinogradDecision.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_ASSIGNWINOGRAD
#include "codegen/lower/Passes.h.inc"

namespace {

class AssignWinograd : public impl::AssignWinogradBase<AssignWinograd> {
public:
  using AssignWinogradBase::AssignWinogradBase;

  void runOnOperation() override {
    auto machine = lookupPassTarget(&getContext(), target);
    if (failed(machine))
      return signalPassFailure();
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        decide(&op, *machine);
  }

private:
  static void decide(Operation *op, const codegen::Target &machine) {
    auto group = dyn_cast<FusedOp>(op);
    auto conv = dyn_cast_or_null<ConvOp>(group ? group.getRoot() : op);
    auto problem = conv ? codegen::getWinogradProblem(conv) : std::nullopt;
    if (!problem)
      return;
    auto set = [&](const codegen::WinogradPlan &plan) {
      op->setAttr(codegen::kWinogradAttr, plan.getAttr(op->getContext()));
      op->setAttr(codegen::kScratchBytesAttr,
                  Builder(op->getContext()).getI64IntegerAttr(plan.getScratchBytes()));
    };
    if (auto given = op->getAttrOfType<WinogradAttr>(codegen::kWinogradAttr))
      return set(codegen::WinogradPlan(*problem, given));
    // A tile for the other algorithm has been chosen.
    if (op->hasAttr(codegen::kTilingAttr))
      return;
    auto question = codegen::getTilingQuestion(op, machine);
    if (!question)
      return;
    double direct =
        codegen::estimateCycles(*question->row, question->problem,
                                codegen::chooseTiling(*question->row, question->problem));
    if (auto plan = codegen::chooseWinograd(*question->row, *problem, direct))
      set(*plan);
  }
};

} // namespace
} // namespace octet
