// A network that is compiled for several shapes computes the same in all of them: what is faster
// in int8 for a batch of 16 and slower for one must not make the answer depend on the batch, nor
// the weights stand in the file twice.

#include "dialect/Entries.h"
#include "passes/precision/Passes.h"
#include "passes/quantize/Attributes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_SHAREPRECISIONS
#include "passes/precision/Passes.h.inc"

namespace {

struct SharePrecisions : impl::SharePrecisionsBase<SharePrecisions> {
  void runOnOperation() override {
    forEachCounterpart(getOperation(), [](Operation *op, Operation *counterpart) {
      for (StringRef name : {StringRef(kPrecisionAttr), StringRef(kReasonAttr)})
        if (Attribute attr = counterpart->getAttr(name); attr && op->hasAttr(name))
          op->setAttr(name, attr);
    });
  }
};

} // namespace
} // namespace octet
