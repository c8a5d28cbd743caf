// Rules Q2, Q3, Q11, Q13, Q14, Q15 where they are computed at compile time.

#include "passes/quantize/Parameters.h"
#include "llvm/Support/Error.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace octet;
using namespace mlir;

namespace {

struct ParametersTest : testing::Test {
  ParametersTest() { context.loadDialect<OctetDialect, quant::QuantDialect>(); }

  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, Float32Type::get(&context));
  }
  MLIRContext context;
};

TEST_F(ParametersTest, RangesAreWidenedToZero) {
  auto positive = getActivationType(&context, 2.0, 5.1);
  EXPECT_EQ(positive.getZeroPoint(), 0);
  EXPECT_EQ(positive.getScale(), double(5.1f / 255));
  auto negative = getActivationType(&context, -5.0, -1.0);
  EXPECT_EQ(negative.getZeroPoint(), 255);
  EXPECT_EQ(dequantizeElement(255, negative), 0.0f);
  EXPECT_NEAR(dequantizeElement(0, negative), -5.0, 1e-6);
}

TEST_F(ParametersTest, ZeroIsExact) {
  for (double low : {-1.0, -0.3, -1e-20, -3e38}) {
    auto type = getActivationType(&context, low, 0.7);
    EXPECT_EQ(dequantizeElement(quantizeElement(0.0f, type), type), 0.0f);
  }
}

TEST_F(ParametersTest, DegenerateRanges) {
  auto zeros = getActivationType(&context, 0.0, 0.0);
  EXPECT_EQ(zeros.getScale(), 1.0);
  EXPECT_EQ(zeros.getZeroPoint(), 0);
  EXPECT_EQ(getActivationType(&context, 0.0, 1e-35).getScale(), 1.0);
  auto widest = getActivationType(&context, -3.4e38, 3.4e38);
  EXPECT_TRUE(std::isfinite(dequantizeElement(0, widest)));
  EXPECT_TRUE(std::isfinite(dequantizeElement(255, widest)));
}

TEST_F(ParametersTest, QuantizeRoundsHalfToEvenAndSaturates) {
  auto type = quant::UniformQuantizedType::get(0, IntegerType::get(&context, 8),
                                               Float32Type::get(&context), 0.5, 10, 0, 255);
  EXPECT_EQ(quantizeElement(0.25f, type), 10); // 0.5 -> 0
  EXPECT_EQ(quantizeElement(0.75f, type), 12); // 1.5 -> 2
  EXPECT_EQ(quantizeElement(-0.75f, type), 8); // -1.5 -> -2
  EXPECT_EQ(quantizeElement(1e30f, type), 255);
  EXPECT_EQ(quantizeElement(-INFINITY, type), 0);
  EXPECT_EQ(quantizeElement(NAN, type), 0);
}

TEST_F(ParametersTest, WeightsPerChannel) {
  auto activation = getActivationType(&context, 0.0, 255.0);
  auto result = llvm::cantFail(quantizeWeights(f32({2, 2}), {1.27f, -0.5f, 0.0f, -254.0f},
                                               {10.0f, -3.0f}, 0, activation, false));
  auto type = cast<quant::UniformQuantizedPerAxisType>(result.elementType);
  EXPECT_EQ(type.getQuantizedDimension(), 0);
  EXPECT_EQ(type.getScales()[0], double(float(double(1.27f) / 127)));
  EXPECT_EQ(type.getScales()[1], 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{127, -50, 0, -127}));
  EXPECT_EQ(result.bias, (SmallVector<int32_t>{1000, -2})); // -1.5 -> -2
}

TEST_F(ParametersTest, WeightsAlongTheLastAxis) {
  auto activation = getActivationType(&context, 0.0, 255.0);
  auto result = llvm::cantFail(
      quantizeWeights(f32({2, 2}), {127.0f, 1.0f, 1.0f, 254.0f}, {}, 1, activation, false));
  auto type = cast<quant::UniformQuantizedPerAxisType>(result.elementType);
  EXPECT_EQ(type.getScales()[0], 1.0);
  EXPECT_EQ(type.getScales()[1], 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{127, 0, 1, 127})); // 0.5 -> 0
  EXPECT_TRUE(result.bias.empty());
}

TEST_F(ParametersTest, WeightsPerTensor) {
  auto activation = getActivationType(&context, 0.0, 255.0);
  auto result =
      llvm::cantFail(quantizeWeights(f32({2, 1}), {127.0f, 254.0f}, {}, 0, activation, true));
  EXPECT_EQ(cast<quant::UniformQuantizedType>(result.elementType).getScale(), 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{64, 127}));
}

TEST_F(ParametersTest, BiasOfDeadChannelsStaysAccurate) {
  auto activation = getActivationType(&context, 0.0, 255.0);
  for (float w : {0.0f, 1e-25f}) {
    auto result = llvm::cantFail(quantizeWeights(f32({1, 1}), {w}, {0.7f}, 0, activation, false));
    double scale = cast<quant::UniformQuantizedPerAxisType>(result.elementType).getScales()[0];
    EXPECT_NEAR(result.bias[0] * scale, 0.7, 1e-6);
  }
  auto silent = llvm::cantFail(quantizeWeights(f32({1, 1}), {0.0f}, {}, 0, activation, false));
  EXPECT_EQ(cast<quant::UniformQuantizedPerAxisType>(silent.elementType).getScales()[0], 1.0);
}

// Errors of 0.3, 0.4, 0.4, 0 sum to 1.1: the first of the largest goes up, and the
// rest of 0.1 stays. 127 may not be passed.
TEST_F(ParametersTest, RoundingsAreBalanced) {
  auto activation = getActivationType(&context, 0.0, 255.0);
  auto quantize = [&](ArrayRef<float> weights) {
    return llvm::cantFail(quantizeWeights(f32({1, static_cast<int64_t>(weights.size())}), weights,
                                          {}, 0, activation, false))
        .weights;
  };
  EXPECT_EQ(quantize({1.3f, 2.4f, 3.4f, 127.0f}), (SmallVector<char>{1, 3, 3, 127}));
  EXPECT_EQ(quantize({-1.3f, -2.4f, -3.4f, 127.0f}), (SmallVector<char>{-1, -3, -3, 127}));
  EXPECT_EQ(quantize({1.4f, -2.4f, 127.0f}), (SmallVector<char>{1, -2, 127}));
  // A sum of 0.6 is less than what moving an error of 0.3 would add.
  EXPECT_EQ(quantize({1.3f, 1.3f, 127.0f}), (SmallVector<char>{1, 1, 127}));
  // Both channels apart: the second needs nothing.
  auto two = llvm::cantFail(quantizeWeights(f32({2, 3}), {1.4f, 1.4f, 127.0f, 1.4f, 1.6f, 127.0f},
                                            {}, 0, activation, false));
  EXPECT_EQ(two.weights, (SmallVector<char>{2, 1, 127, 1, 2, 127}));
}

TEST_F(ParametersTest, NonFiniteWeightsAreRefused) {
  auto activation = getActivationType(&context, 0.0, 1.0);
  auto result = quantizeWeights(f32({1, 1}), {NAN}, {}, 0, activation, false);
  ASSERT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(llvm::toString(result.takeError()), "weights or bias hold NaN or infinities");
}

TEST_F(ParametersTest, OverflowIsFound) {
  // 2^31 / (127 * 255) = 66311.2
  auto activation = getActivationType(&context, 0.0, 1.0);
  for (int64_t k : {66311, 66312}) {
    std::vector<float> weights(k, 1.0f);
    auto result = quantizeWeights(f32({1, k}), weights, {}, 0, activation, false);
    EXPECT_EQ(static_cast<bool>(result), k == 66311);
    if (!result)
      EXPECT_EQ(llvm::toString(result.takeError()), "sums of channel 0 may leave s32");
  }
  int8_t w = 1;
  EXPECT_FALSE(findOverflow({1, 1}, w, {2147483647 - 255}, 0, 0));
  EXPECT_EQ(findOverflow({1, 1}, w, {2147483647 - 254}, 0, 0), 0);
  // With a zero point the start value of kernels is bias - z * w.
  EXPECT_EQ(findOverflow({1, 1}, w, {-2147483647 + 200}, 0, 255), 0);
}

} // namespace
