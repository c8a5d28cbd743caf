#include "passes/calibrate/CalibrationTable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace octet;

static std::string getJson(const ChannelStatistics &statistics) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  json.object([&] { statistics.writeJson(json); });
  return text;
}

TEST(ChannelStatistics, ChannelsAlongAnyAxis) {
  ChannelStatistics first, last;
  first.add({1, 2, -3, 4}, {{1, 2, 2}, 1});
  last.add({1, -3, 2, 4}, {{1, 2, 2}, 2});
  EXPECT_EQ(getJson(first), getJson(last));
  ASSERT_EQ(first.size(), 2);
  EXPECT_EQ(first.getMean(0), 1.5);
  EXPECT_EQ(first.getMean(1), 0.5);
  EXPECT_EQ(first.getMin(1), -3);
  EXPECT_EQ(first.getMax(1), 4);
}

TEST(ChannelStatistics, BatchesAndOrderDoNotMatter) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(-100, 100);
  constexpr int64_t kSamples = 12, kChannels = 3, kPlane = 7, kSize = kChannels * kPlane;
  std::vector<float> data(kSamples * kSize);
  std::generate(data.begin(), data.end(), [&] { return values(random); });
  auto add = [&](ChannelStatistics &statistics, int64_t from, int64_t count) {
    statistics.add(llvm::ArrayRef(data).slice(from * kSize, count * kSize),
                   {{count, kChannels, kPlane}, 1});
  };
  ChannelStatistics whole, backward, shard;
  add(whole, 0, kSamples);
  for (int64_t i = kSamples - 1; i >= 8; --i)
    add(backward, i, 1);
  add(shard, 0, 8);
  backward.merge(shard);
  EXPECT_EQ(getJson(backward), getJson(whole));
  backward.merge(ChannelStatistics());
  EXPECT_EQ(getJson(backward), getJson(whole));
}

TEST(ChannelStatistics, TablesKeepThemBitForBit) {
  CalibrationTable table;
  table.observe("t", {0.1f, -1e-30f});
  table.observeChannels("t", {0.1f, -1e-30f}, {{1, 2}, 1});
  std::string text = table.toJson();
  CalibrationTable again = llvm::cantFail(CalibrationTable::fromJson(text));
  EXPECT_EQ(again.toJson(), text);
  ASSERT_NE(again.lookupChannels("t"), nullptr);
  EXPECT_EQ(again.lookupChannels("t")->getMean(0), double(0.1f));
  EXPECT_EQ(again.lookupChannels("u"), nullptr);
  table.merge(again);
  EXPECT_EQ(table.lookupChannels("t")->getMean(0), double(0.1f));
}

TEST(ChannelStatistics, WhatIsAmbiguousIsUnknownForGood) {
  CalibrationTable table, other;
  table.observeChannels("t", {1, 2}, {{1, 2}, 1});
  other.observeChannels("t", {1, 2, 3}, {{1, 3}, 1});
  table.merge(other);
  EXPECT_EQ(table.lookupChannels("t"), nullptr);
  table.observeChannels("t", {1, 2}, {{1, 2}, 1});
  EXPECT_EQ(table.lookupChannels("t"), nullptr);
  CalibrationTable again = llvm::cantFail(CalibrationTable::fromJson(table.toJson()));
  again.observeChannels("t", {1, 2}, {{1, 2}, 1});
  EXPECT_EQ(again.lookupChannels("t"), nullptr);
  for (float x : {float(NAN), float(INFINITY)}) {
    other.observeChannels("u", {1, x}, {{1, 2}, 1});
    EXPECT_EQ(other.lookupChannels("u"), nullptr);
  }
}

TEST(ChannelStatistics, ScaledTensors) {
  CalibrationTable table;
  table.observe("t", {-4, 1, 2, 3});
  table.observeChannels("t", {-4, 1, 2, 3}, {{2, 2}, 1});
  table.addScaled("t", "t:scaled", {0.25, 2});
  const TensorStatistics *range = table.lookup("t:scaled");
  const ChannelStatistics *scaled = table.lookupChannels("t:scaled");
  ASSERT_TRUE(range && scaled);
  EXPECT_EQ(range->histogram.getMin(), -1);
  EXPECT_EQ(range->histogram.getMax(), 6);
  EXPECT_EQ(scaled->getMin(0), -1);
  EXPECT_EQ(scaled->getMax(1), 6);
  EXPECT_EQ(scaled->getMean(0), -0.25);
  EXPECT_EQ(scaled->getMean(1), 4);
  table.addScaled("t", "other", {1, 1, 1});
  table.addScaled("u", "other", {1, 1});
  EXPECT_EQ(table.lookup("other"), nullptr);
}

TEST(ChannelStatistics, FaultyFiles) {
  auto messageOf = [](llvm::StringRef object) {
    auto table = CalibrationTable::fromJson(
        ("{\"version\": 1, \"tensors\": {}, \"channels\": " + object + "}").str());
    return table ? "no error" : llvm::toString(table.takeError());
  };
  EXPECT_EQ(messageOf("[]"), "expected an object 'channels'");
  EXPECT_EQ(messageOf(R"({"t": 1})"), "channels of 't': expected an object");
  EXPECT_EQ(messageOf(R"({"t": {"count": 1}})"),
            "channels of 't': expected 'count', 'min', 'max' and 'sum' and nothing else");
  EXPECT_EQ(messageOf(R"({"t": {"count": 1, "min": [1], "max": [], "sum": ["1"]}})"),
            "channels of 't': expected as many of 'min', 'max' and 'sum'");
  EXPECT_EQ(messageOf(R"({"t": {"count": 1, "min": [1], "max": [0], "sum": ["1"]}})"),
            "channels of 't': expected numbers in 'min', and none of 'max' below them");
  EXPECT_EQ(messageOf(R"({"t": {"count": 1, "min": [1], "max": [1], "sum": ["x"]}})"),
            "channels of 't': expected strings of decimal integers in 'sum'");
}
