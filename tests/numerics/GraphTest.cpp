// What the kernels pipeline does around kernels: views, halos, copies, outputs.

#include "tests/numerics/Native.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using octet::test::compareNative;

namespace {

void expectClose(const std::string &text, double bound = 1e-6) {
  for (const std::string &target : octet::test::getTestTargets()) {
    auto result = compareNative(text, target);
    EXPECT_EQ(result.error, "") << target;
    EXPECT_EQ(result.differentIntegers, 0) << target;
    EXPECT_LE(result.relativeError, bound) << target;
  }
}

TEST(Graph, ReturnsItsArgument) {
  expectClose(R"(func.func @main(%x: tensor<3x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
    return %x, %x : tensor<3x5xf32>, tensor<3x5xf32>
  })");
}

TEST(Graph, ReadsThroughViewsAndWritesResultsInPlace) {
  expectClose(R"(func.func @main(%x: tensor<3x5xf32>) -> (tensor<15xf32>, tensor<15xf32>) {
    %0 = octet.reshape %x {shape = array<i64: 15>} : (tensor<3x5xf32>) -> tensor<15xf32>
    %1 = octet.fused %0 : (tensor<15xf32>) -> tensor<15xf32> {
    ^bb0(%a: tensor<15xf32>):
      %r = octet.relu %a : (tensor<15xf32>) -> tensor<15xf32>
      octet.yield %r : tensor<15xf32>
    }
    return %1, %0 : tensor<15xf32>, tensor<15xf32>
  })");
}

TEST(Graph, ReturnsConstants) {
  expectClose(R"(func.func @main(%x: tensor<1xf32>) -> tensor<3xi64> {
    %0 = octet.constant dense<[1, -2, 3]> : tensor<3xi64> : tensor<3xi64>
    return %0 : tensor<3xi64>
  })");
}

TEST(Graph, ReusesMemoryOfDeadTensorsOnly) {
  expectClose(R"(func.func @main(%x: tensor<70xf32>) -> tensor<70xf32> {
    %0 = octet.fused %x : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.neg %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %1 = octet.fused %0 : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.abs %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %2 = octet.fused %1 : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.neg %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %3 = octet.fused %2, %0 : (tensor<70xf32>, tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>, %b: tensor<70xf32>):
      %r = octet.mul %a, %b : (tensor<70xf32>, tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    return %3 : tensor<70xf32>
  })");
}

/// A convolution of a quantized image by weights that all differ from their neighbours.
std::string makeImageConvolution(int64_t channels, int64_t kernel, int64_t stride, int64_t pad,
                                 int64_t height, int64_t width) {
  auto getOut = [&](int64_t extent) { return (extent + 2 * pad - kernel) / stride + 1; };
  std::string weights;
  for (int64_t i = 0; i < 5 * channels * kernel * kernel; ++i)
    weights += llvm::utohexstr(uint8_t(i * 37 % 255 - 127), /*LowerCase=*/false, /*Width=*/2);
  std::string in = llvm::formatv("1x{0}x{1}x{2}x", channels, height, width);
  std::string out = llvm::formatv("1x5x{0}x{1}x", getOut(height), getOut(width));
  std::string w = llvm::formatv("5x{0}x{1}x{1}x", channels, kernel);
  return llvm::formatv(R"(
    !x = !quant.uniform<u8:f32, 0.0123:117>
    !w = !quant.uniform<i8<-127:127>:f32, 0.01>
    func.func @main(%x: tensor<{0}f32>) -> tensor<{1}f32> {{
    %w = octet.constant dense<"0x{3}"> : tensor<{2}i8> : tensor<{2}!w>
    %q = octet.fused %x : (tensor<{0}f32>) -> tensor<{0}!x> {{
    ^bb0(%a: tensor<{0}f32>):
      %r = octet.quantize %a : (tensor<{0}f32>) -> tensor<{0}!x>
      octet.yield %r : tensor<{0}!x>
    }
    %y = octet.conv %q, %w {{strides = array<i64: {4}, {4}>, dilations = array<i64: 1, 1>,
        pads = array<i64: {5}, {5}, {5}, {5}>, group = 1 : i64}
        : (tensor<{0}!x>, tensor<{2}!w>) -> tensor<{1}f32>
    return %y : tensor<{1}f32>
  })",
                       in, out, w, weights, stride, pad);
}

// Images whose bytes lie densely, with lines that fill vectors and lines that do not.
TEST(Graph, QuantizesImagesToDensePixels) {
  expectClose(makeImageConvolution(3, 7, 2, 3, 9, 37));
  expectClose(makeImageConvolution(3, 5, 1, 2, 6, 16));
  expectClose(makeImageConvolution(2, 7, 1, 0, 8, 19));
}

// Parts of one buffer, read with and without padding, in part and as a whole.
TEST(Graph, JoinsAndSplitsChannels) {
  expectClose(R"(
  !a = tensor<2x7x5x6xf32>
  !b = tensor<2x8x5x6xf32>
  !ab = tensor<2x15x5x6xf32>
  !c = tensor<2x4x5x6xf32>
  !abc = tensor<2x19x5x6xf32>
  func.func @main(%x: !a, %z: !b) -> (!ab, !c, !c, !abc) {
    %w7 = octet.constant dense<0.5> : tensor<4x7x3x3xf32> : tensor<4x7x3x3xf32>
    %w15 = octet.constant dense<0.25> : tensor<15x15x1x1xf32> : tensor<15x15x1x1xf32>
    %w4 = octet.constant dense<-1.0> : tensor<4x4x3x3xf32> : tensor<4x4x3x3xf32>
    %0 = octet.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (!a) -> !a
    %1 = octet.max_pool %z {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (!b) -> !b
    %2 = octet.concat %1, %0 {axis = 1 : i64} : (!b, !a) -> !ab
    %3 = octet.conv %0, %w7 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64} : (!a, tensor<4x7x3x3xf32>) -> !c
    %4 = octet.conv %2, %w15 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (!ab, tensor<15x15x1x1xf32>) -> !ab
    %5 = octet.slice %2 {offsets = array<i64: 0, 5, 0, 0>, sizes = array<i64: 2, 4, 5, 6>, steps = array<i64: 1, 1, 1, 1>} : (!ab) -> !c
    %6 = octet.conv %5, %w4 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64} : (!c, tensor<4x4x3x3xf32>) -> !c
    %7 = octet.concat %2, %6 {axis = 1 : i64} : (!ab, !c) -> !abc
    return %4, %3, %6, %7 : !ab, !c, !c, !abc
  })",
              1e-5);
}

TEST(Graph, JoinsSequencesInAnOutput) {
  expectClose(R"(
  func.func @main(%x: tensor<1x2x3x5xf32>, %z: tensor<1x4x2xf32>) -> (tensor<1x19x2xf32>, tensor<1x3x5x2xf32>, tensor<2x2xf32>) {
    %0 = octet.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
    %1 = octet.transpose %0 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x3x5xf32>) -> tensor<1x3x5x2xf32>
    %2 = octet.reshape %1 {shape = array<i64: 1, 15, 2>} : (tensor<1x3x5x2xf32>) -> tensor<1x15x2xf32>
    %3 = octet.neg %z : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
    %4 = octet.concat %2, %3 {axis = 1 : i64} : (tensor<1x15x2xf32>, tensor<1x4x2xf32>) -> tensor<1x19x2xf32>
    %5 = octet.reshape %4 {shape = array<i64: 19, 2>} : (tensor<1x19x2xf32>) -> tensor<19x2xf32>
    %6 = octet.slice %5 {offsets = array<i64: 14, 0>, sizes = array<i64: 2, 2>, steps = array<i64: 1, 1>} : (tensor<19x2xf32>) -> tensor<2x2xf32>
    %7 = octet.abs %6 : (tensor<2x2xf32>) -> tensor<2x2xf32>
    return %4, %1, %7 : tensor<1x19x2xf32>, tensor<1x3x5x2xf32>, tensor<2x2xf32>
  })");
}

} // namespace
