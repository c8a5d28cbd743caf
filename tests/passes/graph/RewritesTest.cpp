// Evaluates random small graphs before and after each graph rewrite. The lit tests
// show what a rewrite makes; these show that it means the same.

#include "dialect/reference/Evaluate.h"
#include "mlir/Pass/PassManager.h"
#include "passes/graph/Passes.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace octet;

namespace {

/// A function under construction, with constants and arguments of random values.
class Graph {
public:
  explicit Graph(unsigned seed) : random(seed), builder(&context) {
    context.loadDialect<OctetDialect, func::FuncDialect>();
    location = builder.getUnknownLoc();
    module = ModuleOp::create(location);
    builder.setInsertionPointToStart(module->getBody());
    function = func::FuncOp::create(builder, location, "main", builder.getFunctionType({}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
  }

  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  bool flip() { return pick(0, 1); }

  reference::Tensor makeTensor(ArrayRef<int64_t> shape, float low, float high) {
    std::uniform_real_distribution<float> distribution(low, high);
    reference::Tensor tensor(RankedTensorType::get(shape, builder.getF32Type()));
    for (float &element : tensor.as<float>())
      element = distribution(random);
    return tensor;
  }

  Value input(ArrayRef<int64_t> shape, float low = -1, float high = 1) {
    inputs.push_back(makeTensor(shape, low, high));
    (void)function.insertArgument(function.getNumArguments(), inputs.back().getType(), {},
                                  location);
    return function.getArguments().back();
  }

  Value constant(ArrayRef<int64_t> shape, float low = -1, float high = 1) {
    reference::Tensor tensor = makeTensor(shape, low, high);
    return ConstantOp::create(builder, location, tensor.getType(), tensor.toAttr("c"));
  }
  Value scalar(float value) { return constant({}, value, value); }

  template <typename Op, typename... Args>
  Value add(Args &&...args) {
    return Op::create(builder, location, std::forward<Args>(args)...)->getResult(0);
  }

  static ArrayRef<int64_t> shapeOf(Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  }

  /// Returns `values`, runs the pass, and compares what the function computes before
  /// and after, relative to the largest magnitude.
  void check(ArrayRef<Value> values, std::unique_ptr<Pass> pass, double bound) {
    func::ReturnOp::create(builder, location, values);
    function.setFunctionType(
        builder.getFunctionType(function.getArgumentTypes(), ValueRange(values).getTypes()));
    ASSERT_TRUE(succeeded(module->verify()));
    auto before = reference::evaluate(function, inputs);
    PassManager manager(&context);
    manager.addNestedPass<func::FuncOp>(std::move(pass));
    ASSERT_TRUE(succeeded(manager.run(*module)));
    auto after = reference::evaluate(function, inputs);
    ASSERT_TRUE(succeeded(before) && succeeded(after));
    for (auto [expected, got] : llvm::zip(*before, *after)) {
      ASSERT_EQ(expected.getType(), got.getType());
      double largest = 0, error = 0;
      for (int64_t i = 0; i < expected.size(); ++i) {
        largest = std::max<double>(largest, std::fabs(expected.getFloat(i)));
        error = std::max<double>(error, std::fabs(expected.getFloat(i) - got.getFloat(i)));
      }
      if (error > bound * largest) {
        std::string text;
        llvm::raw_string_ostream(text) << *module;
        FAIL() << "error " << error << " of " << largest << "\n" << text;
      }
    }
  }

  /// Ops other than constants and the return.
  std::vector<std::string> ops() {
    std::vector<std::string> names;
    for (Operation &op : function.getBody().front())
      if (!isa<ConstantOp, func::ReturnOp>(op))
        names.push_back(op.getName().stripDialect().str());
    return names;
  }
  func::FuncOp getFunction() { return function; }

  MLIRContext context;
  std::mt19937 random;
  OpBuilder builder;
  Location location = UnknownLoc::get(&context);

private:
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  SmallVector<reference::Tensor> inputs;
};

using Names = std::vector<std::string>;

class GraphRewrites : public testing::TestWithParam<unsigned> {
protected:
  Graph graph{GetParam()};

  Value conv(Value x, int64_t outputs, int64_t group, bool padded) {
    Graph &g = graph;
    Value w = g.constant({outputs, g.shapeOf(x)[1] / group, g.pick(1, 3), g.pick(1, 3)});
    SmallVector<int64_t> pads(4, 0);
    if (padded)
      for (int64_t &pad : pads)
        pad = g.pick(0, 2);
    return g.add<ConvOp>(x, w, g.flip() ? g.constant({outputs}) : Value(),
                         SmallVector<int64_t>{g.pick(1, 2), g.pick(1, 2)}, pads,
                         SmallVector<int64_t>{g.pick(1, 2), g.pick(1, 2)}, group);
  }

  Value convTranspose(int64_t groupInputs, int64_t groupOutputs, int64_t group) {
    Graph &g = graph;
    while (true) {
      SmallVector<int64_t> extents, kernel, strides, pads(4), dilations, extra;
      bool valid = true;
      for (int i = 0; i < 2; ++i) {
        extents.push_back(g.pick(1, 5));
        kernel.push_back(g.pick(1, 5));
        strides.push_back(g.pick(1, 4));
        dilations.push_back(g.pick(1, 4) == 1 ? 2 : 1);
        pads[i] = g.pick(0, 3);
        pads[2 + i] = g.pick(0, 3);
        extra.push_back(g.pick(0, strides[i] - 1));
        valid &= (extents[i] - 1) * strides[i] + extra[i] + (kernel[i] - 1) * dilations[i] + 1 >
                 pads[i] + pads[2 + i];
      }
      if (!valid)
        continue;
      Value x = g.input({g.pick(1, 2), groupInputs * group, extents[0], extents[1]});
      Value w = g.constant({groupInputs * group, groupOutputs, kernel[0], kernel[1]});
      Value bias = g.flip() ? g.constant({groupOutputs * group}) : Value();
      return g.add<ConvTransposeOp>(x, w, bias, strides, pads, dilations, extra, group);
    }
  }

  /// One op that scales or shifts dimension `axis` of x by constants.
  Value affine(Value x, int64_t axis) {
    Graph &g = graph;
    int64_t rank = g.shapeOf(x).size(), channels = g.shapeOf(x)[axis];
    if (axis == 1 && g.pick(0, 2) == 0)
      return g.add<BatchNormOp>(x, g.constant({channels}), g.constant({channels}),
                                g.constant({channels}), g.constant({channels}, 0.5, 2),
                                APFloat(1e-5f));
    SmallVector<int64_t> shape(rank - axis, 1);
    shape[0] = channels;
    if (g.flip())
      shape.insert(shape.begin(), axis, 1);
    if (g.pick(0, 3) == 0)
      shape.clear();
    Value c = g.constant(shape, 0.5, 2);
    switch (g.pick(0, 5)) {
    case 0:
      return g.add<AddOp>(x, c);
    case 1:
      return g.add<MulOp>(c, x);
    case 2:
      return g.add<SubOp>(x, c);
    case 3:
      return g.add<SubOp>(c, x);
    case 4:
      return g.add<DivOp>(x, c);
    default:
      return g.add<MulOp>(x, c);
    }
  }
};

constexpr double kFolded = 2e-6;

TEST_P(GraphRewrites, FoldBatchNormIntoProducer) {
  Graph &g = graph;
  int64_t group = g.pick(1, 2), axis = 1;
  Value y;
  std::string root;
  switch (g.pick(0, 2)) {
  case 0:
    y = conv(g.input({g.pick(1, 2), 2 * group, g.pick(5, 7), g.pick(5, 7)}), 3 * group, group,
             true);
    root = "conv";
    break;
  case 1:
    y = convTranspose(2, 3, group);
    root = "conv_transpose";
    break;
  default:
    axis = g.flip() ? 2 : 1;
    SmallVector<int64_t> shape{2, 3, 4};
    y = g.add<MatMulOp>(g.input(ArrayRef(shape).take_back(axis + 1)), g.constant({4, 5}),
                        g.flip() ? g.constant({5}) : Value());
    root = "matmul";
  }
  for (int64_t i = g.pick(1, 4); i > 0; --i)
    y = affine(y, axis);
  g.check({y}, createFoldBatchNorm(), kFolded);
  EXPECT_EQ(g.ops(), Names{root});
}

TEST_P(GraphRewrites, FoldBatchNormIntoFollower) {
  Graph &g = graph;
  int64_t group = g.pick(1, 2), channels = 2 * group;
  bool plane = g.flip();
  Value x = plane ? g.input({1, channels, 5, 6}) : g.input({3, channels});
  Value y =
      g.add<BatchNormOp>(x, g.constant({channels}), g.constant({channels}), g.constant({channels}),
                         g.constant({channels}, 0.5, 2), APFloat(1e-5f));
  bool padded = plane && g.flip();
  if (plane)
    y = conv(y, 3 * group, group, padded);
  else
    y = g.add<MatMulOp>(y, g.constant({channels, 5}), Value());
  g.check({y}, createFoldBatchNorm(), kFolded);
  Names folded{plane ? "conv" : "matmul"}, decomposed{"mul", "add", "conv"};
  EXPECT_TRUE(g.ops() == folded || (padded && g.ops() == decomposed));
}

TEST_P(GraphRewrites, DecomposeConvTranspose) {
  Value y = convTranspose(graph.pick(1, 3), graph.pick(1, 3), graph.pick(1, 3));
  graph.check({y}, createDecomposeConvTranspose(), kFolded);
  EXPECT_FALSE(llvm::is_contained(graph.ops(), "conv_transpose"));
}

TEST_P(GraphRewrites, FoldPad) {
  Graph &g = graph;
  Value x = g.input({1, 2, 6, 7});
  SmallVector<int64_t> low{0, 0, g.pick(0, 1), g.pick(0, 1)};
  SmallVector<int64_t> high{0, 0, g.pick(0, 1), g.pick(0, 1)};
  x = g.add<PadOp>(x, low, high, PadMode::Constant, APFloat(0.0f));
  bool pool = g.flip(), counted = g.flip();
  Value y;
  if (pool)
    y = g.add<AveragePoolOp>(
        x, SmallVector<int64_t>{3, 3}, SmallVector<int64_t>{g.pick(1, 2), g.pick(1, 2)},
        counted ? SmallVector<int64_t>{0, 1, 1, 0} : SmallVector<int64_t>{0, 0, 0, 0},
        SmallVector<int64_t>{1, 1}, /*ceil_mode=*/false, counted);
  else
    y = conv(x, 3, 1, true);
  g.check({y}, createFoldPad(), 1e-7);
  EXPECT_EQ(g.ops(), Names{pool ? "average_pool" : "conv"});
}

TEST_P(GraphRewrites, RecognizeActivations) {
  Graph &g = graph;
  Value x = g.input({g.pick(1, 9), 5}, -8, 8);
  auto scaled = [&](Value v) -> Value {
    if (g.flip())
      return g.add<DivOp>(v, g.scalar(6));
    float sixth = 1.0f / 6;
    return g.flip() ? g.add<MulOp>(v, g.scalar(sixth)) : g.add<MulOp>(g.scalar(sixth), v);
  };
  // x, clip(x + 3, 0, 6) and their product: one of the three is divided by 6.
  int64_t where = g.pick(0, 2);
  Value shifted = g.flip() ? g.add<AddOp>(x, g.scalar(3)) : g.add<SubOp>(x, g.scalar(-3));
  Value ramp = g.flip() ? g.add<ClipOp>(shifted, APFloat(0.0f), APFloat(6.0f))
                        : g.add<MinOp>(g.add<MaxOp>(shifted, g.scalar(0)), g.scalar(6));
  Value factor = where == 0 ? scaled(x) : x;
  if (where == 1)
    ramp = scaled(ramp);
  Value y = g.flip() ? g.add<MulOp>(factor, ramp) : g.add<MulOp>(ramp, factor);
  if (where == 2)
    y = scaled(y);
  g.check({y}, createRecognizeActivations(), kFolded);
  EXPECT_EQ(g.ops(), Names{"hard_swish"});
}

/// A random op that moves elements of x.
Value addMove(Graph &g, Value x) {
  ArrayRef<int64_t> shape = g.shapeOf(x);
  int64_t rank = shape.size();
  switch (g.pick(0, 4)) {
  case 0: {
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::shuffle(permutation.begin(), permutation.end(), g.random);
    return g.add<TransposeOp>(x, permutation);
  }
  case 1: {
    SmallVector<int64_t> target(shape);
    std::shuffle(target.begin(), target.end(), g.random);
    if (g.flip())
      target.push_back(1);
    if (target.size() > 5)
      target = {cast<RankedTensorType>(x.getType()).getNumElements()};
    return g.add<ReshapeOp>(x, target);
  }
  case 2: {
    SmallVector<int64_t> offsets, sizes, steps;
    for (int64_t extent : shape) {
      sizes.push_back(g.pick(1, extent));
      offsets.push_back(g.pick(0, extent - sizes.back()));
      steps.push_back(1);
      if (g.flip()) {
        steps.back() = -1;
        offsets.back() += sizes.back() - 1;
      }
    }
    return g.add<SliceOp>(x, offsets, sizes, steps);
  }
  case 3:
    if (cast<RankedTensorType>(x.getType()).getNumElements() > 1000)
      return x;
    return g.add<ConcatOp>(SmallVector<Value>{x, x}, g.pick(0, rank - 1));
  default: {
    int64_t axis = g.pick(0, rank - 1);
    reference::Tensor index(RankedTensorType::get({}, g.builder.getI64Type()));
    index.setInteger(0, g.pick(-shape[axis], shape[axis] - 1));
    if (rank == 1)
      return x;
    return g.add<GatherOp>(x, g.add<ConstantOp>(index.getType(), index.toAttr("index")), axis);
  }
  }
}

Value addUnary(Graph &g, Value x) {
  switch (g.pick(0, 4)) {
  case 0:
    return g.add<ReluOp>(x);
  case 1:
    return g.add<TanhOp>(x);
  case 2:
    return g.add<AddOp>(x, g.constant({1}));
  case 3:
    return g.add<MulOp>(g.constant({}), x);
  default:
    return g.add<AbsOp>(x);
  }
}

TEST_P(GraphRewrites, SimplifyShapes) {
  Graph &g = graph;
  Value x = g.input({g.pick(1, 3), g.pick(1, 3), g.pick(1, 4)});
  SmallVector<Value> results;
  for (int i = 0; i < 8; ++i) {
    x = g.pick(0, 2) ? addMove(g, x) : addUnary(g, x);
    if (g.pick(0, 5) == 0)
      results.push_back(x);
  }
  results.push_back(x);
  g.check(results, createSimplifyShapes(), 0);
}

TEST_P(GraphRewrites, SinkOneDimension) {
  Graph &g = graph;
  auto flatten = [&](Value x) {
    ArrayRef<int64_t> shape = g.shapeOf(x);
    return g.add<ReshapeOp>(x, SmallVector<int64_t>{shape[0], shape[1], shape[2] * shape[3]});
  };
  Value x = conv(g.input({2, 2, 5, 9}), 3, 1, false);
  Value other = g.input(g.shapeOf(x));
  x = flatten(x);
  for (int64_t i = g.pick(1, 4); i > 0; --i)
    x = g.flip() ? affine(x, 1) : addUnary(g, x);
  if (g.flip())
    x = g.add<AddOp>(flatten(other), x);
  g.check({x}, createSimplifyShapes(), 0);
  EXPECT_EQ(g.ops().back(), "reshape");
}

TEST_P(GraphRewrites, SinkMaxPool) {
  Graph &g = graph;
  Value x = conv(g.input({1, 2, 8, 9}), 3, 1, true);
  x = g.add<MaxPoolOp>(x, SmallVector<int64_t>{2, 2}, SmallVector<int64_t>{g.pick(1, 2), 1},
                       SmallVector<int64_t>{1, 0, 0, 1}, SmallVector<int64_t>{1, 1}, g.flip());
  x = g.flip() ? g.add<ReluOp>(x) : g.add<ClipOp>(x, APFloat(-0.5f), APFloat(0.5f));
  g.check({x}, createSimplifyShapes(), 0);
  EXPECT_EQ(g.ops().back(), "max_pool");
}

TEST_P(GraphRewrites, SimplifyArithmetic) {
  Graph &g = graph;
  Value x = g.input({3, 5}, 0.5, 2);
  for (int i = 0; i < 6; ++i)
    switch (g.pick(0, 5)) {
    case 0:
      x = g.add<AddOp>(x, g.scalar(g.pick(0, 1)));
      break;
    case 1:
      x = g.add<MulOp>(g.scalar(1), x);
      break;
    case 2:
      x = g.add<DivOp>(x, g.scalar(g.pick(1, 4)));
      break;
    case 3:
      x = g.add<PowOp>(x, g.scalar(g.flip() ? 0.5f : 1.0f));
      break;
    case 4:
      x = g.add<SubOp>(x, g.scalar(0));
      break;
    default:
      x = g.add<DivOp>(x, g.constant({5}, 0.25, 0.25));
    }
  g.check({x}, createSimplifyArithmetic(), kFolded);
}

TEST_P(GraphRewrites, RecognizePooling) {
  Graph &g = graph;
  Value x = g.input({2, 3, g.pick(1, 5), g.pick(1, 5)});
  Value y = g.add<ReduceOp>(x, g.flip() ? ReduceKind::Mean : ReduceKind::Max,
                            SmallVector<int64_t>{2, 3}, g.flip());
  g.check({y}, createRecognizePooling(), kFolded);
  EXPECT_FALSE(llvm::is_contained(g.ops(), "reduce"));
}

TEST_P(GraphRewrites, FuseEpilogues) {
  Graph &g = graph;
  SmallVector<Value> values{g.input({4, 4}), g.input({1, 4}), g.input({4, 4})};
  for (int i = 0; i < 16; ++i) {
    // Mostly recent values, so that chains and diamonds come up.
    auto any = [&] {
      int64_t last = values.size() - 1;
      return values[g.flip() ? last : g.pick(0, last)];
    };
    switch (g.pick(0, 6)) {
    case 0:
      values.push_back(g.add<MatMulOp>(any(), g.constant({4, 4}), Value()));
      break;
    case 1:
      values.push_back(g.add<SoftmaxOp>(any(), 1));
      break;
    case 2:
    case 3:
      values.push_back(addUnary(g, any()));
      break;
    default:
      values.push_back(g.add<AddOp>(any(), any()));
    }
  }
  g.check({values.back(), values[values.size() - 4]}, createFuseEpilogues(), 0);
  for (Operation &op : g.getFunction().getBody().front()) {
    EXPECT_FALSE((isa<ElementwiseOpInterface, MatMulOp>(op)));
    if (auto fused = dyn_cast<FusedOp>(op))
      EXPECT_TRUE(succeeded(fused.verify()));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, GraphRewrites, testing::Range(0u, 60u));

} // namespace
