#include "passes/calibrate/RangeEstimators.h"

#include <gtest/gtest.h>

#include <random>

using namespace octet;

static std::string messageOf(llvm::StringRef text) {
  auto calibrator = Calibrator::parse(text);
  return calibrator ? "no error" : llvm::toString(calibrator.takeError());
}

static Range estimate(llvm::ArrayRef<float> values, Calibrator calibrator) {
  TensorStatistics statistics;
  statistics.add(values);
  return estimateRange(statistics, calibrator);
}

// Normal values with deviation 1 and one far out.
static std::vector<float> makeOutlier(float outlier, size_t count = 100000) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  values.push_back(outlier);
  return values;
}

TEST(Calibrator, Names) {
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("minmax")).method, Calibrator::MinMax);
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("moving-average")).method, Calibrator::MovingAverage);
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("entropy")).method, Calibrator::Entropy);
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("mse")).method, Calibrator::Mse);
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("percentile")).percentile, 99.99);
  EXPECT_EQ(llvm::cantFail(Calibrator::parse("percentile=99")).percentile, 99);
  EXPECT_EQ(messageOf("median"), "expected calibrator 'minmax', 'moving-average', "
                                 "'percentile[=P]', 'entropy' or 'mse', got 'median'");
  EXPECT_EQ(messageOf("minmax=3").find("expected calibrator"), 0u);
  for (const char *value : {"", "x", "50", "100.5", "nan", "-1"})
    EXPECT_EQ(messageOf(std::string("percentile=") + value),
              std::string("expected a percentile over 50 and at most 100, got '") + value + "'");
}

TEST(RangeEstimators, MinMaxHoldsZero) {
  Range range = estimate({2.0f, 5.0f}, {Calibrator::MinMax});
  EXPECT_EQ(range.low, 0.0);
  EXPECT_EQ(range.high, 5.0);
}

TEST(RangeEstimators, MovingAverageWeighsSamplesAlike) {
  TensorStatistics statistics;
  statistics.add({-1.0f, 1.0f});
  statistics.add({-3.0f, 9.0f, 0.0f, 0.0f});
  Range range = estimateRange(statistics, {Calibrator::MovingAverage});
  EXPECT_EQ(range.low, -2.0);
  EXPECT_EQ(range.high, 5.0);
}

TEST(RangeEstimators, MovingAverageOfPositiveValuesHoldsZero) {
  EXPECT_EQ(estimate({2.0f, 5.0f}, {Calibrator::MovingAverage}).low, 0.0);
}

TEST(RangeEstimators, PercentileCutsItsShareAtEachEnd) {
  std::vector<float> values;
  for (int i = 1; i <= 10000; ++i) {
    values.push_back(i);
    values.push_back(-2 * i);
  }
  Range range = estimate(values, {Calibrator::Percentile, 99});
  // 200 of 20000 values lie beyond each bound; a bin is 16 wide.
  EXPECT_NEAR(range.high, 9800, 16);
  EXPECT_NEAR(range.low, -19600, 32);
  Range all = estimate(values, {Calibrator::Percentile, 100});
  EXPECT_EQ(all.high, 10000);
  EXPECT_EQ(all.low, -20000);
}

// Zeros count as values, so that a sparse tensor's few values are not cut by half.
TEST(RangeEstimators, PercentileCountsZeros) {
  std::vector<float> values(98000, 0.0f);
  for (int i = 1; i <= 2000; ++i)
    values.push_back(i);
  EXPECT_NEAR(estimate(values, {Calibrator::Percentile, 99}).high, 1000, 8);
}

TEST(RangeEstimators, EntropyCutsLoneOutliers) {
  Range range = estimate(makeOutlier(40.0f), {Calibrator::Entropy});
  EXPECT_LT(range.high, 20.0);
  EXPECT_GT(range.high, 2.0);
  EXPECT_LT(range.low, -2.0);
}

TEST(RangeEstimators, EntropyKeepsUniformRanges) {
  std::vector<float> values(20000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i + 1) / values.size();
  Range range = estimate(values, {Calibrator::Entropy});
  EXPECT_EQ(range.low, 0.0);
  EXPECT_GE(range.high, 0.97);
}

// One value far out costs less when clipped than all the others cost at its scale.
TEST(RangeEstimators, MseClipsOutliers) {
  std::vector<float> values = makeOutlier(50.0f);
  EXPECT_EQ(estimate(values, {Calibrator::MinMax}).high, 50.0);
  Range range = estimate(values, {Calibrator::Mse});
  // The least of (high + 4)^2 / 255^2 * 1e5 / 12 + (50 - high)^2.
  EXPECT_NEAR(range.high, 43.9, 0.5);
  EXPECT_LT(range.low, -2.5);
}

TEST(RangeEstimators, MseKeepsUniformRanges) {
  std::vector<float> values(20000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i + 1) / values.size();
  Range range = estimate(values, {Calibrator::Mse});
  EXPECT_EQ(range.low, 0.0);
  EXPECT_GE(range.high, 0.99);
}

TEST(RangeEstimators, SignsAreTreatedAlike) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> up, down;
  for (int i = 0; i < 5000; ++i) {
    up.push_back(normal(random) * normal(random) + 0.5f);
    down.push_back(-up.back());
  }
  for (auto method : {Calibrator::Percentile, Calibrator::Entropy, Calibrator::Mse}) {
    Range a = estimate(up, {method}), b = estimate(down, {method});
    EXPECT_NEAR(a.high, -b.low, 0.06 * a.high) << method;
    EXPECT_NEAR(a.low, -b.high, 0.06 * a.high) << method;
  }
}

TEST(RangeEstimators, FewValuesAreNotClipped) {
  for (auto method : {Calibrator::Percentile, Calibrator::Entropy, Calibrator::Mse}) {
    Range range = estimate({-1.0f, 100.0f}, {method});
    EXPECT_EQ(range.low, -1.0);
    EXPECT_EQ(range.high, 100.0);
  }
}

TEST(RangeEstimators, SymmetricRangesKeepPositiveOnes) {
  Calibrator symmetric{Calibrator::MinMax};
  symmetric.symmetric = true;
  Range range = estimate({-1.0f, 127.0f}, symmetric);
  EXPECT_EQ(range.low, -128.0);
  EXPECT_EQ(range.high, 127.0);
  EXPECT_EQ(estimate({1.0f, 127.0f}, symmetric).low, 0.0);
}

// Every calibrator, on what a tensor may hold at worst.
TEST(RangeEstimators, ExtremesOfF32StayFinite) {
  std::vector<float> values(4000, 3e38f);
  for (int i = 0; i < 2000; ++i)
    values[i] = -1e-38f;
  for (auto method : {Calibrator::MinMax, Calibrator::MovingAverage, Calibrator::Percentile,
                      Calibrator::Entropy, Calibrator::Mse}) {
    Range range = estimate(values, {method});
    EXPECT_GT(range.high, 1e37) << method;
    EXPECT_LE(range.low, 0.0) << method;
    EXPECT_GE(range.low, -1e-37) << method;
  }
}
