#include "frontend/importers/ControlFlow.h"

#include "dialect/LogicOps.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

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

Value selectValue(NodeReader &node, NodeBuilder &build, Value condition, Value a, Value b) {
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
    results.push_back(selectValue(node, build, condition, a, b));
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

Value pick(NodeBuilder &build, Value x, int64_t axis, int64_t i) {
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

Value stack(NodeReader &node, NodeBuilder &build, ArrayRef<Value> values, int64_t axis,
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

bool checkBody(NodeReader &node, const NestedGraph &body, unsigned inputs, unsigned leastOutputs) {
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
      state = active ? selectValue(node, build, active, next, state) : next;
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

} // namespace octet
