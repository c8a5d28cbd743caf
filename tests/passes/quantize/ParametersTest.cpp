// Rules Q2, Q3 and Q13 where they are computed at compile time.

#include "passes/quantize/Parameters.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace octet;
using namespace mlir;

namespace {

struct ParametersTest : testing::Test {
  ParametersTest() { context.loadDialect<OctetDialect, quant::QuantDialect>(); }

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

} // namespace
