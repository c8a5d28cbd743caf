// Scores and percentiles, in the corners.

#include "tools/run/Scores.h"
#include "tools/run/Bench.h"
#include "tools/run/Elements.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace octet::run;
using octet::npz::DType;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
const double nan = std::nan("");

TEST(Scores, Largest) {
  EXPECT_EQ(findLargest({3.0, 5.0, 5.0}), 1);
  EXPECT_EQ(findLargest({nan, -1.0, nan}), 1);
  EXPECT_EQ(findLargest({nan, nan}), 0);
  EXPECT_EQ(findLargest({-inf, inf}), 1);
}

TEST(Scores, Comparison) {
  Comparison equal;
  equal.add({1.0, inf, nan}, {1.0, inf, nan}, 1);
  EXPECT_EQ(equal.getMaxAbs(), 0);
  EXPECT_EQ(equal.getSqnr(), inf);
  EXPECT_EQ(equal.getArgmaxAgreement(), 1);

  Comparison off;
  off.add({3.0, 4.0}, {3.0, 4.5}, 1);
  EXPECT_EQ(off.getMaxAbs(), 0.5);
  EXPECT_DOUBLE_EQ(off.getSqnr(), 20.0);
  off.add({0.0, 0.0}, {0.0, 0.5}, 2);
  EXPECT_NEAR(off.getSqnr(), 10 * std::log10(25 / 0.5), 1e-12);
  EXPECT_EQ(off.getArgmaxAgreement(), 1) << "two rows of one element each always agree";

  Comparison broken;
  broken.add({1.0, 2.0}, {inf, 2.0}, 1);
  EXPECT_EQ(broken.getMaxAbs(), inf);
  EXPECT_EQ(broken.getSqnr(), -inf);
  EXPECT_EQ(broken.getArgmaxAgreement(), 0);
  Comparison silent;
  silent.add({0.0}, {1.0}, 1);
  EXPECT_EQ(silent.getSqnr(), -inf);
}

TEST(Scores, Accuracy) {
  Accuracy accuracy;
  accuracy.add({1.0, 1.0, 0.0}, 0);
  accuracy.add({1.0, 1.0, 0.0}, 1);
  accuracy.add({nan, 1.0, 0.0}, 0);
  accuracy.add({6, 5, 4, 3, 2, 1}, 5);
  EXPECT_EQ(accuracy.getTop1(), 0.25);
  EXPECT_EQ(accuracy.getTop5(), 0.5);
}

TEST(Bench, Percentiles) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i)
    values.push_back(i);
  EXPECT_EQ(getPercentile(values, 50), 50);
  EXPECT_EQ(getPercentile(values, 90), 90);
  EXPECT_EQ(getPercentile(values, 99), 99);
  EXPECT_EQ(getPercentile({7.0}, 99), 7);
  EXPECT_EQ(getPercentile({1.0, 2.0, 3.0}, 50), 2);
}

TEST(Elements, Convert) {
  double result[2];
  const uint16_t halves[] = {0x3e00, 0xfc00}; // 1.5, -inf
  toDoubles(DType::F16, halves, 2, result);
  EXPECT_EQ(result[0], 1.5);
  EXPECT_EQ(result[1], -inf);
  const int8_t bytes[] = {-128, 127};
  toDoubles(DType::I8, bytes, 2, result);
  EXPECT_EQ(result[0], -128);
  toDoubles(DType::U8, bytes, 2, result);
  EXPECT_EQ(result[0], 128);
  const int64_t longs[] = {-3, int64_t(1) << 40};
  toDoubles(DType::I64, longs, 2, result);
  EXPECT_EQ(result[1], 0x1p40);
}

TEST(Elements, Names) {
  EXPECT_EQ(getTypeName(OCTET_F32), "float32");
  EXPECT_EQ(getTypeName(OCTET_BF16), "bfloat16");
  EXPECT_EQ(toNpz(OCTET_BF16), std::nullopt);
  EXPECT_EQ(getTypeName(99), "unknown");
}

} // namespace
