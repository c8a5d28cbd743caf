#include "tests/dialect/EvaluateTest.h"

#include <cmath>
#include <limits>

using namespace octet::reference;

namespace {

using ElementwiseTest = EvaluateTest;
using Floats = std::vector<float>;
using Longs = std::vector<int64_t>;
const float kNan = std::numeric_limits<float>::quiet_NaN();
const float kInf = std::numeric_limits<float>::infinity();

TEST_F(ElementwiseTest, Unary) {
  struct Case {
    std::string op;
    Floats x, y;
  };
  const std::vector<Case> cases = {
      {"octet.relu %a", {-1, 0, 2}, {0, 0, 2}},
      {"octet.neg %a", {-1, 0.5f, 2}, {1, -0.5f, -2}},
      {"octet.abs %a", {-1, 0.5f, -2}, {1, 0.5f, 2}},
      {"octet.sigmoid %a", {0, 1, -100}, {0.5f, 0.731058579f, 0}},
      {"octet.hard_swish %a", {-3, 0, 3}, {0, 0, 3}},
      {"octet.hard_swish %a", {-4, 1.5f, 5}, {0, 1.125f, 5}},
      {"octet.silu %a", {0, 1, 50}, {0, 0.731058579f, 50}},
      {"octet.tanh %a", {0, 1, -1}, {0, 0.761594156f, -0.761594156f}},
      {"octet.exp %a", {0, 1, -1}, {1, 2.718281828f, 0.367879441f}},
      {"octet.log %a", {1, 2, 0}, {0, 0.693147181f, -kInf}},
      {"octet.sqrt %a", {0, 4, 2}, {0, 2, 1.414213562f}},
      {"octet.erf %a", {0, 1, -0.5f}, {0, 0.842700793f, -0.520499878f}},
      {"octet.reciprocal %a", {1, 4, -0.5f}, {1, 0.25f, -2}},
      {"octet.floor %a", {1.5f, -1.5f, 2}, {1, -2, 2}},
      {"octet.ceil %a", {1.5f, -1.5f, 2}, {2, -1, 2}},
      {"octet.round %a", {0.5f, 1.5f, -2.5f}, {0, 2, -2}},
      {"octet.clip %a {low = -1.0 : f32, high = 6.0 : f32}", {-2, 3, 7}, {-1, 3, 6}},
      {"octet.leaky_relu %a {alpha = 0.5 : f32}", {-2, 0, 7}, {-1, 0, 7}},
      {"octet.hard_sigmoid %a {alpha = 0.25 : f32, beta = 0.5 : f32}", {-9, 1, 9}, {0, 0.75f, 1}},
      {"octet.elu %a {alpha = 2.0 : f32}", {0, 3, -1}, {0, 3, -1.264241118f}},
  };
  for (const Case &c : cases) {
    Tensor y = run(c.op, {make("3xf32", c.x)}, "3xf32");
    for (int i = 0; i < 3; ++i)
      EXPECT_FLOAT_EQ(y.getFloat(i), c.y[i]) << c.op << " of " << c.x[i];
  }
}

TEST_F(ElementwiseTest, Binary) {
  Tensor a = make("4xf32", {-2, 3, 0.5f, 8}), b = make("4xf32", {2, 2, -4, 0.5f});
  auto binary = [&](const std::string &name) {
    return values(run("octet." + name + " %a, %b", {a, b}, "4xf32"));
  };
  EXPECT_EQ(binary("add"), (Floats{0, 5, -3.5f, 8.5f}));
  EXPECT_EQ(binary("sub"), (Floats{-4, 1, 4.5f, 7.5f}));
  EXPECT_EQ(binary("mul"), (Floats{-4, 6, -2, 4}));
  EXPECT_EQ(binary("div"), (Floats{-1, 1.5f, -0.125f, 16}));
  EXPECT_EQ(binary("min"), (Floats{-2, 2, -4, 0.5f}));
  EXPECT_EQ(binary("max"), (Floats{2, 3, 0.5f, 8}));
  EXPECT_EQ(binary("prelu"), (Floats{-4, 3, 0.5f, 8}));
  Floats pow = binary("pow");
  EXPECT_FLOAT_EQ(pow[0], 4);
  EXPECT_FLOAT_EQ(pow[1], 9);
  EXPECT_FLOAT_EQ(pow[2], 16);
  EXPECT_FLOAT_EQ(pow[3], 2.82842712f);
}

TEST_F(ElementwiseTest, BroadcastsBothOperands) {
  EXPECT_EQ(values(run("octet.add %a, %b", {count("2x1xf32"), count("1x3xf32", 10)}, "2x3xf32")),
            (Floats{10, 11, 12, 11, 12, 13}));
  EXPECT_EQ(values(run("octet.sub %a, %b", {count("f32", 1), count("3xf32")}, "3xf32")),
            (Floats{1, 0, -1}));
  EXPECT_EQ(
      values(run("octet.mul %a, %b", {count("1x2x1x2xf32"), count("2x1x1xf32", 2)}, "1x2x1x2xf32")),
      (Floats{0, 2, 6, 9}));
}

TEST_F(ElementwiseTest, EmptyTensors) {
  EXPECT_EQ(run("octet.add %a, %b", {count("0x3xf32"), count("3xf32")}, "0x3xf32").size(), 0);
}

TEST_F(ElementwiseTest, Integers) {
  Tensor a = make<int64_t>("4xi64", {-7, 7, 3, 0}), b = make<int64_t>("4xi64", {2, -2, 0, 5});
  auto binary = [&](const std::string &name) {
    return values<int64_t>(run("octet." + name + " %a, %b", {a, b}, "4xi64"));
  };
  EXPECT_EQ(binary("add"), (Longs{-5, 5, 3, 5}));
  EXPECT_EQ(binary("sub"), (Longs{-9, 9, 3, -5}));
  EXPECT_EQ(binary("mul"), (Longs{-14, -14, 0, 0}));
  EXPECT_EQ(binary("div"), (Longs{-3, -3, 0, 0}));
  EXPECT_EQ(binary("min"), (Longs{-7, -2, 0, 0}));
  EXPECT_EQ(binary("max"), (Longs{2, 7, 3, 5}));
  EXPECT_EQ(binary("prelu"), (Longs{-14, 7, 3, 0}));
  EXPECT_EQ(values<int64_t>(run("octet.relu %a", {a}, "4xi64")), (Longs{0, 7, 3, 0}));
  EXPECT_EQ(values<int64_t>(run("octet.neg %a", {a}, "4xi64")), (Longs{7, -7, -3, 0}));
  EXPECT_EQ(values<int64_t>(run("octet.abs %a", {a}, "4xi64")), (Longs{7, 7, 3, 0}));
  EXPECT_EQ(
      values<int64_t>(run("octet.pow %a, %b", {a, make<int64_t>("4xi64", {3, 2, 0, 1})}, "4xi64")),
      (Longs{-343, 49, 1, 0}));
}

TEST_F(ElementwiseTest, IntegersWrapToTheirWidth) {
  EXPECT_EQ(values<int8_t>(run("octet.add %a, %b",
                               {make<int8_t>("2xi8", {127, -128}), make<int8_t>("2xi8", {1, -1})},
                               "2xi8")),
            (std::vector<int8_t>{-128, 127}));
  EXPECT_EQ(
      values<uint8_t>(run("octet.max %a, %b",
                          {make<uint8_t>("1xui8", {200}), make<uint8_t>("1xui8", {100})}, "1xui8")),
      (std::vector<uint8_t>{200}));
  EXPECT_EQ(values<int64_t>(run("octet.neg %a", {make<int64_t>("1xi64", {INT64_MIN})}, "1xi64")),
            (Longs{INT64_MIN}));
  EXPECT_EQ(values<int64_t>(run("octet.div %a, %b",
                                {make<int64_t>("1xi64", {INT64_MIN}), make<int64_t>("1xi64", {-1})},
                                "1xi64")),
            (Longs{INT64_MIN}));
}

TEST_F(ElementwiseTest, IntegersWithoutAResultFailWithADiagnostic) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    message = diagnostic.str();
    return mlir::success();
  });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    func.func @f(%a: tensor<1xi32>, %b: tensor<1xi32>) -> tensor<1xi32> {
      %y = octet.pow %a, %b : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
      return %y : tensor<1xi32>
    })",
                                                        &context);
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  Tensor two = make<int32_t>("1xi32", {2}), minus = make<int32_t>("1xi32", {-1});
  EXPECT_TRUE(mlir::failed(evaluate(function, {two, minus})));
  EXPECT_NE(message.find("expected operands with an integer result"), std::string::npos);
}

TEST_F(ElementwiseTest, CastFloatToIntegerTruncatesAndSaturates) {
  Tensor x = make("8xf32", {1.9f, -1.9f, 300, -300, kNan, kInf, -kInf, 3e9f});
  EXPECT_EQ(values<int8_t>(run("octet.cast %a", {x}, "8xi8")),
            (std::vector<int8_t>{1, -1, 127, -128, 0, 127, -128, 127}));
  EXPECT_EQ(values<uint8_t>(run("octet.cast %a", {x}, "8xui8")),
            (std::vector<uint8_t>{1, 0, 255, 0, 0, 255, 0, 255}));
  EXPECT_EQ(values<uint32_t>(run("octet.cast %a", {x}, "8xui32")),
            (std::vector<uint32_t>{1, 0, 300, 0, 0, UINT32_MAX, 0, 3000000000u}));
  EXPECT_EQ(values<int64_t>(run("octet.cast %a", {x}, "8xi64")),
            (Longs{1, -1, 300, -300, 0, INT64_MAX, INT64_MIN, 3000000000}));
  EXPECT_EQ(values<uint64_t>(run("octet.cast %a", {x}, "8xui64")),
            (std::vector<uint64_t>{1, 0, 300, 0, 0, UINT64_MAX, 0, 3000000000u}));
}

TEST_F(ElementwiseTest, CastToBoolTestsForNonzero) {
  EXPECT_EQ(values<uint8_t>(run("octet.cast %a", {make("4xf32", {0, -0.0f, 0.25f, kNan})}, "4xi1")),
            (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(values<uint8_t>(run("octet.cast %a", {make<int32_t>("3xi32", {0, 256, -1})}, "3xi1")),
            (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ(values(run("octet.cast %a", {make<uint8_t>("2xi1", {1, 0})}, "2xf32")), (Floats{1, 0}));
}

TEST_F(ElementwiseTest, CastBetweenIntegersWraps) {
  EXPECT_EQ(
      values<int8_t>(run("octet.cast %a", {make<int64_t>("3xi64", {257, -129, 200})}, "3xi8")),
      (std::vector<int8_t>{1, 127, -56}));
  EXPECT_EQ(values<int64_t>(run("octet.cast %a", {make<uint8_t>("1xui8", {200})}, "1xi64")),
            (Longs{200}));
  EXPECT_EQ(values<int64_t>(run("octet.cast %a", {make<int8_t>("1xi8", {-56})}, "1xi64")),
            (Longs{-56}));
}

TEST_F(ElementwiseTest, CastBetweenFloatsRoundsOnce) {
  // 1 + 2^-11 is half way between two f16 numbers, 1 + 2^-8 between two bf16 ones.
  EXPECT_EQ(
      values<uint16_t>(run("octet.cast %a", {make("2xf32", {1.00048828125f, 65536})}, "2xf16")),
      (std::vector<uint16_t>{0x3c00, 0x7c00}));
  EXPECT_EQ(
      values<uint16_t>(run("octet.cast %a", {make("2xf32", {1.00390625f, 1.01171875f})}, "2xbf16")),
      (std::vector<uint16_t>{0x3f80, 0x3f82}));
  // Rule B1: ties to even, infinities beyond the range, NaN quiet, denormals kept.
  EXPECT_EQ(values<uint16_t>(run("octet.cast %a",
                                 {make("5xf32", {-1.01171875f, 3.4e38f, kNan, -0.0f, 0x1p-133f})},
                                 "5xbf16")),
            (std::vector<uint16_t>{0xbf82, 0x7f80, 0x7fc0, 0x8000, 0x0001}));
  EXPECT_EQ(values(run("octet.cast %a", {make<uint16_t>("2xf16", {0x3c01, 0xbc00})}, "2xf32")),
            (Floats{1.0009765625f, -1}));
  EXPECT_EQ(values(run("octet.cast %a", {make<double>("1xf64", {0.1})}, "1xf32")), (Floats{0.1f}));
  // By way of f64 this would be rounded twice, to 2^62.
  EXPECT_EQ(values(run("octet.cast %a", {make<int64_t>("1xi64", {4611686293305294849})}, "1xf32")),
            (Floats{4611686568183201792.0f}));
}

// Numbers that f32 does not hold.
TEST_F(ElementwiseTest, OneOperationInF64) {
  using Doubles = std::vector<double>;
  auto a = make<double>("2xf64", {1e200, 1 + 0x1p-50}), b = make<double>("2xf64", {-3e200, 1});
  EXPECT_EQ(values<double>(run("octet.add %a, %b", {a, b}, "2xf64")),
            (Doubles{-2e200, 2 + 0x1p-50}));
  EXPECT_EQ(values<double>(run("octet.sub %a, %b", {a, b}, "2xf64")), (Doubles{4e200, 0x1p-50}));
  EXPECT_EQ(values<double>(run("octet.max %a, %b", {a, b}, "2xf64")),
            (Doubles{1e200, 1 + 0x1p-50}));
  EXPECT_EQ(values<double>(run("octet.prelu %a, %b", {b, a}, "2xf64")),
            (Doubles{-std::numeric_limits<double>::infinity(), 1}));
  EXPECT_EQ(values<double>(run("octet.neg %a", {a}, "2xf64")), (Doubles{-1e200, -1 - 0x1p-50}));
}

} // namespace
