#include "frontend/importers/Recurrence.h"

#include "dialect/LogicOps.h"
#include "frontend/ElementTypes.h"

using namespace mlir;

namespace octet {

/// Steps of all directions together. Each is about four kernels and takes two to three
/// milliseconds to compile.
constexpr int64_t kMaxSteps = 8192;
/// What a step counts as when a model is unrolled.
constexpr int64_t kNodesOfStep = 4;

Value Recurrence::columns(Value x, int64_t first, int64_t count) {
  if (node.failed())
    return {};
  RankedTensorType type = typeOf(x);
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1);
  if (sizes.back() == count)
    return x;
  offsets.back() = first;
  sizes.back() = count;
  return build.create<SliceOp>(x, offsets, sizes, steps);
}

Value Recurrence::part(Value x, int64_t d) {
  if (node.failed())
    return {};
  RankedTensorType type = typeOf(x);
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1);
  offsets[0] = d;
  sizes[0] = 1;
  Value slice = type.getDimSize(0) == 1 ? x : build.create<SliceOp>(x, offsets, sizes, steps);
  return slice ? build.reshape(slice, type.getShape().drop_front()) : Value();
}

Value Recurrence::multiply(Value a, Value b, Value bias) {
  if (node.failed())
    return {};
  bool isOperand = bias && getConstantValue(node.input(3));
  Value product = build.create<MatMulOp>(a, b, isOperand ? bias : Value());
  return bias && !isOperand ? add(product, bias) : product;
}

Value Recurrence::addRecurrent(Value x, Value state, Value r, Value bias) {
  if (node.failed())
    return {};
  if (!state)
    return bias ? add(x, bias) : x;
  return add(multiply(state, r, bias), x);
}

Value Recurrence::limit(Value x) {
  if (clip == 0 || node.failed())
    return x;
  return build.create<ClipOp>(x, APFloat(-clip), APFloat(clip));
}

bool Recurrence::expectShape(unsigned i, ArrayRef<int64_t> shape) {
  if (!node.hasInput(i) || node.failed())
    return !node.failed();
  RankedTensorType type = node.inputType(i);
  if (type.getShape() == shape)
    return true;
  node.error() << "expected input " << i << " of shape " << printShape(shape) << ", got " << type;
  return false;
}

bool Recurrence::readShapes() {
  RankedTensorType x = node.inputType(0), w = node.inputType(1), r = node.inputType(2);
  isBatchFirst = node.flag("layout", false);
  StringRef direction = node.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    node.error() << "expected forward, reverse or bidirectional as direction, got '" << direction
                 << "'";
  if (node.failed())
    return false;
  directions = direction == "bidirectional" ? 2 : 1;
  if (x.getRank() != 3 || w.getRank() != 3 || r.getRank() != 3) {
    node.error() << "expected X, W and R of three dimensions, got " << x << ", " << w << " and "
                 << r;
    return false;
  }
  length = x.getDimSize(isBatchFirst);
  batch = x.getDimSize(!isBatchFirst);
  hidden = r.getDimSize(2);
  if (int64_t given = node.integer("hidden_size", hidden); given != hidden)
    node.error() << "expected a hidden_size of " << hidden << " as R has, got " << given;
  if (length * directions > kMaxSteps)
    node.error() << "expected at most " << kMaxSteps << " steps of all directions, got "
                 << length * directions;
  else
    build.checkUnrolled(length * directions * kNodesOfStep);
  if (x.getNumElements() == 0 || hidden == 0)
    node.error() << "expected inputs with elements, got " << x << " and " << r;
  int64_t rows = static_cast<int64_t>(gates) * hidden;
  SmallVector<int64_t> state{directions, batch, hidden};
  if (isBatchFirst)
    std::swap(state[0], state[1]);
  return expectShape(1, {directions, rows, x.getDimSize(2)}) &&
         expectShape(2, {directions, rows, hidden}) && expectShape(3, {directions, 2 * rows}) &&
         expectShape(4, {batch}) && expectShape(5, state) &&
         (!hasCell() || (expectShape(6, state) && expectShape(7, {directions, 3 * hidden})));
}

bool Recurrence::readActivations(SmallVector<Activation> &activations) {
  ActivationReader reader(node);
  size_t count = functions * directions;
  SmallVector<StringRef> names = node.texts("activations");
  if (!names.empty() && names.size() != count) {
    node.error() << "expected " << count << " activations, got " << names.size();
    return false;
  }
  for (size_t i = 0; i < count; ++i)
    activations.push_back(
        reader.read(names.empty() ? getDefaultActivation(i % functions) : names[i]));
  return !node.failed();
}

Value Recurrence::readState(unsigned i) {
  Value state = node.optionalInput(i);
  return state && isBatchFirst ? build.transpose(state, {1, 0, 2}) : state;
}

Value Recurrence::getMask(int64_t t) {
  if (!lengths || node.failed())
    return {};
  RankedTensorType type = typeOf(lengths);
  if (ElementsAttr known = getConstantValue(lengths)) {
    auto tensor = reference::Tensor::fromAttr(known, type);
    if (llvm::all_of(llvm::seq(tensor.size()), [&](int64_t i) { return tensor.getInteger(i) > t; }))
      return {};
  }
  Value mask = build.create<CompareOp>(lengths, build.scalar(type.getElementType(), t),
                                       ComparePredicate::Greater);
  return mask ? build.reshape(mask, {batch, 1}) : Value();
}

// A sequence that has ended keeps its state. One that starts late, which is what reversing
// a shorter one amounts to, has the initial one until then.
Value Recurrence::maskState(Value mask, Value next, Value previous) {
  if (!mask || node.failed())
    return next;
  if (!previous)
    previous = build.scalar(typeOf(next).getElementType(), 0);
  return build.create<SelectOp>(mask, next, previous);
}

Value Recurrence::unroll(Direction &direction) {
  auto [all, each] = splitBias(direction);
  Value contribution = multiply(direction.x, direction.w, all);
  if (!contribution)
    return {};
  contribution = build.reshape(contribution, {length, batch, static_cast<int64_t>(gates) * hidden});
  SmallVector<Value> states(length);
  for (int64_t i = 0; i < length && !node.failed(); ++i) {
    int64_t t = direction.isReverse ? length - 1 - i : i;
    Value h = direction.h, c = direction.c;
    step(direction, part(contribution, t));
    Value mask = getMask(t), state = maskState(mask, direction.h, {});
    direction.h = maskState(mask, direction.h, h);
    direction.c = direction.c ? maskState(mask, direction.c, c) : direction.c;
    if (state)
      states[t] = build.reshape(state, {1, 1, batch, hidden});
  }
  if (node.failed())
    return {};
  return length == 1 ? states[0] : build.create<ConcatOp>(states, 0);
}

void Recurrence::run() {
  clip = node.number("clip", 0);
  if (!(clip >= 0))
    node.error() << "expected a clip of 0 or more, got " << clip;
  SmallVector<Activation> activations;
  if (!readShapes() || !readActivations(activations))
    return;
  Value x = node.input(0), w = node.input(1), r = node.input(2), bias = node.optionalInput(3);
  lengths = node.optionalInput(4);
  Value h = readState(5), c = hasCell() ? readState(6) : Value(),
        peepholes = hasCell() ? node.optionalInput(7) : Value();
  if (isBatchFirst)
    x = build.transpose(x, {1, 0, 2});
  if (node.failed())
    return;
  x = build.reshape(x, {length * batch, typeOf(x).getDimSize(2)});
  bool isReverse = node.text("direction", "forward") == "reverse";
  SmallVector<Value> all, lastH, lastC;
  for (int64_t d = 0; d < directions && !node.failed(); ++d) {
    Direction direction;
    direction.x = x;
    direction.isReverse = isReverse || d == 1;
    direction.activations.assign(activations.begin() + d * functions,
                                 activations.begin() + (d + 1) * functions);
    auto takePart = [&](Value value) { return value ? part(value, d) : Value(); };
    Value wPart = takePart(w), rPart = takePart(r);
    if (node.failed())
      return;
    direction.w = build.transpose(wPart, {1, 0});
    direction.r = build.transpose(rPart, {1, 0});
    if (Value both = takePart(bias)) {
      direction.wBias = columns(both, 0, gates * hidden);
      direction.rBias = columns(both, gates * hidden, gates * hidden);
    }
    direction.h = takePart(h);
    direction.c = takePart(c);
    direction.peepholes = takePart(peepholes);
    all.push_back(unroll(direction));
    if (node.failed())
      return;
    lastH.push_back(build.reshape(direction.h, {1, batch, hidden}));
    if (hasCell())
      lastC.push_back(build.reshape(direction.c, {1, batch, hidden}));
  }
  auto join = [&](ArrayRef<Value> parts, int64_t axis) {
    return parts.size() == 1 ? parts[0] : build.create<ConcatOp>(parts, axis);
  };
  SmallVector<Value> results{join(all, 1), join(lastH, 0)};
  if (hasCell())
    results.push_back(join(lastC, 0));
  if (isBatchFirst && !node.failed()) {
    results[0] = build.transpose(results[0], {2, 0, 1, 3});
    for (Value &state : llvm::drop_begin(results))
      state = build.transpose(state, {1, 0, 2});
  }
  build.setResults(results);
}

} // namespace octet
