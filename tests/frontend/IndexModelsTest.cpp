// Ops that make indices or go by them, and windows in three dimensions: what becomes
// of a node, and what is refused.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

class IndexModels : public ImportTest {
protected:
  /// A model of one node 'n'; `expected` is what the report says behind the node.
  void expectRefusal(const ModelBuilder &model, const std::string &op,
                     const std::string &expected) {
    expectErrors(model, {"model.onnx: node 'n' (" + op + "): " + expected});
  }
  void expectOps(const ModelBuilder &model, const std::vector<std::string> &ops) {
    std::string text = importModel(model);
    EXPECT_NE(text, "") << diagnostics;
    for (const std::string &op : ops)
      EXPECT_NE(text.find(op), std::string::npos) << op << "\n" << text;
  }
};

constexpr int kInt64 = onnx::TensorProto::INT64, kBool = onnx::TensorProto::BOOL,
              kInt8 = onnx::TensorProto::INT8;

TEST_F(IndexModels, TopKIsTwoOps) {
  ModelBuilder model;
  model.input("x", "3x7").integers("k", {2}).node("TopK", "x k", "v i", "n");
  model.integer("largest", 0).output("v").output("i");
  expectOps(model, {"octet.top_k_indices smallest %arg0 {axis = 1 : i64, k = 2 : i64}",
                    "octet.gather_elements %arg0, %0 {axis = 1 : i64}"});
}

TEST_F(IndexModels, TopKRefusals) {
  ModelBuilder computed, large, several;
  computed.input("x", "3x7").input("k", "1", kInt64).node("TopK", "x k", "v i", "n").output("v");
  expectRefusal(computed, "TopK", "expected k to be constant, got a computed tensor");
  large.input("x", "3x7").integers("k", {8}).node("TopK", "x k", "v i", "n").output("v");
  expectRefusal(large, "TopK", "expected k of 0 to 7, got 8");
  several.input("x", "3x7").integers("k", {1, 2}).node("TopK", "x k", "v i", "n").output("v");
  expectRefusal(several, "TopK", "expected one number as k, got 2");
}

TEST_F(IndexModels, ConstantIndicesAreChecked) {
  ModelBuilder elements, tuples, scatter, scatterTuples;
  elements.input("x", "4").integers("i", {-5}).node("GatherElements", "x i", "y", "n").output("y");
  expectRefusal(elements, "GatherElements", "expected indices of -4 to 3, got -5");
  tuples.input("x", "4x2").integers("i", {3, 2}).node("GatherND", "x i", "y", "n").output("y");
  expectRefusal(tuples, "GatherND", "expected indices of -2 to 1, got 2");
  scatter.input("x", "4").integers("i", {4}).input("u", "1");
  scatter.node("ScatterElements", "x i u", "y", "n").output("y");
  expectRefusal(scatter, "ScatterElements", "expected indices of -4 to 3, got 4");
  scatterTuples.input("x", "4x2").integers("i", {0, -3}).input("u", "");
  scatterTuples.node("ScatterND", "x i u", "y", "n").output("y");
  expectRefusal(scatterTuples, "ScatterND", "expected indices of -2 to 1, got -3");
}

TEST_F(IndexModels, IndexTypes) {
  ModelBuilder bytes, reals;
  bytes.input("x", "4").input("i", "3", kInt8).node("GatherElements", "x i", "y", "n").output("y");
  expectOps(bytes, {"octet.cast %arg1 : (tensor<3xi8>) -> tensor<3xi64>"});
  reals.input("x", "4").input("i", "3").node("GatherElements", "x i", "y", "n").output("y");
  expectRefusal(reals, "GatherElements", "expected integers as indices, got float32");
}

TEST_F(IndexModels, ScatterKinds) {
  ModelBuilder add(16), other(16);
  add.input("x", "4").input("i", "3", kInt64).input("u", "3");
  add.node("ScatterElements", "x i u", "y", "n").text("reduction", "add").output("y");
  expectOps(add, {"octet.scatter_elements add"});
  other.input("x", "4").input("i", "3", kInt64).input("u", "3");
  other.node("ScatterElements", "x i u", "y", "n").text("reduction", "assign").output("y");
  expectRefusal(other, "ScatterElements",
                "expected the reduction none, add, mul, min or max, got 'assign'");
}

TEST_F(IndexModels, OneHotDepth) {
  for (auto [depth, text] : {std::pair<int64_t, const char *>{0, "0.000000e+00"},
                             std::pair<int64_t, const char *>{1 << 25, "3.355443e+07"}}) {
    ModelBuilder model;
    model.input("i", "3", kInt64).integers("d", {depth}).weights("v", {2});
    model.node("OneHot", "i d v", "y", "n").output("y");
    expectRefusal(model, "OneHot", std::string("expected one depth of 1 to 16777216, got ") + text);
  }
}

TEST_F(IndexModels, CumSumAxis) {
  ModelBuilder model;
  model.input("x", "3x4").integers("a", {0, 1}).node("CumSum", "x a", "y", "n").output("y");
  expectRefusal(model, "CumSum", "expected one axis, got 2");
}

TEST_F(IndexModels, CompressByAConstantIsAGather) {
  ModelBuilder model, far;
  model.input("x", "2x4").stored("c", kBool, {3}, {0, 1, 1});
  model.node("Compress", "x c", "y", "n").integer("axis", 1).output("y");
  expectOps(model, {"octet.gather %arg0, %0 {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2xi64>)"});
  far.input("x", "2").stored("c", kBool, {3}, {0, 1, 1}).node("Compress", "x c", "y", "n");
  far.output("y");
  expectRefusal(far, "Compress",
                "expected at most 2 conditions in one dimension, got 'tensor<3xi1>'");
}

TEST_F(IndexModels, TensorsWithoutElementsAreConstant) {
  ModelBuilder model(13);
  model.input("x", "3x4").integers("s", {2}).integers("e", {2}).node("Slice", "x s e", "y", "n");
  model.node("Relu", "y", "z").output("z");
  std::string text = importModel(model);
  EXPECT_NE(text.find("tensor<0x4xf32>"), std::string::npos) << diagnostics << text;
  EXPECT_EQ(text.find("octet.slice"), std::string::npos) << text;
}

TEST_F(IndexModels, MaxPoolGivesIndices) {
  ModelBuilder model;
  model.input("x", "1x2x5x5").node("MaxPool", "x", "y i", "n").ints("kernel_shape", {2, 2});
  model.integer("storage_order", 1).output("y").output("i");
  expectOps(model, {"octet.max_pool %arg0", "octet.max_pool_indices %arg0 {column_major"});
}

TEST_F(IndexModels, MaxUnpoolRefusals) {
  auto make = [](std::vector<int64_t> pads, std::vector<int64_t> shape, const char *places) {
    ModelBuilder model;
    model.input("x", "1x1x2x2").input("i", places, kInt64).integers("s", shape);
    model.node("MaxUnpool", "x i s", "y", "n").ints("kernel_shape", {2, 2}).ints("strides", {2, 2});
    return model.ints("pads", pads).output("y");
  };
  expectRefusal(make({0, 0, 0, 0}, {1, 1, 3, 4}, "1x1x2x2"), "MaxUnpool",
                "expected an output shape of [1, 1, 4, 4] or more, got [1, 1, 3, 4]");
  expectRefusal(make({2, 0, 2, 0}, {}, "1x1x2x2"), "MaxUnpool",
                "expected pads that leave elements, got 0");
  expectRefusal(
      make({0, 0, 0, 0}, {}, "1x1x2x1"), "MaxUnpool",
      "expected indices of the shape of 'tensor<1x1x2x2xf32>', got 'tensor<1x1x2x1xi64>'");
}

TEST_F(IndexModels, VolumesBecomePlanes) {
  ModelBuilder conv, transposed, pool;
  conv.input("x", "2x3x5x6x7").weights("w", {4, 3, 2, 3, 3}).node("Conv", "x w", "y", "n");
  conv.ints("strides", {2, 1, 1}).output("y");
  expectOps(conv, {"(tensor<4x6x6x7xf32>, tensor<4x6x3x3xf32>) -> tensor<4x4x4x5xf32>",
                   "-> tensor<2x4x2x4x5xf32>"});
  transposed.input("x", "1x3x4x5x6").weights("w", {3, 2, 2, 3, 3});
  transposed.node("ConvTranspose", "x w", "y", "n").ints("strides", {2, 1, 1}).output("y");
  expectOps(transposed, {"octet.conv_transpose", "-> tensor<1x2x8x7x8xf32>"});
  pool.input("x", "1x3x4x5x6").node("MaxPool", "x", "y", "n").ints("kernel_shape", {2, 3, 3});
  pool.output("y");
  expectOps(pool, {"(tensor<1x12x5x6xf32>) -> tensor<1x12x3x4xf32>",
                   "(tensor<1x3x4x12xf32>) -> tensor<1x3x3x12xf32>"});
}

TEST_F(IndexModels, VolumeRefusals) {
  ModelBuilder small, deep, four;
  small.input("x", "1x1x2x4x4").weights("w", {1, 1, 3, 3, 3}).node("Conv", "x w", "y", "n");
  small.output("y");
  expectRefusal(small, "Conv", "expected a window that fits the padded input, got 3 over 2");
  deep.input("x", "1x1x300x2x2").weights("w", {1, 1, 257, 1, 1}).node("Conv", "x w", "y", "n");
  deep.output("y");
  expectRefusal(deep, "Conv", "expected a kernel of at most 256 slices, got 257");
  four.input("x", "1x1x3x3x3x3").node("MaxPool", "x", "y", "n").ints("kernel_shape", {2, 2, 2, 2});
  four.output("y");
  expectRefusal(four, "MaxPool",
                "expected one to three spatial dimensions, got 'tensor<1x1x3x3x3x3xf32>'");
}

TEST_F(IndexModels, LpPoolNorm) {
  ModelBuilder model;
  model.input("x", "1x1x4x4").node("LpPool", "x", "y", "n").ints("kernel_shape", {2, 2});
  model.integer("p", 0).output("y");
  expectRefusal(model, "LpPool", "expected p of 1 to 64, got 0");
}

} // namespace
