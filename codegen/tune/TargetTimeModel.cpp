// The time of a kernel is, in cycles:
//
//   contraction     the cost model of tiles (codegen/microkernel/Tiling.cpp), for the row
//                   of the precision, at least the time that weights take to arrive; for
//                   integers kRequantize more for each vector of results; on transformed
//                   tiles where that is chosen (codegen/microkernel/WinogradDecision.cpp)
//   depthwise       a multiply for each word of taps and, of integers, the packing of the
//                   columns that a result does not share, for each vector of results; memory
//   attention       as two contractions, and kSoftmax for each vector of scores; memory
//   any other root  memory, with each window read once for each result
//   elementwise     memory, and kConvert for each vector of every u8 operand and result
//   moves           memory; a reshape is free
//
// and kLaunch. Memory is the bytes of each tensor that is read or written, at the rate of the
// caches while the tensor fits L2, at that of what lies behind beyond. Weights come from
// the last level of the caches.

#include "codegen/tune/TargetTimeModel.h"

#include "codegen/microkernel/Tiling.h"
#include "codegen/microkernel/WinogradDecision.h"
#include "passes/precision/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::divideCeil;

namespace octet::codegen {

// Any clock will do: times are compared with times of one target.
constexpr double kCyclesInMicrosecond = 4000;
// Bytes in a cycle: from L2, as for the weights of a tile; weights, which stream from L3;
// tensors that exceed L2 (of a megabyte), whose stores have to be read first.
constexpr double kCached = 32, kWeights = 16, kUncached = 8;
constexpr int64_t kL2 = 1 << 20;
// A call of octet_launch with one thread, its thunk and the kernel's parameters, on Zen 5.
constexpr double kLaunch = 100;
// Instructions around an f32 step in an int8 kernel: widen, subtract, convert, scale;
// and scale, round, bound, narrow. Three start in a cycle.
constexpr double kConvert = 4.0 / 3, kRequantize = 2;
// Two loads, an exponential and its sum; measured on Zen 5 as a share of attention.
constexpr double kSoftmax = 12;
// Multiplies and loads that start in a cycle; of rows that also add and widen, whose
// instructions have a third port on every CPU since Haswell, all of these.
constexpr double kPorts = 2, kMixedPorts = 3;

static int64_t getBytes(Precision precision) {
  switch (precision) {
  case Precision::Int8:
    return 1;
  case Precision::BF16:
    return 2;
  case Precision::F32:
    return 4;
  }
  llvm_unreachable("all precisions are above");
}

static DotOperands getOperands(Precision precision) {
  switch (precision) {
  case Precision::Int8:
    return DotOperands::U8S8;
  case Precision::BF16:
    return DotOperands::BF16;
  case Precision::F32:
    return DotOperands::F32;
  }
  llvm_unreachable("all precisions are above");
}

static int64_t getElements(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

static Operation *getRoot(Operation *op) {
  auto group = dyn_cast<FusedOp>(op);
  return group ? group.getRoot() : op;
}

/// Cycles of reading or writing that many elements.
static double getMemoryCycles(int64_t elements, Precision precision) {
  int64_t bytes = elements * getBytes(precision);
  return bytes / (bytes > kL2 ? kUncached : kCached);
}

/// Instructions of a row's multiply that start in a cycle.
static double getIssue(const Microkernel &row) { return row.dotCost > 1 ? kMixedPorts : kPorts; }

double TargetTimeModel::getDepthwiseCycles(ConvOp op, const Microkernel &row) const {
  auto wType = op.getWeights().getType();
  int64_t height = wType.getDimSize(2), width = wType.getDimSize(3);
  double vectors = double(getElements(op.getY())) / row.lanes;
  double multiplies = width * divideCeil(height, row.getDot()) * row.dotCost / getIssue(row);
  if (row.getDot() == 1)
    return vectors * (multiplies + 1);
  // Windows that overlap share their columns; eight instructions pack four of bytes into
  // four registers of words.
  int64_t columns = std::min<int64_t>(op.getStrides()[1], width);
  double packing = 2.0 * columns * divideCeil(height, row.getDot()) / kMixedPorts;
  return vectors * (multiplies + packing + kRequantize / 2);
}

double TargetTimeModel::getContractionCycles(Operation *root, Precision precision) const {
  // What the weights may prove is not known before they are integers.
  const Microkernel &row = selectMicrokernel(target, getOperands(precision), false);
  int64_t dot = row.getDot(), bytes = getBytes(precision);
  TilingProblem problem{{1, 1, 1}, 1, 1, 1, getElements(root->getOperand(0)) * bytes, false};
  if (auto conv = dyn_cast<ConvOp>(root)) {
    if (conv.isDepthwise())
      return getDepthwiseCycles(conv, row);
    auto yType = conv.getY().getType(), wType = conv.getWeights().getType();
    int64_t channels = wType.getDimSize(1), height = wType.getDimSize(2),
            width = wType.getDimSize(3);
    problem.rows = {yType.getDimSize(0), yType.getDimSize(2), yType.getDimSize(3)};
    problem.groups = conv.getGroup();
    problem.channels = yType.getDimSize(1) / problem.groups;
    // The columns of a single channel lie side by side.
    problem.steps = channels == 1 ? height * divideCeil(width, dot)
                                  : height * width * divideCeil(channels, dot);
  } else {
    auto bType = cast<RankedTensorType>(root->getOperand(1).getType());
    int64_t depth = bType.getDimSize(std::max<int64_t>(bType.getRank() - 2, 0));
    problem.channels = bType.getRank() > 1 ? bType.getShape().back() : 1;
    problem.rows[2] = std::max<int64_t>(getElements(root->getResult(0)) / problem.channels, 1);
    problem.steps = divideCeil(depth, dot);
  }
  double cycles = estimateCycles(row, problem, chooseTiling(row, problem));
  auto conv = dyn_cast<ConvOp>(root);
  bool maySave = winograd && conv && precision == Precision::F32;
  if (auto window = maySave ? getWinogradProblem(conv) : std::nullopt)
    if (auto plan = chooseWinograd(row, *window, cycles))
      return estimateCycles(row, *window, *plan);
  cycles *= kPorts / getIssue(row);
  if (precision == Precision::Int8)
    cycles += kRequantize * getElements(root->getResult(0)) / row.lanes;
  return std::max(cycles, getElements(root->getOperand(1)) * bytes / kWeights);
}

double TargetTimeModel::getAttentionCycles(AttentionOp op, Precision precision) const {
  DotOperands operands = precision == Precision::Int8   ? DotOperands::U8S8
                         : precision == Precision::BF16 ? DotOperands::BF16
                                                        : DotOperands::F32;
  const Microkernel &row = selectMicrokernel(target, operands, false);
  ArrayRef<int64_t> q = op.getQ().getType().getShape(), v = op.getV().getType().getShape();
  int64_t heads = q[0] * q[2], queries = q[1], depth = q[3], keys = v[1], width = v[3];
  auto estimate = [&](int64_t channels, int64_t length) {
    TilingProblem problem{{1, 1, queries},
                          channels,
                          heads,
                          static_cast<int64_t>(divideCeil(length, row.getDot())),
                          queries * length * getBytes(precision),
                          false};
    return estimateCycles(row, problem, chooseTiling(row, problem)) * kPorts / getIssue(row);
  };
  double vectors = double(heads) * queries * keys / row.lanes;
  return estimate(keys, depth) + estimate(width, keys) + kSoftmax * vectors;
}

double TargetTimeModel::getTime(Operation *op, Precision precision) const {
  if (isa<ReshapeOp>(op))
    return 0;
  Operation *root = getRoot(op);
  Value result = op->getResult(0);
  auto quantizable = dyn_cast_or_null<QuantizableOpInterface>(root);
  bool isContraction =
      quantizable && quantizable.getQuantizationRole() == QuantizationRole::Contraction;
  auto conv = dyn_cast_or_null<ConvOp>(root);
  bool isDense = isContraction && !(conv && conv.isDepthwise());
  double cycles = kLaunch + getMemoryCycles(getElements(result), precision);
  int64_t activations = getElements(result);
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    // Loads of a dense product are part of its steps.
    if (getConstantValue(operand) || (isDense && i == 0))
      continue;
    cycles += getMemoryCycles(getElements(operand), precision);
    activations += getElements(operand);
  }
  if (isContraction) {
    cycles += getContractionCycles(root, precision);
  } else if (auto attention = dyn_cast_or_null<AttentionOp>(root)) {
    cycles += getAttentionCycles(attention, precision);
  } else if (root && root->hasAttr("kernel")) {
    int64_t taps = 1;
    for (int64_t extent : root->getAttrOfType<DenseI64ArrayAttr>("kernel").asArrayRef())
      taps *= extent;
    cycles += (taps - 1) * double(getElements(result) * getBytes(precision)) / kCached;
  } else if (!root && precision == Precision::Int8) {
    cycles += kConvert * activations / target.getLanes();
  }
  return cycles / kCyclesInMicrosecond;
}

double TargetTimeModel::getBorderTime(RankedTensorType type, Precision from, Precision to,
                                      BorderPlace place) const {
  if (from == to)
    return 0;
  int64_t elements = type.getNumElements();
  // bf16 is f32 with fewer bits: there is nothing to scale.
  bool scales = from == Precision::Int8 || to == Precision::Int8;
  double cycles = scales ? kConvert * elements / target.getLanes() : 0;
  if (place == BorderPlace::Kernel)
    cycles += kLaunch + getMemoryCycles(elements, from) + getMemoryCycles(elements, to);
  return cycles / kCyclesInMicrosecond;
}

// The largest element, and the least; of planes in channels-last order, which reductions do not
// read, a copy in the other order comes first.
double TargetTimeModel::getRangeTime(RankedTensorType type) const {
  double pass = kLaunch + getMemoryCycles(type.getNumElements(), Precision::F32);
  return (type.getRank() == 4 ? 4 : 2) * pass / kCyclesInMicrosecond;
}

std::shared_ptr<const TimeModel> TargetTimeModel::create(StringRef name, std::string &error) {
  auto target = lookupTarget(name, error);
  if (failed(target))
    return nullptr;
  return std::make_shared<TargetTimeModel>(std::move(*target));
}

void registerTimedPasses() {
  registerPass([] { return createPreferFasterPrecision("native", TargetTimeModel::create); });
  registerPass([] { return createPreferFasterDynamic("native", TargetTimeModel::create); });
  registerPass([] { return createSharePrecisions(); });
}

} // namespace octet::codegen
