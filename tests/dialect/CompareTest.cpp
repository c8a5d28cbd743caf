#include "dialect/reference/Compare.h"

#include "gtest/gtest.h"

using namespace octet::reference;

static const float kInf = std::numeric_limits<float>::infinity();
static const float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Compare, SqnrIsTheRatioOfEnergiesInDecibels) {
  float want[] = {3, 4}, got[] = {3, 4.5f}; // 25 / 0.25 = 100
  EXPECT_DOUBLE_EQ(getSqnr(want, got, 2), 20.0);
}

TEST(Compare, SqnrOfEqualTensorsIsInfinite) {
  float zero[] = {0, 0}, want[] = {1, kInf, kNan};
  EXPECT_EQ(getSqnr(zero, zero, 2), kInf);
  EXPECT_EQ(getSqnr(want, want, 3), kInf);
  EXPECT_EQ(getSqnr(nullptr, nullptr, 0), kInf);
}

TEST(Compare, SqnrOfAMissedReferenceOfZerosIsMinusInfinity) {
  float want[] = {0, 0}, got[] = {0, 1e-3f};
  EXPECT_EQ(getSqnr(want, got, 2), -kInf);
}

TEST(Compare, ANanOrInfinityOnOneSideIsNeverGood) {
  float want[] = {1, 2}, nan[] = {1, kNan}, infinite[] = {kInf, 2};
  EXPECT_EQ(getSqnr(want, nan, 2), -kInf);
  EXPECT_EQ(getSqnr(nan, want, 2), -kInf);
  EXPECT_EQ(getSqnr(want, infinite, 2), -kInf);
  EXPECT_EQ(getMaxAbsError(want, nan, 2), kInf);
  EXPECT_EQ(getMaxAbsError(infinite, want, 2), kInf);
}

TEST(Compare, MaxAbsErrorIsTheWorstElement) {
  float want[] = {1, 2, -3}, got[] = {1.5f, 2, -5};
  EXPECT_EQ(getMaxAbsError(want, got, 3), 2.0);
  EXPECT_EQ(getMaxAbsError(want, want, 3), 0.0);
}

TEST(Compare, ArgmaxTakesTheFirstAndNeverNan) {
  float x[] = {1, 7, 7}, y[] = {kNan, -2, -1};
  EXPECT_EQ(getArgmax(x, 3), 1u);
  EXPECT_EQ(getArgmax(y, 3), 2u);
}

TEST(Compare, ArgmaxAgreementCountsRows) {
  float want[] = {0, 1, /**/ 5, 2, /**/ 0, 9}, got[] = {0, 3, /**/ 1, 2, /**/ 7, 8};
  EXPECT_DOUBLE_EQ(getArgmaxAgreement(want, got, 3, 2), 2.0 / 3.0);
  EXPECT_EQ(getArgmaxAgreement(want, got, 0, 2), 1.0);
}
