// Which values are stored as integers is decided here, for the whole graph, and
// written down as quantize/dequantize pairs; the passes behind this one only move
// borders. Readers vote, last op first: a contraction must have integers, an op in
// f32 must have f32, groups that compute in registers take what their own result
// would profit from. The alternative, to insert pairs everywhere and to cancel
// them locally, quantizes results that only f32 readers use and then cannot tell.

#include "dialect/TransformerOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/calibrate/RangeEstimators.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/UnaryChain.h"

namespace octet {

#define GEN_PASS_DEF_QUANTIZEGRAPH
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

// What a reader wants of a value, weakest first; the strongest vote wins.
enum class Vote { None, PreferF32, PreferInt8, NeedF32, NeedInt8 };

struct QuantizeGraph : impl::QuantizeGraphBase<QuantizeGraph> {
  using QuantizeGraphBase::QuantizeGraphBase;
  QuantizeGraph(std::shared_ptr<const CalibrationTable> table, const Calibrator &calibrator,
                bool keepsReals)
      : table(std::move(table)), given(calibrator) {
    realResiduals = keepsReals;
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (given) {
      calibrator = *given;
    } else {
      llvm::Expected<Calibrator> parsed = Calibrator::parse(calibratorName);
      if (!parsed)
        return emitError(UnknownLoc::get(context)) << llvm::toString(parsed.takeError());
      calibrator = *parsed;
      calibrator.symmetric = symmetric;
    }
    return loadTable(context, calibrationPath, table);
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    capable.clear();
    carried.clear();
    votes.clear();
    Block &block = function.getBody().front();
    // What comes quantized needs no ranges. Without a table, nothing else is int8.
    bool anyInt8 = llvm::any_of(
        block, [&](Operation &op) { return isInt8(&op) && (table || !hasOwnBorders(&op)); });
    if (!anyInt8)
      return;
    if (!table) {
      function.emitError() << "expected a calibration table for int8";
      return signalPassFailure();
    }
    for (Operation &op : block)
      findCapable(&op);
    for (Operation &op : llvm::reverse(block))
      for (OpOperand &operand : op.getOpOperands())
        if (isReal(operand.get())) {
          Vote &vote = votes[operand.get()];
          vote = std::max(vote, getVote(operand));
        }
    if (failed(insertBorders(block)))
      signalPassFailure();
  }

private:
  static bool isReal(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.getElementType().isF32();
  }

  // A value whose producer can give integers without a border of its own.
  void findCapable(Operation *op) {
    if (!isInt8(op) || op->getNumResults() != 1 || !isReal(op->getResult(0)))
      return;
    if (isInt8Contraction(op) ||
        llvm::any_of(op->getOperands(), [&](Value operand) { return capable.contains(operand); }))
      capable.insert(op->getResult(0));
  }

  bool isStored(Value value) const {
    Vote vote = votes.lookup(value);
    return vote == Vote::NeedInt8 || (vote == Vote::PreferInt8 && capable.contains(value));
  }

  Vote getVote(OpOperand &operand) const {
    Operation *reader = operand.getOwner();
    Operation *root = getRootOp(reader);
    bool atRoot = root && isRootOperand(operand, root);
    if (!isInt8(reader)) {
      bool inRegisters = isa<FusedOp>(reader) && !atRoot;
      return inRegisters ? Vote::PreferF32 : Vote::NeedF32;
    }
    QuantizationRole role = getRole(root);
    if (atRoot && role == QuantizationRole::Contraction)
      return Vote::NeedInt8;
    if (auto activations = dyn_cast_or_null<IntegerActivationsOpInterface>(root);
        activations && atRoot)
      return isRead(operand, root, activations.getIntegerOperandCount()) ? Vote::NeedInt8
                                                                         : Vote::NeedF32;
    Value result = reader->getResult(0);
    if (!isa<FusedOp>(reader) && movesIntegers(reader))
      return votes.lookup(result);
    return isStored(result) ? Vote::PreferInt8 : Vote::PreferF32;
  }

  // Whether `operand`, of a root or of the group around it, is one of the root's first `count`.
  static bool isRead(OpOperand &operand, Operation *root, unsigned count) {
    auto group = dyn_cast<FusedOp>(operand.getOwner());
    if (!group)
      return operand.getOperandNumber() < count;
    Value argument = group.getBlock().getArgument(operand.getOperandNumber());
    return llvm::is_contained(root->getOperands().take_front(count), argument);
  }

  LogicalResult insertBorders(Block &block) {
    bool good = true;
    for (BlockArgument argument : block.getArguments())
      if (isReal(argument) && isStored(argument)) {
        auto name =
            getOperation().getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
        StringRef tensor = name ? name.getValue() : StringRef();
        Location loc = getOnnxLocation(&getContext(), ("quantize " + tensor).str(), tensor);
        good &= succeeded(insertBorder(argument, loc, tensor));
      }
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isa<ConstantOp>(op))
        continue;
      if (auto group = dyn_cast<FusedOp>(op))
        good &= succeeded(insertInnerBorder(group));
      for (Value result : op.getResults()) {
        if (!isReal(result))
          continue;
        // Values that the model stores as integers have their borders.
        if (isa<DequantizeOp>(op) || followsOperand(&op))
          carried.insert(result);
        else if (isStored(result))
          good &= succeeded(insertBorder(result, op.getLoc(), getTensorName(op.getLoc())));
      }
    }
    return success(good);
  }

  // The result of an op that moves integers has the parameters of its operand;
  // PropagateQdq will find them.
  bool followsOperand(Operation *op) const {
    return isInt8(op) && !isa<FusedOp, ConcatOp>(op) && movesIntegers(op) &&
           op->getNumOperands() > 0 && carried.contains(op->getOperand(0));
  }

  LogicalResult insertInnerBorder(FusedOp group) {
    if (!isInt8(group))
      return success();
    QuantizationRole role = getRole(group.getRoot());
    if (role == QuantizationRole::Averaging)
      return storeAverage(group);
    if (role == QuantizationRole::Contraction)
      return narrowForTable(group);
    return success();
  }

  // An average pool on integers before f32 steps of its group stores its average
  // as integers, too.
  LogicalResult storeAverage(FusedOp group) {
    Operation *root = group.getRoot();
    auto argument = dyn_cast<BlockArgument>(root->getOperand(0));
    if (!argument || !carried.contains(group.getInputs()[argument.getArgNumber()]))
      return success();
    Value average = root->getResult(0);
    auto yield = cast<YieldOp>(group.getBlock().getTerminator());
    if (yield.getValue() == average && isStored(group.getY()))
      return success();
    return insertBorder(average, root->getLoc(), getTensorName(root->getLoc()));
  }

  // A contraction before a costly function of its result gives bytes, so that the
  // function becomes a table (Q19). One that a few instructions compute stays in f32,
  // which is exact.
  LogicalResult narrowForTable(FusedOp group) {
    constexpr int64_t kFewInstructions = 4;
    // Sums of few taps average little of the second rounding: a hard_swish before them cost
    // MobileNetV3 2 dB.
    constexpr int64_t kFewBeforeDepthwise = 6;
    Value sum = group.getRoot()->getResult(0);
    Value y = cast<YieldOp>(group.getBlock().getTerminator()).getValue();
    UnaryChain chain(group, sum);
    int64_t few = isReadByDepthwise(group.getY()) ? kFewBeforeDepthwise : kFewInstructions;
    if (!isStored(group.getY()) || !chain.collect(y) || chain.getInstructionCount() <= few ||
        cast<RankedTensorType>(sum.getType()).getShape() != group.getY().getType().getShape())
      return success();
    Location loc = group.getRoot()->getLoc();
    auto yType = getStoredType(group.getY(), group.getLoc(), getTensorName(group.getLoc()));
    const TensorStatistics *statistics = table->lookup(getTensorName(loc));
    // Without statistics of its own, the sum stays in f32.
    if (!yType || !statistics)
      return success(yType != nullptr || table->isPartial());
    Range range = trim(estimateRange(*statistics, calibrator),
                       [&](double x) { return quantizeElement(chain.evaluate(y, x), yType); });
    insertBorder(sum, loc, getActivationType(&getContext(), range.low, range.high));
    return success();
  }

  static bool isReadByDepthwise(Value value) {
    return llvm::any_of(value.getUsers(), [](Operation *reader) {
      auto conv = dyn_cast_or_null<ConvOp>(getRootOp(reader));
      return conv && conv.isDepthwise();
    });
  }

  // The part of `range` outside of which `stored` is what it is at the near end.
  static Range trim(Range range, function_ref<int64_t(double)> stored) {
    constexpr int64_t kSteps = 4096;
    auto at = [&](int64_t i) { return range.low + (range.high - range.low) * i / kSteps; };
    int64_t first = 0, last = kSteps;
    while (first < last && stored(at(first + 1)) == stored(at(0)))
      ++first;
    while (last > first && stored(at(last - 1)) == stored(at(kSteps)))
      --last;
    return {at(first), at(last)};
  }

  LogicalResult insertBorder(Value value, Location loc, StringRef tensor) {
    auto type = getStoredType(value, loc, tensor);
    if (!type)
      return success(table->isPartial());
    insertBorder(value, loc, type);
    return success();
  }

  void insertBorder(Value value, Location loc, quant::UniformQuantizedType type) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(value);
    auto real = cast<RankedTensorType>(value.getType());
    auto quantize = QuantizeOp::create(builder, loc, withElementType(real, type), value);
    auto dequantize = DequantizeOp::create(builder, loc, real, quantize.getY());
    // Of an f32 op, arithmetic in registers can read the value as it is.
    Operation *producer = value.getDefiningOp();
    bool keepsReals = realResiduals && producer && !capable.contains(value);
    value.replaceUsesWithIf(dequantize.getY(), [&](OpOperand &use) {
      return use.getOwner() != quantize && !(keepsReals && getVote(use) == Vote::PreferF32);
    });
    carried.insert(dequantize.getY());
  }

  // The type that calibration gives a value, or that of a concat which is its only
  // reader (through ops that move integers).
  quant::UniformQuantizedType getStoredType(Value value, Location loc, StringRef tensor) {
    Value seen = value;
    while (seen.hasOneUse()) {
      Operation *reader = *seen.getUsers().begin();
      if (!isInt8(reader) || isa<FusedOp>(reader) || !movesIntegers(reader) ||
          !isStored(reader->getResult(0)))
        break;
      seen = reader->getResult(0);
      if (isa<ConcatOp>(reader)) {
        loc = reader->getLoc();
        tensor = getTensorName(loc);
      }
    }
    const TensorStatistics *statistics = table->lookup(tensor);
    if (!statistics && table->isPartial())
      return {};
    if (!statistics) {
      // An input has no node to be named.
      bool isInput = isa<BlockArgument>(value) && seen == value;
      emitError(isInput ? getOperation().getLoc() : loc)
          << "expected a calibrated range for " << (isInput ? "input '" : "tensor '") << tensor
          << "', got none";
      return {};
    }
    Range range = estimateRange(*statistics, calibrator);
    return getActivationType(&getContext(), range.low, range.high);
  }

  std::shared_ptr<const CalibrationTable> table;
  std::optional<Calibrator> given; ///< in place of the options
  Calibrator calibrator;
  llvm::DenseSet<Value> capable;
  llvm::DenseSet<Value> carried; ///< f32 values that stand for stored integers
  llvm::DenseMap<Value, Vote> votes;
};

} // namespace

std::unique_ptr<Pass> createQuantizeGraph(std::shared_ptr<const CalibrationTable> table,
                                          const Calibrator &calibrator, bool realResiduals) {
  return std::make_unique<QuantizeGraph>(std::move(table), calibrator, realResiduals);
}

} // namespace octet
