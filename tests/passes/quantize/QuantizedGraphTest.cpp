// Small graphs through calibration and the whole pipeline, evaluated: what
// quantization may cost, and that it happened at all.

#include "dialect/reference/Evaluate.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Pipeline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace octet;
using namespace mlir;
using reference::Tensor;

namespace {

struct QuantizedGraph : testing::Test {
  QuantizedGraph() : context(MLIRContext::Threading::DISABLED) {
    context.loadDialect<OctetDialect, quant::QuantDialect, func::FuncDialect>();
  }

  func::FuncOp main() { return module->lookupSymbol<func::FuncOp>("main"); }

  Tensor makeInput(unsigned seed) {
    std::mt19937 random(seed);
    // Bounded, so that a few samples show the whole range.
    std::uniform_real_distribution<float> uniform(-1, 1);
    Tensor input(cast<RankedTensorType>(main().getArgumentTypes()[0]));
    for (int64_t i = 0; i < input.size(); ++i)
      input.setFloat(i, uniform(random));
    return input;
  }

  // Weights by a fixed generator, so that graphs stay readable: every `?` in the text is one.
  void load(std::string text) {
    std::mt19937 random(11);
    std::normal_distribution<float> normal;
    std::string filled;
    for (char c : text)
      filled += c == '?' ? std::to_string(normal(random)) : std::string(1, c);
    module = parseSourceString<ModuleOp>(filled, &context);
    ASSERT_TRUE(module);
  }

  CalibrationTable calibrate() {
    OwningOpRef<ModuleOp> observed = module->clone();
    PassManager pm(&context);
    pm.addNestedPass<func::FuncOp>(createInsertObservers());
    EXPECT_TRUE(succeeded(pm.run(*observed)));
    auto function = observed->lookupSymbol<func::FuncOp>("main");
    CalibrationTable table;
    for (unsigned seed = 0; seed < 100; ++seed) {
      auto values = reference::evaluate(function, {makeInput(seed)});
      for (auto [i, value] : llvm::enumerate(*values))
        table.observe(function.getResultAttrOfType<StringAttr>(i, kObservedAttr).getValue(),
                      value.as<float>());
    }
    return table;
  }

  /// SQNR in dB of the quantized graph on inputs that calibration did not see.
  double quantize(QuantizeOptions options = {}) {
    options.table = std::make_shared<const CalibrationTable>(calibrate());
    std::vector<Tensor> expected;
    for (unsigned seed = 1000; seed < 1020; ++seed)
      expected.push_back((*reference::evaluate(main(), {makeInput(seed)}))[0]);
    PassManager pm(&context);
    buildAssignPrecisionPipeline(pm, options);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    buildQuantizePipeline(pm, options);
    EXPECT_TRUE(succeeded(pm.run(*module)));
    double signal = 0, noise = 0;
    for (unsigned seed = 1000; seed < 1020; ++seed) {
      Tensor got = (*reference::evaluate(main(), {makeInput(seed)}))[0];
      const Tensor &want = expected[seed - 1000];
      for (int64_t i = 0; i < want.size(); ++i) {
        signal += std::pow(want.getFloat(i), 2);
        noise += std::pow(want.getFloat(i) - got.getFloat(i), 2);
      }
    }
    return 10 * std::log10(signal / noise);
  }

  int64_t count(llvm::function_ref<bool(Operation *)> holds) {
    int64_t result = 0;
    module->walk([&](Operation *op) { result += holds(op); });
    return result;
  }
  int64_t countInt8Contractions() {
    return count([](Operation *op) {
      return isa<ConvOp, MatMulOp>(op) &&
             isa<quant::QuantizedType>(
                 cast<RankedTensorType>(op->getOperand(0).getType()).getElementType());
    });
  }
  template <typename... Ops>
  int64_t countOps() {
    return count([](Operation *op) { return isa<Ops...>(op); });
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

#define CONV "strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>"
#define X "tensor<1x2x5x5xf32>"

// A residual block with a side branch, a table function and a classifier.
const char *kNetwork = R"(
func.func @main(%x: )" X R"( {octet.name = "x"}) -> tensor<1x3xf32> {
  %w1 = octet.constant dense<[[[[?,?,?],[?,?,?],[?,?,?]],[[?,?,?],[?,?,?],[?,?,?]]],[[[?,?,?],[?,?,?],[?,?,?]],[[?,?,?],[?,?,?],[?,?,?]]]]> : tensor<2x2x3x3xf32> : tensor<2x2x3x3xf32>
  %w2 = octet.constant dense<[[[[?,?,?],[?,?,?],[?,?,?]]],[[[?,?,?],[?,?,?],[?,?,?]]]]> : tensor<2x1x3x3xf32> : tensor<2x1x3x3xf32>
  %w3 = octet.constant dense<[[?,?,?],[?,?,?],[?,?,?],[?,?,?]]> : tensor<4x3xf32> : tensor<4x3xf32>
  %b = octet.constant dense<[?,?]> : tensor<2xf32> : tensor<2xf32>
  %b3 = octet.constant dense<[?,?,?]> : tensor<3xf32> : tensor<3xf32>
  %c1 = octet.conv %x, %w1, %b {)" CONV R"(, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64} : ()" X
                       R"(, tensor<2x2x3x3xf32>, tensor<2xf32>) -> )" X R"( loc("Conv_1"("c1"))
  %r1 = octet.relu %c1 : ()" X R"() -> )" X R"( loc("Relu_1"("r1"))
  %c2 = octet.conv %r1, %w2, %b {)" CONV
                       R"(, pads = array<i64: 1, 1, 1, 1>, group = 2 : i64} : ()" X
                       R"(, tensor<2x1x3x3xf32>, tensor<2xf32>) -> )" X R"( loc("Conv_2"("c2"))
  %a = octet.add %c2, %r1 : ()" X R"(, )" X R"() -> )" X R"( loc("Add_1"("a"))
  %h = octet.hard_swish %a : ()" X R"() -> )" X R"( loc("HardSwish_1"("h"))
  %m = octet.max_pool %a {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>, )" CONV
                       R"(} : ()" X R"() -> )" X R"( loc("MaxPool_1"("m"))
  %j = octet.concat %h, %m {axis = 1 : i64} : ()" X R"(, )" X
                       R"() -> tensor<1x4x5x5xf32> loc("Concat_1"("j"))
  %p = octet.average_pool %j {kernel = array<i64: 5, 5>, pads = array<i64: 0, 0, 0, 0>, )" CONV
                       R"(} : (tensor<1x4x5x5xf32>) -> tensor<1x4x1x1xf32> loc("Pool_1"("p"))
  %f = octet.reshape %p {shape = array<i64: 1, 4>} : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32> loc("Flatten_1"("f"))
  %g = octet.matmul %f, %w3, %b3 : (tensor<1x4xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<1x3xf32> loc("Gemm_1"("g"))
  return %g : tensor<1x3xf32>
})";

TEST_F(QuantizedGraph, NetworkKeepsItsMeaning) {
  load(kNetwork);
  EXPECT_GT(quantize(), 30.0);
  EXPECT_EQ(countInt8Contractions(), 3);
  // The argument alone is quantized by an op; the logits are f32 at once.
  EXPECT_EQ(cast<RankedTensorType>(main().getResultTypes()[0]).getElementType(),
            Float32Type::get(&context));
  EXPECT_TRUE(isa<quant::QuantizedType>(
      (*main().getOps<ConcatOp>().begin()).getY().getType().getElementType()));
}

TEST_F(QuantizedGraph, PerTensorWeightsCostMore) {
  load(kNetwork);
  QuantizeOptions options;
  options.weights.perTensor = true;
  double perTensor = quantize(options);
  load(kNetwork);
  EXPECT_GT(quantize(), perTensor - 3.0);
  EXPECT_GT(perTensor, 20.0);
}

TEST_F(QuantizedGraph, RulesMixPrecisions) {
  load(kNetwork);
  double all = quantize();
  load(kNetwork);
  QuantizeOptions options;
  options.config = std::make_shared<const Config>(llvm::cantFail(Config::fromJson(
      R"({"version": 1, "ops": [{"names": ["Conv_1", "Conv_2"], "precision": "f32"}]})")));
  EXPECT_GT(quantize(options), all);
  EXPECT_EQ(countInt8Contractions(), 1);
}

TEST_F(QuantizedGraph, F32ChangesNothing) {
  load(kNetwork);
  QuantizeOptions options;
  options.precision = Precision::F32;
  EXPECT_EQ(quantize(options), INFINITY);
  EXPECT_EQ((countOps<QuantizeOp, DequantizeOp>()), 0);
}

TEST_F(QuantizedGraph, BF16KeepsTheMeaning) {
  load(kNetwork);
  QuantizeOptions options;
  options.precision = Precision::BF16;
  EXPECT_GT(quantize(options), 40.0);
  auto isBF16 = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getElementType().isBF16();
  };
  EXPECT_EQ(count([&](Operation *op) {
              return isa<ConvOp, MatMulOp>(op) && isBF16(op->getOperand(0)) &&
                     isBF16(op->getOperand(1)) && !isBF16(op->getResult(0));
            }),
            3);
  // The argument is cast by a group; the logits are f32 at once.
  EXPECT_FALSE(isBF16(main().getBody().front().getTerminator()->getOperand(0)));
  EXPECT_TRUE(isBF16((*main().getOps<ConcatOp>().begin()).getY()));
  EXPECT_TRUE(isBF16((*main().getOps<MaxPoolOp>().begin()).getY()));
  EXPECT_EQ(
      count([](Operation *op) { return isa<CastOp>(op) && !isa<FusedOp>(op->getParentOp()); }), 0);
}

TEST_F(QuantizedGraph, RulesMixThreePrecisions) {
  load(kNetwork);
  QuantizeOptions options;
  options.config = std::make_shared<const Config>(llvm::cantFail(Config::fromJson(
      R"({"version": 1, "ops": [{"names": ["Conv_1"], "precision": "bf16"},
                                {"names": ["Gemm_1"], "precision": "f32"}]})")));
  EXPECT_GT(quantize(options), 30.0);
  EXPECT_EQ(countInt8Contractions(), 1);
}

// Between integers a chain of functions is a table, also where a value is used twice.
TEST_F(QuantizedGraph, FunctionsBecomeTables) {
  load(R"(
func.func @main(%x: tensor<1x4xf32> {octet.name = "x"}) -> tensor<1x4xf32> {
  %w = octet.constant dense<[[?,?,?,?],[?,?,?,?],[?,?,?,?],[?,?,?,?]]> : tensor<4x4xf32> : tensor<4x4xf32>
  %a = octet.matmul %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("MatMul_1"("a"))
  %r = octet.reshape %a {shape = array<i64: 4, 1>} : (tensor<1x4xf32>) -> tensor<4x1xf32> loc("Reshape_1"("r"))
  %s = octet.sigmoid %r : (tensor<4x1xf32>) -> tensor<4x1xf32> loc("Sigmoid_1"("s"))
  %p = octet.mul %s, %r : (tensor<4x1xf32>, tensor<4x1xf32>) -> tensor<4x1xf32> loc("Mul_1"("p"))
  %q = octet.reshape %p {shape = array<i64: 1, 4>} : (tensor<4x1xf32>) -> tensor<1x4xf32> loc("Reshape_2"("q"))
  %b = octet.matmul %q, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("MatMul_2"("b"))
  return %b : tensor<1x4xf32>
})");
  EXPECT_GT(quantize(), 18.0); // a product of 4 terms leaves little to average
  EXPECT_EQ(countOps<LookupOp>(), 1);
  EXPECT_EQ((countOps<SigmoidOp, MulOp>()), 0);
}

// Linear resize on integers, and nearest as a move.
TEST_F(QuantizedGraph, ResizesStayOnIntegers) {
  for (const char *mode : {"linear", "nearest"}) {
    load(
        std::string(R"(
func.func @main(%x: )" X R"( {octet.name = "x"}) -> tensor<1x2x10x10xf32> {
  %w = octet.constant dense<[[[[?]],[[?]]],[[[?]],[[?]]]]> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {)" CONV R"(, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64} : ()" X
                    R"(, tensor<2x2x1x1xf32>) -> )" X R"( loc("Conv_1"("c"))
  %r = octet.resize %c {sizes = array<i64: 10, 10>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode )") +
        mode +
        R"(>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : ()" X
        R"() -> tensor<1x2x10x10xf32> loc("Resize_1"("r"))
  %d = octet.conv %r, %w {)" CONV
        R"(, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64} : (tensor<1x2x10x10xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x10x10xf32> loc("Conv_2"("d"))
  return %d : tensor<1x2x10x10xf32>
})");
    EXPECT_GT(quantize(), 30.0) << mode;
    EXPECT_EQ(countInt8Contractions(), 2) << mode;
    EXPECT_EQ(countOps<DequantizeOp>(), 0) << mode;
  }
}

} // namespace
