// Convolutions on transformed tiles against the evaluator: planes that tiles do not
// divide, channels that vectors do not, every size of tile, and neighbours in memory.

#include "tests/numerics/Native.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using llvm::formatv;
using octet::test::compareNative;

namespace {

/// A constant of random numbers.
std::string makeConstant(llvm::StringRef name, llvm::ArrayRef<int64_t> shape, std::mt19937 &random,
                         float deviation) {
  std::normal_distribution<float> normal(0, deviation);
  int64_t count = 1;
  std::string type;
  for (int64_t extent : shape) {
    count *= extent;
    type += std::to_string(extent) + "x";
  }
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  llvm::StringRef bytes(reinterpret_cast<const char *>(values.data()), count * sizeof(float));
  return formatv("%{0} = octet.constant dense<\"0x{1}\"> : tensor<{2}f32> : tensor<{2}f32>\n", name,
                 llvm::toHex(bytes), type);
}

struct Convolution {
  int64_t images = 1, channels = 16, height = 8, width = 8, results = 16;
  llvm::SmallVector<int64_t, 4> pads = {1, 1, 1, 1};
  int64_t outputs = 4, tiles = 4, unit = 16;

  /// relu(conv(x) + y), whose result is joined with another tensor, and a convolution of
  /// that: pixels lie further apart than their channels.
  std::string getText() const {
    std::mt19937 random(3);
    int64_t high = height + pads[0] + pads[2] - 2, wide = width + pads[1] + pads[3] - 2;
    float deviation = 1 / std::sqrt(9.0f * channels);
    std::string x = formatv("tensor<{0}x{1}x{2}x{3}xf32>", images, channels, height, width),
                y = formatv("tensor<{0}x{1}x{2}x{3}xf32>", images, results, high, wide),
                joined = formatv("tensor<{0}x{1}x{2}x{3}xf32>", images, results + 3, high, wide),
                z = formatv("tensor<{0}x3x{1}x{2}xf32>", images, high, wide),
                w = formatv("tensor<{0}x{1}x3x3xf32>", results, channels),
                v = formatv("tensor<{0}x{1}x3x3xf32>", results, results + 3),
                bias = formatv("tensor<{0}xf32>", results),
                winograd = formatv("octet.winograd = #octet.winograd<outputs = {0}, tiles = {1}, "
                                   "channels = {2}>",
                                   outputs, tiles, unit);
    std::string window =
        "strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64";
    std::string text = formatv("func.func @main(%x: {0}, %y: {1}, %z: {2}) -> {1} {{\n", x, y, z);
    text += makeConstant("w", {results, channels, 3, 3}, random, deviation);
    text += makeConstant("v", {results, results + 3, 3, 3}, random, deviation);
    text += makeConstant("b", {results}, random, 1);
    text += formatv(
        R"(
      %0 = octet.fused %x, %w, %b, %y {{{0}} : ({1}, {2}, {3}, {4}) -> {4} {{
      ^bb0(%i: {1}, %j: {2}, %k: {3}, %l: {4}):
        %c = octet.conv %i, %j, %k {{pads = array<i64: {5}>, {6}} : ({1}, {2}, {3}) -> {4}
        %s = octet.add %l, %c : ({4}, {4}) -> {4}
        %r = octet.relu %s : ({4}) -> {4}
        octet.yield %r : {4}
      }
)",
        winograd, x, w, bias, y,
        llvm::join(llvm::map_range(pads, [](int64_t pad) { return std::to_string(pad); }), ", "),
        window);
    text += formatv(R"(
      %1 = octet.concat %0, %z {{axis = 1 : i64} : ({0}, {1}) -> {2}
      %2 = octet.conv %1, %v {{pads = array<i64: 1, 1, 1, 1>, {3}, {4}} : ({2}, {5}) -> {0}
      return %2 : {0}
    }
)",
                    y, z, joined, window, winograd, v);
    return text;
  }
};

void expectClose(const Convolution &conv) {
  SCOPED_TRACE(formatv("{0}x{1}x{2}x{3} -> {4}, {5}x{5} outputs, {6} tiles, {7} channels",
                       conv.images, conv.channels, conv.height, conv.width, conv.results,
                       conv.outputs, conv.tiles, conv.unit)
                   .str());
  std::string text = conv.getText();
  for (const std::string &target : octet::test::getTestTargets()) {
    auto result = compareNative(text, target);
    ASSERT_EQ(result.error, "") << target;
    EXPECT_LE(result.relativeError, 1e-5) << target;
  }
}

TEST(Winograd, PlanesThatTilesDoNotDivide) {
  for (auto [height, width, outputs] : {std::array<int64_t, 3>{7, 7, 4},
                                        {13, 13, 4},
                                        {15, 17, 4},
                                        {15, 17, 3},
                                        {15, 17, 2},
                                        {3, 22, 3}}) {
    Convolution conv;
    conv.height = height, conv.width = width, conv.outputs = outputs;
    expectClose(conv);
  }
}

TEST(Winograd, PlanesBelowATile) {
  Convolution conv;
  conv.height = 2, conv.width = 1, conv.tiles = 1;
  expectClose(conv);
  conv.pads = {0, 1, 2, 1}, conv.width = 3;
  expectClose(conv);
}

TEST(Winograd, ChannelsThatVectorsDoNot) {
  for (auto [channels, results] : {std::pair<int64_t, int64_t>{3, 33}, {5, 7}, {33, 3}, {17, 40}}) {
    Convolution conv;
    conv.channels = channels, conv.results = results, conv.height = 9, conv.width = 6;
    expectClose(conv);
    conv.unit = 48;
    expectClose(conv);
  }
}

TEST(Winograd, AsymmetricPads) {
  Convolution conv;
  conv.height = 10, conv.width = 11;
  for (auto pads : {llvm::SmallVector<int64_t, 4>{0, 0, 0, 0}, {2, 0, 1, 3}, {0, 1, 2, 0}}) {
    conv.pads = pads;
    expectClose(conv);
  }
}

// Blocks of tiles with a rest, over images, and more steps than units.
TEST(Winograd, BlocksOfTiles) {
  Convolution conv;
  conv.images = 3, conv.results = 48, conv.height = 9, conv.width = 14;
  for (int64_t tiles : {1, 5, 7, 12, 36}) {
    conv.tiles = tiles;
    expectClose(conv);
  }
}

TEST(Winograd, LongReduction) {
  Convolution conv;
  conv.channels = 512, conv.results = 32, conv.unit = 32;
  for (int64_t outputs : {2, 3, 4}) {
    conv.outputs = outputs;
    expectClose(conv);
  }
}

} // namespace
