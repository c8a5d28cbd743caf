// Constants by rule: unit matrices, triangles, random numbers and what is made of them. Random
// numbers are drawn when the model is compiled, by a generator that is a function of seed and
// place, so that a library gives the same in every run and compiling stays reproducible.

#include "dialect/IndexOps.h"
#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

#include <cmath>

using namespace mlir;

namespace octet {

// The type that `dtype` names, or `fallback`; null after a report.
static Type readType(NodeReader &node, Type fallback) {
  if (!node.has("dtype"))
    return fallback;
  int dataType = static_cast<int>(std::clamp<int64_t>(node.requiredInteger("dtype"), -1, 99));
  Type element = getElementType(node.getContext(), dataType);
  if (!element && !node.failed())
    node.error() << "element type " << getDataTypeName(dataType) << " is not supported";
  return element;
}

// Diagonals farther out than the matrix is large are all alike.
static int64_t clampDiagonal(int64_t k, int64_t rows, int64_t columns) {
  return std::clamp(k, -rows, columns);
}

void importEyeLike(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  Type element = readType(node, type.getElementType());
  int64_t k = node.integer("k", 0);
  if (!element || node.failed() || !build.checkGenerated(type.getNumElements()))
    return;
  if (type.getRank() != 2) {
    node.error() << "expected a matrix, got " << type;
    return;
  }
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  k = clampDiagonal(k, rows, columns);
  reference::Tensor matrix(RankedTensorType::get(type.getShape(), element));
  for (int64_t i = 0; i < rows; ++i) {
    if (i + k < 0 || i + k >= columns)
      continue;
    if (isa<FloatType>(element))
      matrix.setFloat(i * columns + i + k, 1);
    else
      matrix.setInteger(i * columns + i + k, 1);
  }
  build.setResult(build.constant(matrix.toAttr(node.output(0))));
}

void importTrilu(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  bool upper = node.flag("upper", true);
  int64_t k = 0, rank = type.getRank();
  if (node.hasInput(1)) {
    auto given = node.constantIntegers(1, "k");
    if (given && given->size() != 1)
      node.error() << "expected one number as k, got " << given->size();
    else if (given)
      k = given->front();
  }
  Value x = node.input(0);
  if (!node.failed() && rank < 2)
    node.error() << "expected a tensor of rank 2 or more, got " << type;
  if (node.failed())
    return;
  int64_t rows = type.getDimSize(rank - 2), columns = type.getDimSize(rank - 1);
  if (!build.checkGenerated(rows * columns))
    return;
  k = clampDiagonal(k, rows, columns);
  reference::Tensor mask(
      RankedTensorType::get({rows, columns}, IntegerType::get(node.getContext(), 1)));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      mask.setInteger(i * columns + j, upper ? j >= i + k : j <= i + k);
  Composition c(build);
  build.setResult(c.select(build.constant(mask.toAttr("mask")), x, c.number(x, 0)));
}

namespace {

/// SplitMix64 by place: numbers of a sequence, in any order.
class Random {
public:
  /// Nodes that give no seed have that of their output's name. It is a number of f32, but for
  /// Dropout, which has integers.
  explicit Random(NodeReader &node, bool isInteger = false) {
    if (node.has("seed"))
      key = mix(isInteger ? static_cast<uint64_t>(node.integer("seed", 0))
                          : llvm::bit_cast<uint32_t>(node.number("seed", 0)));
    else
      for (char c : node.output(0))
        key = mix(key ^ static_cast<unsigned char>(c));
  }

  /// In [0, 1), a multiple of 2^-24, as f32 holds them.
  double uniform(int64_t place) const {
    constexpr double kUnit = 1.0 / (1 << 24);
    return static_cast<double>(mix(key + static_cast<uint64_t>(place) * kStep) >> 40) * kUnit;
  }
  /// By the transform of Box and Muller.
  double normal(int64_t place) const {
    constexpr double kTurn = 6.28318530717958647693;
    double radius = std::sqrt(-2 * std::log(1 - uniform(2 * place)));
    return radius * std::cos(kTurn * uniform(2 * place + 1));
  }
  /// Of Gumbel's distribution; the numbers below are not at the ends of the interval.
  double extreme(int64_t place) const {
    constexpr double kHalfUnit = 0.5 / (1 << 24);
    return -std::log(-std::log(uniform(place) + kHalfUnit));
  }

private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  static uint64_t mix(uint64_t x) {
    x += kStep;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }
  uint64_t key = 0;
};

} // namespace

static Value drawNumbers(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> shape,
                         Type element, llvm::function_ref<double(int64_t place)> draw) {
  if (node.failed() || !element)
    return {};
  if (!isa<FloatType>(element)) {
    node.error() << "expected floating point, got " << getElementTypeName(element);
    return {};
  }
  if (!build.checkShape(shape))
    return {};
  auto type = RankedTensorType::get(shape, element);
  if (!build.checkGenerated(type.getNumElements()))
    return {};
  reference::Tensor numbers(type);
  for (int64_t i = 0; i < numbers.size(); ++i)
    numbers.setDouble(i, draw(i));
  return build.constant(numbers.toAttr(node.output(0)));
}

static void importUniform(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> shape,
                          Type element) {
  double low = node.number("low", 0.0f), high = node.number("high", 1.0f);
  Random random(node);
  build.setResult(drawNumbers(node, build, shape, element, [&](int64_t place) {
    return low + (high - low) * random.uniform(place);
  }));
}

static void importNormal(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> shape,
                         Type element) {
  double mean = node.number("mean", 0.0f), scale = node.number("scale", 1.0f);
  Random random(node);
  build.setResult(drawNumbers(node, build, shape, element,
                              [&](int64_t place) { return mean + scale * random.normal(place); }));
}

using Draw = void (*)(NodeReader &, NodeBuilder &, ArrayRef<int64_t>, Type);

static void importOfShape(NodeReader &node, NodeBuilder &build, Draw draw) {
  SmallVector<int64_t> shape = node.integers("shape");
  draw(node, build, shape, readType(node, Float32Type::get(node.getContext())));
}
static void importLike(NodeReader &node, NodeBuilder &build, Draw draw) {
  RankedTensorType type = node.inputType(0);
  draw(node, build, type.getShape(), readType(node, type.getElementType()));
}

void importRandomUniform(NodeReader &node, NodeBuilder &build) {
  importOfShape(node, build, importUniform);
}
void importRandomNormal(NodeReader &node, NodeBuilder &build) {
  importOfShape(node, build, importNormal);
}
void importRandomUniformLike(NodeReader &node, NodeBuilder &build) {
  importLike(node, build, importUniform);
}
void importRandomNormalLike(NodeReader &node, NodeBuilder &build) {
  importLike(node, build, importNormal);
}

// 1 with the probability that the input gives: where a uniform number is less.
void importBernoulli(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  Value x = node.input(0);
  Type element = readType(node, type.getElementType());
  Random random(node);
  Value numbers = drawNumbers(node, build, type.getShape(), type.getElementType(),
                              [&](int64_t place) { return random.uniform(place); });
  Composition c(build);
  if (element && numbers)
    build.setResult(c.cast(c.compare(ComparePredicate::Less, numbers, x), element));
}

// The class of the largest sum of logarithm and a number of Gumbel's distribution has the
// probability that the logarithm, unnormalized, gives it: no sums of probabilities that would
// have to end at 1.
void importMultinomial(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  Value x = node.input(0);
  Type element = readType(node, IntegerType::get(node.getContext(), 32));
  int64_t samples = node.integer("sample_size", 1);
  Random random(node);
  if (!element || node.failed())
    return;
  if (!element.isInteger(32) && !element.isInteger(64))
    node.error() << "expected int32 or int64, got " << getElementTypeName(element);
  else if (type.getRank() != 2 || type.getDimSize(1) == 0)
    node.error() << "expected a matrix of one or more classes, got " << type;
  else if (samples < 1)
    node.error() << "expected a sample_size of 1 or more, got " << samples;
  if (node.failed())
    return;
  int64_t batch = type.getDimSize(0), classes = type.getDimSize(1);
  Value numbers = drawNumbers(node, build, {batch, samples, classes}, type.getElementType(),
                              [&](int64_t place) { return random.extreme(place); });
  Composition c(build);
  Value sum = c.add(c.reshape(x, {batch, 1, classes}), numbers);
  if (!sum)
    return;
  Value largest = build.create<ArgExtremumOp>(Extremum::Largest, sum, 2, /*last=*/false);
  build.setResult(c.cast(c.reshape(largest, {batch, samples}), element));
}

namespace {

/// What a Dropout in training does, where its ratio is not 0.
struct Dropout {
  Value training; ///< one bool; null where it is known to be true
  Value kept;     ///< the mask
  Value scale;    ///< one f32
};

} // namespace

// Nothing is dropped at inference, nor at a ratio of 0: nullopt then, or after a report.
static std::optional<Dropout> readDropout(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  Type f32 = Float32Type::get(node.getContext()), i1 = IntegerType::get(node.getContext(), 1);
  float ratio = node.number("ratio", 0.5f);
  Random random(node, /*isInteger=*/true);
  Value given = node.optionalInput(1), training = node.optionalInput(2);
  if (!training || node.failed())
    return std::nullopt;
  RankedTensorType flag = node.inputType(2);
  if (flag.getNumElements() != 1 || !flag.getElementType().isInteger(1)) {
    node.error() << "expected one bool as training_mode, got " << flag;
    return std::nullopt;
  }
  Dropout dropout;
  if (ElementsAttr known = getConstantValue(training)) {
    if (!reference::Tensor::fromAttr(known, flag).getInteger(0))
      return std::nullopt;
  } else {
    dropout.training = build.reshape(training, {});
  }
  if (given && node.inputType(1).getNumElements() != 1) {
    node.error() << "expected one number as ratio, got " << node.inputType(1);
    return std::nullopt;
  }
  Composition c(build);
  if (!given || getConstantValue(given)) {
    if (given)
      if (auto numbers = node.constantNumbers(1, "the ratio"))
        ratio = numbers->front();
    if (!(ratio >= 0 && ratio < 1))
      node.error() << "expected a ratio of 0 or more and below 1, got " << ratio;
    if (node.failed() || ratio == 0 || !build.checkGenerated(type.getNumElements()))
      return std::nullopt;
    reference::Tensor kept(RankedTensorType::get(type.getShape(), i1));
    for (int64_t i = 0; i < kept.size(); ++i)
      kept.setInteger(i, random.uniform(i) >= ratio);
    dropout.kept = build.constant(kept.toAttr("kept"));
    dropout.scale = build.scalar(f32, 1 / (1 - ratio));
    return dropout;
  }
  Value wide = c.cast(c.reshape(given, {}), f32);
  Value numbers = drawNumbers(node, build, type.getShape(), f32,
                              [&](int64_t place) { return random.uniform(place); });
  dropout.kept = c.compare(ComparePredicate::GreaterOrEqual, numbers, wide);
  Value one = build.scalar(f32, 1);
  dropout.scale = c.div(one, c.sub(one, wide));
  if (!dropout.kept || !dropout.scale)
    return std::nullopt;
  return dropout;
}

// The mask says what is kept.
void importDropout(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  std::optional<Dropout> dropout = readDropout(node, build);
  if (node.failed())
    return;
  RankedTensorType type = node.inputType(0);
  Type element = type.getElementType(), i1 = IntegerType::get(node.getContext(), 1);
  Composition c(build);
  Value y = x, kept;
  if (dropout) {
    if (!isa<FloatType>(element)) {
      node.error() << "expected floating point, got " << type;
      return;
    }
    Type wide = element.isF64() ? element : Float32Type::get(node.getContext());
    Value product = c.mul(c.cast(x, wide), c.cast(dropout->scale, wide));
    y = c.cast(c.select(dropout->kept, product, c.number(product, 0)), element);
    kept = dropout->kept;
    if (dropout->training) {
      y = c.select(dropout->training, y, x);
      kept = c.select(dropout->training, kept, c.number(kept, 1));
    }
  }
  SmallVector<Value> results{y};
  if (node.getNumOutputs() > 1 && !node.output(1).empty()) {
    // Before opset 10 of the elements' type.
    Type mask = node.getOpset() < 10 ? element : i1;
    results.push_back(kept ? kept : build.create<ExpandOp>(build.scalar(mask, 1), type.getShape()));
  }
  build.setResults(results);
}

} // namespace octet
