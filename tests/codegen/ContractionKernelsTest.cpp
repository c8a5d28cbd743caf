// Kernels of convolution and matrix multiply against the evaluator, on every ISA row
// that this machine runs: shapes that leave remainders everywhere first. Layouts are
// given, not assigned, so that halos, pitches and odd channel counts meet the emitters
// without help.

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"
#include "dialect/reference/Evaluate.h"
#include "tests/numerics/GuardedModel.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace octet;
using reference::Tensor;

namespace {

// f32; bf16 to f32; u8 * s8 to f32, to u8; f32 * s8 to f32
enum class Kind { F32, BF16, Real, Quantized, WeightOnly };

/// Of the activations.
bool isFloat(Kind kind) { return kind != Kind::Real && kind != Kind::Quantized; }

/// Elements for a kind: floats, or quantized with awkward scales and zero points.
struct Elements {
  Type x, w, bias, y;
  Elements(MLIRContext *context, Kind kind, int64_t channels, int64_t axis, int64_t zeroPoint) {
    Type f32 = Float32Type::get(context), i8 = IntegerType::get(context, 8);
    x = w = bias = y = f32;
    if (kind == Kind::BF16)
      x = w = BFloat16Type::get(context);
    if (kind == Kind::F32 || kind == Kind::BF16)
      return;
    SmallVector<double> scales;
    for (int64_t i = 0; i < channels; ++i)
      scales.push_back(0.0017 + 0.00031 * (i % 7));
    SmallVector<int64_t> zeros(channels, 0);
    w = quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, i8, f32, scales,
                                                zeros, axis, -128, 127);
    if (kind == Kind::WeightOnly)
      return;
    x = quant::UniformQuantizedType::get(0, i8, f32, 0.037, zeroPoint, 0, 255);
    bias = IntegerType::get(context, 32);
    if (kind == Kind::Quantized)
      y = quant::UniformQuantizedType::get(0, i8, f32, 0.11, 97, 0, 255);
  }
};

/// Elements of `layout`'s buffer back in logical order.
Tensor unpack(ArrayRef<char> buffer, RankedTensorType type) {
  Tensor result(type);
  ChannelsLastAttr layout = getLayout(type);
  if (!layout) {
    llvm::copy(buffer, result.bytes().begin());
    return result;
  }
  SmallVector<int64_t, 4> physical = getPhysicalShape(type);
  int64_t size = getElementBytes(type.getElementType()), to = 0;
  for (int64_t n = 0; n < type.getDimSize(0); ++n)
    for (int64_t c = 0; c < type.getDimSize(1); ++c)
      for (int64_t h = 0; h < type.getDimSize(2); ++h)
        for (int64_t w = 0; w < type.getDimSize(3); ++w, to += size) {
          int64_t from = ((n * physical[1] + h + layout.top()) * physical[2] + w + layout.left()) *
                             physical[3] +
                         c;
          std::memcpy(result.bytes().data() + to, buffer.data() + from * size, size);
        }
  return result;
}

/// The buffer of a tensor, with 'real 0' in the halo and noise in pad channels.
SmallVector<char> pack(const Tensor &tensor, RankedTensorType type) {
  ChannelsLastAttr layout = getLayout(type);
  if (!layout)
    return SmallVector<char>(tensor.bytes());
  int64_t size = getElementBytes(type.getElementType());
  SmallVector<int64_t, 4> physical = getPhysicalShape(type);
  SmallVector<char> bytes = codegen::getPhysicalBytes(tensor, type);
  auto quantized = dyn_cast<quant::UniformQuantizedType>(type.getElementType());
  for (int64_t i = 0, e = bytes.size() / size; i < e; ++i) {
    int64_t c = i % physical[3], x = i / physical[3] % physical[2],
            y = i / physical[3] / physical[2] % physical[1];
    bool isHalo = y < layout.top() || y >= layout.top() + type.getDimSize(2) || x < layout.left() ||
                  x >= layout.left() + type.getDimSize(3);
    if (c >= type.getDimSize(1)) // a NaN, for floats
      std::memset(&bytes[i * size], isa<FloatType>(type.getElementType()) ? 0xff : 0x3e + c, size);
    else if (isHalo && quantized)
      bytes[i] = static_cast<char>(quantized.getZeroPoint());
  }
  return bytes;
}

struct Conv {
  int64_t n = 1, c = 1, h = 1, w = 1, o = 1, kh = 1, kw = 1;
  SmallVector<int64_t> strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1};
  int64_t group = 1;
  bool aligned = true;    // channels padded to the width of a dot product
  int64_t extraPitch = 0; // beyond that
  int64_t extraHalo = 0;  // beyond the pads
};

class ContractionTest : public testing::TestWithParam<const char *> {
protected:
  ContractionTest() {
    DialectRegistry registry;
    registry.insert<OctetDialect, quant::QuantDialect, func::FuncDialect>();
    registerCodegenDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    b.emplace(UnknownLoc::get(&context), &context);
  }

  Tensor makeRandom(ArrayRef<int64_t> shape, Type element, int64_t low, int64_t high) {
    Tensor tensor(RankedTensorType::get(shape, element));
    for (int64_t i = 0; i < tensor.size(); ++i)
      if (isa<FloatType>(element))
        tensor.setFloat(i, std::uniform_real_distribution<float>(-1, 1)(random));
      else
        tensor.setInteger(i, std::uniform_int_distribution<int64_t>(low, high)(random));
    return tensor;
  }
  Tensor makeWeights(ArrayRef<int64_t> shape, Type element) {
    return makeRandom(shape, element, leastWeight, greatestWeight);
  }
  Tensor makeBias(int64_t channels, Type element) {
    return makeRandom({channels}, element, -5000, 5000);
  }

  Value constant(const Tensor &tensor) {
    return ConstantOp::create(*b, tensor.getType(), tensor.toAttr("t"));
  }

  /// Builds @main around the op that `build` makes of arguments of these types, runs
  /// it on `inputs` and compares with the evaluator on `operands`.
  void check(ArrayRef<Tensor> inputs, ArrayRef<RankedTensorType> types, ArrayRef<Tensor> operands,
             function_ref<Operation *(ValueRange)> build) {
    OwningOpRef<ModuleOp> module(ModuleOp::create(b->getLoc()));
    b->setInsertionPointToEnd(module->getBody());
    SmallVector<Type> argumentTypes(types.begin(), types.end());
    auto function = func::FuncOp::create(*b, "main", b->getFunctionType(argumentTypes, {}));
    b->setInsertionPointToStart(function.addEntryBlock());
    Operation *op = build(function.getArguments());
    func::ReturnOp::create(*b, op->getResult(0));
    function.setFunctionType(b->getFunctionType(argumentTypes, op->getResultTypes()));
    ASSERT_TRUE(succeeded(verify(*module)));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto expected = reference::evaluate(op, operands);
    ASSERT_TRUE(succeeded(expected));

    std::string error;
    auto target = codegen::lookupTarget(GetParam(), error);
    ASSERT_TRUE(succeeded(target)) << error;
    PassManager pm(&context);
    pm.addNestedPass<func::FuncOp>(createAssignTiling(AssignTilingOptions{GetParam()}));
    pm.addNestedPass<func::FuncOp>(createPlanMemory());
    pm.addPass(createEmitKernels(EmitKernelsOptions{GetParam()}));
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    ASSERT_TRUE(succeeded(pm.run(*module)));
    auto jit = test::GuardedModel::load(*module, *target);
    ASSERT_TRUE(succeeded(jit));
    SmallVector<Tensor> buffers;
    for (auto [input, layoutType] : llvm::zip(inputs, types)) {
      SmallVector<char> bytes = pack(input, layoutType);
      buffers.emplace_back(RankedTensorType::get({int64_t(bytes.size())}, b->getI8Type()), bytes);
    }
    SmallVector<Tensor> outputs = jit->run(buffers);
    compare(unpack(outputs[0].bytes(), type), (*expected)[0]);
  }

  void compare(const Tensor &actual, const Tensor &expected) {
    bool isFloat = expected.getType().getElementType().isF32();
    int64_t wrong = 0;
    for (int64_t i = 0; i < expected.size() && wrong < 4; ++i) {
      double a = isFloat ? actual.getFloat(i) : actual.getInteger(i);
      double e = isFloat ? expected.getFloat(i) : expected.getInteger(i);
      if (std::abs(a - e) <= tolerance)
        continue;
      ++wrong;
      ADD_FAILURE() << "element " << i << " of " << expected.size() << ": expected " << e
                    << ", got " << a;
    }
  }

  void checkConv(const Conv &conv, Kind kind) {
    SCOPED_TRACE(testing::Message() << "conv n " << conv.n << " c " << conv.c << " h " << conv.h
                                    << " w " << conv.w << " o " << conv.o << " k " << conv.kh << "x"
                                    << conv.kw << " group " << conv.group << " kind " << int(kind));
    Elements elements(&context, kind, conv.o, 0, zeroPoint);
    int64_t pitch = isFloat(kind) || !conv.aligned ? conv.c : llvm::alignTo(conv.c, 4);
    SmallVector<int64_t> halo;
    for (int64_t pad : conv.pads)
      halo.push_back(pad + conv.extraHalo);
    Tensor x = makeRandom({conv.n, conv.c, conv.h, conv.w}, elements.x, 0, 255);
    Tensor w = makeWeights({conv.o, conv.c / conv.group, conv.kh, conv.kw}, elements.w);
    Tensor bias = makeBias(conv.o, elements.bias);
    auto xType =
        withLayout(x.getType(), ChannelsLastAttr::get(&context, pitch + conv.extraPitch, halo));
    tolerance = isFloat(kind) ? 1e-6 * (conv.c / conv.group * conv.kh * conv.kw + 1) : 0;
    check({x}, {xType}, {x, w, bias}, [&](ValueRange arguments) {
      Value weights = constant(w), biases = constant(bias);
      auto op = ConvOp::create(*b, arguments[0], weights, biases, conv.strides, conv.pads,
                               conv.dilations, conv.group);
      auto type = op.getY().getType();
      op.getY().setType(
          withLayout(withElementType(type, elements.y),
                     ChannelsLastAttr::get(&context, type.getDimSize(1), {0, 0, 0, 0})));
      return op;
    });
  }

  void checkConv(const Conv &conv) {
    for (Kind kind : {Kind::F32, Kind::BF16, Kind::Quantized, Kind::WeightOnly})
      checkConv(conv, kind);
  }

  /// `a` times a constant matrix of n columns.
  void checkMatMul(ArrayRef<int64_t> aShape, int64_t n, Kind kind) {
    SCOPED_TRACE(testing::Message() << "matmul " << testing::PrintToString(aShape.vec()) << " by "
                                    << n << " kind " << int(kind));
    Elements elements(&context, kind, n, 1, zeroPoint);
    Tensor a = makeRandom(aShape, elements.x, 0, 255);
    Tensor w = makeWeights({aShape.back(), n}, elements.w);
    Tensor bias = makeBias(n, elements.bias);
    tolerance = isFloat(kind) ? 1e-6 * (aShape.back() + 1) : 0;
    check({a}, {a.getType()}, {a, w, bias}, [&](ValueRange arguments) {
      Value weights = constant(w), biases = constant(bias);
      auto op = MatMulOp::create(*b, arguments[0], weights, biases);
      op.getY().setType(withElementType(op.getY().getType(), elements.y));
      return op;
    });
  }

  /// Two matrices known at run time.
  void checkProduct(ArrayRef<int64_t> aShape, ArrayRef<int64_t> bShape) {
    for (Type element : {Type(b->getF32Type()), Type(b->getBF16Type())})
      checkProduct(aShape, bShape, element);
  }
  void checkProduct(ArrayRef<int64_t> aShape, ArrayRef<int64_t> bShape, Type element) {
    SCOPED_TRACE(testing::Message() << "product " << testing::PrintToString(aShape.vec()) << " by "
                                    << testing::PrintToString(bShape.vec()));
    Tensor a = makeRandom(aShape, element, 0, 0);
    Tensor c = makeRandom(bShape, element, 0, 0);
    tolerance = 1e-6 * (aShape.back() + 1);
    check({a, c}, {a.getType(), c.getType()}, {a, c}, [&](ValueRange arguments) {
      return MatMulOp::create(*b, arguments[0], arguments[1], Value());
    });
  }

  MLIRContext context;
  std::optional<ImplicitLocOpBuilder> b;
  std::mt19937 random{7};
  // Models may bring weights of -128 (rule Q20).
  int64_t leastWeight = -128, greatestWeight = 127;
  int64_t zeroPoint = 113; // of activations
  double tolerance = 0;
};

TEST_P(ContractionTest, Convolution) {
  Conv conv;
  conv.c = 5, conv.h = 7, conv.w = 9, conv.o = 19;
  checkConv(conv);
  conv.kh = 3, conv.kw = 3, conv.pads = {1, 1, 1, 1};
  checkConv(conv);
  conv.n = 2, conv.o = 40, conv.strides = {2, 2}, conv.pads = {1, 0, 1, 2};
  checkConv(conv);
  checkConv(conv, Kind::Real);
  conv.c = 64, conv.kh = 1, conv.kw = 5, conv.pads = {0, 2, 0, 2};
  checkConv(conv);
}

TEST_P(ContractionTest, ConvolutionOfFewChannels) {
  for (int64_t c : {1, 3}) {
    Conv conv;
    conv.c = c, conv.h = 11, conv.w = 17, conv.o = 8, conv.kh = 7, conv.kw = 7;
    conv.strides = {2, 2}, conv.pads = {3, 3, 3, 3};
    checkConv(conv);
  }
}

TEST_P(ContractionTest, ConvolutionOfPixelsWithoutPadding) {
  // Channels, height and width of the window: runs of bytes with a rest, shorter than
  // a word, and in images narrower than a word.
  for (auto [c, kh, kw] :
       {std::array<int64_t, 3>{1, 5, 5}, {1, 3, 3}, {1, 1, 3}, {3, 3, 3}, {2, 3, 1}, {1, 1, 1}}) {
    Conv conv;
    conv.c = c, conv.h = 8, conv.w = 11, conv.o = 5, conv.kh = kh, conv.kw = kw;
    conv.aligned = false;
    checkConv(conv, Kind::BF16);
    checkConv(conv, Kind::Quantized);
    conv.strides = {2, 2}, conv.dilations = {2, 1};
    conv.pads = {kh / 2, kw / 2, kh / 2, kw / 2};
    checkConv(conv, Kind::BF16);
    checkConv(conv, Kind::Quantized);
  }
  Conv narrow;
  narrow.c = 1, narrow.h = 9, narrow.w = 2, narrow.o = 3, narrow.kh = 3, narrow.kw = 1;
  narrow.aligned = false;
  checkConv(narrow, Kind::Quantized);
}

TEST_P(ContractionTest, DilatedConvolutionInAWiderBuffer) {
  Conv conv;
  conv.c = 6, conv.h = 13, conv.w = 8, conv.o = 33, conv.kh = 3, conv.kw = 2;
  conv.dilations = {2, 3}, conv.pads = {2, 1, 2, 1};
  conv.extraPitch = 12, conv.extraHalo = 2;
  checkConv(conv);
}

TEST_P(ContractionTest, GroupedConvolution) {
  // Channels of a group: less than a word, whole words, and words with a rest.
  for (auto [c, group, o] : {std::array<int64_t, 3>{6, 3, 9}, {2, 2, 4}, {16, 2, 34}, {21, 3, 6}}) {
    Conv conv;
    conv.c = c, conv.group = group, conv.o = o, conv.h = 5, conv.w = 6, conv.kh = 3;
    conv.pads = {1, 0, 1, 0};
    checkConv(conv);
  }
}

TEST_P(ContractionTest, DepthwiseConvolution) {
  Conv conv;
  for (auto [c, k, stride] : {std::array<int64_t, 3>{5, 3, 1}, {16, 3, 2}, {37, 5, 1}}) {
    conv.n = 2, conv.c = conv.o = conv.group = c, conv.h = 9, conv.w = 23;
    conv.kh = conv.kw = k, conv.strides = {stride, stride};
    conv.pads = {k / 2, k / 2, k / 2, k / 2};
    conv.extraHalo = stride - 1;
    checkConv(conv);
  }
  // Windows of one line or column, with dilation.
  conv.kh = 1, conv.kw = 6, conv.dilations = {1, 2}, conv.pads = {0, 5, 0, 5};
  checkConv(conv);
  conv.kh = 6, conv.kw = 1, conv.dilations = {1, 1}, conv.pads = {2, 0, 3, 0};
  checkConv(conv);
}

// Channels that fill registers of bytes, with rests on both sides of the border between
// the two ways to compute them, and few that share a register with their neighbours.
TEST_P(ContractionTest, DepthwiseInBytes) {
  for (auto [c, k, stride] : {std::array<int64_t, 3>{64, 3, 1},
                              {80, 3, 2},
                              {97, 3, 1},
                              {100, 5, 1},
                              {180, 2, 1},
                              {32, 3, 1},
                              {16, 5, 1},
                              {4, 3, 1},
                              {32, 3, 2},
                              {64, 7, 1}}) {
    Conv conv;
    conv.n = 2, conv.c = conv.o = conv.group = c, conv.h = 5, conv.w = 13;
    conv.kh = conv.kw = k, conv.strides = {stride, stride};
    conv.pads = {k / 2, k / 2, k / 2, k / 2};
    checkConv(conv);
    conv.extraPitch = 4;
    checkConv(conv);
  }
}

// Lines of the halo are zeros, which are left out: windows partly outside above, below,
// on both sides, and wholly.
TEST_P(ContractionTest, LinesOutside) {
  zeroPoint = 0;
  for (auto [h, k, stride, top, bottom] : {std::array<int64_t, 5>{7, 3, 1, 1, 1},
                                           {5, 3, 2, 1, 0},
                                           {2, 5, 1, 2, 2},
                                           {6, 5, 3, 4, 1},
                                           {3, 3, 1, 0, 2},
                                           {4, 2, 1, 3, 3},
                                           {9, 3, 1, 0, 0}}) {
    Conv conv;
    conv.n = 2, conv.c = 17, conv.o = 33, conv.h = h, conv.w = 15;
    conv.kh = k, conv.kw = 3, conv.strides = {stride, 1}, conv.pads = {top, 1, bottom, 1};
    checkConv(conv);
    conv.extraHalo = 1;
    checkConv(conv);
  }
}

TEST_P(ContractionTest, LongReduction) {
  Conv conv;
  conv.c = 256, conv.h = 3, conv.w = 15, conv.o = 96, conv.kh = 3, conv.kw = 3;
  conv.pads = {1, 1, 1, 1};
  checkConv(conv);
}

TEST_P(ContractionTest, SmallWeights) {
  // No pair of these can saturate s16, which opens rows that others must not use.
  leastWeight = -64, greatestWeight = 64;
  Conv conv;
  conv.c = 30, conv.h = 5, conv.w = 7, conv.o = 20, conv.kh = 3, conv.kw = 3;
  conv.pads = {1, 1, 1, 1};
  checkConv(conv);
}

TEST_P(ContractionTest, MatMulByConstant) {
  checkMatMul({1, 64}, 10, Kind::Real);
  for (Kind kind : {Kind::F32, Kind::BF16, Kind::Quantized, Kind::WeightOnly}) {
    checkMatMul({1, 255}, 200, kind);
    checkMatMul({31, 7}, 33, kind);
    checkMatMul({3, 3}, 5, kind);
    checkMatMul({2, 1}, 1, kind);
    checkMatMul({2, 17, 130}, 48, kind);
    checkMatMul({2, 3, 2, 9, 6}, 20, kind);
    checkMatMul({12}, 20, kind);
  }
}

TEST_P(ContractionTest, MatMulOfTwoInputs) {
  checkProduct({5, 7}, {7, 33});
  checkProduct({2, 3, 29, 12}, {2, 3, 12, 40});
  checkProduct({3, 5, 6}, {6, 10});
  checkProduct({4, 1, 5, 6}, {3, 6, 10});
  checkProduct({5, 6}, {3, 6, 10});
  checkProduct({6}, {2, 6, 10});
  checkProduct({3, 5, 6}, {6});
  checkProduct({6}, {6});
  checkProduct({2, 3, 1}, {2, 1, 17});
}

// One CPU for each row of Microkernels.inc.
INSTANTIATE_TEST_SUITE_P(Targets, ContractionTest,
                         testing::Values("x86-64-v3", "alderlake", "skylake-avx512", "cascadelake",
                                         "cooperlake"),
                         [](const auto &info) {
                           std::string name = info.param;
                           llvm::erase_if(name, [](char c) { return !isalnum(c); });
                           return name;
                         });

} // namespace
