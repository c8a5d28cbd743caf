// LSTM, GRU and RNN as matrix products and elementwise ops, unrolled over time: sequences have
// a fixed length here, and unrolled steps are quantized, fused and placed like any other ops.
// What inputs contribute is one product for all steps. A state that begins as zeros is not
// multiplied.

#include "dialect/LogicOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/importers/Activation.h"

using namespace mlir;

namespace octet {

namespace {

/// Steps of all directions together. Each is about four kernels and takes two to three
/// milliseconds to compile.
constexpr int64_t kMaxSteps = 8192;

/// One direction of a recurrent node, in time-major order.
struct Direction {
  Value x;            ///< [T * B, I]
  Value w, r;         ///< transposed: [I, G * H], [H, G * H]
  Value wBias, rBias; ///< [G * H] or null
  Value h, c;         ///< [B, H], null for zeros
  Value peepholes;    ///< [3 * H] (i, o, f) or null
  bool isReverse = false;
  SmallVector<Activation> activations;
};

class Recurrence {
public:
  Recurrence(NodeReader &node, NodeBuilder &build, unsigned gates, unsigned activations)
      : node(node), build(build), gates(gates), functions(activations) {}
  virtual ~Recurrence() = default;

  void run();

protected:
  /// Adds the next state of `direction` for inputs' contribution `x` [B, G * H].
  virtual void step(Direction &direction, Value x) = 0;
  /// What goes into the product over all steps, and what is added to the product of each.
  virtual std::pair<Value, Value> splitBias(Direction &direction) {
    return {direction.wBias ? add(direction.wBias, direction.rBias) : Value(), Value()};
  }
  virtual StringRef getDefaultActivation(unsigned i) const { return i ? "Tanh" : "Sigmoid"; }
  virtual void readInputs(Direction &, int64_t) {}
  virtual bool hasCell() const { return false; }

  RankedTensorType typeOf(Value x) const { return cast<RankedTensorType>(x.getType()); }
  Value add(Value a, Value b) { return node.failed() ? Value() : build.create<AddOp>(a, b); }
  Value mul(Value a, Value b) { return node.failed() ? Value() : build.create<MulOp>(a, b); }
  /// Elements [first, first + count) of the last dimension.
  Value columns(Value x, int64_t first, int64_t count);
  Value gate(Value x, int64_t i, int64_t count = 1) {
    return columns(x, i * hidden, count * hidden);
  }
  /// a * b + bias. A computed bias is no operand of a product.
  Value multiply(Value a, Value b, Value bias);
  /// `x` plus the product of a state with columns of R.
  Value addRecurrent(Value x, Value state, Value r, Value bias = {});
  Value limit(Value x);
  Value apply(const Direction &direction, unsigned function, Value x) {
    return direction.activations[function].build(build, node, limit(x));
  }
  Value one() { return build.scalar(Float32Type::get(node.getContext()), 1); }
  /// Slice `d` of the first dimension, without it.
  Value part(Value x, int64_t d);

  NodeReader &node;
  NodeBuilder &build;
  unsigned gates, functions;
  int64_t hidden = 0, length = 0, batch = 0, directions = 1;
  bool isBatchFirst = false;

private:
  bool readShapes();
  bool expectShape(unsigned i, ArrayRef<int64_t> shape);
  bool readActivations(SmallVector<Activation> &activations);
  Value readState(unsigned i);
  /// Whether step t is within each sequence, [B, 1]; null where it is for all.
  Value getMask(int64_t t);
  /// All states [T, 1, B, H].
  Value unroll(Direction &direction);
  Value maskState(Value mask, Value next, Value previous);

  float clip = 0;
  Value lengths;
};

class Lstm : public Recurrence {
public:
  Lstm(NodeReader &node, NodeBuilder &build) : Recurrence(node, build, 4, 3) {
    isCoupled = node.flag("input_forget", false);
  }

protected:
  void step(Direction &direction, Value x) override;
  bool hasCell() const override { return true; }

private:
  bool isCoupled;
};

class Gru : public Recurrence {
public:
  Gru(NodeReader &node, NodeBuilder &build) : Recurrence(node, build, 3, 2) {
    isResetLast = node.flag("linear_before_reset", false);
  }

protected:
  void step(Direction &direction, Value x) override;
  std::pair<Value, Value> splitBias(Direction &direction) override;

private:
  /// The reset gate scales the product of the state, bias included, not the state.
  bool isResetLast;
  Value stepBias;
};

class Rnn : public Recurrence {
public:
  Rnn(NodeReader &node, NodeBuilder &build) : Recurrence(node, build, 1, 1) {}

protected:
  void step(Direction &direction, Value x) override {
    direction.h = apply(direction, 0, addRecurrent(x, direction.h, direction.r));
  }
  StringRef getDefaultActivation(unsigned) const override { return "Tanh"; }
};

} // namespace

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

// Gates i, o, f, c.
void Lstm::step(Direction &direction, Value x) {
  Value sum = addRecurrent(x, direction.h, direction.r), cell = direction.c;
  Value input, output, forget;
  auto peep = [&](int64_t i, Value state) {
    Value part = gate(sum, i);
    if (!direction.peepholes || !state)
      return part;
    return add(part, mul(state, gate(direction.peepholes, i)));
  };
  if (direction.peepholes) {
    input = apply(direction, 0, peep(0, cell));
    forget = isCoupled || !cell ? Value() : apply(direction, 0, peep(2, cell));
  } else {
    // One function for three gates.
    Value joint = apply(direction, 0, gate(sum, 0, 3));
    input = gate(joint, 0);
    output = gate(joint, 1);
    forget = gate(joint, 2);
  }
  if (isCoupled && cell)
    forget = node.failed() ? Value() : build.create<SubOp>(one(), input);
  Value update = mul(input, apply(direction, 1, gate(sum, 3)));
  direction.c = cell ? add(mul(forget, cell), update) : update;
  if (direction.peepholes)
    output = apply(direction, 0, peep(1, direction.c));
  direction.h = node.failed()
                    ? Value()
                    : mul(output, direction.activations[2].build(build, node, direction.c));
}

std::pair<Value, Value> Gru::splitBias(Direction &direction) {
  stepBias = {};
  if (!isResetLast || !direction.wBias)
    return Recurrence::splitBias(direction);
  Value early = add(gate(direction.wBias, 0, 2), gate(direction.rBias, 0, 2));
  Value zeros = build.constant(
      reference::Tensor(RankedTensorType::get({2 * hidden}, Float32Type::get(node.getContext())))
          .toAttr("zeros"));
  Value late = gate(direction.rBias, 2);
  if (node.failed())
    return {};
  stepBias = build.create<ConcatOp>(ValueRange{zeros, late}, 0);
  return {build.create<ConcatOp>(ValueRange{early, gate(direction.wBias, 2)}, 0), stepBias};
}

// Gates z, r, h.
void Gru::step(Direction &direction, Value x) {
  Value state = direction.h, candidate;
  if (isResetLast) {
    Value product = state ? multiply(state, direction.r, stepBias) : Value();
    Value early = gate(x, 0, 2);
    if (state)
      early = add(early, gate(product, 0, 2));
    Value joint = apply(direction, 0, early);
    Value late = state ? gate(product, 2) : stepBias ? gate(stepBias, 2) : Value();
    candidate = gate(x, 2);
    if (late)
      candidate = add(candidate, mul(gate(joint, 1), late));
    candidate = apply(direction, 1, candidate);
    Value update = gate(joint, 0);
    Value keep = node.failed() ? Value() : build.create<SubOp>(one(), update);
    direction.h = mul(keep, candidate);
    if (state)
      direction.h = add(direction.h, mul(update, state));
    return;
  }
  Value joint = apply(direction, 0, addRecurrent(gate(x, 0, 2), state, gate(direction.r, 0, 2)));
  Value reset = state ? mul(gate(joint, 1), state) : Value();
  candidate = apply(direction, 1, addRecurrent(gate(x, 2), reset, gate(direction.r, 2)));
  Value update = gate(joint, 0);
  Value keep = node.failed() ? Value() : build.create<SubOp>(one(), update);
  direction.h = mul(keep, candidate);
  if (state)
    direction.h = add(direction.h, mul(update, state));
}

void importLstm(NodeReader &node, NodeBuilder &build) { Lstm(node, build).run(); }
void importGru(NodeReader &node, NodeBuilder &build) { Gru(node, build).run(); }
void importRnn(NodeReader &node, NodeBuilder &build) { Rnn(node, build).run(); }

} // namespace octet
