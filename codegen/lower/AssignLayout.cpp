// Layouts flow forward: an op that wants channels last pulls its operands there,
// elementwise ops follow what they are given. That leaves relayouts only at the
// true borders (inputs, outputs, reshapes), because networks change between the
// two worlds rarely; a global optimum would rarely differ and be harder to explain.

#include "codegen/lower/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_ASSIGNLAYOUT
#include "codegen/lower/Passes.h.inc"

namespace {

class AssignLayout : public impl::AssignLayoutBase<AssignLayout> {
public:
  void runOnOperation() override {
    relayouts.clear();
    Block &block = getOperation().getBody().front();
    for (Operation &op : llvm::make_early_inc_range(block))
      if (op.hasTrait<OpTrait::IsTerminator>())
        for (OpOperand &operand : op.getOpOperands())
          useLayout(operand, {});
      else
        assign(&op);
    // A halo is known only when all readers are.
    for (Operation &op : block)
      addHalo(&op);
    foldRelayouts(block);
    shareHalos(block);
    for (FusedOp group : block.getOps<FusedOp>())
      group.updateBodyTypes();
  }

private:
  /// Whether an operand carries data in the op's preferred layout; weights and
  /// other parameters of a root do not.
  static bool isDataOperand(OpOperand &operand) {
    auto group = dyn_cast<FusedOp>(operand.getOwner());
    if (!group)
      return operand.getOperandNumber() == 0 || !isContraction(operand.getOwner());
    Operation *root = group.getRoot();
    for (OpOperand &use : group.getBlock().getArgument(operand.getOperandNumber()).getUses())
      if (use.getOwner() == root && use.getOperandNumber() != 0)
        return false;
    return true;
  }

  static bool isContraction(Operation *op) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    return quantizable && quantizable.getQuantizationRole() == QuantizationRole::Contraction;
  }

  static ChannelsLastAttr getPlainLayout(RankedTensorType type) {
    constexpr int64_t kDotBytes = 4;
    int64_t channels = std::max<int64_t>(type.getDimSize(1), 1);
    // A single channel stays dense: a dot product then spans pixels of a line.
    if (getElementBytes(type.getElementType()) == 1 && channels > 1)
      channels = llvm::alignTo(channels, kDotBytes);
    return ChannelsLastAttr::get(type.getContext(), channels, {0, 0, 0, 0});
  }

  /// Bytes of few channels lie densely where a line of a window then takes fewer words:
  /// 7 pixels of 3 channels are 6 words, or 7 with a pitch of 4.
  static ChannelsLastAttr getPulledLayout(OpOperand &operand, RankedTensorType type) {
    constexpr int64_t kDotBytes = 4;
    auto group = dyn_cast<FusedOp>(operand.getOwner());
    auto conv = dyn_cast_or_null<ConvOp>(group ? group.getRoot() : operand.getOwner());
    int64_t channels = type.getDimSize(1);
    if (!conv || !isReadThroughWindows(operand) || channels >= kDotBytes || conv.getGroup() != 1 ||
        getElementBytes(type.getElementType()) != 1 || conv.getDilations()[1] != 1)
      return getPlainLayout(type);
    int64_t width = conv.getWeights().getType().getDimSize(3);
    if (static_cast<int64_t>(llvm::divideCeil(width * channels, kDotBytes)) >= width)
      return getPlainLayout(type);
    return ChannelsLastAttr::get(type.getContext(), channels, {0, 0, 0, 0});
  }

  void useLayout(OpOperand &operand, ChannelsLastAttr layout) {
    auto type = cast<RankedTensorType>(operand.get().getType());
    if (getLayout(type) == layout)
      return;
    RankedTensorType wanted = withLayout(type, layout);
    Value &laidOut = relayouts[{operand.get(), layout}];
    if (!laidOut) {
      OpBuilder builder(&getContext());
      builder.setInsertionPointAfterValue(operand.get());
      Location loc = operand.get().getLoc();
      if (ElementsAttr constant = getConstantValue(operand.get()))
        laidOut = ConstantOp::create(builder, loc, wanted, constant);
      else
        laidOut = RelayoutOp::create(builder, loc, wanted, operand.get());
    }
    operand.set(laidOut);
  }

  void assign(Operation *op) {
    if (isa<ConstantOp, RelayoutOp>(op))
      return;
    auto preferring = dyn_cast<LayoutOpInterface>(op);
    LayoutPreference preference =
        preferring ? preferring.getLayoutPreference() : LayoutPreference::RowMajor;
    if (preference == LayoutPreference::Follow) {
      bool follows = llvm::any_of(op->getOperands(), [](Value operand) {
        return !getConstantValue(operand) && getLayout(operand.getType());
      });
      preference = follows ? LayoutPreference::ChannelsLast : LayoutPreference::RowMajor;
    }
    bool channelsLast = preference == LayoutPreference::ChannelsLast;
    for (OpOperand &operand : op->getOpOperands()) {
      // A transpose reads any order; of channels last it often is a mere view.
      if (isa<TransposeOp>(op))
        break;
      auto type = cast<RankedTensorType>(operand.get().getType());
      bool pull = channelsLast && type.getRank() == 4 && isDataOperand(operand);
      useLayout(operand, pull ? getPulledLayout(operand, type) : ChannelsLastAttr());
    }
    for (Value result : op->getResults()) {
      auto type = cast<RankedTensorType>(result.getType());
      if (channelsLast && type.getRank() == 4)
        result.setType(withLayout(type, getPlainLayout(type)));
    }
  }

  void addHalo(Operation *op) {
    for (Value result : op->getResults()) {
      auto type = cast<RankedTensorType>(result.getType());
      ChannelsLastAttr layout = getLayout(type);
      if (!layout)
        continue;
      SmallVector<int64_t, 4> halo(4, 0);
      for (OpOperand &use : result.getUses()) {
        auto reader = dyn_cast<LayoutOpInterface>(use.getOwner());
        if (!reader || !isReadThroughWindows(use))
          continue;
        for (auto [extent, needed] : llvm::zip(halo, reader.getReadHalo()))
          extent = std::max(extent, needed);
      }
      result.setType(
          withLayout(type, ChannelsLastAttr::get(&getContext(), layout.getPitch(), halo)));
    }
  }

  /// The operand that getReadHalo() speaks of.
  static bool isReadThroughWindows(OpOperand &operand) {
    auto group = dyn_cast<FusedOp>(operand.getOwner());
    if (!group)
      return operand.getOperandNumber() == 0;
    Operation *root = group.getRoot();
    return root && root->getNumOperands() &&
           root->getOperand(0) == group.getBlock().getArgument(operand.getOperandNumber());
  }

  /// A border, elementwise op or transpose can write the other layout itself.
  static void foldRelayouts(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto relayout = dyn_cast<RelayoutOp>(op);
      if (!relayout || !relayout.getX().hasOneUse())
        continue;
      Operation *source = relayout.getX().getDefiningOp();
      auto group = dyn_cast_or_null<FusedOp>(source);
      bool isBorder = group && !group.getRoot() && getLayout(relayout.getY().getType());
      if (!isBorder &&
          !isa_and_nonnull<QuantizeOp, DequantizeOp, RequantizeOp, CastOp, TransposeOp>(source))
        continue;
      source->getResult(0).setType(relayout.getY().getType());
      relayout.getY().replaceAllUsesWith(source->getResult(0));
      relayout.erase();
    }
  }

  /// What a kernel depends on of a type: no scales, and no halo where it may change.
  static void describe(Type type, bool withHalo, raw_ostream &os) {
    auto tensor = cast<RankedTensorType>(type);
    Type element = tensor.getElementType();
    if (auto quantized = dyn_cast<quant::QuantizedType>(element))
      os << 'q' << quantized.isSigned() << quantized.getStorageType();
    else
      os << element;
    llvm::interleave(tensor.getShape(), os, "x");
    ChannelsLastAttr layout = getLayout(tensor);
    if (layout && withHalo)
      os << layout;
    else if (layout)
      os << layout.getPitch();
  }

  /// Layers of a network repeat, but the last of a kind often has no window behind it.
  /// With the halo of the others it shares their kernel.
  static void shareHalos(Block &block) {
    llvm::StringMap<ChannelsLastAttr> windowed;
    SmallVector<std::pair<FusedOp, std::string>> bare;
    for (FusedOp group : block.getOps<FusedOp>()) {
      ChannelsLastAttr layout = getLayout(group.getY().getType());
      if (!layout || !group.getRoot() || !isContraction(group.getRoot()))
        continue;
      std::string key;
      llvm::raw_string_ostream os(key);
      for (Value input : group.getInputs())
        describe(input.getType(), /*withHalo=*/true, os);
      for (Operation &op : group.getBlock())
        os << op.getName() << op.getAttrDictionary();
      describe(group.getY().getType(), /*withHalo=*/false, os);
      if (llvm::any_of(layout.getHalo(), [](int64_t extent) { return extent > 0; }))
        windowed.try_emplace(key, layout);
      else if (llvm::all_of(group.getY().getUsers(), [](Operation *user) {
                 auto reader = dyn_cast<FusedOp>(user);
                 return reader && reader.getRoot();
               }))
        bare.emplace_back(group, key);
    }
    for (auto &[group, key] : bare)
      if (ChannelsLastAttr layout = windowed.lookup(key))
        group.getY().setType(withLayout(cast<RankedTensorType>(group.getY().getType()), layout));
  }

  DenseMap<std::pair<Value, Attribute>, Value> relayouts;
};

} // namespace
} // namespace octet
