// The empirical form of bias correction. A sum is shifted by the rounding of its own weights,
// and by all that rounding, clipping and correction did to its inputs; the second part nobody
// can calculate, so the quantized network runs. Contractions are corrected in the order of
// data, those that do not depend on each other at once, each after all that it reads.
//
// What runs is a simulation in f32: the graph with its borders, weights as their integers
// stand for them, and a shift for each contraction as an argument, so that it is compiled once.

#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/repair/CorrectableContraction.h"
#include "passes/repair/Passes.h"
#include "passes/repair/SampledModel.h"
#include "llvm/ADT/StringSet.h"

namespace octet {

#define GEN_PASS_DEF_CORRECTBIASBYSAMPLES
#include "passes/repair/Passes.h.inc"

using namespace mlir;

namespace {

using Means = SmallVector<SmallVector<double>>; ///< [contraction][output channel]

/// A clone of the module around `function`, and the clone of the function.
std::pair<OwningOpRef<ModuleOp>, func::FuncOp> cloneModule(func::FuncOp function) {
  OwningOpRef<ModuleOp> module = function->getParentOfType<ModuleOp>().clone();
  auto clone = module->lookupSymbol<func::FuncOp>(function.getSymName());
  return {std::move(module), clone};
}

/// Puts the ops of groups where the groups stand.
void dissolveGroups(func::FuncOp function) {
  IRRewriter rewriter(function.getContext());
  for (FusedOp group : llvm::make_early_inc_range(function.getBody().front().getOps<FusedOp>())) {
    Operation *yield = group.getBlock().getTerminator();
    rewriter.inlineBlockBefore(&group.getBlock(), group, group.getInputs());
    Value result = yield->getOperand(0);
    rewriter.eraseOp(yield);
    rewriter.replaceOp(group, result);
  }
  for (Operation &op : function.getBody().front()) {
    op.removeAttr(kPrecisionAttr);
    op.removeAttr(kReasonAttr);
  }
}

/// The axis of a contraction's result that counts output channels.
int64_t getResultAxis(Operation *root) { return Contraction::match(root)->resultAxis; }

/// The function returns the mean of each of `sums` (results of contractions, with an axis of
/// channels) for each channel, and nothing else.
void returnMeans(func::FuncOp function, ArrayRef<std::pair<Value, int64_t>> sums) {
  Block &block = function.getBody().front();
  OpBuilder b(block.getTerminator());
  SmallVector<Value> means;
  for (auto [sum, channels] : sums) {
    auto type = cast<RankedTensorType>(sum.getType());
    SmallVector<int64_t> axes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (i != channels)
        axes.push_back(i);
    auto result = RankedTensorType::get({type.getDimSize(channels)}, type.getElementType());
    means.push_back(ReduceOp::create(b, sum.getLoc(), result, sum, ReduceKind::Mean, axes,
                                     /*keepdims=*/false));
  }
  SmallVector<DictionaryAttr> attributes;
  for (size_t i = 0; i < means.size(); ++i)
    attributes.push_back(b.getDictionaryAttr(
        b.getNamedAttr("octet.name", b.getStringAttr("mean " + std::to_string(i)))));
  block.getTerminator()->setOperands(means);
  function.setType(
      FunctionType::get(b.getContext(), function.getArgumentTypes(), ValueRange(means).getTypes()));
  function.setAllResultAttrs(attributes);
  eraseDeadOps(block);
}

/// `sum` plus one number for each channel, a new argument of the function.
Value addShift(func::FuncOp function, Value sum, int64_t axis) {
  auto type = cast<RankedTensorType>(sum.getType());
  int64_t channels = type.getDimSize(axis);
  OpBuilder b(function.getContext());
  b.setInsertionPointAfterValue(sum);
  unsigned index = function.getNumArguments();
  auto shiftType = RankedTensorType::get({channels}, type.getElementType());
  auto name = b.getNamedAttr("octet.name", b.getStringAttr("shift " + std::to_string(index)));
  llvm::LogicalResult inserted =
      function.insertArgument(index, shiftType, b.getDictionaryAttr(name), sum.getLoc());
  assert(succeeded(inserted) && "a function of tensors takes one more");
  (void)inserted;
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[axis] = channels;
  Value shift =
      ReshapeOp::create(b, sum.getLoc(), RankedTensorType::get(shape, type.getElementType()),
                        function.getArgument(index), shape);
  auto add = AddOp::create(b, sum.getLoc(), type, sum, shift);
  sum.replaceAllUsesExcept(add, add);
  return add;
}

/// How many of `sums` stand on the longest way to each of them, itself included.
SmallVector<unsigned> getDepths(Block &block, ArrayRef<std::pair<Value, int64_t>> sums) {
  llvm::DenseMap<Value, unsigned> depths;
  llvm::DenseSet<Value> counted;
  for (auto [sum, axis] : sums)
    counted.insert(sum);
  for (Operation &op : block) {
    unsigned depth = 0;
    for (Value operand : op.getOperands())
      depth = std::max(depth, depths.lookup(operand));
    for (Value result : op.getResults())
      depths[result] = depth + counted.contains(result);
  }
  return llvm::map_to_vector(sums, [&](auto sum) { return depths.lookup(sum.first); });
}

struct CorrectBiasBySamples : impl::CorrectBiasBySamplesBase<CorrectBiasBySamples> {
  using CorrectBiasBySamplesBase::CorrectBiasBySamplesBase;
  CorrectBiasBySamples(std::shared_ptr<SampleRunner> runner, ModuleOp exact,
                       const WeightScheme &scheme)
      : runner(std::move(runner)), exact(exact), scheme(scheme) {}

  void runOnOperation() override {
    if (!runner) {
      getOperation().emitError() << "expected samples to correct biases by";
      return signalPassFailure();
    }
    if (failed(correct()))
      signalPassFailure();
  }

private:
  LogicalResult correct() {
    std::vector<CorrectableContraction> contractions = findContractions(getOperation());
    auto exactMeans = getExactMeans(contractions);
    if (failed(exactMeans))
      return failure();
    if (contractions.empty())
      return success();

    auto [module, simulation] = cloneModule(getOperation());
    std::vector<CorrectableContraction> copies = findContractions(simulation);
    assert(copies.size() >= contractions.size() && "a clone has what it is a clone of");
    llvm::StringSet<> wanted;
    for (CorrectableContraction &contraction : contractions)
      wanted.insert(getTensorName(contraction.getRoot()->getLoc()));
    SmallVector<Operation *> roots;
    for (CorrectableContraction &copy : copies) {
      copy.roundWeights();
      if (wanted.contains(getTensorName(copy.getRoot()->getLoc())))
        roots.push_back(copy.getRoot());
    }
    dissolveGroups(simulation);
    SmallVector<std::pair<Value, int64_t>> sums;
    Means shifts;
    for (Operation *root : roots) {
      int64_t axis = getResultAxis(root);
      Value sum = addShift(simulation, root->getResult(0), axis);
      sums.emplace_back(sum, axis);
      shifts.emplace_back(cast<RankedTensorType>(sum.getType()).getDimSize(axis), 0.0);
    }
    SmallVector<unsigned> depths = getDepths(simulation.getBody().front(), sums);
    returnMeans(simulation, sums);
    auto model = runner->compile(*module);
    if (failed(model))
      return failure();
    unsigned deepest = *llvm::max_element(depths);
    for (unsigned depth = 1; depth <= deepest; ++depth) {
      auto means = getMeans(**model, shifts);
      if (failed(means))
        return failure();
      for (auto [i, shift] : llvm::enumerate(shifts))
        if (depths[i] == depth)
          for (auto [s, e, q] : llvm::zip_equal(shift, (*exactMeans)[i], (*means)[i]))
            s += e - q;
    }
    for (auto [contraction, shift] : llvm::zip_equal(contractions, shifts))
      contraction.correct(shift);
    return success();
  }

  std::vector<CorrectableContraction> findContractions(func::FuncOp function) {
    std::vector<CorrectableContraction> found;
    for (Operation &op : function.getBody().front())
      if (auto contraction = CorrectableContraction::match(&op, scheme))
        found.push_back(std::move(*contraction));
    return found;
  }

  /// Means in f32; contractions that the graph in f32 does not know by name are dropped.
  FailureOr<Means> getExactMeans(std::vector<CorrectableContraction> &contractions) {
    OwningOpRef<ModuleOp> module = exact.clone();
    auto function = module->lookupSymbol<func::FuncOp>(getOperation().getSymName());
    llvm::StringMap<SmallVector<Operation *, 1>> named;
    for (Operation &op : function.getBody().front())
      if (Contraction::match(&op))
        named[getTensorName(op.getLoc())].push_back(&op);
    llvm::StringMap<unsigned> uses;
    for (CorrectableContraction &contraction : contractions)
      ++uses[getTensorName(contraction.getRoot()->getLoc())];
    SmallVector<std::pair<Value, int64_t>> sums;
    llvm::erase_if(contractions, [&](CorrectableContraction &contraction) {
      StringRef name = getTensorName(contraction.getRoot()->getLoc());
      auto found = named.find(name);
      if (name.empty() || uses[name] > 1 || found == named.end() || found->second.size() > 1)
        return true;
      Operation *op = found->second.front();
      sums.emplace_back(op->getResult(0), getResultAxis(op));
      return false;
    });
    if (sums.empty())
      return Means();
    returnMeans(function, sums);
    auto model = runner->compile(*module);
    if (failed(model))
      return failure();
    return getMeans(**model, {});
  }

  static FailureOr<Means> getMeans(SampledModel &model, const Means &shifts) {
    SmallVector<SmallVector<float>> extra;
    for (const SmallVector<double> &shift : shifts)
      extra.emplace_back(shift.begin(), shift.end());
    Means sums;
    unsigned samples = 0;
    auto observe = [&](unsigned i, ArrayRef<float> values) {
      samples += i == 0;
      if (sums.size() <= i)
        sums.resize(i + 1);
      sums[i].resize(values.size(), 0.0);
      for (auto [sum, value] : llvm::zip_equal(sums[i], values))
        sum += value;
    };
    if (failed(model.run(extra, observe)))
      return failure();
    for (SmallVector<double> &sum : sums)
      for (double &value : sum)
        value /= samples;
    return sums;
  }

  std::shared_ptr<SampleRunner> runner;
  ModuleOp exact; ///< the graph before anything was quantized
  WeightScheme scheme;
};

} // namespace

std::unique_ptr<Pass> createCorrectBiasBySamples(std::shared_ptr<SampleRunner> runner,
                                                 ModuleOp exact, const WeightScheme &scheme) {
  return std::make_unique<CorrectBiasBySamples>(std::move(runner), exact, scheme);
}

} // namespace octet
