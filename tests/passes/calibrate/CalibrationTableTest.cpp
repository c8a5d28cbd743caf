#include "passes/calibrate/CalibrationTable.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

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
  llvm::cantFail(table.observe("conv/Relu:0 \"x\" \u00e9", {0.1f, 1e-30f, -3e37f, 0.0f}));
  llvm::cantFail(table.observe("zeros", {0.0f, 0.0f}));
  std::string text = table.toJson();
  CalibrationTable again = llvm::cantFail(CalibrationTable::fromJson(text));
  EXPECT_EQ(again.toJson(), text);
  EXPECT_EQ(again.lookup("conv/Relu:0 \"x\" \u00e9")->getMin(), -3e37f);
  EXPECT_EQ(again.lookup("absent"), nullptr);
}

TEST(CalibrationTable, ShardsMergeToTheWhole) {
  CalibrationTable whole, a, b;
  llvm::cantFail(whole.observe("t", {1.0f, 100.0f}));
  llvm::cantFail(whole.observe("u", {5.0f}));
  llvm::cantFail(a.observe("t", {100.0f}));
  llvm::cantFail(b.observe("t", {1.0f}));
  llvm::cantFail(b.observe("u", {5.0f}));
  a.merge(b);
  EXPECT_EQ(a.toJson(), whole.toJson());
}

TEST(CalibrationTable, NonFiniteValuesNameTheTensor) {
  CalibrationTable table;
  EXPECT_EQ(llvm::toString(table.observe("conv1", {1.0f, NAN})),
            "tensor 'conv1': expected finite values in calibration, got 1 NaN");
  EXPECT_EQ(llvm::toString(table.observe("conv1", {INFINITY, -INFINITY})),
            "tensor 'conv1': expected finite values in calibration, got 2 infinities");
  // What was reported once is not reported again.
  EXPECT_FALSE(static_cast<bool>(table.observe("conv1", {2.0f})));
}

TEST(CalibrationTable, ARangeAloneIsEnough) {
  CalibrationTable table =
      llvm::cantFail(CalibrationTable::fromJson(wrap("{\"min\": -1, \"max\": 6}")));
  EXPECT_EQ(table.lookup("t")->getMin(), -1.0f);
  EXPECT_EQ(table.lookup("t")->getMax(), 6.0f);
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
  llvm::cantFail(table.observe("t", {1.0f, 2.0f}));
  std::error_code code;
  llvm::raw_fd_ostream(path, code) << table.toJson();
  ASSERT_FALSE(code);
  EXPECT_EQ(llvm::cantFail(CalibrationTable::load(path)).toJson(), table.toJson());
  llvm::sys::fs::remove(path);
}
