// Resampling, sampling at points, and other ops that become products or gathers with
// constants: what becomes of a node, and what is refused.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kInt64 = onnx::TensorProto::INT64, kInt32 = onnx::TensorProto::INT32;

class SampleModels : public ImportTest {
protected:
  /// `expected` is what the report says behind node 'n'.
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

ModelBuilder makeResize(int64_t opset = 18) {
  ModelBuilder model(opset);
  model.input("x", "1x2x5x7").weights("s", {4}, {1, 1, 2, 1.5f});
  return model.node("Resize", "x - s", "y", "n").output("y");
}

TEST_F(SampleModels, WhatPlanesCannotDoIsAProduct) {
  expectOps(makeResize().text("mode", "linear"), {"octet.resize"});
  expectOps(makeResize().text("mode", "cubic"),
            {"(tensor<14x5xf32>, tensor<5x10xf32>)", "octet.transpose",
             "(tensor<20x7xf32>, tensor<7x10xf32>)"});
  ModelBuilder channels(13);
  channels.input("x", "1x2x5x7").weights("s", {4}, {1, 2, 1, 1});
  channels.node("Resize", "x - s", "y", "n").text("mode", "linear").output("y");
  expectOps(channels, {"octet.matmul"});
  ModelBuilder bytes(13);
  bytes.input("x", "1x2x5x7", onnx::TensorProto::UINT8).weights("s", {4}, {1, 1, 2, 1});
  bytes.node("Resize", "x - s", "y", "n").output("y");
  expectOps(bytes, {"octet.gather %arg0, %0 {axis = 2 : i64} : (tensor<1x2x5x7xui8>"});
}

TEST_F(SampleModels, SizesKeepTheRatio) {
  for (auto [policy, shape] :
       {std::pair("not_larger", "1x2x4x6"), std::pair("not_smaller", "1x2x6x9"),
        std::pair("stretch", "1x2x4x9")}) {
    ModelBuilder model(18);
    model.input("x", "1x2x4x6").integers("s", {4, 9});
    model.node("Resize", "x - - s", "y", "n").ints("axes", {2, 3});
    model.text("keep_aspect_ratio_policy", policy).output("y");
    expectOps(model, {"(tensor<" + std::string(shape) + "xf32> {octet.name = \"y\"})"});
  }
}

TEST_F(SampleModels, ResizeRefusals) {
  expectRefusal(makeResize().text("mode", "area"), "Resize",
                "expected the mode nearest, linear or cubic, got 'area'");
  expectRefusal(makeResize().text("coordinate_transformation_mode", "other"), "Resize",
                "coordinate_transformation_mode 'other' is not supported");
  expectRefusal(makeResize().text("nearest_mode", "other"), "Resize",
                "nearest_mode 'other' is not supported");
  expectRefusal(makeResize().text("keep_aspect_ratio_policy", "other"), "Resize",
                "keep_aspect_ratio_policy 'other' is not supported");
  ModelBuilder region(18), infinite(18), large(18);
  region.input("x", "1x2x5x7").weights("s", {4}, {1, 1, 2, 2}).weights("r", {2}, {0, 1});
  region.node("Resize", "x r s", "y", "n").output("y");
  region.text("coordinate_transformation_mode", "tf_crop_and_resize");
  expectRefusal(region, "Resize", "expected a region of 8 numbers, got 2");
  infinite.input("x", "5").weights("s", {1}, {2}).weights("r", {2}, {0, INFINITY});
  infinite.node("Resize", "x r s", "y", "n").output("y");
  infinite.text("coordinate_transformation_mode", "tf_crop_and_resize");
  expectRefusal(infinite, "Resize", "expected a region of finite numbers");
  large.input("x", "8192").weights("s", {1}, {2}).node("Resize", "x - s", "y", "n").output("y");
  large.text("mode", "cubic");
  expectRefusal(large, "Resize",
                "expected a matrix of at most 16777216 weights for each axis, got 8192 to 16384 "
                "elements");
}

TEST_F(SampleModels, GridSampleNames) {
  auto make = [](int64_t opset, const char *mode, const char *padding) {
    ModelBuilder model(opset);
    model.input("x", "1x2x5x7").input("g", "1x3x4x2").node("GridSample", "x g", "y", "n");
    return model.text("mode", mode).text("padding_mode", padding).output("y");
  };
  expectOps(make(16, "bilinear", "border"),
            {"octet.grid_sample linear %arg0, %arg1 padding border"});
  expectOps(make(20, "cubic", "zeros"), {"octet.grid_sample cubic"});
  expectRefusal(make(20, "area", "zeros"), "GridSample", "mode 'area' is not supported");
  expectRefusal(make(20, "linear", "wrap"), "GridSample", "padding_mode 'wrap' is not supported");
}

TEST_F(SampleModels, RoiAlignNames) {
  auto make = [](int64_t opset) {
    ModelBuilder model(opset);
    model.input("x", "1x2x5x7").input("r", "3x4").input("b", "3", kInt64);
    return model.node("RoiAlign", "x r b", "y", "n").output("y");
  };
  std::string text = importModel(make(10));
  EXPECT_NE(text.find("octet.roi_align avg"), std::string::npos) << diagnostics;
  EXPECT_EQ(text.find("half_pixel"), std::string::npos) << text;
  expectOps(make(16), {"half_pixel"});
  expectRefusal(make(16).text("mode", "min"), "RoiAlign", "mode 'min' is not supported");
  expectRefusal(make(16).text("coordinate_transformation_mode", "other"), "RoiAlign",
                "coordinate_transformation_mode 'other' is not supported");
}

TEST_F(SampleModels, AffineGridIsAProduct) {
  ModelBuilder model(20), other(20);
  model.input("t", "2x2x3").integers("s", {2, 3, 4, 5}).node("AffineGrid", "t s", "y", "n");
  model.output("y");
  expectOps(model, {"(tensor<4x3xf32>, tensor<3x20xf32>", "-> tensor<2x4x5x2xf32>"});
  other.input("t", "2x2x2").integers("s", {2, 3, 4, 5}).node("AffineGrid", "t s", "y", "n");
  other.output("y");
  expectRefusal(other, "AffineGrid",
                "expected a size of 4 or 5 extents and a matrix for each batch, got [2, 3, 4, 5] "
                "and 'tensor<2x2x2xf32>'");
}

TEST_F(SampleModels, Col2ImIsATransposedConvolution) {
  auto make = [](const char *columns, std::vector<int64_t> image, std::vector<int64_t> block) {
    ModelBuilder model(18);
    model.input("x", columns).integers("i", image).integers("b", block);
    return model.node("Col2Im", "x i b", "y", "n").output("y");
  };
  expectOps(make("1x12x12", {4, 5}, {2, 2}), {"octet.conv_transpose", "tensor<1x3x4x5xf32>"});
  expectOps(make("1x6x4", {5}, {2}), {"octet.conv_transpose", "tensor<1x3x5xf32>"});
  expectRefusal(make("1x12x11", {4, 5}, {2, 2}), "Col2Im",
                "expected 12 columns of blocks of 4 elements, 4096 at most, got "
                "'tensor<1x12x11xf32>'");
  expectRefusal(make("1x12x11", {4, 5}, {2}), "Col2Im",
                "expected columns of rank 3, an image and a block of one or two dimensions with as "
                "many positive strides and dilations and twice as many pads, got "
                "'tensor<1x12x11xf32>', [4, 5] and [2]");
}

TEST_F(SampleModels, DeterminantRefusals) {
  ModelBuilder model;
  model.input("x", "2x3").node("Det", "x", "y", "n").output("y");
  expectRefusal(model, "Det", "expected square matrices, got 'tensor<2x3xf32>'");
}

TEST_F(SampleModels, CropAndPadAroundTheMiddle) {
  ModelBuilder model(18), other(18);
  model.input("x", "5x2x3").integers("s", {2, 5}).node("CenterCropPad", "x s", "y", "n");
  model.ints("axes", {0, 1}).output("y");
  expectOps(model, {"high = array<i64: -2, 2, 0>, low = array<i64: -1, 1, 0>"});
  other.input("x", "5x2x3").integers("s", {2, 5}).node("CenterCropPad", "x s", "y", "n");
  other.output("y");
  expectRefusal(other, "CenterCropPad", "expected 3 extents, got 2");
}

TEST_F(SampleModels, PadsWrapAround) {
  auto make = [](std::vector<int64_t> pads) {
    ModelBuilder model(19);
    model.input("x", "3").integers("p", pads).node("Pad", "x p", "y", "n").text("mode", "wrap");
    return model.output("y");
  };
  expectOps(make({4, 1}), {"dense<[2, 0, 1, 2, 0, 1, 2, 0]>", "octet.gather"});
  expectRefusal(make({-4, 0}), "Pad",
                "expected pads that fit extent 3 of dimension 0, got -4 and 0");
}

TEST_F(SampleModels, TilesExpand) {
  ModelBuilder model, none, negative;
  model.input("x", "2x3").integers("r", {1, 4}).node("Tile", "x r", "y", "n").output("y");
  expectOps(model, {"octet.expand %0 {shape = array<i64: 2, 4, 3>}", "-> tensor<2x12xf32>"});
  none.input("x", "2x3").integers("r", {0, 4}).node("Tile", "x r", "y", "n").output("y");
  expectOps(none, {"tensor<0x12xf32>"});
  negative.input("x", "2x3").integers("r", {1, -1}).node("Tile", "x r", "y", "n").output("y");
  expectRefusal(negative, "Tile", "expected repeats of 0 and more, got -1");
}

ModelBuilder makeGrams(const char *x, std::vector<int64_t> pool, std::vector<int64_t> begins,
                       std::vector<int64_t> places, int64_t longest = 2) {
  ModelBuilder model;
  model.input("x", x, kInt32).node("TfIdfVectorizer", "x", "y", "n").integer("min_gram_length", 1);
  model.integer("max_gram_length", longest).integer("max_skip_count", 1).text("mode", "TF");
  model.ints("pool_int64s", pool).ints("ngram_counts", begins).ints("ngram_indexes", places);
  return model.output("y");
}

TEST_F(SampleModels, GramsAreCompared) {
  expectOps(makeGrams("2x6", {7, 1, 2}, {0, 1}, {0, 3}),
            {"octet.compare eq", "octet.bitwise and", "tensor<2x4xf32> {octet.name = \"y\"}"});
  expectRefusal(makeGrams("2x6", {7, 1, 2}, {0, 2}, {0, 1}), "TfIdfVectorizer",
                "expected ngram_counts that divide the pool into whole grams, and a place in "
                "ngram_indexes for each, got [0, 2] for 3 elements and 2 places");
  expectRefusal(makeGrams("2x6", {7, 1, 2}, {0, 1}, {1, 1}), "TfIdfVectorizer",
                "expected each of ngram_indexes once, from 0 to 1048575");
  expectRefusal(makeGrams("2x6", {7, 1, 2}, {0, 1}, {0, 1}, 17), "TfIdfVectorizer",
                "expected grams of 1 to 16 elements and 0 to 64 skips, got 1 to 17 and 1");
  expectRefusal(makeGrams("2x6x1", {7, 1, 2}, {0, 1}, {0, 1}), "TfIdfVectorizer",
                "expected integers in one or two dimensions, got 'tensor<2x6x1xi32>'");
  expectRefusal(makeGrams("2x6", {7, 1, 2}, {0, 1}, {0, 1}).floats("weights", {1}),
                "TfIdfVectorizer", "expected 2 weights, got 1");
}

} // namespace
