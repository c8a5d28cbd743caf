// The steps of LSTM, GRU and RNN.

#include "frontend/OpTable.h"
#include "frontend/importers/Recurrence.h"

using namespace mlir;

namespace octet {

namespace {

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
