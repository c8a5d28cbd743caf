// If, Loop and Scan. Shapes are static and ops have no effects, so that control flow becomes
// data flow at import: loops are unrolled, both branches of a condition that is not known are
// computed, and what the condition decides is a select.

#include "dialect/LogicOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static bool checkCondition(NodeReader &node, Value condition) {
  RankedTensorType type = getTensorType(condition);
  if (type.getElementType().isInteger(1) && type.getNumElements() == 1)
    return true;
  node.error() << "expected one bool as condition, got " << type;
  return false;
}

static std::optional<bool> getKnown(Value condition) {
  ElementsAttr value = getConstantValue(condition);
  if (!value)
    return std::nullopt;
  return reference::Tensor::fromAttr(value, getTensorType(condition)).getInteger(0) != 0;
}

/// `condition ? a : b` of one type; null after a report.
static Value select(NodeReader &node, NodeBuilder &build, Value condition, Value a, Value b) {
  if (a == b)
    return a;
  if (a.getType() != b.getType()) {
    node.error() << "expected values of one type, as the condition is computed, got " << a.getType()
                 << " and " << b.getType();
    return {};
  }
  return build.create<SelectOp>(build.reshape(condition, {}), a, b);
}

void importIf(NodeReader &node, NodeBuilder &build) {
  Value condition = node.input(0);
  auto thenBranch = build.openGraph("then_branch"), elseBranch = build.openGraph("else_branch");
  if (node.failed() || !checkCondition(node, condition))
    return;
  for (auto *branch : {thenBranch.get(), elseBranch.get()})
    if (branch->getNumInputs() != 0 || branch->getNumOutputs() != node.getNumOutputs()) {
      node.error() << "expected branches without inputs and with " << node.getNumOutputs()
                   << " outputs, got " << branch->getNumInputs() << " and "
                   << branch->getNumOutputs();
      return;
    }
  std::optional<bool> known = getKnown(condition);
  if (known) {
    if (auto results = (*known ? thenBranch : elseBranch)->import({}, *known ? "then" : "else"))
      build.setResults(*results);
    return;
  }
  auto thenResults = thenBranch->import({}, "then"), elseResults = elseBranch->import({}, "else");
  if (!thenResults || !elseResults)
    return;
  SmallVector<Value> results;
  for (auto [a, b] : llvm::zip_equal(*thenResults, *elseResults)) {
    results.push_back(select(node, build, condition, a, b));
    if (node.failed())
      return;
  }
  build.setResults(results);
}

static Value insertAxis(NodeBuilder &build, Value x, int64_t axis) {
  SmallVector<int64_t> shape(getTensorType(x).getShape());
  shape.insert(shape.begin() + axis, 1);
  return build.reshape(x, shape);
}

/// Slice `i` along an axis, without it.
static Value pick(NodeBuilder &build, Value x, int64_t axis, int64_t i) {
  RankedTensorType type = getTensorType(x);
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1);
  offsets[axis] = i;
  sizes[axis] = 1;
  Value slice = type.getDimSize(axis) == 1 ? x : build.create<SliceOp>(x, offsets, sizes, steps);
  if (!slice)
    return {};
  sizes.erase(sizes.begin() + axis);
  return build.reshape(slice, sizes);
}

/// Joins what iterations gave along a new axis; `type` is that of one of them, where there
/// are none.
static Value stack(NodeReader &node, NodeBuilder &build, ArrayRef<Value> values, int64_t axis,
                   RankedTensorType type) {
  if (values.empty()) {
    if (!type) {
      node.error() << "expected a declared shape of what no iteration computes, got none";
      return {};
    }
    SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin() + axis, 0);
    return build.constant(reference::Tensor(RankedTensorType::get(shape, type.getElementType()))
                              .toAttr(getTensorName(node.getLoc())));
  }
  SmallVector<Value> parts;
  for (Value value : values) {
    if (value.getType() != values.front().getType()) {
      node.error() << "expected one type in all iterations, got " << values.front().getType()
                   << " and " << value.getType();
      return {};
    }
    parts.push_back(insertAxis(build, value, axis));
    if (node.failed())
      return {};
  }
  return parts.size() == 1 ? parts.front() : build.create<ConcatOp>(parts, axis);
}

static Value makeScalar(NodeReader &node, NodeBuilder &build, Type type, int64_t value) {
  reference::Tensor tensor(RankedTensorType::get({}, type));
  tensor.setInteger(0, value);
  return build.constant(tensor.toAttr(getTensorName(node.getLoc())));
}

static bool checkBody(NodeReader &node, const NestedGraph &body, unsigned inputs,
                      unsigned leastOutputs) {
  if (body.getNumInputs() == inputs && body.getNumOutputs() >= leastOutputs)
    return true;
  node.error() << "expected a body of " << inputs << " inputs and at least " << leastOutputs
               << " outputs, got " << body.getNumInputs() << " and " << body.getNumOutputs();
  return false;
}

void importLoop(NodeReader &node, NodeBuilder &build) {
  Type i64 = IntegerType::get(node.getContext(), 64), i1 = IntegerType::get(node.getContext(), 1);
  Value count = node.optionalInput(0), condition = node.optionalInput(1);
  SmallVector<Value> carried;
  for (unsigned i = 2; i < node.getNumInputs(); ++i)
    carried.push_back(node.input(i));
  auto body = build.openGraph("body");
  if (node.failed() || !checkBody(node, *body, 2 + carried.size(), 1 + carried.size()))
    return;
  int64_t trips = std::numeric_limits<int64_t>::max();
  if (count) {
    auto given = node.constantIntegers(0, "the trip count");
    if (given && given->size() != 1)
      node.error() << "expected one trip count, got " << given->size();
    if (node.failed())
      return;
    trips = given->front();
  }
  if (!condition)
    condition = makeScalar(node, build, i1, 1);
  SmallVector<SmallVector<Value>> scanned(body->getNumOutputs() - 1 - carried.size());
  // Whether iteration i happens, where that is computed; null as long as it is known.
  Value active;
  for (int64_t i = 0; i < trips; ++i) {
    if (!condition || !checkCondition(node, condition))
      return;
    std::optional<bool> known = getKnown(condition);
    if (!known && (!count || !scanned.empty())) {
      node.error() << "expected the condition to be constant where there is no trip count or "
                      "what iterations give is joined, got a computed tensor";
      return;
    }
    if (!known) {
      condition = build.reshape(condition, {});
      active = active ? build.create<BitwiseOp>(active, condition, BitwiseKind::And) : condition;
    } else if (!*known) {
      break;
    }
    SmallVector<Value> inputs{makeScalar(node, build, i64, i), condition};
    inputs.append(carried);
    auto results = body->import(inputs, std::to_string(i));
    if (!results)
      return;
    condition = results->front();
    ArrayRef<Value> rest = ArrayRef(*results).drop_front();
    for (auto [state, next] : llvm::zip(carried, rest)) {
      state = active ? select(node, build, active, next, state) : next;
      if (node.failed())
        return;
    }
    for (auto [values, value] : llvm::zip_equal(scanned, rest.drop_front(carried.size())))
      values.push_back(value);
  }
  SmallVector<Value> outputs(carried);
  for (auto [k, values] : llvm::enumerate(scanned))
    outputs.push_back(stack(node, build, values, 0, body->getOutputType(1 + carried.size() + k)));
  build.setResults(outputs);
}

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
  Scan scan{build.openGraph("body"), {}, {}, -1};
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

// Opset 8: all tensors have a batch in front, and each sample of it is a scan of its own.
void importBatchedScan(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> states, sequences;
  Scan scan{build.openGraph("body"), {}, {}, -1};
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
  SmallVector<SmallVector<Value>> samples(scan.body->getNumOutputs());
  for (int64_t sample = 0; sample < batch && !node.failed(); ++sample) {
    auto pickAll = [&](ArrayRef<Value> values) {
      return llvm::map_to_vector(values, [&](Value x) { return pick(build, x, 0, sample); });
    };
    SmallVector<Value> first = pickAll(states), rest = pickAll(sequences);
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
