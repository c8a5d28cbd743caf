#include "passes/calibrate/Histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

using octet::Histogram;

static bool equal(const Histogram &a, const Histogram &b) {
  Histogram::State x = a.getState(), y = b.getState();
  return x.min == y.min && x.max == y.max && x.zeros == y.zeros && x.nans == y.nans &&
         x.infinities == y.infinities && x.exponent == y.exponent && x.first == y.first &&
         x.bins == y.bins;
}

// Magnitudes that grow by many powers of two, so that bins merge again and again.
static std::vector<float> makeValues(size_t count) {
  std::mt19937 random(7);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    int exponent = static_cast<int>(random() % 60) - 40;
    float value = std::ldexp(static_cast<float>(random() % 1000), exponent);
    values.push_back(random() % 2 ? value : -value);
  }
  return values;
}

TEST(Histogram, CountsAndExtremes) {
  Histogram histogram;
  histogram.add({1.5f, -2.0f, 0.0f, -0.0f, 0.25f});
  EXPECT_EQ(histogram.getCount(), 5u);
  EXPECT_EQ(histogram.getZeros(), 2u);
  EXPECT_EQ(histogram.getMin(), -2.0f);
  EXPECT_EQ(histogram.getMax(), 1.5f);
}

TEST(Histogram, NonFiniteValuesAreCountedApart) {
  Histogram histogram;
  float infinity = std::numeric_limits<float>::infinity();
  histogram.add({NAN, infinity, -infinity, 3.0f});
  EXPECT_EQ(histogram.getNaNs(), 1u);
  EXPECT_EQ(histogram.getInfinities(), 2u);
  EXPECT_EQ(histogram.getCount(), 1u);
  EXPECT_EQ(histogram.getMin(), 3.0f);
}

TEST(Histogram, BinsHoldTheirValues) {
  Histogram histogram;
  histogram.add({1.0f, -1.0f, 0.999f});
  // 1 < 2^1 = kHalf * 2^-10.
  EXPECT_EQ(histogram.getExponent(), -10);
  EXPECT_EQ(histogram.getBin(1024), 1u);
  EXPECT_EQ(histogram.getBin(-1024), 1u);
  EXPECT_EQ(histogram.getBin(1022), 1u);
}

TEST(Histogram, NegativeBinsMergeDownwards) {
  Histogram histogram;
  histogram.add({-1.0f / 1024}); // on a border of bins
  histogram.add({1.0f});
  EXPECT_EQ(histogram.getExponent(), -10);
  EXPECT_EQ(histogram.getBin(-1), 1u);
}

TEST(Histogram, BatchesDoNotMatter) {
  std::vector<float> values = makeValues(10007);
  Histogram whole, pieces, backwards;
  whole.add(values);
  for (size_t i = 0; i < values.size(); i += 13)
    pieces.add(llvm::ArrayRef(values).slice(i, std::min<size_t>(13, values.size() - i)));
  std::reverse(values.begin(), values.end());
  for (float value : values)
    backwards.add(value);
  EXPECT_TRUE(equal(whole, pieces));
  EXPECT_TRUE(equal(whole, backwards));
}

TEST(Histogram, MergeIsExactInAnyOrder) {
  std::vector<float> values = makeValues(5000);
  Histogram whole, a, b, c;
  whole.add(values);
  llvm::ArrayRef<float> all(values);
  a.add(all.take_front(100));
  b.add(all.slice(100, 4000));
  c.add(all.drop_front(4100));
  Histogram ab = a, cb = c;
  ab.merge(b);
  ab.merge(c);
  cb.merge(b);
  cb.merge(a);
  EXPECT_TRUE(equal(whole, ab));
  EXPECT_TRUE(equal(whole, cb));
  Histogram empty;
  empty.merge(whole);
  EXPECT_TRUE(equal(whole, empty));
  whole.merge(Histogram());
  EXPECT_TRUE(equal(whole, empty));
}

TEST(Histogram, ExtremeMagnitudes) {
  Histogram histogram;
  histogram.add({std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::min()});
  EXPECT_EQ(histogram.getExponent(), Histogram::kMinExponent + 4);
  histogram.add({std::numeric_limits<float>::max(), -std::numeric_limits<float>::max()});
  EXPECT_EQ(histogram.getExponent(), Histogram::kMaxExponent);
  EXPECT_EQ(histogram.getBin(0), 1u);
  EXPECT_EQ(histogram.getBin(-1), 1u);
  EXPECT_EQ(histogram.getBin(2047), 1u);
  EXPECT_EQ(histogram.getBin(-2048), 1u);
}

TEST(Histogram, StateRoundTrips) {
  Histogram histogram;
  histogram.add(makeValues(1000));
  histogram.add({0.0f, NAN});
  ASSERT_EQ(Histogram::validate(histogram.getState()), nullptr);
  EXPECT_TRUE(equal(histogram, Histogram::fromState(histogram.getState())));
  EXPECT_EQ(Histogram::fromState(histogram.getState()).getCount(), histogram.getCount());
}

TEST(Histogram, InvalidStatesAreRefused) {
  Histogram histogram;
  histogram.add({1.0f, -3.0f});
  auto broken = [&](auto change) {
    Histogram::State state = histogram.getState();
    change(state);
    return Histogram::validate(state) != nullptr;
  };
  EXPECT_FALSE(broken([](Histogram::State &) {}));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.min = 2; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.max = NAN; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.max = 5; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.exponent = 118; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.first = 2047; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.bins = {~0ull, 5}; }));
  EXPECT_TRUE(broken([](Histogram::State &s) { s.bins.clear(); }));
}
