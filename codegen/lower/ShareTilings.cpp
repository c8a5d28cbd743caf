// Packed weights are ordered by the vectors of a tile. Entries of other shapes take tiles with as
// many vectors as those of @main, where that costs little, so that one copy serves all.

#include "codegen/lower/AssignTiling.h"
#include "codegen/lower/PassTarget.h"
#include "codegen/lower/Passes.h"
#include "dialect/Entries.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_SHARETILINGS
#include "codegen/lower/Passes.h.inc"

namespace {

/// More cycles than this are not worth the bytes.
constexpr double kMostCost = 1.15;

struct ShareTilings : impl::ShareTilingsBase<ShareTilings> {
  using ShareTilingsBase::ShareTilingsBase;

  void runOnOperation() override {
    auto machine = lookupPassTarget(&getContext(), target);
    if (failed(machine))
      return signalPassFailure();
    forEachCounterpart(getOperation(), [&](Operation *op, Operation *counterpart) {
      auto own = op->getAttrOfType<TilingAttr>(codegen::kTilingAttr);
      auto main = counterpart->getAttrOfType<TilingAttr>(codegen::kTilingAttr);
      if (own && main && own.getVectors() != main.getVectors())
        follow(op, own, main.getVectors(), *machine);
    });
  }

private:
  static void follow(Operation *op, TilingAttr own, int64_t vectors,
                     const codegen::Target &machine) {
    // As without a tiling, which the question would be about otherwise.
    op->removeAttr(codegen::kTilingAttr);
    auto question = codegen::getTilingQuestion(op, machine);
    op->setAttr(codegen::kTilingAttr, own);
    if (!question)
      return;
    const auto &[row, problem] = *question;
    double least = kMostCost * codegen::estimateCycles(*row, problem, codegen::getTiling(own));
    constexpr size_t kCandidates = 1000;
    for (const codegen::Tiling &tiling : codegen::getTilingCandidates(*row, problem, kCandidates)) {
      double cycles = codegen::estimateCycles(*row, problem, tiling);
      if (tiling.vectors != vectors || cycles > least)
        continue;
      least = cycles;
      op->setAttr(codegen::kTilingAttr, codegen::getTilingAttr(op->getContext(), tiling));
    }
  }
};

} // namespace
} // namespace octet
