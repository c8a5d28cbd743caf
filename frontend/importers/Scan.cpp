// Scan: a loop whose trip count is the extent of the sequences that it reads, unrolled as Loop is.

#include "dialect/IndexOps.h"
#include "dialect/LogicOps.h"
#include "frontend/OpTable.h"
#include "frontend/importers/ControlFlow.h"

using namespace mlir;

namespace octet {

namespace {

/// Axes and directions of a Scan's inputs or outputs, with their defaults.
struct ScanOrder {
  SmallVector<int64_t> axes, directions;

  static ScanOrder read(NodeReader &node, StringRef axes, StringRef directions, size_t count) {
    SmallVector<int64_t> zeros(count, 0);
    ScanOrder order{axes.empty() ? zeros : node.integers(axes, zeros),
                    node.integers(directions, zeros)};
    if (order.axes.size() != count || order.directions.size() != count)
      node.error() << "expected " << count << " axes and directions, got " << order.axes.size()
                   << " and " << order.directions.size();
    for (int64_t direction : order.directions)
      if (direction != 0 && direction != 1)
        node.error() << "expected 0 or 1 as direction, got " << direction;
    return order;
  }
};

struct Scan {
  std::unique_ptr<NestedGraph> body;
  ScanOrder in, out;
  /// Along the axes of all inputs.
  int64_t length = -1;
  /// Steps that do not happen, whose outputs are zeros.
  int64_t missing = 0;
  /// The number of those that do, one integer, where it is computed.
  Value computedLength;
  /// Of each type that outputs have.
  DenseMap<Type, Value> zeros;
};

} // namespace

static bool checkLength(NodeReader &node, Scan &scan, int64_t extent) {
  if (scan.length < 0)
    scan.length = extent;
  if (scan.length == extent)
    return true;
  node.error() << "expected inputs of one length, got " << scan.length << " and " << extent;
  return false;
}

static Value getZeros(NodeReader &node, NodeBuilder &build, Scan &scan, RankedTensorType type) {
  Value &zeros = scan.zeros[type];
  if (zeros)
    return zeros;
  if (isa<quant::QuantizedType>(type.getElementType()))
    node.error() << "expected outputs without a scale where sequences end early, got " << type;
  if (!node.failed() && build.checkGenerated(type.getNumElements()))
    zeros = build.constant(reference::Tensor(type).toAttr(getTensorName(node.getLoc())));
  return zeros;
}

/// Lets step i happen only where the sequence is long enough: otherwise states stay, and
/// outputs are zeros.
static void maskStep(NodeReader &node, NodeBuilder &build, Scan &scan, int64_t i,
                     ArrayRef<Value> states, SmallVector<Value> &results) {
  Type type = getElementTypeOrSelf(scan.computedLength.getType());
  Value happens = build.create<CompareOp>(scan.computedLength, build.scalar(type, i),
                                          ComparePredicate::Greater);
  for (auto [k, result] : llvm::enumerate(results)) {
    if (node.failed())
      return;
    Value other =
        k < states.size() ? states[k] : getZeros(node, build, scan, getTensorType(result));
    if (other)
      result = selectValue(node, build, happens, result, other);
  }
}

/// Final states and stacked outputs; empty after a report.
static SmallVector<Value> unroll(NodeReader &node, NodeBuilder &build, Scan &scan,
                                 SmallVector<Value> states, ArrayRef<Value> sequences,
                                 StringRef label) {
  SmallVector<SmallVector<Value>> scanned(scan.body->getNumOutputs() - states.size());
  for (int64_t i = 0; i < scan.length; ++i) {
    SmallVector<Value> inputs(states);
    for (auto [k, sequence] : llvm::enumerate(sequences))
      inputs.push_back(
          pick(build, sequence, scan.in.axes[k], scan.in.directions[k] ? scan.length - 1 - i : i));
    if (node.failed())
      return {};
    auto results = scan.body->import(inputs, (label + Twine(i)).str());
    if (!results)
      return {};
    if (scan.computedLength)
      maskStep(node, build, scan, i, states, *results);
    if (node.failed())
      return {};
    states.assign(results->begin(), results->begin() + states.size());
    for (auto [values, value] :
         llvm::zip_equal(scanned, ArrayRef(*results).drop_front(states.size())))
      values.push_back(value);
  }
  SmallVector<Value> outputs(states);
  for (auto [k, values] : llvm::enumerate(scanned)) {
    RankedTensorType type = values.empty() ? scan.body->getOutputType(states.size() + k)
                                           : getTensorType(values.front());
    auto axis = node.axis(scan.out.axes[k], type ? type.getRank() + 1 : 1);
    if (!axis)
      return {};
    if (scan.missing && type)
      values.append(scan.missing, getZeros(node, build, scan, type));
    if (node.failed())
      return {};
    if (scan.out.directions[k])
      std::reverse(values.begin(), values.end());
    outputs.push_back(stack(node, build, values, *axis, type));
  }
  if (node.failed())
    return {};
  return outputs;
}

static bool splitInputs(NodeReader &node, unsigned first, SmallVector<Value> &states,
                        SmallVector<Value> &sequences) {
  int64_t count = node.requiredInteger("num_scan_inputs");
  int64_t inputs = static_cast<int64_t>(node.getNumInputs()) - first;
  if (!node.failed() && (count < 1 || count > inputs))
    node.error() << "expected num_scan_inputs of 1 to " << inputs << ", got " << count;
  for (int64_t i = 0; i < inputs && !node.failed(); ++i)
    (i < inputs - count ? states : sequences).push_back(node.input(first + i));
  return !node.failed();
}

void importScan(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> states, sequences;
  Scan scan;
  scan.body = build.openGraph("body");
  if (!splitInputs(node, 0, states, sequences) ||
      !checkBody(node, *scan.body, states.size() + sequences.size(), states.size()))
    return;
  scan.in = ScanOrder::read(node, "scan_input_axes", "scan_input_directions", sequences.size());
  scan.out = ScanOrder::read(node, "scan_output_axes", "scan_output_directions",
                             scan.body->getNumOutputs() - states.size());
  if (node.failed())
    return;
  for (auto [sequence, axis] : llvm::zip_equal(sequences, scan.in.axes)) {
    auto normal = node.axis(axis, getTensorType(sequence).getRank());
    if (!normal || !checkLength(node, scan, getTensorType(sequence).getDimSize(*normal)))
      return;
    axis = *normal;
  }
  build.setResults(unroll(node, build, scan, states, sequences, ""));
}

/// The lengths of a batch's sequences, where they are known; what is scanned backwards is
/// turned around where they are not. nullopt after a report.
static std::optional<SmallVector<int64_t>> readLengths(NodeReader &node, NodeBuilder &build,
                                                       Scan &scan, int64_t batch,
                                                       SmallVector<Value> &sequences) {
  SmallVector<int64_t> known(batch, scan.length);
  Value lengths = node.optionalInput(0);
  if (!lengths || node.failed())
    return node.failed() ? std::nullopt : std::optional(known);
  RankedTensorType type = node.inputType(0);
  if (type.getShape() != ArrayRef(batch) || !type.getElementType().isInteger(64)) {
    node.error() << "expected sequence_lens of " << batch << " elements of int64, got " << type;
    return std::nullopt;
  }
  if (getConstantValue(lengths)) {
    known = *node.constantIntegers(0, "sequence_lens");
    for (int64_t length : known)
      if (length < 1 || length > scan.length) {
        node.error() << "expected sequence_lens of 1 to " << scan.length << ", got " << length;
        return std::nullopt;
      }
    return known;
  }
  scan.computedLength = lengths;
  for (auto [sequence, direction] : llvm::zip_equal(sequences, scan.in.directions)) {
    if (direction)
      sequence = build.create<ReverseSequenceOp>(sequence, lengths, 0, 1);
    direction = 0;
  }
  return node.failed() ? std::nullopt : std::optional(known);
}

// Opset 8: all tensors have a batch in front, and each sample of it is a scan of its own.
void importBatchedScan(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> states, sequences;
  Scan scan;
  scan.body = build.openGraph("body");
  if (!splitInputs(node, 1, states, sequences) ||
      !checkBody(node, *scan.body, states.size() + sequences.size(), states.size()))
    return;
  scan.in = ScanOrder::read(node, "", "directions", sequences.size());
  scan.out.axes.assign(scan.body->getNumOutputs() - states.size(), 0);
  scan.out.directions = scan.out.axes;
  int64_t batch = -1;
  for (Value input : llvm::concat<Value>(states, sequences)) {
    RankedTensorType type = getTensorType(input);
    if (type.getRank() < 1 || (batch >= 0 && type.getDimSize(0) != batch)) {
      node.error() << "expected a batch of one extent in front of all inputs, got " << type;
      return;
    }
    batch = type.getDimSize(0);
  }
  for (Value sequence : sequences) {
    RankedTensorType type = getTensorType(sequence);
    if (type.getRank() < 2) {
      node.error() << "expected batch and sequence as dimensions, got " << type;
      return;
    }
    if (!checkLength(node, scan, type.getDimSize(1)))
      return;
  }
  auto lengths = readLengths(node, build, scan, batch, sequences);
  if (!lengths)
    return;
  Value computedLengths = scan.computedLength;
  int64_t longest = scan.length;
  SmallVector<SmallVector<Value>> samples(scan.body->getNumOutputs());
  for (int64_t sample = 0; sample < batch && !node.failed(); ++sample) {
    auto pickAll = [&](ArrayRef<Value> values) {
      return llvm::map_to_vector(values, [&](Value x) { return pick(build, x, 0, sample); });
    };
    SmallVector<Value> first = pickAll(states), rest = pickAll(sequences);
    scan.length = (*lengths)[sample];
    scan.missing = longest - scan.length;
    if (computedLengths)
      scan.computedLength = pick(build, computedLengths, 0, sample);
    if (node.failed())
      return;
    SmallVector<Value> results =
        unroll(node, build, scan, first, rest, (Twine(sample) + "/").str());
    if (node.failed())
      return;
    for (auto [values, value] : llvm::zip_equal(samples, results))
      values.push_back(value);
  }
  SmallVector<Value> outputs;
  for (auto &values : samples)
    outputs.push_back(stack(node, build, values, 0, {}));
  build.setResults(outputs);
}

} // namespace octet
