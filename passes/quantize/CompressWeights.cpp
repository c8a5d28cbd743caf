// Weights alone in 8 bits (Q23): nothing that is computed changes its precision, so that no data is
// needed, and what reads memory for its weights reads a quarter of it.
//
// At the end of the pipeline, on groups: what is int8 or bf16 by then keeps its own weights.

#include "dialect/StoredConstant.h"
#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/IntegerWeights.h"
#include "passes/quantize/Passes.h"
#include "llvm/Support/Error.h"

namespace octet {

#define GEN_PASS_DEF_COMPRESSWEIGHTS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct CompressWeights : impl::CompressWeightsBase<CompressWeights> {
  using CompressWeightsBase::CompressWeightsBase;
  CompressWeights(const WeightScheme &scheme, bool all) : scheme(scheme) {
    perTensorWeights = scheme.perTensor;
    this->all = all;
  }

  void runOnOperation() override {
    scheme.perTensor = perTensorWeights;
    for (Block &block : getOperation().getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block))
        if (getRole(getRootOp(&op)) == QuantizationRole::Contraction)
          visit(&op);
      eraseDeadOps(block);
      for (ConstantOp constant : block.getOps<ConstantOp>()) {
        constant->removeAttr(kStoredIntegersAttr);
        constant->removeAttr(kStoredTypeAttr);
      }
    }
  }

private:
  static bool isAskedFor(Operation *op) {
    auto reason = op->getAttrOfType<StringAttr>(kReasonAttr);
    return reason && reason.getValue() == kConfigurationReason;
  }

  // `op` is a contraction or a group with one as its root.
  void visit(Operation *op) {
    Operation *root = getRootOp(op);
    auto type = cast<RankedTensorType>(root->getOperand(1).getType());
    auto xType = cast<RankedTensorType>(root->getOperand(0).getType());
    // f32 by name or type is f32 in every part, unless the weights have been named, too.
    bool isNamed = root->removeAttr(kCompressWeightsAttr) || op->removeAttr(kCompressWeightsAttr);
    if (!type.getElementType().isF32() || !xType.getElementType().isF32() ||
        !(isNamed || (all && !isAskedFor(op))))
      return;
    if (std::string refusal = compress(op, root, type); !refusal.empty())
      op->setAttr(kReasonAttr, StringAttr::get(&getContext(), refusal));
    else
      op->setAttr(kReasonAttr, StringAttr::get(&getContext(), "weights in int8"));
  }

  // The integers that the model brings, where they are those of a kernel; else null.
  static ConstantOp takeStored(OpBuilder &builder, ConstantOp real, int64_t axis) {
    if (!real)
      return {};
    auto type = real->getAttrOfType<TypeAttr>(kStoredTypeAttr);
    auto integers = real->getAttrOfType<ElementsAttr>(kStoredIntegersAttr);
    if (!type || !integers || !isSymmetric(type.getValue(), axis))
      return {};
    return ConstantOp::create(builder, real.getLoc(),
                              withElementType(real.getY().getType(), type.getValue()), integers);
  }

  // Why not, or empty.
  std::string compress(Operation *op, Operation *root, RankedTensorType type) const {
    // Less than the code of another kernel.
    constexpr int64_t kFewWeights = 1024;
    auto group = dyn_cast<FusedOp>(op);
    Value weights = group ? getOutsideOperand(group, 1) : root->getOperand(1);
    ElementsAttr attr = weights ? getConstantValue(weights) : ElementsAttr();
    if (!attr)
      return "weights are not constant";
    int64_t axis = cast<QuantizableOpInterface>(root).getWeightChannelAxis();
    // As in AssignPrecision: channels along the last axis are those of a matrix.
    if (type.getRank() <= axis || (axis > 0 && type.getRank() != axis + 1))
      return "weights are not a matrix";
    auto conv = dyn_cast<ConvOp>(root);
    if (conv && conv.isDepthwise())
      return "weights stay f32: depthwise";
    if (type.getNumElements() < kFewWeights)
      return "weights stay f32: fewer than " + std::to_string(kFewWeights);
    OpBuilder builder(op);
    ConstantOp constant = takeStored(builder, weights.getDefiningOp<ConstantOp>(), axis);
    if (!constant) {
      reference::Tensor real = reference::Tensor::fromAttr(attr, type);
      auto integers = compressWeights({type, real.as<float>(), /*bias=*/{}, axis}, scheme);
      if (!integers)
        return llvm::toString(integers.takeError());
      reference::Tensor stored(withElementType(type, integers->elementType), integers->weights);
      constant = ConstantOp::create(builder, weights.getLoc(), stored.getType(),
                                    stored.toAttr(getTensorName(weights.getLoc())));
    }
    if (!group) {
      root->setOperand(1, constant.getY());
      return {};
    }
    root->setOperand(1, prependGroupInputs(group, constant.getY()).front());
    tidyGroupInputs(group);
    return {};
  }

  WeightScheme scheme;
};

} // namespace

std::unique_ptr<Pass> createCompressWeights(const WeightScheme &scheme, bool all) {
  return std::make_unique<CompressWeights>(scheme, all);
}

} // namespace octet
