#include "passes/calibrate/RangeEstimators.h"

#include <gtest/gtest.h>

#include <random>

using namespace octet;

TEST(RangeEstimators, NamesRoundTrip) {
  EXPECT_EQ(parseRangeMethod("min-max"), RangeMethod::MinMax);
  EXPECT_EQ(parseRangeMethod("mse"), RangeMethod::Mse);
  EXPECT_EQ(parseRangeMethod("entropy"), std::nullopt);
}

TEST(RangeEstimators, MinMaxHoldsZero) {
  Histogram histogram;
  histogram.add({2.0f, 5.0f});
  Range range = estimateRange(histogram, RangeMethod::MinMax);
  EXPECT_EQ(range.low, 0.0);
  EXPECT_EQ(range.high, 5.0);
}

// One value far out costs less when clipped than all the others cost at its scale.
TEST(RangeEstimators, MseClipsOutliers) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(100000);
  for (float &value : values)
    value = normal(random);
  values.push_back(50.0f);
  Histogram histogram;
  histogram.add(values);
  EXPECT_EQ(estimateRange(histogram, RangeMethod::MinMax).high, 50.0);
  Range range = estimateRange(histogram, RangeMethod::Mse);
  // The least of (high + 4)^2 / 255^2 * 1e5 / 12 + (50 - high)^2.
  EXPECT_NEAR(range.high, 43.9, 0.5);
  EXPECT_LT(range.low, -2.5);
}

TEST(RangeEstimators, MseKeepsUniformRanges) {
  std::vector<float> values(20000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i + 1) / values.size();
  Histogram histogram;
  histogram.add(values);
  Range range = estimateRange(histogram, RangeMethod::Mse);
  EXPECT_EQ(range.low, 0.0);
  EXPECT_GE(range.high, 0.99);
}

TEST(RangeEstimators, MseIsSymmetric) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  Histogram up, down;
  for (int i = 0; i < 5000; ++i) {
    float value = normal(random) * normal(random) + 0.5f;
    up.add({value});
    down.add({-value});
  }
  Range a = estimateRange(up, RangeMethod::Mse), b = estimateRange(down, RangeMethod::Mse);
  EXPECT_NEAR(a.high, -b.low, 0.03 * a.high);
  EXPECT_NEAR(a.low, -b.high, 0.03 * a.high);
}

TEST(RangeEstimators, FewValuesAreNotClipped) {
  Histogram histogram;
  histogram.add({-1.0f, 100.0f});
  Range range = estimateRange(histogram, RangeMethod::Mse);
  EXPECT_EQ(range.low, -1.0);
  EXPECT_EQ(range.high, 100.0);
}
