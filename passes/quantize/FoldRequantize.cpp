// Q6 has one rounding where Q5 and Q2 have two, and one multiplication for each
// element where they have two.

#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"

#include <limits>

namespace octet {

#define GEN_PASS_DEF_FOLDREQUANTIZE
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

// The interval that `op` clamps to, or nullopt for another op.
std::optional<std::pair<float, float>> getClamp(Operation *op) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (isa_and_nonnull<ReluOp>(op))
    return std::make_pair(0.0f, kInfinity);
  if (auto clip = dyn_cast_or_null<ClipOp>(op))
    return std::make_pair(clip.getLow().convertToFloat(), clip.getHigh().convertToFloat());
  return std::nullopt;
}

struct FoldRequantize : impl::FoldRequantizeBase<FoldRequantize> {
  void runOnOperation() override {
    getOperation().walk([](FusedOp group) {
      for (Operation &op : llvm::make_early_inc_range(group.getBlock()))
        if (auto quantize = dyn_cast<QuantizeOp>(op))
          simplify(quantize);
      // Clamps and borders that nothing reads now.
      eraseDeadOps(group.getBlock());
      tidyGroupInputs(group);
    });
  }

private:
  static void simplify(QuantizeOp quantize) {
    auto type = dyn_cast<quant::UniformQuantizedType>(quantize.getY().getType().getElementType());
    if (!type)
      return;
    while (isSaturated(quantize.getX().getDefiningOp(), type))
      quantize.getXMutable().assign(quantize.getX().getDefiningOp()->getOperand(0));
    Value x = quantize.getX();
    Operation *producer = x.getDefiningOp();
    if (!producer)
      return;
    if (auto dequantize = dyn_cast<DequantizeOp>(producer)) {
      Value integers = dequantize.getX();
      if (integers.getType() != quantize.getY().getType()) {
        if (!isa<quant::UniformQuantizedType>(
                cast<RankedTensorType>(integers.getType()).getElementType()))
          return;
        OpBuilder builder(quantize);
        integers =
            RequantizeOp::create(builder, quantize.getLoc(), quantize.getY().getType(), integers);
      }
      quantize.getY().replaceAllUsesWith(integers);
      return;
    }
    if (getRole(producer) != QuantizationRole::Contraction || !hasOneLiveUse(x) ||
        !isa<quant::QuantizedType>(
            cast<RankedTensorType>(producer->getOperand(0).getType()).getElementType()))
      return;
    quantize.getY().replaceAllUsesWith(x);
    x.setType(quantize.getY().getType());
  }

  // Q17.
  static bool isSaturated(Operation *op, quant::UniformQuantizedType type) {
    auto clamp = getClamp(op);
    return clamp &&
           (clamp->first == -std::numeric_limits<float>::infinity() ||
            quantizeElement(clamp->first, type) == type.getStorageTypeMin()) &&
           (clamp->second == std::numeric_limits<float>::infinity() ||
            quantizeElement(clamp->second, type) == type.getStorageTypeMax());
  }

  // Whether one use of `value` leads to a result; bypassed clamps are dead uses.
  static bool hasOneLiveUse(Value value) {
    return llvm::count_if(value.getUsers(), [](Operation *user) { return isLive(user); }) == 1;
  }
  static bool isLive(Operation *op) {
    return op->hasTrait<OpTrait::IsTerminator>() ||
           llvm::any_of(op->getUsers(), [](Operation *user) { return isLive(user); });
  }
};

} // namespace

} // namespace octet
