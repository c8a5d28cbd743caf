// Each kernel is a node that costs one time in int8 and another in f32; a tensor between
// kernels of different precision costs a conversion, once however many read it. The
// labels of least total time are a minimum cut, which is exact: a region is judged as
// a whole, with its borders, without a search for regions.
//
// The alternative, to judge op by op, cannot leave a valley: each of two slow kernels in a
// row may only pay off in f32 if the other one goes along.

#include "passes/precision/MinCut.h"
#include "passes/precision/Passes.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_PREFERFASTERPRECISION
#include "passes/precision/Passes.h.inc"

namespace {

/// Microseconds that are not worth a word.
constexpr double kNothing = 0.1;

bool isReal(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// Costs are whole picoseconds, so that sums do not depend on their order.
int64_t toCost(double microseconds) { return std::llround(microseconds * 1e6); }

/// The kernels of a function and the f32 tensors between them.
class Problem {
public:
  struct Kernel {
    Operation *op;
    double int8, f32; ///< microseconds
    bool isInt8;      ///< the label
    bool isFree;      ///< whether the label may change
  };
  struct Tensor {
    int producer = -1; ///< -1: an input of the function
    SmallVector<unsigned> readers;
    bool isReturned = false;
    double quantize = 0, dequantize = 0; ///< microseconds
  };

  Problem(Block &block, const TimeModel &model) : model(model) {
    for (BlockArgument argument : block.getArguments())
      addTensor(argument, -1);
    for (Operation &op : block) {
      if (isa<ConstantOp>(op) || !op.hasAttr(kPrecisionAttr))
        continue;
      bool isInt8 = octet::isInt8(&op);
      auto reason = op.getAttrOfType<StringAttr>(kReasonAttr);
      bool isFree =
          isInt8 && !hasOwnBorders(&op) && !(reason && reason.getValue() == kConfigurationReason);
      numbers[&op] = kernels.size();
      kernels.push_back({&op, isInt8 ? model.getTime(&op, Precision::Int8) : 0,
                         isFree ? model.getTime(&op, Precision::F32) : 0, isInt8, isFree});
      for (Value result : op.getResults())
        addTensor(result, kernels.size() - 1);
    }
    for (auto &[value, tensor] : tensors)
      describe(value, tensor);
  }

  /// Moves free kernels to f32 where that takes less time in all.
  void solve() {
    MinCut cut; // the first side is int8
    std::vector<unsigned> nodes;
    for (const Kernel &kernel : kernels) {
      unsigned node = cut.addNode();
      nodes.push_back(node);
      if (kernel.isFree)
        cut.addCosts(node, toCost(kernel.int8), toCost(kernel.f32 * model.getMargin()));
      else
        cut.addCosts(node, kernel.isInt8 ? 0 : MinCut::kNever, kernel.isInt8 ? MinCut::kNever : 0);
    }
    unsigned outside = cut.addNode();
    cut.addCosts(outside, MinCut::kNever, 0);
    for (auto &[value, tensor] : tensors) {
      unsigned producer = tensor.producer < 0 ? outside : nodes[tensor.producer];
      // A node of its own for each conversion, forced to the side of any reader that
      // wants it, lets the cost count once.
      unsigned integers = cut.addNode(), reals = cut.addNode();
      cut.addCut(integers, producer, toCost(tensor.quantize));
      cut.addCut(producer, reals, toCost(tensor.dequantize));
      for (unsigned reader : tensor.readers) {
        cut.addCut(nodes[reader], integers, MinCut::kNever);
        cut.addCut(reals, nodes[reader], MinCut::kNever);
      }
      if (tensor.isReturned)
        cut.addCut(reals, outside, MinCut::kNever);
    }
    std::vector<bool> first = cut.solve();
    for (auto [kernel, node] : llvm::zip(kernels, nodes))
      kernel.isInt8 = first[node];
  }

  /// Writes what solve() changed, region by region.
  void apply() {
    llvm::DenseSet<unsigned> done;
    for (unsigned k = 0; k < kernels.size(); ++k)
      if (isMoved(k) && !done.contains(k)) {
        llvm::SetVector<unsigned> region = getRegion(k);
        done.insert(region.begin(), region.end());
        std::string reason = getReason(region);
        for (unsigned member : region)
          fallBackToF32(kernels[member].op, reason);
      }
  }

private:
  void addTensor(Value value, int producer) {
    if (isReal(value))
      tensors[value].producer = producer;
  }

  void describe(Value value, Tensor &tensor) {
    auto type = cast<RankedTensorType>(value.getType());
    bool allInRegisters = true;
    for (OpOperand &use : value.getUses()) {
      Operation *reader = use.getOwner();
      if (reader->hasTrait<OpTrait::IsTerminator>()) {
        tensor.isReturned = true;
        allInRegisters = false;
        continue;
      }
      auto number = numbers.find(reader);
      if (number == numbers.end())
        continue;
      tensor.readers.push_back(number->second);
      Operation *root = getRootOp(reader);
      allInRegisters &= isa<FusedOp>(reader) && !(root && isRootOperand(use, root));
    }
    bool single = value.hasOneUse();
    Operation *producer = value.getDefiningOp();
    // A contraction gives f32 as easily as integers if nobody wants these.
    bool isContraction = producer && getRole(getRootOp(producer)) == QuantizationRole::Contraction;
    tensor.dequantize = model.getBorderTime(
        type, Precision::Int8, Precision::F32,
        allInRegisters || (isContraction && single) ? BorderPlace::Registers : BorderPlace::Kernel);
    tensor.quantize =
        model.getBorderTime(type, Precision::F32, Precision::Int8,
                            isa_and_nonnull<FusedOp>(producer) && single ? BorderPlace::Registers
                                                                         : BorderPlace::Kernel);
    // A plane that comes in is copied to channels-last order by its f32 readers, too.
    if (!producer && type.getRank() == 4)
      tensor.quantize = 0;
  }

  bool isMoved(unsigned k) const { return kernels[k].isFree && !kernels[k].isInt8; }

  /// The moved kernels that are connected to `start` by tensors.
  llvm::SetVector<unsigned> getRegion(unsigned start) const {
    llvm::SetVector<unsigned> region;
    region.insert(start);
    for (unsigned i = 0; i < region.size(); ++i)
      for (const auto &[value, tensor] : tensors)
        if (touches(tensor, region[i])) {
          if (tensor.producer >= 0 && isMoved(tensor.producer))
            region.insert(tensor.producer);
          for (unsigned reader : tensor.readers)
            if (isMoved(reader))
              region.insert(reader);
        }
    return region;
  }

  static bool touches(const Tensor &tensor, unsigned kernel) {
    return tensor.producer == static_cast<int>(kernel) ||
           llvm::is_contained(tensor.readers, kernel);
  }

  /// Time of the borders around and in `region`, if its label were `isInt8`.
  double getBorders(const llvm::SetVector<unsigned> &region, bool isInt8) const {
    auto getLabel = [&](int kernel) {
      if (kernel < 0)
        return false;
      return region.contains(kernel) ? isInt8 : kernels[kernel].isInt8;
    };
    double time = 0;
    for (const auto &[value, tensor] : tensors) {
      if (llvm::none_of(region, [&, &tensor = tensor](unsigned k) { return touches(tensor, k); }))
        continue;
      bool wantsInt8 = llvm::any_of(tensor.readers, getLabel);
      bool wantsF32 = tensor.isReturned || !llvm::all_of(tensor.readers, getLabel);
      if (getLabel(tensor.producer))
        time += wantsF32 ? tensor.dequantize : 0;
      else
        time += wantsInt8 ? tensor.quantize : 0;
    }
    return time;
  }

  std::string getReason(const llvm::SetVector<unsigned> &region) const {
    double int8 = 0, f32 = 0;
    for (unsigned k : region) {
      int8 += kernels[k].int8;
      f32 += kernels[k].f32;
    }
    auto print = [](double time, double borders) {
      std::string text = llvm::formatv("{0:F1} us", time);
      if (borders >= kNothing)
        text += llvm::formatv(" + {0:F1} us of borders", borders).str();
      return text;
    };
    // Moves between f32 values, which would not be integers in any case.
    if (int8 < kNothing && f32 < kNothing)
      return "reads f32";
    std::string reason = "int8 would be slower: " + print(int8, getBorders(region, true)) +
                         " against " + print(f32, getBorders(region, false)) + " in f32";
    if (region.size() > 1)
      reason += ", with " + std::to_string(region.size() - 1) + " neighbours";
    return reason;
  }

  const TimeModel &model;
  std::vector<Kernel> kernels;
  llvm::DenseMap<Operation *, unsigned> numbers;
  llvm::MapVector<Value, Tensor> tensors;
};

struct PreferFasterPrecision : impl::PreferFasterPrecisionBase<PreferFasterPrecision> {
  PreferFasterPrecision(StringRef cpu, TimeModelFactory factory) : factory(std::move(factory)) {
    target = cpu.str();
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    Block &block = function.getBody().front();
    if (llvm::none_of(block, [](Operation &op) { return isInt8(&op); }))
      return;
    std::string error;
    std::shared_ptr<const TimeModel> model = factory(target, error);
    if (!model) {
      emitError(UnknownLoc::get(&getContext()), error);
      return signalPassFailure();
    }
    Problem problem(block, *model);
    problem.solve();
    problem.apply();
  }

private:
  TimeModelFactory factory;
};

} // namespace

std::unique_ptr<Pass> createPreferFasterPrecision(StringRef target, TimeModelFactory factory) {
  return std::make_unique<PreferFasterPrecision>(target, std::move(factory));
}

} // namespace octet
