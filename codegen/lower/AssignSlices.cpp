// A concat copies nothing where the kernels before it write into its buffer: the pitch
// of a layout says how far its pixels are apart, so a tensor may be a slice of a wider
// one. All that share a buffer must agree on pitch and halo. Decided here, before
// memory is planned, since those are types, and kernels are emitted from types.

#include "codegen/lower/Passes.h"
#include "codegen/lower/Views.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_ASSIGNSLICES
#include "codegen/lower/Passes.h.inc"

namespace {

class AssignSlices : public impl::AssignSlicesBase<AssignSlices> {
public:
  void runOnOperation() override {
    Block &block = getOperation().getBody().front();
    placed.clear();
    parts.clear();
    SmallVector<ConcatOp> concats(block.getOps<ConcatOp>());
    for (SliceOp slice : block.getOps<SliceOp>())
      if (isSliceOfChannels(slice))
        parts.push_back({slice.getY(), slice.getX()});
    for (ConcatOp concat : concats)
      if (getLayout(concat.getY().getType()) && concat.getAxis() == 1)
        placeOperands(concat);
    agree();
    for (ConcatOp concat : concats)
      if (isSequence(concat))
        placeOperands(concat);
    for (FusedOp group : block.getOps<FusedOp>())
      group.updateBodyTypes();
  }

private:
  /// A value and the wider one it lies in.
  struct Part {
    Value value, whole;
  };

  static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

  /// Whether channels may begin `channels` after a pixel: with a word of a dot product.
  static bool isWordAligned(RankedTensorType type, int64_t channels) {
    constexpr int64_t kDotBytes = 4;
    return channels * getElementBytes(type.getElementType()) % kDotBytes == 0;
  }

  static bool isSliceOfChannels(SliceOp slice) {
    RankedTensorType x = slice.getX().getType(), y = slice.getY().getType();
    Operation *source = slice.getX().getDefiningOp();
    if (!source || isa<ConstantOp>(source) || !getLayout(x) || !getLayout(y))
      return false;
    for (int64_t d : {0, 2, 3})
      if (slice.getSizes()[d] != x.getDimSize(d) || slice.getSteps()[d] != 1)
        return false;
    return (slice.getSteps()[1] == 1 || slice.getSizes()[1] == 1) &&
           isWordAligned(x, slice.getOffsets()[1]);
  }

  /// Whether the operands of a concat lie one after the other in it.
  static bool isSequence(ConcatOp concat) {
    RankedTensorType type = concat.getY().getType();
    return !getLayout(type) && llvm::all_of(type.getShape().take_front(concat.getAxis()),
                                            [](int64_t extent) { return extent == 1; });
  }

  void placeOperands(ConcatOp concat) {
    SmallVector<int64_t> inPlace;
    for (auto [i, operand] : llvm::enumerate(concat.getInputs()))
      if (llvm::count(concat.getInputs(), operand) == 1 && place(concat, i, operand))
        inPlace.push_back(i);
    if (!inPlace.empty())
      concat->setAttr("octet.in_place", DenseI64ArrayAttr::get(&getContext(), inPlace));
  }

  bool place(ConcatOp concat, unsigned i, Value operand) {
    bool hasLayout = static_cast<bool>(getLayout(concat.getY().getType()));
    // A view of channels last would not stay one with another pitch.
    Operation *writer = hasLayout ? operand.getDefiningOp() : getWriter(operand);
    if (!writer || isa<ConstantOp, SliceOp>(writer) || placed.contains(writer))
      return false;
    RankedTensorType type = getType(operand);
    if (hasLayout) {
      int64_t bytes = getElementBytes(type.getElementType());
      if (!getLayout(type) || !isWordAligned(type, getSliceOffset(concat, i) / bytes))
        return false;
      parts.push_back({operand, concat.getY()});
    } else if (getLayout(type)) {
      return false;
    }
    placed.insert(writer);
    return true;
  }

  /// One pitch and halo for all parts of a buffer: parts of parts follow their wholes.
  void agree() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Part &part : parts) {
        ChannelsLastAttr of = getLayout(part.value.getType()), in = getLayout(part.whole.getType());
        SmallVector<int64_t, 4> halo(in.getHalo());
        for (auto [extent, other] : llvm::zip(halo, of.getHalo()))
          extent = std::max(extent, other);
        auto shared = ChannelsLastAttr::get(&getContext(), in.getPitch(), halo);
        changed |= shared != of || shared != in;
        for (Value value : {part.value, part.whole})
          value.setType(withLayout(getType(value), shared));
      }
    }
  }

  DenseSet<Operation *> placed; ///< writers of operands that lie in a concat
  SmallVector<Part> parts;
};

} // namespace
} // namespace octet
