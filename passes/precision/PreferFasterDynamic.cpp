// A scale that is found at run time costs two passes over the activation before the contraction
// can begin, which a convolution of few channels never earns back. Each activation is judged with
// all that reads it as integers, since they share its scale.

#include "passes/precision/Passes.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_PREFERFASTERDYNAMIC
#include "passes/precision/Passes.h.inc"

namespace {

class PreferFasterDynamic : public impl::PreferFasterDynamicBase<PreferFasterDynamic> {
public:
  PreferFasterDynamic(StringRef cpu, TimeModelFactory factory) : factory(std::move(factory)) {
    target = cpu.str();
  }

  void runOnOperation() override {
    std::string error;
    std::shared_ptr<const TimeModel> model = factory(target, error);
    if (!model) {
      emitError(UnknownLoc::get(&getContext()), error);
      return signalPassFailure();
    }
    llvm::MapVector<Value, SmallVector<Operation *>> readers;
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (isInt8Contraction(&op) && !hasOwnBorders(&op))
          readers[op.getOperand(0)].push_back(&op);
    for (auto &[activation, ops] : readers)
      judge(*model, cast<RankedTensorType>(activation.getType()), ops);
  }

private:
  static bool isAskedFor(Operation *op) {
    auto reason = op->getAttrOfType<StringAttr>(kReasonAttr);
    return reason && reason.getValue() == kConfigurationReason;
  }

  static void judge(const TimeModel &model, RankedTensorType type, ArrayRef<Operation *> ops) {
    if (llvm::any_of(ops, isAskedFor))
      return;
    double scale = model.getRangeTime(type) +
                   model.getBorderTime(type, Precision::F32, Precision::Int8, BorderPlace::Kernel);
    double integers = 0, floats = 0;
    for (Operation *op : ops) {
      auto result = cast<RankedTensorType>(op->getResult(0).getType());
      floats += model.getTime(op, Precision::F32);
      // The result is f32.
      integers +=
          model.getTime(op, Precision::Int8) +
          model.getBorderTime(result, Precision::Int8, Precision::F32, BorderPlace::Registers);
    }
    // No margin: what is no faster is less exact for nothing.
    if (integers + scale < floats)
      return;
    std::string reason = llvm::formatv("int8 would be slower: {0:f2} us + {1:f2} us for a scale at "
                                       "run time against {2:f2} us in f32",
                                       integers, scale, floats);
    for (Operation *op : ops)
      fallBackToF32(op, reason);
  }

  TimeModelFactory factory;
};

} // namespace

std::unique_ptr<Pass> createPreferFasterDynamic(StringRef target, TimeModelFactory factory) {
  return std::make_unique<PreferFasterDynamic>(target, std::move(factory));
}

} // namespace octet
