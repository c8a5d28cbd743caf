// What opsets spell differently is one thing behind the frontend: each test
// imports the spellings and compares the IR, and looks once at what it is.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

class OpsetDifferences : public ImportTest {
protected:
  /// All models give the same IR, which holds `expected`.
  void expectSame(const std::vector<ModelBuilder> &models, llvm::StringRef expected) {
    std::string first = importModel(models.front());
    EXPECT_NE(first.find(expected.str()), std::string::npos) << first << diagnostics;
    for (const ModelBuilder &model : llvm::ArrayRef(models).drop_front())
      EXPECT_EQ(importModel(model), first) << diagnostics;
  }
  static ModelBuilder make(int64_t opset, llvm::StringRef shape = "2x3x4x5") {
    ModelBuilder model(opset);
    model.input("x", shape).output("y");
    return model;
  }
};

TEST_F(OpsetDifferences, Clip) {
  expectSame({make(7).node("Clip", "x", "y").number("min", 0).number("max", 6),
              make(11).weights("l", {}, {0}).weights("h", {}, {6}).node("Clip", "x l h", "y")},
             "octet.clip %arg0 {high = 6.000000e+00 : f32, low = 0.000000e+00 : f32}");
  std::string crossed =
      importModel(make(7).node("Clip", "x", "y").number("min", 8).number("max", 6));
  EXPECT_NE(crossed.find("high = 6.000000e+00 : f32, low = 6.000000e+00"), std::string::npos);
}

// In opset 6 an attribute says where the second operand stands.
TEST_F(OpsetDifferences, Broadcasting) {
  expectSame(
      {make(6).weights("w", {3}).node("Add", "x w", "y").integer("broadcast", 1).integer("axis", 1),
       make(7).weights("w", {3, 1, 1}).node("Add", "x w", "y")},
      "octet.add %arg0, %0 : (tensor<2x3x4x5xf32>, tensor<3x1x1xf32>)");
  expectSame({make(6).weights("w", {4, 5}).node("Mul", "x w", "y").integer("broadcast", 1),
              make(7).weights("w", {4, 5}).node("Mul", "x w", "y")},
             "octet.mul %arg0, %0 : (tensor<2x3x4x5xf32>, tensor<4x5xf32>)");
  expectSame({make(6).weights("w", {3}).node("PRelu", "x w", "y"),
              make(7).weights("w", {3, 1, 1}).node("PRelu", "x w", "y")},
             "octet.prelu %arg0, %0");
  expectErrors(make(6).weights("w", {4, 5}).node("Mul", "x w", "y"),
               {"model.onnx: node '#0' (Mul): expected operands of one shape without "
                "'broadcast', got 'tensor<2x3x4x5xf32>' and 'tensor<4x5xf32>'"});
  expectErrors(make(6)
                   .weights("w", {4, 5})
                   .node("Mul", "x w", "y")
                   .integer("broadcast", 1)
                   .integer("axis", 1),
               {"model.onnx: node '#0' (Mul): expected shapes that broadcast, got "
                "'tensor<2x3x4x5xf32>' and 'tensor<4x5x1xf32>'"});
  expectErrors(make(6).weights("w", {4}).node("PRelu", "x w", "y"),
               {"model.onnx: node '#0' (PRelu): expected a slope for each channel or one for all, "
                "got 'tensor<4xf32>' for 'tensor<2x3x4x5xf32>'"});
}

TEST_F(OpsetDifferences, BatchNormalizationOfOpset6) {
  auto model = [](int64_t opset) {
    return make(opset).weights("w", {3}).node("BatchNormalization", "x w w w w", "y");
  };
  expectSame({model(6).integer("is_test", 1), model(7)}, "octet.batch_norm %arg0");
  expectErrors(model(6),
               {"model.onnx: node '#0' (BatchNormalization): expected attribute 'is_test' "
                "to be 1, got 0, which is not supported"});
}

TEST_F(OpsetDifferences, DropoutMasks) {
  auto mask = [](ModelBuilder model) { return model.output("m"); };
  std::string body = importModel(mask(make(12, "3").node("Dropout", "x", "y m")));
  EXPECT_NE(body.find("tensor<3xi1>"), std::string::npos) << body << diagnostics;
  auto training = [](std::vector<float> ratio, std::vector<int32_t> flags) {
    ModelBuilder model = make(12, "3").weights("r", {static_cast<int64_t>(ratio.size())}, ratio);
    model.stored("t", onnx::TensorProto::BOOL, {static_cast<int64_t>(flags.size())}, flags);
    return model.node("Dropout", "x r t", "y");
  };
  EXPECT_NE(importModel(training({0}, {1})).find("return %arg0"), std::string::npos);
  EXPECT_NE(importModel(training({0.5f}, {0})).find("return %arg0"), std::string::npos);
  std::string at = "model.onnx: node '#0' (Dropout): expected ";
  expectErrors(training({1}, {1}), {at + "a ratio of 0 or more and below 1, got 1.000000e+00"});
  expectErrors(training({0.5f, 0.5f}, {1}), {at + "one number as ratio, got 'tensor<2xf32>'"});
  expectErrors(training({0.5f}, {1, 1}), {at + "one bool as training_mode, got 'tensor<2xi1>'"});
  expectErrors(make(12, "3").input("t", "").node("Dropout", "x - t", "y"),
               {at + "one bool as training_mode, got 'tensor<f32>'"});
}

TEST_F(OpsetDifferences, SqueezeAndUnsqueeze) {
  expectSame({make(7, "1x3x1").node("Squeeze", "x", "y").ints("axes", {2, 0}),
              make(11, "1x3x1").node("Squeeze", "x", "y").ints("axes", {0, -1}),
              make(13, "1x3x1").integers("a", {0, 2}).node("Squeeze", "x a", "y"),
              make(13, "1x3x1").node("Squeeze", "x", "y"),
              make(13, "1x3x1").integers("s", {3}).node("Reshape", "x s", "y"),
              make(13, "1x3x1").integers("s", {-1}).node("Reshape", "x s", "y")},
             "octet.reshape %arg0 {shape = array<i64: 3>}");
  expectSame({make(7, "3").node("Unsqueeze", "x", "y").ints("axes", {0, 2}),
              make(13, "3").integers("a", {-1, 0}).node("Unsqueeze", "x a", "y")},
             "octet.reshape %arg0 {shape = array<i64: 1, 3, 1>}");
}

TEST_F(OpsetDifferences, ReshapeZeroAndFlatten) {
  expectSame({make(7).integers("s", {0, -1}).node("Reshape", "x s", "y"),
              make(7).node("Flatten", "x", "y"),
              make(13).node("Flatten", "x", "y").integer("axis", -3)},
             "octet.reshape %arg0 {shape = array<i64: 2, 60>}");
}

TEST_F(OpsetDifferences, Slice) {
  expectSame(
      {make(7).node("Slice", "x", "y").ints("starts", {1}).ints("ends", {1000}).ints("axes", {1}),
       make(10)
           .integers("s", {-2})
           .integers("e", {INT64_MAX})
           .integers("a", {1})
           .node("Slice", "x s e a", "y"),
       make(13).integers("s", {0, 1}).integers("e", {2, 3}).node("Slice", "x s e", "y")},
      "octet.slice %arg0 {offsets = array<i64: 0, 1, 0, 0>, sizes = array<i64: 2, 2, 4, "
      "5>, steps = array<i64: 1, 1, 1, 1>}");
  expectSame({make(13)
                  .integers("s", {-1})
                  .integers("e", {INT64_MIN})
                  .integers("a", {3})
                  .integers("t", {-2})
                  .node("Slice", "x s e a t", "y")},
             "offsets = array<i64: 0, 0, 0, 4>, sizes = array<i64: 2, 3, 4, 3>, steps = "
             "array<i64: 1, 1, 1, -2>");
}

TEST_F(OpsetDifferences, Split) {
  auto outputs = [](ModelBuilder model) { return model.output("z"); };
  expectSame({outputs(make(7, "5").node("Split", "x", "y z").ints("split", {3, 2})),
              outputs(make(13, "5").integers("s", {3, 2}).node("Split", "x s", "y z")),
              outputs(make(18, "5").node("Split", "x", "y z").integer("num_outputs", 2))},
             "octet.slice %arg0 {offsets = array<i64: 3>, sizes = array<i64: 2>");
  expectErrors(make(13, "5").node("Split", "x", "y z", "split"),
               {"model.onnx: node 'split' (Split): expected an extent that divides into 2 parts, "
                "got 5"});
}

TEST_F(OpsetDifferences, Pad) {
  expectSame(
      {make(7, "2x3").node("Pad", "x", "y").ints("pads", {0, 1, 0, 2}).number("value", 3),
       make(11, "2x3").integers("p", {0, 1, 0, 2}).weights("v", {}, {3}).node("Pad", "x p v", "y"),
       make(18, "2x3")
           .integers("p", {1, 2})
           .weights("v", {}, {3})
           .integers("a", {-1})
           .node("Pad", "x p v a", "y")},
      "octet.pad %arg0 {high = array<i64: 0, 2>, low = array<i64: 0, 1>, mode = "
      "#octet<pad_mode constant>, value = 3.000000e+00 : f32}");
}

TEST_F(OpsetDifferences, ReductionAxes) {
  expectSame({make(7).node("ReduceSum", "x", "y").ints("axes", {-1, 1}).integer("keepdims", 0),
              make(13).integers("a", {1, 3}).node("ReduceSum", "x a", "y").integer("keepdims", 0)},
             "sum %arg0 {axes = array<i64: 1, 3>}");
  expectSame({make(13, "2x3").node("ReduceMean", "x", "y"),
              make(13, "2x3").node("ReduceMean", "x", "y").ints("axes", {0, 1}),
              make(18, "2x3").integers("a", {0, 1}).node("ReduceMean", "x a", "y")},
             "mean %arg0 {axes = array<i64: 0, 1>, keepdims}");
  expectSame({make(18).node("ReduceMax", "x", "y").integer("noop_with_empty_axes", 1)},
             "return %arg0");
}

TEST_F(OpsetDifferences, CoercedSoftmax) {
  expectSame(
      {make(7).node("Softmax", "x", "y"), make(11).node("Softmax", "x", "y").integer("axis", -3)},
      "octet.softmax %0 {axis = 1 : i64} : (tensor<2x60xf32>)");
  expectSame({make(7, "2x3").node("Softmax", "x", "y"), make(13, "2x3").node("Softmax", "x", "y")},
             "octet.softmax %arg0 {axis = 1 : i64} : (tensor<2x3xf32>)");
}

TEST_F(OpsetDifferences, UpsampleAndResize) {
  expectSame(
      {make(7).node("Upsample", "x", "y").floats("scales", {1, 1, 2, 3}),
       make(9).weights("s", {4}, {1, 1, 2, 3}).node("Upsample", "x s", "y"),
       make(10).weights("s", {4}, {1, 1, 2, 3}).node("Resize", "x s", "y"),
       make(11)
           .weights("s", {4}, {1, 1, 2, 3})
           .node("Resize", "x - s", "y")
           .text("coordinate_transformation_mode", "asymmetric")
           .text("nearest_mode", "floor"),
       make(13)
           .integers("n", {2, 3, 8, 15})
           .node("Resize", "x - - n", "y")
           .text("coordinate_transformation_mode", "asymmetric")
           .text("nearest_mode", "floor"),
       make(18)
           .integers("n", {8, 15})
           .node("Resize", "x - - n", "y")
           .ints("axes", {2, 3})
           .text("coordinate_transformation_mode", "asymmetric")
           .text("nearest_mode", "floor")},
      "octet.resize %arg0 {coordinates = #octet<resize_coordinates asymmetric>, mode = "
      "#octet<resize_mode nearest>, rounding = #octet<resize_rounding floor>, scales = array<f32: "
      "2.000000e+00, 3.000000e+00>, sizes = array<i64: 8, 15>}");
}

TEST_F(OpsetDifferences, AutoPad) {
  auto conv = [&](llvm::StringRef rule) {
    return make(13, "1x1x5x6")
        .weights("w", {1, 1, 3, 2})
        .node("Conv", "x w", "y")
        .ints("strides", {2, 1})
        .text("auto_pad", rule);
  };
  auto padded = [&](std::vector<int64_t> pads) {
    return make(13, "1x1x5x6")
        .weights("w", {1, 1, 3, 2})
        .node("Conv", "x w", "y")
        .ints("strides", {2, 1})
        .ints("pads", pads);
  };
  expectSame({conv("SAME_UPPER"), padded({1, 0, 1, 1})}, "pads = array<i64: 1, 0, 1, 1>");
  expectSame({conv("SAME_LOWER"), padded({1, 1, 1, 0})}, "pads = array<i64: 1, 1, 1, 0>");
  expectSame({conv("VALID"), padded({0, 0, 0, 0})}, "pads = array<i64: 0, 0, 0, 0>");
}

TEST_F(OpsetDifferences, OneDimension) {
  expectSame({make(13, "1x2x7")
                  .weights("w", {4, 2, 3})
                  .node("Conv", "x w", "y")
                  .ints("pads", {1, 0})
                  .ints("strides", {2})
                  .ints("dilations", {2})},
             "octet.conv %0, %1 {dilations = array<i64: 1, 2>, group = 1 : i64, pads = array<i64: "
             "0, 1, 0, 0>, strides = array<i64: 1, 2>} : (tensor<1x2x1x7xf32>, "
             "tensor<4x2x1x3xf32>) -> tensor<1x4x1x2xf32>");
  expectSame({make(13, "1x2x7").node("GlobalAveragePool", "x", "y")}, "kernel = array<i64: 1, 7>");
  expectSame({make(13, "1x2x3x4x5").node("GlobalMaxPool", "x", "y")}, "kernel = array<i64: 1, 60>");
}

TEST_F(OpsetDifferences, Gemm) {
  auto gemm = [&](std::vector<int64_t> c) {
    return make(13, "2x3")
        .weights("w", {4, 3})
        .weights("c", c)
        .node("Gemm", "x w c", "y")
        .integer("transB", 1);
  };
  expectSame({gemm({4})}, "octet.matmul %arg0, %1, %0");
  expectSame({gemm({1, 4})}, "octet.matmul %arg0, %0, %1");
  EXPECT_NE(importModel(gemm({2, 4})).find("octet.add"), std::string::npos);
  EXPECT_NE(importModel(gemm({1})).find("octet.add"), std::string::npos);
  EXPECT_EQ(importModel(gemm({3})), "");
  EXPECT_EQ(diagnostics, "octetc: error: model.onnx: node '#0' (Gemm): expected C to broadcast to "
                         "[2, 4], got 'tensor<3xf32>'\n");
}

TEST_F(OpsetDifferences, BatchNormalization) {
  auto norm = [&](int64_t opset) {
    ModelBuilder model = make(opset);
    for (const char *name : {"a", "b", "c", "d"})
      model.weights(name, {3});
    return model.node("BatchNormalization", "x a b c d", "y");
  };
  expectSame({norm(7), norm(9), norm(14), norm(15)}, "octet.batch_norm %arg0");
  // Statistics of the batch, and running ones.
  ModelBuilder training = norm(14).integer("training_mode", 1);
  training.graph().mutable_node(0)->add_output("mean");
  std::string body = importModel(training.output("mean"));
  EXPECT_NE(body.find("octet.reduce  mean %arg0 {axes = array<i64: 0, 2, 3>, keepdims}"),
            std::string::npos)
      << body << diagnostics;
  ModelBuilder computed = make(14).input("s", "5").weights("w", {3});
  expectErrors(
      computed.node("BatchNormalization", "x w w w s", "y"),
      {"model.onnx: node '#0' (BatchNormalization): expected an input 4 of 3 elements, got "
       "'tensor<5xf32>'"});
}

TEST_F(OpsetDifferences, DropoutAndIdentityVanish) {
  ModelBuilder model = make(13, "4");
  model.weights("r", {}, {0.5f});
  model.node("Dropout", "x r", "d").node("Identity", "d", "i").node("Relu", "i", "y");
  EXPECT_NE(importModel(model).find("octet.relu %arg0"), std::string::npos) << diagnostics;
}

TEST_F(OpsetDifferences, ShapeArithmeticFolds) {
  ModelBuilder model = make(13, "2x3x4");
  model.integers("zero", {0}).integers("rest", {-1});
  model.node("Shape", "x", "s")
      .node("Gather", "s zero", "n")
      .node("Concat", "n rest", "t")
      .integer("axis", 0)
      .node("Reshape", "x t", "y");
  expectSame({model, make(13, "2x3x4").integers("s", {2, 12}).node("Reshape", "x s", "y")},
             "octet.reshape %arg0 {shape = array<i64: 2, 12>}");
}

TEST_F(OpsetDifferences, VariadicChains) {
  ModelBuilder model = make(13, "4");
  model.weights("a", {4}).weights("b", {1});
  std::string body = importModel(model.node("Sum", "x a b", "y"));
  size_t first = body.find("octet.add");
  EXPECT_NE(body.find("octet.add", first + 1), std::string::npos) << body << diagnostics;
}

TEST_F(OpsetDifferences, ConstantForms) {
  auto constant = [&](auto set) {
    ModelBuilder model = make(13, "2");
    model.node("Constant", "", "c");
    set(model);
    return model.node("Add", "x c", "y");
  };
  expectSame({constant([](ModelBuilder &m) { m.floats("value_floats", {1, 2}); }),
              make(13, "2").weights("c", {2}, {1, 2}).node("Add", "x c", "y")},
             "dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>");
  expectSame({constant([](ModelBuilder &m) { m.number("value_float", 3); }),
              make(13, "2").weights("c", {}, {3}).node("Add", "x c", "y")},
             "dense<3.000000e+00> : tensor<f32>");
}

// Calibration and reports go by these names.
TEST_F(OpsetDifferences, Locations) {
  ModelBuilder model = make(13, "2x3");
  model.weights("w", {3, 4}).weights("c", {2, 4}).node("Gemm", "x w c", "y", "fc");
  writeFile("named.onnx", model.bytes());
  mlir::MLIRContext context;
  auto module = importOnnx(context, path("named.onnx"));
  ASSERT_TRUE(succeeded(module));
  std::vector<std::string> tensors;
  (*module)->walk([&](mlir::Operation *op) {
    if (mlir::isa<MatMulOp, AddOp>(op)) {
      EXPECT_EQ(getNodeName(op->getLoc()), "fc");
      EXPECT_EQ(getNodeType(op->getLoc()), "Gemm");
      tensors.push_back(getTensorName(op->getLoc()).str());
    }
  });
  EXPECT_EQ(tensors, (std::vector<std::string>{"y/1", "y"}));
}

// Before opset 7 operands broadcast from an axis on, if an attribute says so.
TEST_F(OpsetDifferences, OperandsBeforeOpset7) {
  auto aligned = [](int64_t opset, std::vector<int64_t> dims) {
    return make(opset).weights("w", dims).node("Add", "x w", "y");
  };
  expectSame({make(7).weights("w", {3, 4, 1}).node("Add", "x w", "y"),
              aligned(6, {3, 4}).integer("broadcast", 1).integer("axis", 1),
              aligned(1, {3, 4}).integer("broadcast", 1).integer("axis", -3)},
             "octet.add %arg0, ");
  expectSame(
      {make(7).weights("w", {5}).node("Add", "x w", "y"), aligned(6, {5}).integer("broadcast", 1)},
      "octet.add %arg0, ");
  const char *at = "model.onnx: node '#0' (Add): expected ";
  expectErrors(aligned(6, {4, 5}),
               {std::string(at) + "operands of one shape without 'broadcast', got "
                                  "'tensor<2x3x4x5xf32>' and 'tensor<4x5xf32>'"});
  expectErrors(aligned(6, {4, 5}).integer("broadcast", 1).integer("axis", 3),
               {std::string(at) + "the second operand to fit behind axis 3 of the first, got "
                                  "'tensor<2x3x4x5xf32>' and 'tensor<4x5xf32>'"});
}

TEST_F(OpsetDifferences, FlagsBeforeOpset7) {
  auto norm = [](int64_t opset) {
    ModelBuilder model = make(opset);
    for (const char *name : {"s", "b", "m", "v"})
      model.weights(name, {3}, {1, 2, 3});
    return model.node("BatchNormalization", "x s b m v", "y", "node");
  };
  expectSame({norm(9), norm(6).integer("is_test", 1), norm(1).integer("is_test", 1)},
             "octet.batch_norm %arg0, ");
  expectErrors(norm(6),
               {"model.onnx: node 'node' (BatchNormalization): expected attribute 'is_test' "
                "to be 1, got 0, which is not supported"});
  expectSame(
      {make(7).node("Dropout", "x", "y"), make(6).node("Dropout", "x", "y").integer("is_test", 1)},
      "return %arg0");
  expectErrors(make(6).node("Dropout", "x", "y", "node"),
               {"model.onnx: node 'node' (Dropout): expected attribute 'is_test' to be 1, got 0, "
                "which is not supported"});
  auto slope = [](int64_t opset, std::vector<int64_t> dims) {
    return make(opset).weights("w", dims).node("PRelu", "x w", "y", "node");
  };
  expectSame({slope(7, {3, 1, 1}), slope(6, {3})}, "octet.prelu %arg0, ");
  expectErrors(slope(6, {5}),
               {"model.onnx: node 'node' (PRelu): expected a slope for each channel or "
                "one for all, got 'tensor<5xf32>' for 'tensor<2x3x4x5xf32>'"});
  auto gemm = [](int64_t opset) {
    ModelBuilder model = make(opset, "2x3");
    return model.weights("b", {3, 4}).weights("c", {4}).node("Gemm", "x b c", "y", "node");
  };
  expectSame({gemm(7), gemm(6).integer("broadcast", 1)}, "octet.matmul %arg0, ");
  expectErrors(gemm(6), {"model.onnx: node 'node' (Gemm): expected C of shape [2, 4] without "
                         "'broadcast', got 'tensor<4xf32>'"});
  expectErrors(make(5).node("Elu", "x", "y", "node"),
               {"model.onnx: node 'node' (Elu): op Elu is not supported in opset 5"});
}

} // namespace
