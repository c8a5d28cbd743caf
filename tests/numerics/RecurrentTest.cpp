// LSTM, GRU and RNN against loops over the formulas of the ONNX operators, written from those
// and not from the importer: steps one after the other, sequences cut and reversed in memory.

#include "tests/numerics/ModelRun.h"

#include <cmath>
#include <random>

using namespace octet;
using namespace octet::test;

namespace {

using Vector = std::vector<double>;
using Function = double (*)(double);

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double halfTanh(double x) { return 0.5 * std::tanh(2 * x); }
double hardSigmoid(double x) { return std::min(1.0, std::max(0.0, 0.25 * x + 0.5)); }
double affine(double x) { return 0.5 * x + 0.125; }
double leakyRelu(double x) { return x < 0 ? 0.25 * x : x; }
double thresholdedRelu(double x) { return x > 0.5 ? x : 0; }
double softsign(double x) { return x / (1 + std::fabs(x)); }
double softplus(double x) { return std::log1p(std::exp(x)); }
double elu(double x) { return x < 0 ? std::expm1(x) : x; }
double relu(double x) { return std::max(0.0, x); }

struct Spec {
  std::string op;
  int64_t length = 5, batch = 2, inputs = 3, hidden = 4, directions = 1;
  bool isReverse = false, isBatchFirst = false, flag = false;
  bool hasBias = false, hasLengths = false, hasState = false, hasPeepholes = false;
  bool isComputed = false;             ///< weights, too, are inputs
  int type = onnx::TensorProto::FLOAT; ///< of inputs
  double clip = 0;
  /// For one direction, with the node's attributes for them; empty for the defaults.
  std::vector<std::string> names;
  std::vector<float> alpha, beta;
  std::vector<Function> functions;

  int64_t gates() const { return op == "LSTM" ? 4 : op == "GRU" ? 3 : 1; }
};

struct Data {
  Vector x, w, r, b, lengths, h, c, p;
};

Vector makeValues(int64_t count, std::mt19937 &random) {
  std::uniform_real_distribution<float> range(-1, 1);
  Vector values(count);
  for (double &value : values)
    value = range(random);
  return values;
}

Data makeData(const Spec &s, unsigned seed) {
  std::mt19937 random(seed);
  Data d;
  int64_t rows = s.directions * s.gates() * s.hidden;
  d.x = makeValues(s.length * s.batch * s.inputs, random);
  d.w = makeValues(rows * s.inputs, random);
  d.r = makeValues(rows * s.hidden, random);
  d.b = makeValues(s.hasBias ? 2 * rows : 0, random);
  if (s.hasLengths)
    for (int64_t i = 0; i < s.batch; ++i)
      d.lengths.push_back(static_cast<double>(s.length - 2 * (i % 2)));
  d.h = makeValues(s.hasState ? s.directions * s.batch * s.hidden : 0, random);
  d.c = makeValues(s.hasState && s.op == "LSTM" ? s.directions * s.batch * s.hidden : 0, random);
  d.p = makeValues(s.hasPeepholes ? 3 * s.directions * s.hidden : 0, random);
  return d;
}

/// Y, Y_h and Y_c in the order of the node's layout.
std::vector<Vector> compute(const Spec &s, const Data &d) {
  int64_t H = s.hidden, G = s.gates();
  std::vector<Function> f = s.functions;
  if (f.empty())
    f = s.op == "RNN"   ? std::vector<Function>{std::tanh}
        : s.op == "GRU" ? std::vector<Function>{sigmoid, std::tanh}
                        : std::vector<Function>{sigmoid, std::tanh, std::tanh};
  Vector y(s.length * s.directions * s.batch * H), lastH(s.directions * s.batch * H), lastC = lastH;
  for (int64_t dir = 0; dir < s.directions; ++dir)
    for (int64_t n = 0; n < s.batch; ++n) {
      auto stateAt = [&](int64_t k) {
        return s.isBatchFirst ? (n * s.directions + dir) * H + k : (dir * s.batch + n) * H + k;
      };
      auto clip = [&](double v) { return s.clip ? std::min(s.clip, std::max(-s.clip, v)) : v; };
      Vector h(H), c(H);
      for (int64_t k = 0; k < H; ++k) {
        h[k] = d.h.empty() ? 0 : d.h[stateAt(k)];
        c[k] = d.c.empty() ? 0 : d.c[stateAt(k)];
      }
      int64_t end = d.lengths.empty() ? s.length : static_cast<int64_t>(d.lengths[n]);
      for (int64_t i = 0; i < end; ++i) {
        int64_t t = s.isReverse || dir == 1 ? end - 1 - i : i;
        auto fromInput = [&](int64_t gate, int64_t k) {
          int64_t row = (dir * G + gate) * H + k;
          double sum = d.b.empty() ? 0 : d.b[dir * 2 * G * H + gate * H + k];
          for (int64_t j = 0; j < s.inputs; ++j)
            sum += d.w[row * s.inputs + j] *
                   d.x[(s.isBatchFirst ? n * s.length + t : t * s.batch + n) * s.inputs + j];
          return sum;
        };
        auto fromState = [&](int64_t gate, int64_t k, const Vector &state) {
          double sum = d.b.empty() ? 0 : d.b[dir * 2 * G * H + (G + gate) * H + k];
          for (int64_t j = 0; j < H; ++j)
            sum += d.r[((dir * G + gate) * H + k) * H + j] * state[j];
          return sum;
        };
        auto both = [&](int64_t gate, int64_t k) {
          return fromInput(gate, k) + fromState(gate, k, h);
        };
        Vector next(H);
        if (s.op == "RNN")
          for (int64_t k = 0; k < H; ++k)
            next[k] = f[0](clip(both(0, k)));
        else if (s.op == "GRU") {
          Vector z(H), r(H), scaled(H);
          for (int64_t k = 0; k < H; ++k) {
            z[k] = f[0](clip(both(0, k)));
            r[k] = f[0](clip(both(1, k)));
            scaled[k] = r[k] * h[k];
          }
          for (int64_t k = 0; k < H; ++k) {
            double late = s.flag ? r[k] * fromState(2, k, h) : fromState(2, k, scaled);
            next[k] = (1 - z[k]) * f[1](clip(fromInput(2, k) + late)) + z[k] * h[k];
          }
        } else {
          auto peep = [&](int64_t gate, int64_t k, double cell) {
            return d.p.empty() ? 0 : d.p[(dir * 3 + gate) * H + k] * cell;
          };
          for (int64_t k = 0; k < H; ++k) {
            double in = f[0](clip(both(0, k) + peep(0, k, c[k])));
            double forget = s.flag ? 1 - in : f[0](clip(both(2, k) + peep(2, k, c[k])));
            double cell = forget * c[k] + in * f[1](clip(both(3, k)));
            next[k] = f[0](clip(both(1, k) + peep(1, k, cell))) * f[2](cell);
            c[k] = cell;
          }
        }
        h = next;
        for (int64_t k = 0; k < H; ++k)
          y[s.isBatchFirst ? ((n * s.length + t) * s.directions + dir) * H + k
                           : ((t * s.directions + dir) * s.batch + n) * H + k] = h[k];
      }
      for (int64_t k = 0; k < H; ++k) {
        lastH[stateAt(k)] = h[k];
        lastC[stateAt(k)] = c[k];
      }
    }
  if (s.op != "LSTM")
    return {y, lastH};
  return {y, lastH, lastC};
}

std::string join(std::vector<int64_t> shape) {
  return llvm::join(llvm::map_range(shape, [](int64_t e) { return std::to_string(e); }), "x");
}

ModelBuilder makeModel(const Spec &s, const Data &d, std::vector<Vector> &inputs) {
  ModelBuilder model(14);
  int64_t rows = s.gates() * s.hidden;
  std::vector<int64_t> x{s.length, s.batch, s.inputs}, state{s.directions, s.batch, s.hidden};
  if (s.isBatchFirst) {
    std::swap(x[0], x[1]);
    std::swap(state[0], state[1]);
  }
  auto add = [&](const std::string &name, const std::vector<int64_t> &shape, const Vector &values,
                 bool isInput) {
    if (values.empty())
      return std::string(" -");
    if (isInput) {
      model.input(name, join(shape), s.type);
      inputs.push_back(values);
    } else {
      model.weights(name, shape, std::vector<float>(values.begin(), values.end()));
    }
    return " " + name;
  };
  std::string names = "x";
  add("x", x, d.x, true);
  names += add("w", {s.directions, rows, s.inputs}, d.w, s.isComputed);
  names += add("r", {s.directions, rows, s.hidden}, d.r, s.isComputed);
  names += add("b", {s.directions, 2 * rows}, d.b, s.isComputed);
  if (s.hasLengths && s.isComputed) {
    model.input("l", join({s.batch}), onnx::TensorProto::INT32);
    inputs.push_back(d.lengths);
  } else if (s.hasLengths) {
    model.stored("l", onnx::TensorProto::INT32, {s.batch},
                 std::vector<int32_t>(d.lengths.begin(), d.lengths.end()));
  }
  names += s.hasLengths ? " l" : " -";
  names += add("h", state, d.h, true);
  if (s.op == "LSTM") {
    names += add("c", state, d.c, true);
    names += add("p", {s.directions, 3 * s.hidden}, d.p, false);
  }
  model.output("y").output("yh");
  if (s.op == "LSTM")
    model.output("yc");
  model.node(s.op, names, s.op == "LSTM" ? "y yh yc" : "y yh", "node");
  model.integer("hidden_size", s.hidden).integer("layout", s.isBatchFirst);
  model.text("direction", s.directions == 2 ? "bidirectional"
                          : s.isReverse     ? "reverse"
                                            : "forward");
  if (s.op != "RNN")
    model.integer(s.op == "GRU" ? "linear_before_reset" : "input_forget", s.flag);
  if (s.clip)
    model.number("clip", static_cast<float>(s.clip));
  if (!s.names.empty()) {
    std::vector<std::string> names;
    std::vector<float> alpha, beta;
    for (int64_t dir = 0; dir < s.directions; ++dir) {
      names.insert(names.end(), s.names.begin(), s.names.end());
      alpha.insert(alpha.end(), s.alpha.begin(), s.alpha.end());
      beta.insert(beta.end(), s.beta.begin(), s.beta.end());
    }
    model.texts("activations", names).floats("activation_alpha", alpha);
    model.floats("activation_beta", beta);
  }
  return model;
}

void check(const Spec &spec, double tolerance = 2e-5) {
  Data data = makeData(spec, 7);
  // Numbers that all types hold.
  if (spec.type != onnx::TensorProto::FLOAT)
    for (Vector *values : {&data.x, &data.w, &data.r, &data.b, &data.h, &data.c})
      for (double &value : *values)
        value = std::round(value * 16) / 16;
  std::vector<Vector> inputs;
  ModelBuilder model = makeModel(spec, data, inputs);
  expectOutputs(model, inputs, compute(spec, data), tolerance);
}

// Every switch alone and all together, for each operator.
TEST(Recurrent, Switches) {
  for (const char *op : {"LSTM", "GRU", "RNN"}) {
    Spec plain;
    plain.op = op;
    std::vector<Spec> specs(10, plain);
    specs[1].hasBias = specs[1].hasState = true;
    specs[2].isReverse = specs[2].hasBias = true;
    specs[3].directions = 2;
    specs[4].isBatchFirst = specs[4].hasState = true;
    specs[5].hasLengths = specs[5].hasState = true;
    specs[6].hasLengths = specs[6].isReverse = true;
    specs[7].clip = 0.5;
    specs[8].flag = specs[8].hasBias = true;
    Spec &all = specs[9];
    all.directions = 2;
    all.isBatchFirst = all.flag = all.hasBias = all.hasLengths = all.hasState = all.isComputed =
        true;
    all.clip = 0.75;
    for (auto [i, spec] : llvm::enumerate(specs)) {
      SCOPED_TRACE(spec.op + ", specification " + std::to_string(i));
      check(spec);
    }
  }
}

TEST(Recurrent, Peepholes) {
  Spec spec;
  spec.op = "LSTM";
  spec.hasPeepholes = spec.hasBias = true;
  check(spec);
  spec.hasState = spec.flag = true;
  check(spec);
  spec.directions = 2;
  spec.flag = false;
  spec.clip = 0.6;
  check(spec);
}

TEST(Recurrent, Activations) {
  struct Row {
    const char *name;
    std::vector<float> alpha, beta;
    Function function;
  };
  for (const Row &row :
       {Row{"Relu", {}, {}, relu}, Row{"ScaledTanh", {0.5f}, {2}, halfTanh},
        Row{"HardSigmoid", {0.25f}, {0.5f}, hardSigmoid}, Row{"Affine", {0.5f}, {0.125f}, affine},
        Row{"LeakyRelu", {0.25f}, {}, leakyRelu},
        Row{"ThresholdedRelu", {0.5f}, {}, thresholdedRelu}, Row{"softsign", {}, {}, softsign},
        Row{"Softplus", {}, {}, softplus}, Row{"Elu", {}, {}, elu}}) {
    SCOPED_TRACE(row.name);
    Spec spec;
    spec.op = "GRU";
    spec.directions = 2;
    spec.names = {"Sigmoid", row.name};
    spec.functions = {sigmoid, row.function};
    spec.alpha = row.alpha;
    spec.beta = row.beta;
    check(spec);
  }
}

// Parameters go to the functions that have them, in order.
TEST(Recurrent, ActivationParametersInOrder) {
  Spec spec;
  spec.op = "LSTM";
  spec.names = {"HardSigmoid", "Tanh", "LeakyRelu"};
  spec.functions = {hardSigmoid, std::tanh, leakyRelu};
  spec.alpha = {0.25f, 0.25f};
  spec.beta = {0.5f};
  check(spec);
}

TEST(Recurrent, OneStepAndOddSizes) {
  for (const char *op : {"LSTM", "GRU", "RNN"}) {
    Spec spec;
    spec.op = op;
    spec.length = spec.batch = 1;
    spec.inputs = 1;
    spec.hidden = 1;
    check(spec);
    spec.length = 3;
    spec.hidden = 37;
    spec.inputs = 19;
    spec.hasBias = true;
    check(spec);
  }
}

// Computed in f32, with results rounded once: states of |h| < 1, c may be larger.
TEST(Recurrent, OtherFloats) {
  for (const char *op : {"LSTM", "GRU", "RNN"})
    for (auto [type, tolerance] :
         {std::pair(onnx::TensorProto::DOUBLE, 2e-5), std::pair(onnx::TensorProto::FLOAT16, 2e-3),
          std::pair(onnx::TensorProto::BFLOAT16, 1.5e-2)}) {
      SCOPED_TRACE(op + std::string(" of type ") + std::to_string(type));
      Spec spec;
      spec.op = op;
      spec.hidden = 3;
      spec.type = type;
      spec.isComputed = spec.hasBias = spec.hasState = spec.hasLengths = true;
      spec.directions = 2;
      check(spec, tolerance);
    }
}

// More launches than one function holds: inputs, outputs and states of several parts.
TEST(Recurrent, LongSequence) {
  for (const char *op : {"LSTM", "RNN"}) {
    Spec spec;
    spec.op = op;
    spec.length = 301;
    spec.hidden = 5;
    spec.directions = 2;
    spec.hasState = true;
    check(spec);
  }
}

} // namespace
