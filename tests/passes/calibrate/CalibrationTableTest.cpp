#include "passes/calibrate/CalibrationTable.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace octet;

static std::string messageOf(llvm::StringRef text) {
  llvm::Expected<CalibrationTable> table = CalibrationTable::fromJson(text);
  return table ? "no error" : llvm::toString(table.takeError());
}

static std::string wrap(llvm::StringRef entry) {
  return ("{\"version\": 1, \"tensors\": {\"t\": " + entry + "}}").str();
}

TEST(CalibrationTable, JsonRoundTripsBitForBit) {
  CalibrationTable table;
  table.observe("conv/Relu:0 \"x\" \u00e9", {0.1f, 1e-30f, -3e37f, 0.0f});
  table.observe("zeros", {0.0f, 0.0f});
  std::string text = table.toJson();
  CalibrationTable again = llvm::cantFail(CalibrationTable::fromJson(text));
  EXPECT_EQ(again.toJson(), text);
  EXPECT_EQ(again.lookup("conv/Relu:0 \"x\" \u00e9")->histogram.getMin(), -3e37f);
  EXPECT_EQ(again.lookup("absent"), nullptr);
}

TEST(CalibrationTable, ShardsMergeToTheWhole) {
  CalibrationTable whole, a, b;
  whole.observe("t", {1.0f});
  whole.observe("t", {100.0f, -3.0f});
  whole.observe("u", {5.0f});
  a.observe("t", {100.0f, -3.0f});
  b.observe("t", {1.0f});
  b.observe("u", {5.0f});
  a.merge(b);
  EXPECT_EQ(a.toJson(), whole.toJson());
}

TEST(CalibrationTable, SumsOfExtremesAreExact) {
  // In floating point, 1e9 + 1e-9 + ... - 1e9 would depend on the order.
  CalibrationTable forward, backward;
  std::vector<float> extremes = {1e9f, 1e-9f, 3e-7f, -1e9f, 0.1f};
  for (float x : extremes)
    forward.observe("t", {x, x + 1});
  std::reverse(extremes.begin(), extremes.end());
  for (float x : extremes)
    backward.observe("t", {x + 1, x});
  EXPECT_EQ(forward.toJson(), backward.toJson());
  EXPECT_EQ(forward.lookup("t")->samples, 5u);
  EXPECT_NEAR(forward.lookup("t")->minima.get(), double(0.1f) + 1e-9f + 3e-7f, 1e-15);
}

TEST(CalibrationTable, SumsBeyondTheirRangeAreUnknown) {
  CalibrationTable table;
  table.observe("t", {3e37f});
  table.observe("t", {1.0f});
  EXPECT_FALSE(table.lookup("t")->maxima.isKnown());
  CalibrationTable again = llvm::cantFail(CalibrationTable::fromJson(table.toJson()));
  EXPECT_FALSE(again.lookup("t")->maxima.isKnown());
}

TEST(CalibrationTable, ARangeAloneIsEnough) {
  CalibrationTable table =
      llvm::cantFail(CalibrationTable::fromJson(wrap("{\"min\": -1, \"max\": 6}")));
  EXPECT_EQ(table.lookup("t")->histogram.getMin(), -1.0f);
  EXPECT_EQ(table.lookup("t")->histogram.getMax(), 6.0f);
}

TEST(CalibrationTable, ErrorsAreOneLineAndPrecise) {
  EXPECT_NE(messageOf("{\"version\"").find("malformed JSON: "), std::string::npos);
  EXPECT_EQ(messageOf("{\"version\"").find('\n'), std::string::npos);
  EXPECT_EQ(messageOf("[]"), "expected an object with 'version' and 'tensors'");
  EXPECT_EQ(messageOf("{\"version\": 2}"), "expected version 1");
  EXPECT_EQ(messageOf("{\"version\": 1}"), "expected an object 'tensors'");
  EXPECT_EQ(messageOf(wrap("3")), "tensor 't': expected an object");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0}")), "tensor 't': expected a number 'max'");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": \"1\"}")), "tensor 't': expected a number 'max'");
  EXPECT_EQ(messageOf(wrap("{\"min\": 2, \"max\": 1}")), "tensor 't': expected finite min <= max");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1e300}")),
            "tensor 't': expected finite min <= max");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"maximum\": 1}")),
            "tensor 't': expected a known key, got 'maximum'");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"zeros\": -1}")),
            "tensor 't': expected an integer 'zeros' of at least 0");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"sum_of_minima\": \"1e3\"}")),
            "tensor 't': expected a string 'sum_of_minima' of a decimal integer");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"sum_of_maxima\": 7}")),
            "tensor 't': expected a string 'sum_of_maxima' of a decimal integer");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"bins\": 4}")),
            "tensor 't': expected an array 'bins' of at most 4096 counts");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"bins\": [-4]}")),
            "tensor 't': expected 'bins' of counts");
  EXPECT_EQ(messageOf(wrap("{\"min\": 0, \"max\": 1, \"bin_width_log2\": 10000000000, "
                           "\"bins\": [1]}")),
            "tensor 't': expected a bin width of 2^-140 to 2^117");
}

TEST(CalibrationTable, FilesAreNamedInErrors) {
  llvm::Expected<CalibrationTable> table = CalibrationTable::load("/nonexistent/table.json");
  ASSERT_FALSE(static_cast<bool>(table));
  EXPECT_EQ(llvm::toString(table.takeError()),
            "/nonexistent/table.json: No such file or directory");
}

TEST(CalibrationTable, SavedTablesLoad) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("octet-table", "json", path));
  CalibrationTable table;
  table.observe("t", {1.0f, 2.0f});
  std::error_code code;
  llvm::raw_fd_ostream(path, code) << table.toJson();
  ASSERT_FALSE(code);
  EXPECT_EQ(llvm::cantFail(CalibrationTable::load(path)).toJson(), table.toJson());
  llvm::sys::fs::remove(path);
}
