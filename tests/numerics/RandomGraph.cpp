#include "tests/numerics/RandomGraph.h"

#include "dialect/LogicOps.h"
#include "dialect/MathOps.h"

#include <cmath>

using namespace mlir;

namespace octet::test {

using reference::Tensor;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

RandomGraph::RandomGraph(MLIRContext &context, unsigned seed, const RandomGraphOptions &options)
    : context(context), options(options), random(seed), b(UnknownLoc::get(&context), &context) {
  inputType = RankedTensorType::get(
      {pick({1, 1, 2}), pick({1, 2, 3, 4, 17}), range(5, 19), range(5, 19)}, b.getF32Type());
}

int64_t RandomGraph::pick(std::initializer_list<int64_t> choices) {
  return *(choices.begin() + range(0, static_cast<int64_t>(choices.size()) - 1));
}
int64_t RandomGraph::range(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % (high - low + 1));
}
bool RandomGraph::chance(double probability) { return random() % 1000 < probability * 1000; }

Value RandomGraph::any() {
  // Late values more often, so that graphs are deep as well as wide.
  size_t back = std::min<size_t>(chance(0.7) ? 0 : random() % values.size(), values.size() - 1);
  return values[values.size() - 1 - back];
}

void RandomGraph::rename() {
  std::string id = std::to_string(count++);
  b.setLoc(getOnnxLocation(&context, "node_" + id, "tensor_" + id));
}

void RandomGraph::append(Value value) {
  if (typeOf(value).getNumElements() > 40000)
    return;
  values.push_back(value);
}

Value RandomGraph::constant(ArrayRef<int64_t> shape, double deviation) {
  Tensor tensor(RankedTensorType::get(shape, b.getF32Type()));
  std::normal_distribution<float> normal(0.0f, static_cast<float>(deviation));
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.setFloat(i, normal(random));
  return ConstantOp::create(b, tensor.getType(), tensor.toAttr("weights"));
}

void RandomGraph::addConv() {
  Value x = any();
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  int64_t channels = shape[1], group = 1, outputs = pick({1, 3, 8, 15, 16, 17, 33});
  if (chance(0.25)) {
    group = channels;
    outputs = channels * (chance(0.2) ? 2 : 1);
  } else if (channels % 2 == 0 && chance(0.3)) {
    group = 2;
    outputs += outputs % 2;
  }
  SmallVector<int64_t> kernel, strides, pads(4, 0), dilations;
  for (int i = 0; i < 2; ++i) {
    dilations.push_back(pick({1, 1, 1, 2}));
    kernel.push_back(pick({1, 1, 2, 3, 3, 5}));
    strides.push_back(pick({1, 1, 2, 3}));
    int64_t window = (kernel[i] - 1) * dilations[i] + 1;
    pads[i] = range(0, std::min<int64_t>(window - 1, 2));
    pads[2 + i] = range(0, std::min<int64_t>(window - 1, 2));
    if (shape[2 + i] + pads[i] + pads[2 + i] < window)
      kernel[i] = dilations[i] = 1;
  }
  double fanIn = static_cast<double>(channels / group * kernel[0] * kernel[1]);
  Value w = constant({outputs, channels / group, kernel[0], kernel[1]}, 1.0 / std::sqrt(fanIn));
  Value bias = chance(0.7) ? constant({outputs}, 0.3) : Value();
  rename();
  append(ConvOp::create(b, x, w, bias, strides, pads, dilations, group));
}

void RandomGraph::addPool() {
  Value x = any();
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  SmallVector<int64_t> kernel, strides, pads(4, 0), dilations{1, 1};
  bool global = chance(0.15);
  for (int i = 0; i < 2; ++i) {
    kernel.push_back(global ? shape[2 + i] : std::min<int64_t>(shape[2 + i], range(1, 3)));
    strides.push_back(global ? 1 : pick({1, 2, 2, 3}));
    pads[i] = global ? 0 : range(0, kernel[i] - 1);
    pads[2 + i] = global ? 0 : range(0, kernel[i] - 1);
  }
  bool ceil = !global && chance(0.3);
  rename();
  if (chance(0.5))
    append(MaxPoolOp::create(b, x, kernel, strides, pads, dilations, ceil));
  else
    append(AveragePoolOp::create(b, x, kernel, strides, pads, dilations, ceil, chance(0.3)));
}

void RandomGraph::addUnary() {
  Value x = any();
  auto number = [&](float value) { return b.getF32FloatAttr(value); };
  rename();
  switch (range(0, options.exact ? 4 : 9)) {
  case 0:
    return append(ReluOp::create(b, x));
  case 1:
    return append(ClipOp::create(b, x, number(0), number(6)));
  case 2:
    return append(LeakyReluOp::create(b, x, number(0.125f)));
  case 3:
    return append(HardSwishOp::create(b, x));
  case 4:
    return append(HardSigmoidOp::create(b, x, number(0.2f), number(0.5f)));
  case 5:
    return append(SigmoidOp::create(b, x));
  case 6:
    return append(TanhOp::create(b, x));
  case 7:
    return append(SiluOp::create(b, x));
  case 8:
    return append(SoftplusOp::create(b, x));
  case 9:
    return append(AtanOp::create(b, x));
  }
}

// What a comparison with another value, or with a constant, chooses.
void RandomGraph::addChoice() {
  Value x = any(), y = constant({1, typeOf(x).getDimSize(1), 1, 1}, 0.5);
  for (Value value : values)
    if (typeOf(value) == typeOf(x) && chance(0.3))
      y = value;
  ComparePredicate kind = chance(0.5) ? ComparePredicate::Less : ComparePredicate::GreaterOrEqual;
  rename();
  Value mask = CompareOp::create(b, x, y, kind);
  rename();
  append(chance(0.5) ? SelectOp::create(b, mask, x, y) : SelectOp::create(b, mask, y, x));
}

void RandomGraph::addJoin() {
  Value x = any();
  SmallVector<Value> same, joinable{x};
  for (Value value : values) {
    ArrayRef<int64_t> a = typeOf(x).getShape(), c = typeOf(value).getShape();
    if (broadcastShapes(a, c))
      same.push_back(value);
    if (a[0] == c[0] && a.drop_front(2) == c.drop_front(2))
      joinable.push_back(value);
  }
  rename();
  Value y = same[random() % same.size()];
  switch (range(0, 3)) {
  case 0:
    return append(AddOp::create(b, x, y));
  case 1:
    return append(MulOp::create(b, x, y));
  case 2: {
    Value bias = constant({1, typeOf(x).getDimSize(1), 1, 1}, 1.0);
    return append(AddOp::create(b, x, bias));
  }
  case 3: {
    SmallVector<Value> inputs{x};
    for (int64_t i = range(1, 2); i > 0; --i)
      inputs.push_back(joinable[random() % joinable.size()]);
    return append(ConcatOp::create(b, inputs, /*axis=*/1));
  }
  }
}

// Branches of one value that a concat joins, which others may read too; perhaps split
// again.
void RandomGraph::addBranches() {
  Value x = any();
  int64_t channels = typeOf(x).getDimSize(1);
  SmallVector<int64_t> one{1, 1}, none(4, 0);
  SmallVector<Value> branches;
  for (int64_t i = range(2, 4); i > 0; --i) {
    int64_t outputs = pick({1, 3, 4, 8, 12, 16, 17}), window = pick({1, 1, 3, 5});
    double fanIn = static_cast<double>(channels * window * window);
    Value w = constant({outputs, channels, window, window}, 1.0 / std::sqrt(fanIn));
    rename();
    branches.push_back(ConvOp::create(b, x, w, Value(), one, SmallVector<int64_t>(4, window / 2),
                                      one, /*group=*/1));
  }
  if (chance(0.3))
    branches.push_back(x);
  rename();
  Value joined = ConcatOp::create(b, branches, /*axis=*/1);
  for (Value branch : branches)
    if (branch != x && chance(0.3))
      append(branch);
  append(joined);
  if (chance(0.5))
    return;
  SmallVector<int64_t> sizes(typeOf(joined).getShape()), offsets = none;
  offsets[1] = std::min<int64_t>(pick({0, 4, 5, 8}), sizes[1] - 1);
  sizes[1] = std::min<int64_t>(pick({3, 4, 8}), sizes[1] - offsets[1]);
  rename();
  append(SliceOp::create(b, joined, offsets, sizes, SmallVector<int64_t>(4, 1)));
}

void RandomGraph::addMove() {
  Value x = any();
  SmallVector<int64_t> shape(typeOf(x).getShape());
  rename();
  switch (range(0, 3)) {
  case 0: { // a box, perhaps strided or reversed
    SmallVector<int64_t> offsets(4, 0), sizes(shape), steps(4, 1);
    for (int i = 1; i < 4; ++i) {
      if (chance(0.5))
        continue;
      offsets[i] = range(0, shape[i] - 1);
      sizes[i] = range(1, shape[i] - offsets[i]);
      if (chance(0.3) && i > 1) {
        offsets[i] += sizes[i] - 1;
        steps[i] = -1;
      }
    }
    return append(SliceOp::create(b, x, offsets, sizes, steps));
  }
  case 1: {
    SmallVector<int64_t> low{0, chance(0.3) ? 1 : 0, range(0, 2), range(0, 2)};
    SmallVector<int64_t> high{0, chance(0.3) ? 2 : 0, range(0, 2), range(0, 2)};
    return append(PadOp::create(b, x, low, high, PadMode::Constant,
                                llvm::APFloat(chance(0.5) ? 0.0f : 0.5f)));
  }
  case 2: {
    SmallVector<int64_t> permutation =
        chance(0.5) ? SmallVector<int64_t>{0, 1, 3, 2} : SmallVector<int64_t>{0, 2, 3, 1};
    return append(TransposeOp::create(b, x, permutation));
  }
  case 3: { // a shuffle of channels
    if (shape[1] % 2)
      return;
    SmallVector<int64_t> split{shape[0], 2, shape[1] / 2, shape[2], shape[3]};
    Value y = ReshapeOp::create(b, x, split);
    rename();
    y = TransposeOp::create(b, y, ArrayRef<int64_t>{0, 2, 1, 3, 4});
    rename();
    return append(ReshapeOp::create(b, y, shape));
  }
  }
}

void RandomGraph::addResize() {
  Value x = any();
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  rename();
  if (shape[1] % 4 == 0 && chance(0.5))
    return append(DepthToSpaceOp::create(
        b, x, 2, chance(0.5) ? DepthToSpaceMode::DCR : DepthToSpaceMode::CRD));
  SmallVector<int64_t> sizes{shape[2] * pick({1, 2}), shape[3] * pick({2, 3})};
  SmallVector<float> scales{static_cast<float>(sizes[0] / shape[2]),
                            static_cast<float>(sizes[1] / shape[3])};
  append(
      ResizeOp::create(b, x, sizes, scales, chance(0.5) ? ResizeMode::Nearest : ResizeMode::Linear,
                       chance(0.5) ? ResizeCoordinates::HalfPixel : ResizeCoordinates::Asymmetric,
                       ResizeRounding::RoundPreferFloor));
}

// Flatten and classify.
Value RandomGraph::addHead(Value value) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  int64_t features = shape[1] * shape[2] * shape[3];
  rename();
  Value x = ReshapeOp::create(b, value, ArrayRef<int64_t>{shape[0], features});
  int64_t classes = pick({1, 7, 10, 33});
  Value w = constant({features, classes}, 1.0 / std::sqrt(static_cast<double>(features)));
  Value bias = chance(0.5) ? constant({classes}, 0.3) : Value();
  rename();
  x = MatMulOp::create(b, x, w, bias);
  if (options.exact || chance(0.5))
    return x;
  rename();
  return SoftmaxOp::create(b, x, 1);
}

OwningOpRef<ModuleOp> RandomGraph::build() {
  OwningOpRef<ModuleOp> module(ModuleOp::create(b.getLoc()));
  b.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(b, "main", b.getFunctionType({inputType}, {}));
  main.setArgAttr(0, "octet.name", b.getStringAttr("input"));
  b.setInsertionPointToStart(main.addEntryBlock());
  values.push_back(main.getArgument(0));
  addConv();
  if (options.exact)
    values.erase(values.begin());
  for (int i = 0; i < options.ops; ++i) {
    int64_t choice = range(-2, 12);
    if (choice < -1)
      addChoice();
    else if (choice < 0)
      addBranches();
    else if (choice < 4)
      addConv();
    else if (choice < 6)
      addUnary();
    else if (choice < 8)
      addJoin();
    else if (choice < 10)
      addPool();
    else if (choice < 12)
      addMove();
    else
      addResize();
  }
  SmallVector<Value> results{chance(0.5) ? addHead(values.back()) : values.back()};
  if (chance(0.3) && !llvm::is_contained(results, values[values.size() / 2]))
    results.push_back(values[values.size() / 2]);
  rename();
  func::ReturnOp::create(b, results);
  main.setFunctionType(b.getFunctionType({inputType}, TypeRange(ValueRange(results))));
  for (size_t i = 0; i < results.size(); ++i)
    main.setResultAttr(i, "octet.name", b.getStringAttr("output_" + std::to_string(i)));
  return module;
}

SmallVector<Tensor> RandomGraph::makeInputs() {
  Tensor x(inputType);
  std::normal_distribution<float> normal;
  for (int64_t i = 0; i < x.size(); ++i)
    x.setFloat(i, normal(random));
  return {x};
}

} // namespace octet::test
