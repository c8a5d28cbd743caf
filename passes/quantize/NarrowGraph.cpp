// Which values are stored as bf16 is decided here, for the whole graph, and written
// down as pairs of casts; FuseCasts moves them without changing what is computed. The
// vote is that of QuantizeGraph, last op first, with one difference: any bf16 op can
// give bf16 from its registers, whatever it reads.

#include "dialect/TransformerOps.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_NARROWGRAPH
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

// What a reader wants of a value, weakest first; the strongest vote wins.
enum class Vote { None, PreferF32, PreferBF16, NeedF32, NeedBF16 };

struct NarrowGraph : impl::NarrowGraphBase<NarrowGraph> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    capable.clear();
    votes.clear();
    Block &block = function.getBody().front();
    if (!llvm::any_of(block, [](Operation &op) { return isBF16(&op); }))
      return;
    for (Operation &op : block)
      findCapable(&op);
    for (Operation &op : llvm::reverse(block)) {
      if (isBF16(&op) && computesInMemory(&op) && !isStored(op.getResult(0)))
        fallBackToF32(&op, "its result is read in f32");
      for (OpOperand &operand : op.getOpOperands())
        if (isReal(operand.get())) {
          Vote &vote = votes[operand.get()];
          vote = std::max(vote, getVote(operand));
        }
    }
    insertCasts(block);
  }

private:
  static bool isReal(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.getElementType().isF32();
  }

  // Not in a group, so that operand and result have one type in memory.
  static bool computesInMemory(Operation *op) {
    return !isa<FusedOp>(op) && !movesElements(op) && getRole(op) != QuantizationRole::Contraction;
  }

  // A value whose producer can give bf16 without a kernel for the cast.
  void findCapable(Operation *op) {
    if (!isBF16(op) || op->getNumResults() != 1 || !isReal(op->getResult(0)))
      return;
    bool readsMemory = !isa<FusedOp>(op) && getRole(op) != QuantizationRole::Contraction;
    if (!readsMemory || llvm::any_of(op->getOperands(), [&](Value operand) {
          return capable.contains(operand) || (isReal(operand) && getConstantValue(operand));
        }))
      capable.insert(op->getResult(0));
  }

  bool isStored(Value value) const {
    Vote vote = votes.lookup(value);
    return vote == Vote::NeedBF16 || (vote == Vote::PreferBF16 && capable.contains(value));
  }

  Vote getVote(OpOperand &operand) const {
    Operation *reader = operand.getOwner();
    Operation *root = getRootOp(reader);
    bool atRoot = root && isRootOperand(operand, root);
    if (!isBF16(reader)) {
      bool inRegisters = isa<FusedOp>(reader) && !atRoot;
      return inRegisters ? Vote::PreferF32 : Vote::NeedF32;
    }
    if (!atRoot)
      return Vote::PreferBF16;
    QuantizationRole role = getRole(root);
    if (role == QuantizationRole::Contraction) {
      // The bias stays in f32.
      return getRootOperandNumber(operand, root) < 2 ? Vote::NeedBF16 : Vote::None;
    }
    if (auto activations = dyn_cast<IntegerActivationsOpInterface>(root)) {
      bool isMultiplied =
          getRootOperandNumber(operand, root) < activations.getIntegerOperandCount();
      return isMultiplied ? Vote::NeedBF16 : Vote::NeedF32;
    }
    if (!isa<FusedOp>(reader) && movesElements(reader))
      return votes.lookup(reader->getResult(0));
    if (isa<FusedOp>(reader))
      return role == QuantizationRole::Averaging ? Vote::PreferBF16 : Vote::NeedF32;
    return isStored(reader->getResult(0)) ? Vote::PreferBF16 : Vote::NeedF32;
  }

  // The first place at which the root of the reader reads `operand`.
  static unsigned getRootOperandNumber(OpOperand &operand, Operation *root) {
    auto group = dyn_cast<FusedOp>(operand.getOwner());
    if (!group)
      return operand.getOperandNumber();
    Value argument = group.getBlock().getArgument(operand.getOperandNumber());
    return llvm::find(root->getOperands(), argument) - root->operand_begin();
  }

  void insertCasts(Block &block) {
    for (BlockArgument argument : block.getArguments())
      if (isReal(argument) && isStored(argument)) {
        auto name =
            getOperation().getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
        StringRef tensor = name ? name.getValue() : StringRef();
        insertCasts(argument, getOnnxLocation(&getContext(), ("cast " + tensor).str(), tensor));
      }
    for (Operation &op : llvm::make_early_inc_range(block))
      for (Value result : op.getResults())
        if (!isa<ConstantOp>(op) && isReal(result) && isStored(result))
          insertCasts(result, op.getLoc());
  }

  void insertCasts(Value value, Location loc) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(value);
    auto real = cast<RankedTensorType>(value.getType());
    auto narrow = CastOp::create(builder, loc, withElementType(real, builder.getBF16Type()), value);
    auto wide = CastOp::create(builder, loc, real, narrow.getY());
    value.replaceAllUsesExcept(wide.getY(), narrow);
  }

  llvm::DenseSet<Value> capable;
  llvm::DenseMap<Value, Vote> votes;
};

} // namespace

} // namespace octet
