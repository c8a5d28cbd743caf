// Importers of logic, functions, reductions, normalizations and losses: what they refuse, and
// what they make where an attribute chooses between forms. Values are the business of
// the conformance cases.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

class ComposedOps : public ImportTest {
protected:
  static ModelBuilder make(int64_t opset, llvm::StringRef shape = "2x4x3x5",
                           int type = onnx::TensorProto::FLOAT) {
    ModelBuilder model(opset);
    model.input("x", shape, type).output("y");
    return model;
  }
  /// The node is `op`, nameless, and the message follows its place.
  void expectRefusal(const ModelBuilder &model, const std::string &op, const std::string &text) {
    expectErrors(model, {"model.onnx: node '#0' (" + op + "): " + text});
  }
  void expectHolds(const ModelBuilder &model, const std::vector<std::string> &parts) {
    std::string body = importModel(model);
    for (const std::string &part : parts)
      EXPECT_NE(body.find(part), std::string::npos) << part << "\n" << body << diagnostics;
  }
};

TEST_F(ComposedOps, LogicRefusesOtherElements) {
  expectRefusal(make(13).node("And", "x x", "y"), "And", "expected bool as input 0, got float32");
  expectRefusal(make(13).node("Not", "x", "y"), "Not", "expected bool as input 0, got float32");
  expectRefusal(make(13, "3", onnx::TensorProto::BOOL).node("BitwiseNot", "x", "y"), "BitwiseNot",
                "op BitwiseNot is not supported in opset 13");
  expectRefusal(make(18, "3", onnx::TensorProto::BOOL).node("BitwiseNot", "x", "y"), "BitwiseNot",
                "expected integers as input 0, got bool");
  expectRefusal(make(18).node("BitwiseAnd", "x x", "y"), "BitwiseAnd",
                "expected integers as input 0, got float32");
  expectRefusal(make(13).node("Where", "x x x", "y"), "Where",
                "expected bool as input 0, got float32");
  expectRefusal(make(13, "3", onnx::TensorProto::INT32).node("IsNaN", "x", "y"), "IsNaN",
                "expected floating point as input 0, got int32");
  expectRefusal(make(13, "3", onnx::TensorProto::BOOL).node("Sign", "x", "y"), "Sign",
                "expected numbers, got bool");
}

TEST_F(ComposedOps, LogicRefusesAttributes) {
  expectRefusal(make(13).node("Mod", "x x", "y"), "Mod",
                "expected attribute 'fmod' to be 1 for floating point, got 0");
  expectRefusal(
      make(13, "3", onnx::TensorProto::UINT8).node("BitShift", "x x", "y").text("direction", "UP"),
      "BitShift", "expected direction LEFT or RIGHT, got 'UP'");
}

TEST_F(ComposedOps, FunctionsRefuse) {
  expectRefusal(make(13, "3", onnx::TensorProto::INT32).node("Sin", "x", "y"), "Sin",
                "expected float32, got int32");
  expectRefusal(make(13).node("Celu", "x", "y").number("alpha", -1), "Celu",
                "expected a positive alpha, got -1.000000e+00");
  expectRefusal(make(20).node("Gelu", "x", "y").text("approximate", "erf"), "Gelu",
                "expected approximate 'none' or 'tanh', got 'erf'");
}

// Other floats are computed in f32.
TEST_F(ComposedOps, FunctionsOfOtherFloats) {
  expectHolds(make(13, "3", onnx::TensorProto::DOUBLE).node("Sin", "x", "y"),
              {"octet.cast %arg0 : (tensor<3xf64>) -> tensor<3xf32>",
               "octet.sin %0 : (tensor<3xf32>)",
               "octet.cast %1 : (tensor<3xf32>) -> tensor<3xf64>"});
}

// What the importer rounds for storage is not rounded for the next op; what the model casts is.
TEST_F(ComposedOps, HalvesAreComputedInF32) {
  ModelBuilder model = make(13, "3", onnx::TensorProto::FLOAT16);
  model.node("Exp", "x", "a").node("Add", "a x", "b").node("Neg", "b", "y");
  std::string body = importModel(model);
  size_t casts = 0;
  for (size_t at = 0; (at = body.find("octet.cast", at)) != std::string::npos; ++at)
    ++casts;
  EXPECT_EQ(casts, 2u) << body << diagnostics;
  ModelBuilder rounded = make(13, "3");
  rounded.node("Exp", "x", "a")
      .node("Cast", "a", "b")
      .integer("to", onnx::TensorProto::FLOAT16)
      .node("Cast", "b", "c")
      .integer("to", onnx::TensorProto::FLOAT)
      .node("Neg", "c", "y");
  body = importModel(rounded);
  EXPECT_NE(body.find("octet.neg %2"), std::string::npos) << body << diagnostics;
}

TEST_F(ComposedOps, ConstantHalvesBecomeF32Once) {
  ModelBuilder model = make(13, "2x3", onnx::TensorProto::FLOAT16);
  model.stored("w", onnx::TensorProto::FLOAT16, {3}, {0x3c00, 0x4000, 0xc000})
      .node("Mul", "x w", "a")
      .node("Add", "a w", "y");
  std::string body = importModel(model);
  EXPECT_NE(body.find("dense<[1.000000e+00, 2.000000e+00, -2.000000e+00]> : tensor<3xf32>"),
            std::string::npos)
      << body << diagnostics;
  EXPECT_EQ(body.find("tensor<3xf16>"), std::string::npos) << body;
  EXPECT_EQ(body.find("octet.constant"), body.rfind("octet.constant")) << body;
}

TEST_F(ComposedOps, ReductionsWithoutAxes) {
  // A reduction over nothing still computes what it does to each element.
  ModelBuilder none = make(18, "3");
  none.initializer("a", {0}, onnx::TensorProto::INT64);
  none.node("ReduceSumSquare", "x a", "y").integer("noop_with_empty_axes", 1);
  std::string body = importModel(none);
  EXPECT_NE(body.find("octet.mul"), std::string::npos) << body << diagnostics;
  EXPECT_EQ(body.find("octet.reduce"), std::string::npos) << body;
  expectHolds(make(18, "3").node("ReduceSumSquare", "x", "y"),
              {"octet.reduce  sum %0 {axes = array<i64: 0>, keepdims}"});
}

TEST_F(ComposedOps, LayerNormalizationIsPlain) {
  expectHolds(
      make(17, "2x8").weights("s", {8}).weights("b", {8}).node("LayerNormalization", "x s b", "y"),
      {"%2 = octet.reduce  mean %arg0 {axes = array<i64: 1>, keepdims}", "%3 = octet.sub %arg0, %2",
       "%4 = octet.mul %3, %3", "%5 = octet.reduce  mean %4 {axes = array<i64: 1>, keepdims}",
       "%7 = octet.add %5, %6", "%8 = octet.sqrt %7", "%9 = octet.div %3, %8",
       "%10 = octet.mul %9, %0", "%11 = octet.add %10, %1"});
}

// As ONNX Runtime's optimizer writes it; values were compared with ONNX Runtime's.
TEST_F(ComposedOps, PackedAttention) {
  ModelBuilder model = make(17, "2x5x12");
  model.weights("w", {12, 32}).weights("b", {32}).input("m", "2x5", onnx::TensorProto::INT32);
  model.microsoft("Attention", "x w b m", "y")
      .integer("num_heads", 2)
      .integer("unidirectional", 1)
      .ints("qkv_hidden_sizes", {8, 8, 16});
  expectHolds(model, {"sizes = array<i64: 2, 5, 16>", "octet.compare gt",
                      "{scale = 5.000000e-01 : f32} : (tensor<2x5x2x4xf32>, tensor<2x5x2x4xf32>, "
                      "tensor<2x5x2x8xf32>, tensor<2x1x5x5xf32>)"});
  ModelBuilder pair = make(17, "2x5x12");
  pair.input("k", "2x7x12").input("v", "2x7x6").input("m", "2", onnx::TensorProto::INT32);
  pair.weights("b", {30});
  pair.microsoft("MultiHeadAttention", "x k v b m", "y").integer("num_heads", 3);
  expectHolds(pair, {"octet.compare lt", "-> tensor<2x1x1x7xi1>",
                     "(tensor<2x5x3x4xf32>, tensor<2x7x3x4xf32>, tensor<2x7x3x2xf32>, "
                     "tensor<2x1x1x7xf32>)"});
}

TEST_F(ComposedOps, PackedAttentionRefuses) {
  auto attention = [](const std::string &inputs) {
    ModelBuilder model = make(17, "2x5x12");
    model.weights("w", {12, 36}).weights("b", {36}).input("m", "2x6", onnx::TensorProto::INT32);
    model.microsoft("Attention", inputs, "y");
    return model;
  };
  expectRefusal(attention("x w b"), "Attention", "expected num_heads of 1 or more, got 0");
  expectRefusal(attention("x w b").integer("num_heads", 5), "Attention",
                "expected [batch, length, size] with a size that num_heads 5 divides, got "
                "'tensor<2x5x12xf32>'");
  expectRefusal(attention("x w b").integer("num_heads", 2).ints("qkv_hidden_sizes", {12, 12, 13}),
                "Attention", "expected three sizes that sum up to 36, got [12, 12, 13]");
  expectRefusal(attention("x w b m").integer("num_heads", 2), "Attention",
                "expected a mask of [2], [2, 5] or [2, 5, 5], got 'tensor<2x6xi32>'");
  expectRefusal(attention("x w b x").integer("num_heads", 2), "Attention",
                "expected a mask of int32, got 'tensor<2x5x12xf32>'");
  expectRefusal(attention("w w b").integer("num_heads", 2), "Attention",
                "expected [batch, length, size] and a matrix, got 'tensor<12x36xf32>' and "
                "'tensor<12x36xf32>'");
  ModelBuilder pair = make(17, "2x5x12");
  pair.weights("b", {35}).microsoft("MultiHeadAttention", "x x x b", "y").integer("num_heads", 2);
  expectRefusal(pair, "MultiHeadAttention", "expected a bias of [36], got 'tensor<35xf32>'");
  ModelBuilder split = make(17, "2x5x12");
  split.weights("b", {36}).input("k", "2x2x5x6");
  split.microsoft("MultiHeadAttention", "x k k b", "y").integer("num_heads", 2);
  expectRefusal(split, "MultiHeadAttention",
                "expected no bias beside keys and values of four dimensions");
  expectRefusal(make(17, "2x5x12")
                    .microsoft("MultiHeadAttention", "x x x - - - x", "y")
                    .integer("num_heads", 2),
                "MultiHeadAttention", "expected no past keys and values");
}

TEST_F(ComposedOps, NormalizationsRefuse) {
  expectRefusal(make(17, "2x8")
                    .weights("s", {8})
                    .node("LayerNormalization", "x s", "y")
                    .integer("stash_type", 10),
                "LayerNormalization",
                "expected attribute 'stash_type' to be 1, got 10, which is not supported");
  expectRefusal(
      make(13).weights("s", {3}).weights("b", {4}).node("InstanceNormalization", "x s b", "y"),
      "InstanceNormalization", "expected a scale of 4 elements, got 'tensor<3xf32>'");
  expectRefusal(make(13, "2x4").weights("s", {4}).node("InstanceNormalization", "x s s", "y"),
                "InstanceNormalization",
                "expected a tensor of rank 3 or more, got 'tensor<2x4xf32>'");
  expectRefusal(
      make(18).weights("s", {3}).node("GroupNormalization", "x s s", "y").integer("num_groups", 3),
      "GroupNormalization", "expected channels in 3 groups, got 'tensor<2x4x3x5xf32>'");
  expectRefusal(make(13).node("LRN", "x", "y").integer("size", 0), "LRN",
                "expected a size of 1 to 8, got 0");
}

TEST_F(ComposedOps, SignalsRefuse) {
  auto constant = [](llvm::StringRef op) { return make(17, "1x8x1").node(op, "x", "y"); };
  expectRefusal(constant("HannWindow"), "HannWindow",
                "expected the size to be constant, got a computed tensor");
  expectRefusal(make(17, "1x8x1")
                    .integers("n", {8})
                    .node("HannWindow", "n", "y")
                    .integer("output_datatype", 7),
                "HannWindow", "expected a floating point type as output_datatype, got int64");
  expectRefusal(make(17, "1x8x3").node("DFT", "x", "y"), "DFT",
                "expected a signal of rank 2 or more whose last extent is 1 or 2, got "
                "'tensor<1x8x3xf32>'");
  expectRefusal(make(17, "1x8x1").node("DFT", "x", "y").integer("axis", 2), "DFT",
                "expected an axis of samples, got the last one");
  expectRefusal(make(17, "1x8x2").node("DFT", "x", "y").integer("onesided", 1), "DFT",
                "a one-sided transform that is inverse or of complex samples is not supported");
  expectRefusal(make(17, "1x8x1").integers("n", {0}).node("DFT", "x n", "y"), "DFT",
                "expected a transform of 1 to 16777216 samples, got 0");
  expectRefusal(make(17, "1x8x2").integers("s", {2}).weights("w", {4}).node("STFT", "x s w", "y"),
                "STFT", "a one-sided transform of complex samples is not supported");
  expectRefusal(make(17, "1x8x1").integers("s", {0}).weights("w", {4}).node("STFT", "x s w", "y"),
                "STFT",
                "expected frames and a window of one length within 'tensor<1x8x1xf32>' and a "
                "positive step, got 4 and 0");
}

TEST_F(ComposedOps, GeneratorsRefuse) {
  expectRefusal(make(13, "2x3x4").node("EyeLike", "x", "y"), "EyeLike",
                "expected a matrix, got 'tensor<2x3x4xf32>'");
  expectRefusal(make(13, "2x3").node("EyeLike", "x", "y").integer("dtype", 8), "EyeLike",
                "element type string is not supported");
  expectRefusal(make(14, "4").node("Trilu", "x", "y"), "Trilu",
                "expected a tensor of rank 2 or more, got 'tensor<4xf32>'");
  expectRefusal(make(14, "4x4").integers("k", {0, 1}).node("Trilu", "x k", "y"), "Trilu",
                "expected one number as k, got 2");
  expectRefusal(make(13, "4").node("RandomUniformLike", "x", "y").integer("dtype", 7),
                "RandomUniformLike", "expected floating point, got int64");
  auto draw = [](llvm::StringRef shape) { return make(13, shape).node("Multinomial", "x", "y"); };
  expectRefusal(draw("2x3").integer("dtype", 1), "Multinomial",
                "expected int32 or int64, got float32");
  expectRefusal(draw("4"), "Multinomial",
                "expected a matrix of one or more classes, got 'tensor<4xf32>'");
  expectRefusal(make(13).weights("w", {2, 0}).node("Multinomial", "w", "y"), "Multinomial",
                "expected a matrix of one or more classes, got 'tensor<2x0xf32>'");
  expectRefusal(draw("2x3").integer("sample_size", 0), "Multinomial",
                "expected a sample_size of 1 or more, got 0");
  expectRefusal(draw("2x3").integer("sample_size", 100000000), "Multinomial",
                "expected generated constants of 16777216 elements at most in all, got 600000000");
}

// A seed, or else a name, is all that numbers depend on.
TEST_F(ComposedOps, RandomNumbersAreConstants) {
  auto draw = [&](const std::string &output, float seed) {
    ModelBuilder model(13);
    model.output(output).node("RandomNormal", "", output).ints("shape", {4});
    if (seed)
      model.number("seed", seed);
    return importModel(model);
  };
  std::string first = draw("y", 3);
  EXPECT_NE(first.find("octet.constant dense<["), std::string::npos) << first << diagnostics;
  EXPECT_EQ(draw("y", 3), first);
  EXPECT_NE(draw("y", 4), first);
  EXPECT_EQ(draw("y", 0), draw("y", 0));
}

TEST_F(ComposedOps, LossesRefuse) {
  auto loss = [](llvm::StringRef labels, int type = onnx::TensorProto::INT64) {
    ModelBuilder model(13);
    model.input("x", "3x5").input("t", labels, type).output("y");
    return model;
  };
  std::string op = "NegativeLogLikelihoodLoss";
  expectRefusal(loss("5").node(op, "x t", "y"), op,
                "expected labels of shape [3], got 'tensor<5xi64>'");
  expectRefusal(loss("3", onnx::TensorProto::FLOAT).node(op, "x t", "y"), op,
                "expected labels of integers, got float32");
  expectRefusal(loss("3").weights("w", {3}).node(op, "x t w", "y"), op,
                "expected 5 weights, got 'tensor<3xf32>'");
  expectRefusal(loss("3").node(op, "x t", "y").text("reduction", "max"), op,
                "expected reduction none, sum or mean, got 'max'");
  ModelBuilder vector(13);
  vector.input("x", "3").input("t", "3", onnx::TensorProto::INT64).output("y").node(op, "x t", "y");
  expectRefusal(vector, op, "expected scores of rank 2 or more, got 'tensor<3xf32>'");
}

TEST_F(ComposedOps, QuantizedWhereKeepsScales) {
  ModelBuilder model(13);
  model.input("c", "4", onnx::TensorProto::BOOL)
      .input("a", "4", onnx::TensorProto::UINT8)
      .input("b", "4", onnx::TensorProto::UINT8)
      .output("y")
      .scale("a", 0.5f, onnx::TensorProto::UINT8, 3)
      .scale("b", 0.25f, onnx::TensorProto::UINT8, 0)
      .scale("y", 0.5f, onnx::TensorProto::UINT8, 3)
      .microsoft("QLinearWhere", "c a a.s a.z b b.s b.z y.s y.z", "y");
  expectHolds(model, {"octet.dequantize", "octet.select %arg0, ", "octet.quantize"});
}

} // namespace
