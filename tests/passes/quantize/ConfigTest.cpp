#include "passes/quantize/Config.h"

#include <gtest/gtest.h>

using namespace octet;

static std::string messageOf(llvm::StringRef text) {
  llvm::Expected<Config> config = Config::fromJson(text);
  return config ? "no error" : llvm::toString(config.takeError());
}

TEST(Config, ReadsRules) {
  Config config = llvm::cantFail(Config::fromJson(
      R"({"version": 1, "precision": "f32", "ops": [
          {"names": ["Conv_3", "Conv_4"], "precision": "int8"},
          {"types": ["Gemm"], "precision": "f32"}]})"));
  EXPECT_EQ(config.precision, Precision::F32);
  ASSERT_EQ(config.rules.size(), 2u);
  EXPECT_EQ(config.rules[0].names, (std::vector<std::string>{"Conv_3", "Conv_4"}));
  EXPECT_EQ(config.rules[0].precision, Precision::Int8);
  EXPECT_EQ(config.rules[1].types, std::vector<std::string>{"Gemm"});
}

TEST(Config, Empty) {
  Config config = llvm::cantFail(Config::fromJson(R"({"version": 1})"));
  EXPECT_FALSE(config.precision);
  EXPECT_TRUE(config.rules.empty());
}

TEST(Config, ErrorsAreOneLineAndPrecise) {
  EXPECT_NE(messageOf("{").find("malformed JSON: "), std::string::npos);
  EXPECT_EQ(messageOf("{").find('\n'), std::string::npos);
  EXPECT_EQ(messageOf("3"), "expected an object");
  EXPECT_EQ(messageOf("{}"), "expected version 1");
  EXPECT_EQ(messageOf(R"({"version": 1, "opts": []})"), "unknown key 'opts'; did you mean 'ops'?");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": {}})"), "expected an array 'ops'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [1]})"), "ops[0]: expected an object");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"precision": "f32"}]})"),
            "ops[0]: expected 'names' or 'types'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"names": ["a"]}]})"),
            "ops[0]: expected a string 'precision'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"names": "a", "precision": "f32"}]})"),
            "ops[0]: expected an array 'names'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"types": [2], "precision": "f32"}]})"),
            "ops[0]: expected 'types' of strings");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"names": ["a"], "precision": "f16"}]})"),
            "ops[0]: expected precision 'int8', 'bf16' or 'f32', got 'f16'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"name": ["a"], "precision": "f32"}]})"),
            "ops[0]: unknown key 'name'; did you mean 'names'?");
}

TEST(Config, OpTypesMeetInOneSpelling) {
  EXPECT_EQ(normalizeOpType("MaxPool"), normalizeOpType("max_pool"));
  EXPECT_EQ(normalizeOpType("GlobalAveragePool"), normalizeOpType("average_pool"));
  EXPECT_EQ(normalizeOpType("Gemm"), normalizeOpType("matmul"));
  EXPECT_EQ(normalizeOpType("PRelu"), normalizeOpType("prelu"));
  EXPECT_EQ(normalizeOpType("ReduceMean"), normalizeOpType("reduce"));
  EXPECT_EQ(normalizeOpType("Flatten"), normalizeOpType("reshape"));
  EXPECT_NE(normalizeOpType("Conv"), normalizeOpType("ConvTranspose"));
}

TEST(Config, NearestWord) {
  EXPECT_EQ(findNearest("Cnov_3", {"Relu_1", "Conv_3", "Conv_33"}), "Conv_3");
  EXPECT_EQ(findNearest("softmx", {"sigmoid", "softmax"}), "softmax");
  EXPECT_EQ(findNearest("zebra", {"conv", "matmul"}), "");
}
