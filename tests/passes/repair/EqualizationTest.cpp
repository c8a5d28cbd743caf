// R1: equalization balances ranges and leaves the function of a network as it is.

#include "passes/repair/Equalization.h"
#include "dialect/reference/Compare.h"
#include "dialect/reference/Evaluate.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/repair/Passes.h"
#include "llvm/Support/Format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace octet;
using namespace mlir;

TEST(Equalization, RangesOfAChainMeet) {
  std::vector<EqualizedLayer> layers = {{3, 1, 1, {8, 1, 0.1f}},      // three channels
                                        {3, 3, 1, {0.5f, 4, 30}},     // a depthwise step
                                        {1, 1, 3, {0.25f, 2, 0.5f}}}; // joins them
  std::vector<EqualizedLink> links = {{0, {1}, {}}, {1, {2}, {}}};
  equalize(layers, links);
  for (int64_t c = 0; c < 3; ++c) {
    double first = layers[0].magnitudes[c] / links[0].factors[c];
    double second = layers[1].magnitudes[c] * links[0].factors[c] / links[1].factors[c];
    double third = layers[2].magnitudes[c] * links[1].factors[c];
    EXPECT_NEAR(first, second, 0.01 * first);
    EXPECT_NEAR(second, third, 0.01 * second);
  }
}

TEST(Equalization, ChannelsOfZerosStay) {
  std::vector<EqualizedLayer> layers = {{2, 1, 1, {0, 4}}, {1, 1, 2, {3, 0}}};
  std::vector<EqualizedLink> links = {{0, {1}, {}}};
  equalize(layers, links);
  EXPECT_EQ(links[0].factors, (llvm::SmallVector<double>{1, 1}));
}

TEST(Equalization, GroupsReadTheirOwnChannels) {
  EqualizedLayer layer{4, 2, 3, {}};
  EXPECT_EQ(layer.getInput(1, 2), 2);
  EXPECT_EQ(layer.getInput(2, 0), 3);
}

#define CONV "strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>"
#define X "tensor<1x4x5x5xf32>"

// '?' stands for a random constant.
static const char *const kNetwork =
    R"(
func.func @main(%x: tensor<1x2x5x5xf32>) -> (tensor<1x3xf32>, tensor<1x4x5x5xf32>) {
  %w1 = octet.constant ? : tensor<4x2x3x3xf32>
  %b1 = octet.constant ? : tensor<4xf32>
  %w2 = octet.constant ? : tensor<4x1x3x3xf32>
  %w3 = octet.constant ? : tensor<4x4x1x1xf32>
  %w4 = octet.constant ? : tensor<4x2x3x3xf32>
  %w5 = octet.constant ? : tensor<4x3xf32>
  %b5 = octet.constant ? : tensor<3xf32>
  %c1 = octet.conv %x, %w1, %b1 {)" CONV
    R"(, pads = array<i64: 1, 1, 1, 1>, group = 1 : i64} : (tensor<1x2x5x5xf32>, tensor<4x2x3x3xf32>, tensor<4xf32>) -> )" X
    R"(
  %r1 = octet.clip %c1 {low = 0.0 : f32, high = 0.7 : f32} : ()" X ") -> " X R"(
  %c2 = octet.conv %r1, %w2, %b1 {)" CONV
    R"(, pads = array<i64: 1, 1, 1, 1>, group = 4 : i64} : ()" X
    ", tensor<4x1x3x3xf32>, tensor<4xf32>) -> " X R"(
  %r2 = octet.clip %c2 {low = -0.3 : f32, high = 0.5 : f32} : ()" X ") -> " X R"(
  %c3 = octet.conv %r2, %w3, %b1 {)" CONV
    R"(, pads = array<i64: 0, 0, 0, 0>, group = 1 : i64} : ()" X
    ", tensor<4x4x1x1xf32>, tensor<4xf32>) -> " X R"(
  %r3 = octet.leaky_relu %c3 {alpha = 0.1 : f32} : ()" X ") -> " X R"(
  %c4 = octet.conv %r3, %w4 {)" CONV R"(, pads = array<i64: 1, 1, 1, 1>, group = 2 : i64} : ()" X
    ", tensor<4x2x3x3xf32>) -> " X R"(
  %p = octet.average_pool %r3 {kernel = array<i64: 5, 5>, pads = array<i64: 0, 0, 0, 0>, )" CONV
    R"(} : ()" X R"() -> tensor<1x4x1x1xf32>
  %f = octet.reshape %p {shape = array<i64: 1, 4>} : (tensor<1x4x1x1xf32>) -> tensor<1x4xf32>
  %g = octet.matmul %f, %w5, %b5 : (tensor<1x4xf32>, tensor<4x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return %g, %c4 : tensor<1x3xf32>, )" X R"(
})";

TEST(Equalization, FunctionsStay) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> exponents(0, 2);
    std::uniform_real_distribution<float> values(-1, 1);
    MLIRContext context;
    context.loadDialect<OctetDialect, func::FuncDialect>();
    std::string text;
    for (llvm::StringRef rest = kNetwork; !rest.empty();) {
      auto [line, tail] = rest.split('\n');
      auto [before, type] = line.split("? : ");
      text += before;
      if (!type.empty()) {
        // Magnitudes differ by orders of magnitude from one element to the next.
        auto shape = cast<RankedTensorType>(parseType(type, &context));
        llvm::raw_string_ostream os(text);
        os << "dense<\"0x";
        for (int64_t i = 0; i < shape.getNumElements(); ++i) {
          float value = values(random) * std::exp2(exponents(random));
          const auto *bytes = reinterpret_cast<const uint8_t *>(&value);
          for (size_t k = 0; k < sizeof(float); ++k)
            os << llvm::format("%02X", bytes[k]);
        }
        os << "\"> : " << type << " : " << type;
      }
      text += "\n";
      rest = tail;
    }
    auto module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    auto function = module->lookupSymbol<func::FuncOp>("main");
    reference::Tensor x(cast<RankedTensorType>(function.getArgumentTypes()[0]));
    for (float &value : x.as<float>())
      value = values(random);
    auto before = reference::evaluate(function, {x});
    PassManager manager(&context);
    manager.addNestedPass<func::FuncOp>(createEqualizeLayers());
    ASSERT_TRUE(succeeded(manager.run(*module)));
    auto after = reference::evaluate(function, {x});
    ASSERT_TRUE(succeeded(before) && succeeded(after));
    // Both clips have got their bounds: the chain was followed.
    EXPECT_EQ(llvm::range_size(function.getOps<MinOp>()), 2u);
    EXPECT_EQ(llvm::range_size(function.getOps<MaxOp>()), 1u);
    EXPECT_TRUE(function.getOps<ClipOp>().empty());
    for (auto [want, got] : llvm::zip_equal(*before, *after))
      EXPECT_GT(reference::getSqnr(want.as<float>().data(), got.as<float>().data(), want.size()),
                100.0);
  }
}
