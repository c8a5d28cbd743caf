// Models that come quantized: what their nodes become, and what is refused.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8;
constexpr int kI32 = onnx::TensorProto::INT32;

class QuantizedModels : public ImportTest {
protected:
  /// The IR holds these texts in this order.
  void expectInOrder(const ModelBuilder &model, const std::vector<std::string> &texts) {
    std::string body = importModel(model);
    size_t at = 0;
    for (const std::string &text : texts) {
      size_t next = body.find(text, at);
      ASSERT_NE(next, std::string::npos) << "no '" << text << "' behind " << at << " in\n"
                                         << body << diagnostics;
      at = next + text.size();
    }
  }
};

ModelBuilder makeBase(int64_t opset = 13) {
  ModelBuilder model(opset);
  model.input("x", "1x2x3x3").scale("x", 0.5f, kU8, 3).scale("y", 0.25f, kU8, 128);
  return model;
}

TEST_F(QuantizedModels, BordersAndStoredConstants) {
  ModelBuilder model = makeBase();
  model.scale("w", 0.125f, kS8, 0).weights("b.s", {1}, {0.0625f});
  model.stored("w", kS8, {1, 2, 1, 1}, {127, -128}).stored("b", kI32, {1}, {-7});
  model.node("QuantizeLinear", "x x.s x.z", "xq").node("DequantizeLinear", "xq x.s x.z", "xr");
  model.node("DequantizeLinear", "w w.s w.z", "wr").node("DequantizeLinear", "b b.s", "br");
  model.node("Conv", "xr wr br", "c").node("QuantizeLinear", "c y.s y.z", "q");
  model.node("DequantizeLinear", "q y.s y.z", "y").output("y");
  expectInOrder(
      model,
      {"octet.quantize %arg0 : (tensor<1x2x3x3xf32>) -> tensor<1x2x3x3x!quant.uniform<u8:f32, "
       "5.000000e-01:3>>",
       "octet.dequantize", "tensor<1x2x1x1x!quant.uniform<i8:f32, 1.250000e-01>>",
       "octet.dequantize", "tensor<1x!quant.uniform<i32:f32, 6.250000e-02>>", "octet.dequantize",
       "octet.conv", "octet.quantize", "tensor<1x1x3x3x!quant.uniform<u8:f32, 2.500000e-01:128>>",
       "octet.dequantize"});
}

// All that reads a tensor reads one dequantize; a cast to the type that it has is nothing.
TEST_F(QuantizedModels, OneDequantizeForATensor) {
  ModelBuilder model = makeBase();
  model.node("QuantizeLinear", "x x.s x.z", "q").node("Cast", "q", "p").integer("to", kU8);
  model.node("DequantizeLinear", "q x.s x.z", "a").node("DequantizeLinear", "p x.s x.z", "b");
  model.node("Add", "a b", "y").output("y");
  std::string body = importModel(model);
  EXPECT_NE(body.find("octet.add %1, %1"), std::string::npos) << body << diagnostics;
  EXPECT_EQ(body.find("octet.cast"), std::string::npos) << body;
}

TEST_F(QuantizedModels, ConstantsAreQuantizedByDivision) {
  // f32(1.55) / f32(0.1) is below the tie 15.5 that multiplication would give.
  ModelBuilder model(13);
  model.input("x", "1x1").weights("w", {1, 1}, {1.55f}).scale("w", 0.1f, kS8, 0);
  model.node("QuantizeLinear", "w w.s w.z", "q").node("DequantizeLinear", "q w.s w.z", "r");
  model.node("MatMul", "x r", "y").output("y");
  expectInOrder(model, {"octet.constant dense<15> : tensor<1x1xi8>", "octet.dequantize"});
}

TEST_F(QuantizedModels, OpsOnIntegersStandBetweenBorders) {
  ModelBuilder model = makeBase();
  model.weights("w.s", {2}, {0.5f, 0.25f}).stored("w.z", kS8, {2}, {0, 0});
  model.stored("w", kS8, {2, 2, 1, 1}, {1, 2, 3, 4}).stored("b", kI32, {2}, {5, 6});
  model.node("QuantizeLinear", "x x.s x.z", "xq");
  model.node("QLinearConv", "xq x.s x.z w w.s w.z y.s y.z b", "c");
  model.node("MaxPool", "c", "p").ints("kernel_shape", {3, 3});
  model.microsoft("QLinearSigmoid", "p y.s y.z x.s x.z", "s");
  model.node("DequantizeLinear", "s x.s x.z", "y").output("y");
  expectInOrder(
      model,
      {"octet.quantize %arg0", "octet.dequantize",
       "tensor<2x2x1x1x!quant.uniform<i8:f32:0, {5.000000e-01,2.500000e-01}>>", "octet.dequantize",
       "tensor<2x!quant.uniform<i32:f32:0, {2.500000e-01,1.250000e-01}>>", "octet.dequantize",
       "octet.conv", "octet.quantize", "u8:f32, 2.500000e-01:128", "octet.dequantize",
       "octet.max_pool", "octet.quantize", "u8:f32, 2.500000e-01:128", "octet.dequantize",
       "octet.sigmoid", "octet.quantize", "u8:f32, 5.000000e-01:3", "octet.dequantize"});
}

TEST_F(QuantizedModels, MatrixOpsOnIntegers) {
  ModelBuilder model(13);
  model.input("x", "2x2").scale("x", 0.5f, kS8, -3).scale("w", 0.25f, kU8, 9);
  model.stored("w", kU8, {2, 2}, {1, 2, 3, 4}).stored("b", kI32, {2}, {5, 6});
  model.node("QuantizeLinear", "x x.s x.z", "q");
  model.node("QLinearMatMul", "q x.s x.z w w.s w.z x.s x.z", "m");
  model.microsoft("QGemm", "m x.s x.z w w.s w.z b", "g").integer("transB", 1);
  model.output("g");
  expectInOrder(model, {"!quant.uniform<i8:f32, 5.000000e-01:-3>", "octet.dequantize",
                        "!quant.uniform<u8:f32, 2.500000e-01:9>", "octet.dequantize",
                        "octet.matmul", "octet.quantize", "octet.dequantize",
                        "tensor<2x!quant.uniform<i32:f32, 1.250000e-01>>", "octet.transpose",
                        "octet.matmul", "return"});
}

TEST_F(QuantizedModels, OpsOfTwoTensors) {
  ModelBuilder model = makeBase();
  model.node("QuantizeLinear", "x x.s x.z", "q");
  model.microsoft("QLinearAdd", "q x.s x.z q x.s x.z y.s y.z", "a");
  model.microsoft("QLinearMul", "a y.s y.z q x.s x.z y.s y.z", "m");
  model.microsoft("QLinearConcat", "y.s y.z m y.s y.z q x.s x.z", "c").integer("axis", 1);
  model.microsoft("QLinearGlobalAveragePool", "c y.s y.z x.s x.z", "g");
  model.microsoft("DequantizeLinear", "g x.s x.z", "y").output("y");
  expectInOrder(model, {"octet.add", "octet.quantize", "octet.mul", "octet.quantize",
                        "octet.concat", "octet.quantize", "octet.average_pool", "octet.quantize",
                        "u8:f32, 5.000000e-01:3", "octet.dequantize"});
}

// Integers without a scale, as a model gets and gives them.
TEST_F(QuantizedModels, PlainIntegers) {
  ModelBuilder model(13);
  model.input("x", "4", kS8).scale("x", 0.5f, kS8, 3);
  model.node("DequantizeLinear", "x x.s x.z", "r").node("Relu", "r", "p");
  model.node("QuantizeLinear", "p x.s x.z", "y").output("y");
  expectInOrder(model, {"tensor<4xi8> {octet.name = \"x\"}", "-> (tensor<4xi8>", "octet.cast %arg0",
                        "octet.sub", "octet.mul", "octet.quantize", "octet.dequantize",
                        "octet.relu", "octet.quantize", "octet.dequantize", "octet.mul",
                        "octet.round", "octet.add", "octet.cast"});
}

TEST_F(QuantizedModels, OtherScaleThanItWasQuantizedWith) {
  ModelBuilder model = makeBase();
  model.node("QuantizeLinear", "x x.s x.z", "q").node("DequantizeLinear", "q y.s y.z", "y");
  model.output("y");
  expectInOrder(model, {"u8:f32, 5.000000e-01:3", "octet.dequantize", "octet.round", "octet.cast",
                        "octet.sub", "octet.mul", "octet.quantize", "u8:f32, 2.500000e-01:128",
                        "octet.dequantize"});
}

TEST_F(QuantizedModels, Refusals) {
  auto refuse = [&](ModelBuilder model, const std::string &message) {
    model.output("y");
    expectErrors(model, {"model.onnx: node 'n' " + message});
  };
  auto quantize = [&](ModelBuilder model, llvm::StringRef inputs) {
    model.node("QuantizeLinear", inputs, "y", "n");
    return model;
  };
  ModelBuilder base = makeBase(21);
  auto copy = [&](auto change) {
    ModelBuilder model = base;
    change(model);
    return model;
  };
  refuse(quantize(copy([](auto &m) { m.input("s", ""); }), "x s"),
         "(QuantizeLinear): expected the scale to be constant, got a computed tensor");
  refuse(quantize(copy([](auto &m) { m.integers("s", {1}); }), "x s"),
         "(QuantizeLinear): expected float32 as the scale, got int64");
  refuse(quantize(copy([](auto &m) { m.weights("s", {}, {-0.5f}); }), "x s"),
         "(QuantizeLinear): expected positive finite scales, got -5.000000e-01");
  refuse(quantize(copy([](auto &m) { m.weights("s", {2, 2}); }), "x s"),
         "(QuantizeLinear): expected the scale as one number or one for each channel, got [2, 2]: "
         "blocked quantization is not supported");
  refuse(quantize(copy([](auto &m) { m.weights("s", {3}); }), "x s"),
         "(QuantizeLinear): expected the scale as one number or 2, got 3");
  refuse(quantize(copy([](auto &m) { m.weights("s", {2}, {1, 2}); }), "x s"),
         "(QuantizeLinear): expected one scale and integers of int8 or uint8 for a computed "
         "tensor");
  refuse(
      quantize(copy([](auto &m) { m.stored("z", onnx::TensorProto::UINT16, {}, {0}); }), "x x.s z"),
      "(QuantizeLinear): expected integers of int8, uint8 or int32, got uint16");
  refuse(quantize(copy([](auto &m) { m.stored("z", kU8, {2}, {0, 0}); }), "x x.s z"),
         "(QuantizeLinear): expected as many zero points as scales, got 2 and 1");
  refuse(
      copy([&](auto &m) { m.node("QuantizeLinear", "x x.s", "y", "n").integer("block_size", 2); }),
      "(QuantizeLinear): expected attribute 'block_size' to be 0, got 2, which is not supported");
  refuse(copy([&](auto &m) {
           m.node("QuantizeLinear", "x x.s", "y", "n").integer("output_dtype", 22);
         }),
         "(QuantizeLinear): expected integers of int8 or uint8, got int4");
  refuse(copy([&](auto &m) {
           m.stored("q", kS8, {1}, {1}).node("DequantizeLinear", "q x.s x.z", "y", "n");
         }),
         "(DequantizeLinear): expected int8 as the zero point, got uint8");
  refuse(copy([&](auto &m) {
           m.input("q", "2x2", kU8).weights("s", {2}, {1, 2});
           m.node("DequantizeLinear", "q s", "y", "n");
         }),
         "(DequantizeLinear): expected one scale for a computed tensor, got one for each channel");
  ModelBuilder conv = base;
  conv.node("QuantizeLinear", "x x.s x.z", "q").stored("w", kS8, {2, 2, 1, 1}, {1, 2, 3, 4});
  conv.scale("w", 1, kS8, 0).stored("b", kU8, {2}, {0, 0}).stored("i", kI32, {}, {0});
  refuse(copy([&](auto &m) {
           m = conv;
           m.node("QLinearConv", "q x.s x.z w w.s w.z y.s y.z b", "y", "n");
         }),
         "(QLinearConv): expected a bias of int32, got uint8");
  refuse(copy([&](auto &m) {
           m = conv;
           m.node("QLinearConv", "q x.s x.z w w.s w.z y.s i", "y", "n");
         }),
         "(QLinearConv): expected a result of int8 or uint8, got int32");
}

} // namespace
