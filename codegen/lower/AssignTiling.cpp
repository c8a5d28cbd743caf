// Decides on tiles; how is the business of a TilingChooser, so that the cost model and
// a measurement leave the same record in the IR.

#include "codegen/lower/AssignTiling.h"

#include "codegen/lower/PassTarget.h"
#include "codegen/lower/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_ASSIGNTILING
#include "codegen/lower/Passes.h.inc"

namespace {

class AssignTiling : public impl::AssignTilingBase<AssignTiling> {
public:
  using AssignTilingBase::AssignTilingBase;
  AssignTiling(StringRef cpu, codegen::TilingChooser chooser) : chooser(std::move(chooser)) {
    target = cpu.str();
  }

  void runOnOperation() override {
    auto machine = lookupPassTarget(&getContext(), target);
    if (failed(machine))
      return signalPassFailure();
    for (Block &block : getOperation().getBody())
      for (Operation &op : block) {
        if (op.hasAttr(codegen::kTilingAttr))
          continue;
        auto question = codegen::getTilingQuestion(&op, *machine);
        if (!question)
          continue;
        FailureOr<codegen::Tiling> tiling =
            chooser ? chooser(&op, *question)
                    : codegen::chooseTiling(*question->row, question->problem);
        if (failed(tiling))
          return signalPassFailure();
        op.setAttr(codegen::kTilingAttr, codegen::getTilingAttr(&getContext(), *tiling));
      }
  }

private:
  codegen::TilingChooser chooser;
};

} // namespace

std::unique_ptr<Pass> createAssignTiling(StringRef target, codegen::TilingChooser chooser) {
  return std::make_unique<AssignTiling>(target, std::move(chooser));
}

} // namespace octet
