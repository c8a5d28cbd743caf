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
            "ops[0]: expected 'names', 'types', 'patterns' or 'subgraphs'");
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

TEST(Config, ReadsPatternsAndSubgraphs) {
  Config config = llvm::cantFail(Config::fromJson(
      R"({"version": 1, "ops": [{"patterns": ["head/.*"], "subgraphs": ["a..b"],
          "precision": "bf16"}]})"));
  ASSERT_EQ(config.rules.size(), 1u);
  EXPECT_EQ(config.rules[0].patterns, std::vector<std::string>{"head/.*"});
  EXPECT_EQ(config.rules[0].subgraphs[0].from, "a");
  EXPECT_EQ(config.rules[0].subgraphs[0].to, "b");
  for (const char *text : {"a", "..b", "a..", ""})
    EXPECT_EQ(messageOf(std::string(R"({"version": 1, "ops": [{"subgraphs": [")") + text +
                        R"("], "precision": "f32"}]})"),
              std::string("ops[0]: expected 'subgraphs' of 'FROM..TO', got '") + text + "'");
}

static std::string entry(llvm::StringRef text) {
  return (R"({"version": 1, "configure_list": [)" + text + "]}").str();
}

TEST(Config, ReadsConfigureLists) {
  Config config = llvm::cantFail(Config::fromJson(entry(
      R"({"op_types": ["Conv2d", "Linear"], "quant_types": ["weight", "input"],
          "quant_bits": {"weight": 8, "input": 8}},
         {"op_names": ["fc"], "quant_types": ["weight", "output"], "quant_bits": 16},
         {"op_names": ["head"], "exclude": true},
         {"op_names": ["wide"], "quant_types": ["weight", "input", "output"],
          "quant_bits": {"weight": 8, "input": 32, "output": 32}})")));
  ASSERT_EQ(config.rules.size(), 4u);
  EXPECT_EQ(config.rules[0].types, (std::vector<std::string>{"Conv", "matmul"}));
  EXPECT_EQ(config.rules[0].precision, Precision::Int8);
  EXPECT_EQ(config.rules[1].names, std::vector<std::string>{"fc"});
  EXPECT_EQ(config.rules[1].precision, Precision::BF16);
  EXPECT_EQ(config.rules[2].precision, Precision::F32);
  EXPECT_FALSE(config.rules[2].weightsInInt8);
  EXPECT_EQ(config.rules[3].precision, Precision::F32);
  EXPECT_TRUE(config.rules[3].weightsInInt8);
  // The file that says the same says so, too.
  Config again = llvm::cantFail(Config::fromJson(config.toJson()));
  EXPECT_TRUE(again.rules[3].weightsInInt8);
  EXPECT_FALSE(again.rules[0].weightsInInt8);
}

TEST(Config, MistakesInConfigureListsAreNamed) {
  EXPECT_EQ(messageOf(entry(R"({"quant_types": ["weight"], "quant_bits": 8})")),
            "configure_list[0]: expected 'op_names' or 'op_types'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"]})")),
            "configure_list[0]: expected 'quant_types'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["weight"]})")),
            "configure_list[0]: expected 'quant_bits'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["bias"], "quant_bits": 8})")),
            "configure_list[0]: expected 'quant_types' of 'input', 'weight' and 'output', got "
            "'bias'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["weight"], "quant_bits": 4})")),
            "configure_list[0]: expected 'quant_bits' of 8, 16 or 32");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["weight", "input"],
                                "quant_bits": {"weight": 8}})")),
            "configure_list[0]: expected 'quant_bits' for 'input'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["weight"],
                                "quant_bits": {"weight": 8, "input": 8}})")),
            "configure_list[0]: 'quant_bits' for 'input', which is not among 'quant_types'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["weight", "input"],
                                "quant_bits": {"weight": 16, "input": 8}})")),
            "configure_list[0]: expected 'quant_bits' that are the same for all roles, or 8 for "
            "'weight' beside 32");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "quant_types": ["output", "input"],
                                "quant_bits": {"output": 32, "input": 8}})")),
            "configure_list[0]: expected the same 'quant_bits' for 'input' and 'output'");
  EXPECT_EQ(messageOf(R"({"version": 1, "ops": [{"names": ["a"], "precision": "int8",
                                                 "weights": "int8"}]})"),
            "ops[0]: expected 'weights' of 'int8' beside 'precision' of 'f32'");
  EXPECT_EQ(messageOf(entry(R"({"op_names": ["a"], "exclude": 1})")),
            "configure_list[0]: expected 'exclude' of true");
  EXPECT_EQ(messageOf(entry(R"({"op_name": ["a"]})")),
            "configure_list[0]: unknown key 'op_name'; did you mean 'op_names'?");
}
