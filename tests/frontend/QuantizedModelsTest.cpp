// Models that come quantized: what their nodes become, and what is refused.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8;
constexpr int kI32 = onnx::TensorProto::INT32;
// Newer than the schema.
constexpr int kInt4 = 22, kUint4 = 21;

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

// Two integers to a byte, the last byte half full.
TEST_F(QuantizedModels, PackedIntegers) {
  ModelBuilder model(21);
  model.input("x", "1x3").stored("w", kInt4, {3, 1}, {0x8f, 0x07}).weights("s", {}, {0.5f});
  model.node("DequantizeLinear", "w s", "r").node("MatMul", "x r", "y").output("y");
  expectInOrder(model, {"dense<[[-1], [-8], [7]]> : tensor<3x1xi8>",
                        "!quant.uniform<i8<-8:7>:f32, 5.000000e-01>", "octet.dequantize"});
}

TEST_F(QuantizedModels, PackedIntegersOfWrongSize) {
  auto refuse = [&](auto change, const std::string &message) {
    ModelBuilder model(21);
    change(model.initializer("w", {5}, kInt4));
    model.weights("s", {}, {1}).node("DequantizeLinear", "w s", "y").output("y");
    expectErrors(model, {"model.onnx: " + message});
  };
  refuse([](onnx::TensorProto &w) { w.set_raw_data("12"); },
         "initializer 'w': expected 3 bytes for shape [5] of int4, got 2");
  refuse([](onnx::TensorProto &w) { w.set_raw_data("12345"); },
         "initializer 'w': expected 3 bytes for shape [5] of int4, got 5");
  refuse([](onnx::TensorProto &w) { w.add_int32_data(1); },
         "initializer 'w': expected 3 elements for shape [5] of int4, got 1");
  refuse(
      [](onnx::TensorProto &w) {
        w.set_data_location(onnx::TensorProto::EXTERNAL);
        auto &entry = *w.add_external_data();
        entry.set_key("location");
        entry.set_value("w.bin");
      },
      "initializer 'w': external data 'w.bin': No such file or directory");
  refuse([](onnx::TensorProto &w) { w.set_dims(0, int64_t(1) << 40); },
         "initializer 'w': expected a shape of rank 8 and 1073741824 elements at most, got "
         "[1099511627776]");
  refuse([](onnx::TensorProto &w) { w.set_data_type(17); },
         "initializer 'w': element type float8e4m3fn is not supported");
  refuse([](onnx::TensorProto &w) { w.set_data_type(23); },
         "initializer 'w': element type float4e2m1 is not supported");
}

TEST_F(QuantizedModels, PackedIntegersInAFileOfTheirOwn) {
  writeFile("w.bin", "\x21\x43\x05");
  ModelBuilder model(21);
  onnx::TensorProto &w = model.initializer("w", {5}, kUint4);
  w.set_data_location(onnx::TensorProto::EXTERNAL);
  auto &entry = *w.add_external_data();
  entry.set_key("location");
  entry.set_value("w.bin");
  model.weights("s", {}, {1}).node("DequantizeLinear", "w s", "y").output("y");
  expectInOrder(model, {"dense<[1, 2, 3, 4, 5]>", "u8<0:15>:f32"});
}

// A model has whole bytes outside.
TEST_F(QuantizedModels, PackedInputsAndOutputs) {
  ModelBuilder input(21);
  input.input("x", "2", kInt4).weights("s", {}, {1});
  input.node("DequantizeLinear", "x s", "y").output("y");
  expectErrors(input, {"model.onnx: input 'x': element type int4 is not supported"});
  ModelBuilder output(21);
  output.input("x", "2").weights("s", {}, {1}).node("QuantizeLinear", "x s", "y");
  output.integer("output_dtype", kUint4).output("y");
  expectErrors(output, {"model.onnx: output 'y': element type uint4 is not supported"});
}

// A file may say more than once what to make of one tensor, but not for free.
TEST_F(QuantizedModels, UnpackedTwice) {
  ModelBuilder model(21);
  model.input("x", "2x4").stored("w", kInt4, {4, 2}, {1, 2, 3, 4});
  model.weights("s", {2, 2}, {1, 2, 3, 4}).weights("t", {2, 2}, {1, 2, 3, 5});
  for (llvm::StringRef scale : {"s", "s", "t"}) {
    std::string at = std::to_string(model.graph().node_size());
    model.node("DequantizeLinear", "w " + scale.str(), "w" + at, "n" + at);
    model.integer("axis", 0).integer("block_size", 2);
  }
  model.node("Add", "w0 w2", "a").node("Add", "a w4", "b").node("MatMul", "x b", "y");
  model.graph().mutable_node(3)->set_input(1, "w1");
  model.graph().mutable_node(4)->set_input(1, "w2");
  model.output("y");
  ImportOptions options;
  options.limits.generatedElements = 8;
  EXPECT_NE(importModel(model, options), "") << diagnostics;
  options.limits.generatedElements = 7;
  expectErrors(model,
               {"model.onnx: node 'n2' (DequantizeLinear): expected generated constants of 7 "
                "elements at most in all, got 8"},
               options);
}

TEST_F(QuantizedModels, RefusedProductsOfPackedWeights) {
  auto refuse = [&](auto change, const std::string &message) {
    ModelBuilder model(21);
    model.input("x", "1x20").stored("w", kU8, {2, 2, 8}, std::vector<int32_t>(32, 0x12));
    model.weights("s", {4}).stored("z", kU8, {2, 1}, {1, 2});
    model.microsoft("MatMulNBits", "x w s z", "y");
    model.integer("K", 20).integer("N", 2).integer("bits", 4).integer("block_size", 16);
    model.graph().mutable_node(0)->set_name("n");
    model.output("y");
    EXPECT_NE(importModel(model), "") << diagnostics;
    change(model.graph());
    expectErrors(model, {"model.onnx: node 'n' (MatMulNBits): " + message});
  };
  auto set = [](onnx::GraphProto &graph, int attribute, int64_t value) {
    graph.mutable_node(0)->mutable_attribute(attribute)->set_i(value);
  };
  refuse([&](auto &graph) { set(graph, 0, 0); },
         "expected 1 to 1073741824 as attribute 'K', got 0");
  refuse([&](auto &graph) { set(graph, 1, int64_t(1) << 62); },
         "expected 1 to 1073741824 as attribute 'N', got 4611686018427387904");
  refuse([&](auto &graph) { set(graph, 0, 40); },
         "expected weights of shape [2, 3, 8], got [2, 2, 8]");
  refuse([&](auto &graph) { set(graph, 2, 3); }, "expected 2, 4 or 8 as attribute 'bits', got 3");
  refuse([&](auto &graph) { set(graph, 3, 15); },
         "expected blocks of whole bytes, got 15 integers of 4 bits");
  refuse(
      [&](auto &graph) {
        graph.mutable_initializer(1)->set_dims(0, 2);
        graph.mutable_initializer(1)->mutable_raw_data()->resize(8);
      },
      "expected the scales of shape [2, 2], got [2]");
  refuse([&](auto &graph) { graph.mutable_initializer(2)->set_data_type(kI32); },
         "expected zero points of uint8 or the type of the scales, got int32");
  refuse([&](auto &graph) { graph.mutable_node(0)->set_input(1, "x"); },
         "expected weights of uint8, got float32");
  refuse([&](auto &graph) { *graph.mutable_node(0)->add_input() = "s"; },
         "input 4 is not supported in opset 1");
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
  refuse(quantize(copy([](auto &m) { m.integers("s", {1}); }), "x s"),
         "(QuantizeLinear): expected float32, float16 or bfloat16 as the scale, got int64");
  refuse(quantize(copy([](auto &m) { m.weights("s", {}, {-0.5f}); }), "x s"),
         "(QuantizeLinear): expected positive finite scales, got -5.000000e-01");
  refuse(quantize(copy([](auto &m) { m.weights("s", {2, 2}); }), "x s"),
         "(QuantizeLinear): expected the scale as one number or one for each channel, or an "
         "attribute 'block_size', got [2, 2]");
  refuse(quantize(copy([](auto &m) { m.weights("s", {3}); }), "x s"),
         "(QuantizeLinear): expected the scale as one number or 2, got 3");
  refuse(quantize(copy([](auto &m) { m.stored("z", kI32, {}, {0}); }), "x x.s z"),
         "(QuantizeLinear): expected integers of 16 bits or less, got int32");
  refuse(quantize(copy([](auto &m) { m.stored("z", kU8, {2}, {0, 0}); }), "x x.s z"),
         "(QuantizeLinear): expected as many zero points as scales, got 2 and 1");
  refuse(
      copy([&](auto &m) { m.node("QuantizeLinear", "x x.s", "y", "n").integer("block_size", -2); }),
      "(QuantizeLinear): expected an attribute 'block_size' of 0 or more, got -2");
  refuse(copy([&](auto &m) {
           m.weights("s", {1, 2, 3, 3});
           m.node("QuantizeLinear", "x s", "y", "n").integer("block_size", 2);
         }),
         "(QuantizeLinear): expected the scale of shape [1, 1, 3, 3] for blocks of 2 along axis 1 "
         "of [1, 2, 3, 3], got [1, 2, 3, 3]");
  refuse(copy([&](auto &m) {
           m.weights("s", {1, 1, 3, 3}).stored("z", kU8, {2}, {0, 0});
           m.node("QuantizeLinear", "x s z", "y", "n").integer("block_size", 2);
         }),
         "(QuantizeLinear): expected the zero point of shape [1, 1, 3, 3] for blocks of 2 along "
         "axis 1 of [1, 2, 3, 3], got [2]");
  refuse(copy([&](auto &m) {
           m.weights("s", {1, 1, 3, 3});
           m.node("QuantizeLinear", "x s", "y", "n").integer("block_size", 2).integer("axis", 4);
         }),
         "(QuantizeLinear): expected an axis of -4 to 3, got 4");
  refuse(copy([&](auto &m) {
           m.node("QuantizeLinear", "x x.s", "y", "n").integer("output_dtype", 17);
         }),
         "(QuantizeLinear): expected integers of 16 bits or less, got float8e4m3fn");
  refuse(copy([&](auto &m) {
           m.node("QuantizeLinear", "x x.s x.z", "y", "n").integer("output_dtype", 22);
         }),
         "(QuantizeLinear): expected attribute 'output_dtype' to be the type of the zero point, "
         "uint8, got int4");
  refuse(copy([&](auto &m) {
           m.stored("q", kS8, {1}, {1}).node("DequantizeLinear", "q x.s x.z", "y", "n");
         }),
         "(DequantizeLinear): expected int8 as the zero point, got uint8");
  refuse(copy([&](auto &m) {
           m.stored("q", kInt4, {2}, {0x10}).node("DequantizeLinear", "q x.s x.z", "y", "n");
         }),
         "(DequantizeLinear): expected int4 as the zero point, got uint8");
  refuse(copy([&](auto &m) {
           m.stored("q", kS8, {1}, {1}).weights("s", {}, {INFINITY});
           m.node("DequantizeLinear", "q s", "y", "n");
         }),
         "(DequantizeLinear): expected finite scales, got infinities or NaN");
  base = makeBase(23);
  refuse(copy([&](auto &m) {
           m.stored("q", kS8, {1}, {1}).node("DequantizeLinear", "q x.s", "y", "n");
           m.integer("output_dtype", 11);
         }),
         "(DequantizeLinear): expected float32, float16 or bfloat16 as attribute 'output_dtype', "
         "got float64");
  refuse(
      copy([&](auto &m) { m.node("QuantizeLinear", "x x.s", "y", "n").integer("precision", 11); }),
      "(QuantizeLinear): expected float32, float16 or bfloat16 as attribute 'precision', got "
      "float64");
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
