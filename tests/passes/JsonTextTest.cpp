#include "passes/JsonText.h"

#include "gtest/gtest.h"

using namespace octet;

namespace {

std::string messageOf(llvm::StringRef text) {
  auto value = parseJson(text);
  return value ? "no error" : llvm::toString(value.takeError());
}

TEST(JsonText, Parses) {
  auto value = parseJson(R"({"a": [1, "x]}\"]"]})");
  ASSERT_TRUE(static_cast<bool>(value));
  EXPECT_EQ((*value->getAsObject()->getArray("a"))[1].getAsString(), "x]}\"]");
}

TEST(JsonText, ErrorsAreOneLine) {
  EXPECT_EQ(messageOf("{").find("malformed JSON: "), 0u);
  EXPECT_EQ(messageOf("{\n\n,").find('\n'), std::string::npos);
}

// 2^63 once was converted to an i64.
TEST(JsonText, NumbersBeyondIntegers) {
  auto value = parseJson(
      R"({"a": [9223372036854775807.25, 9.223372036854775808e18, 9223372036854775807, 1e30]})");
  ASSERT_TRUE(bool(value));
  const llvm::json::Array &numbers = *value->getAsObject()->getArray("a");
  EXPECT_EQ(numbers[0].getAsInteger(), std::nullopt);
  EXPECT_EQ(numbers[0].getAsNumber(), 0x1p63);
  EXPECT_EQ(numbers[1].getAsInteger(), std::nullopt);
  EXPECT_EQ(numbers[2].getAsInteger(), INT64_MAX);
  EXPECT_EQ(numbers[3].getAsInteger(), std::nullopt);
  EXPECT_EQ(numbers[3].getAsNumber(), 1e30);
}

// A million brackets once were the end of the stack.
TEST(JsonText, NestingIsBounded) {
  for (llvm::StringRef bracket : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 1000000; ++i)
      text += bracket;
    EXPECT_EQ(messageOf(text).find("expected JSON of at most 64 arrays and objects in each other"),
              0u);
  }
  std::string most = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(messageOf(most), "no error");
  EXPECT_EQ(messageOf("[" + most + "]"),
            "expected JSON of at most 64 arrays and objects in each other, got 65");
  // Side by side, and in strings, they are no nesting.
  std::string wide = "[", quoted = "[\"" + std::string(1000, '[') + "\\\"[\"]";
  for (int i = 0; i < 1000; ++i)
    wide += i ? ",[]" : "[]";
  EXPECT_EQ(messageOf(wide + "]"), "no error");
  EXPECT_EQ(messageOf(quoted), "no error");
}

} // namespace
