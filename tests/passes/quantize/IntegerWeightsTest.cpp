// Rules Q11, Q14, Q15 where they are computed at compile time.

#include "passes/quantize/IntegerWeights.h"
#include "passes/quantize/Parameters.h"
#include "llvm/Support/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace octet;
using namespace mlir;

namespace {

struct IntegerWeightsTest : testing::Test {
  IntegerWeightsTest() { context.loadDialect<OctetDialect, quant::QuantDialect>(); }

  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, Float32Type::get(&context));
  }
  /// For activations of scale 1.
  llvm::Expected<IntegerWeights> quantize(RankedTensorType type, ArrayRef<float> weights,
                                          ArrayRef<float> bias, int64_t axis,
                                          const WeightScheme &scheme = {}) {
    return quantizeWeights({type, weights, bias, axis}, getActivationType(&context, 0.0, 255.0),
                           scheme);
  }
  MLIRContext context;
};

TEST_F(IntegerWeightsTest, WeightsPerChannel) {
  auto result =
      llvm::cantFail(quantize(f32({2, 2}), {1.27f, -0.5f, 0.0f, -254.0f}, {10.0f, -3.0f}, 0));
  auto type = cast<quant::UniformQuantizedPerAxisType>(result.elementType);
  EXPECT_EQ(type.getQuantizedDimension(), 0);
  EXPECT_EQ(type.getScales()[0], double(float(double(1.27f) / 127)));
  EXPECT_EQ(type.getScales()[1], 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{127, -50, 0, -127}));
  EXPECT_EQ(result.bias, (SmallVector<int32_t>{1000, -2})); // -1.5 -> -2
}

TEST_F(IntegerWeightsTest, WeightsAlongTheLastAxis) {
  auto result = llvm::cantFail(quantize(f32({2, 2}), {127.0f, 1.0f, 1.0f, 254.0f}, {}, 1));
  auto type = cast<quant::UniformQuantizedPerAxisType>(result.elementType);
  EXPECT_EQ(type.getScales()[0], 1.0);
  EXPECT_EQ(type.getScales()[1], 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{127, 0, 1, 127})); // 0.5 -> 0
  EXPECT_TRUE(result.bias.empty());
}

TEST_F(IntegerWeightsTest, WeightsPerTensor) {
  auto result =
      llvm::cantFail(quantize(f32({2, 1}), {127.0f, 254.0f}, {}, 0, {/*perTensor=*/true}));
  EXPECT_EQ(cast<quant::UniformQuantizedType>(result.elementType).getScale(), 2.0);
  EXPECT_EQ(result.weights, (SmallVector<char>{64, 127}));
}

TEST_F(IntegerWeightsTest, BiasOfDeadChannelsStaysAccurate) {
  for (float w : {0.0f, 1e-25f}) {
    auto result = llvm::cantFail(quantize(f32({1, 1}), {w}, {0.7f}, 0));
    double scale = cast<quant::UniformQuantizedPerAxisType>(result.elementType).getScales()[0];
    EXPECT_NEAR(result.bias[0] * scale, 0.7, 1e-6);
  }
  auto silent = llvm::cantFail(quantize(f32({1, 1}), {0.0f}, {}, 0));
  EXPECT_EQ(cast<quant::UniformQuantizedPerAxisType>(silent.elementType).getScales()[0], 1.0);
}

// Errors of 0.3, 0.4, 0.4, 0 sum to 1.1: the first of the largest goes up, and the
// rest of 0.1 stays. 127 may not be passed.
TEST_F(IntegerWeightsTest, RoundingsAreBalanced) {
  auto balance = [&](ArrayRef<float> weights) {
    return llvm::cantFail(quantize(f32({1, static_cast<int64_t>(weights.size())}), weights, {}, 0))
        .weights;
  };
  EXPECT_EQ(balance({1.3f, 2.4f, 3.4f, 127.0f}), (SmallVector<char>{1, 3, 3, 127}));
  EXPECT_EQ(balance({-1.3f, -2.4f, -3.4f, 127.0f}), (SmallVector<char>{-1, -3, -3, 127}));
  EXPECT_EQ(balance({1.4f, -2.4f, 127.0f}), (SmallVector<char>{1, -2, 127}));
  // A sum of 0.6 is less than what moving an error of 0.3 would add.
  EXPECT_EQ(balance({1.3f, 1.3f, 127.0f}), (SmallVector<char>{1, 1, 127}));
  // Both channels apart: the second needs nothing.
  auto two = llvm::cantFail(quantize(f32({2, 3}), {1.4f, 1.4f, 127.0f, 1.4f, 1.6f, 127.0f}, {}, 0));
  EXPECT_EQ(two.weights, (SmallVector<char>{2, 1, 127, 1, 2, 127}));
}

// More products than s32 could sum are none of its business.
TEST_F(IntegerWeightsTest, WeightsBesideF32) {
  std::vector<float> weights(140000, 1.0f);
  weights[1] = -4.0f; // of channel 1
  auto result = compressWeights({f32({70000, 2}), weights, /*bias=*/{}, 1}, {});
  ASSERT_TRUE(bool(result));
  auto type = cast<quant::UniformQuantizedPerAxisType>(result->elementType);
  EXPECT_EQ(type.getScales()[0], double(float(1.0 / 127)));
  EXPECT_EQ(type.getScales()[1], double(float(4.0 / 127)));
  EXPECT_EQ(result->weights[0], 127);
  EXPECT_EQ(result->weights[1], -127);
  EXPECT_TRUE(result->bias.empty());
}

TEST_F(IntegerWeightsTest, NonFiniteWeightsAreRefused) {
  auto result = quantize(f32({1, 1}), {NAN}, {}, 0);
  ASSERT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(llvm::toString(result.takeError()), "weights or bias hold NaN or infinities");
}

TEST_F(IntegerWeightsTest, OverflowIsFound) {
  // 2^31 / (127 * 255) = 66311.2
  for (int64_t k : {66311, 66312}) {
    std::vector<float> weights(k, 1.0f);
    auto result = quantize(f32({1, k}), weights, {}, 0);
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

// Of -1, -0.9, ..., 1 and one outlier the range that serves all best leaves it out.
TEST_F(IntegerWeightsTest, RangesOfLeastError) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> weights(4096);
  for (float &w : weights)
    w = normal(random);
  weights[0] = 8;
  auto type = f32({1, 4096});
  auto getError = [&](const IntegerWeights &integers, double scale) {
    double error = 0;
    for (auto [w, q] : llvm::zip_equal(weights, integers.weights))
      error += (w - q * scale) * (w - q * scale);
    return error;
  };
  auto getScale = [](const IntegerWeights &integers) {
    return cast<quant::UniformQuantizedPerAxisType>(integers.elementType).getScales()[0];
  };
  auto nearest = WeightRounding::Nearest;
  auto max = llvm::cantFail(quantize(type, weights, {}, 0, {false, WeightRanges::Max, nearest}));
  auto mse = llvm::cantFail(quantize(type, weights, {}, 0, {false, WeightRanges::Mse, nearest}));
  EXPECT_EQ(getScale(max), double(float(8.0 / 127)));
  EXPECT_LT(getScale(mse), getScale(max));
  EXPECT_LT(getError(mse, getScale(mse)), getError(max, getScale(max)));
  EXPECT_EQ(mse.weights[0], 127);
}

// Weights that are integers of the largest one's scale have no error to trade.
TEST_F(IntegerWeightsTest, ExactRangesStay) {
  for (bool perTensor : {false, true}) {
    WeightScheme scheme{perTensor, WeightRanges::Mse, WeightRounding::Nearest};
    auto result = llvm::cantFail(quantize(f32({1, 3}), {127.0f, 3.0f, -64.0f}, {}, 0, scheme));
    EXPECT_EQ(result.weights, (SmallVector<char>{127, 3, -64}));
  }
}

TEST_F(IntegerWeightsTest, NearestLeavesSumsOfErrors) {
  WeightScheme scheme{false, WeightRanges::Max, WeightRounding::Nearest};
  auto result = llvm::cantFail(quantize(f32({1, 3}), {1.4f, -2.4f, 127.0f}, {}, 0, scheme));
  EXPECT_EQ(result.weights, (SmallVector<char>{1, -2, 127}));
  result = llvm::cantFail(quantize(f32({1, 4}), {1.3f, 2.4f, 3.4f, 127.0f}, {}, 0, scheme));
  EXPECT_EQ(result.weights, (SmallVector<char>{1, 2, 3, 127}));
}

} // namespace
