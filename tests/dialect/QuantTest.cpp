#include "tests/dialect/EvaluateTest.h"

#include "dialect/reference/QuantRules.h"

#include <limits>

using namespace octet::reference;

namespace {

using QuantTest = EvaluateTest;
using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;
using SignedBytes = std::vector<int8_t>;
const float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

TEST_F(QuantTest, QuantizeRoundsHalfToEven) {
  Tensor x = make("6xf32", {0.25f, 0.75f, 1.25f, -0.25f, -0.75f, 0.26f});
  EXPECT_EQ(values<uint8_t>(run("octet.quantize %a", {x}, "6x!quant.uniform<u8:f32, 0.5:10>")),
            (Bytes{10, 12, 12, 10, 8, 11}));
}

TEST_F(QuantTest, QuantizeSaturatesAndMapsNanToTheLowestValue) {
  Tensor x = make("6xf32", {1e30f, -1e30f, kInf, -kInf, kNan, 127.5f});
  EXPECT_EQ(values<uint8_t>(run("octet.quantize %a", {x}, "6x!quant.uniform<u8:f32, 0.5:10>")),
            (Bytes{255, 0, 255, 0, 0, 255}));
  EXPECT_EQ(values<int8_t>(run("octet.quantize %a", {x}, "6x!quant.uniform<i8:f32, 1.0>")),
            (SignedBytes{127, -128, 127, -128, -128, 127}));
  EXPECT_EQ(
      values<int8_t>(run("octet.quantize %a", {x}, "6x!quant.uniform<i8<-127:127>:f32, 1.0>")),
      (SignedBytes{127, -127, 127, -127, -127, 127}));
}

TEST_F(QuantTest, QuantizeDivides) {
  // f32(1.55) * 10 is rounded to the tie 15.5; f32(1.55) / f32(0.1) is below it.
  EXPECT_EQ(values<uint8_t>(run("octet.quantize %a", {make("1xf32", {1.55f})},
                                "1x!quant.uniform<u8:f32, 0.10000000149011612:0>")),
            (Bytes{15}));
  // Ties and their neighbours, for scales of all mantissas.
  for (uint32_t bits = 0x3c000000; bits < 0x3c800000; bits += 9973) {
    float scale;
    memcpy(&scale, &bits, sizeof(scale));
    for (int q = 0; q < 255; q += 17) {
      float tie = scale * (static_cast<float>(q) + 0.5f);
      for (float x : {std::nextafter(tie, 0.0f), tie, std::nextafter(tie, 1000.0f)})
        ASSERT_EQ(quantize(x, Scale{scale, 0, 0, 255}), std::nearbyint(x / scale))
            << x << " by " << scale;
    }
  }
}

TEST_F(QuantTest, QuantizePerChannel) {
  EXPECT_EQ(values<int8_t>(run("octet.quantize %a", {make("2x2xf32", {1, 1, -1, -1})},
                               "2x2x!quant.uniform<i8:f32:1, {0.5, 0.25:3}>")),
            (SignedBytes{2, 7, -2, -1}));
  EXPECT_EQ(values<int8_t>(run("octet.quantize %a", {make("2x2xf32", {1, 1, -1, -1})},
                               "2x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>")),
            (SignedBytes{2, 2, -4, -4}));
}

TEST_F(QuantTest, Dequantize) {
  EXPECT_EQ(values(run("octet.dequantize %a",
                       {make<uint8_t>("3x!quant.uniform<u8:f32, 0.5:10>", {0, 10, 255})}, "3xf32")),
            (Floats{-5, 0, 122.5f}));
  EXPECT_EQ(values(run("octet.dequantize %a",
                       {make<int8_t>("2x1x!quant.uniform<i8:f32:0, {0.5, 2.0:-1}>", {-128, 1})},
                       "2x1xf32")),
            (Floats{-64, 4}));
}

TEST_F(QuantTest, QuantizeInvertsDequantize) {
  std::string stored = "256x!quant.uniform<u8:f32, 0.0123:77>";
  Tensor q = count(stored);
  Tensor x = run("octet.dequantize %a", {q}, "256xf32");
  EXPECT_EQ(values<uint8_t>(run("octet.quantize %a", {x}, stored)), values<uint8_t>(q));
}

TEST_F(QuantTest, Requantize) {
  Tensor x = make<uint8_t>("5x!quant.uniform<u8:f32, 0.5:10>", {10, 11, 13, 255, 0});
  // 0, 0.5 -> 0, 1.5 -> 2, 122.5 -> 122, -5.
  EXPECT_EQ(values<uint8_t>(run("octet.requantize %a", {x}, "5x!quant.uniform<u8:f32, 1.0:4>")),
            (Bytes{4, 4, 6, 126, 0}));
  EXPECT_EQ(values<uint8_t>(run("octet.requantize %a", {x}, "5x!quant.uniform<u8:f32, 0.25:128>")),
            (Bytes{128, 130, 134, 255, 108}));
}

TEST_F(QuantTest, SignedToUnsignedByRequantizeLosesNothing) {
  Tensor x = make<int8_t>("3x!quant.uniform<i8:f32, 0.3:-5>", {-128, 0, 127});
  EXPECT_EQ(values<uint8_t>(run("octet.requantize %a", {x}, "3x!quant.uniform<u8:f32, 0.3:123>")),
            (Bytes{0, 128, 255}));
}

TEST_F(QuantTest, LookupIndexesByTheStoredByte) {
  std::string table;
  for (int i = 0; i < 256; ++i) // 255 - i, as a signed byte
    table += (i ? ", " : "") + std::to_string(static_cast<int8_t>(255 - i));
  std::string op = "octet.lookup %a {table = array<i8: " + table + ">}";
  EXPECT_EQ(values<uint8_t>(run(op, {make<uint8_t>("3x!quant.uniform<u8:f32, 0.5>", {0, 200, 255})},
                                "3x!quant.uniform<u8:f32, 0.25>")),
            (Bytes{255, 55, 0}));
  EXPECT_EQ(values<uint8_t>(run(op, {make<int8_t>("2x!quant.uniform<i8:f32, 0.5>", {0, -1})},
                                "2x!quant.uniform<u8:f32, 0.25>")),
            (Bytes{255, 0}));
}

TEST_F(QuantTest, FusedEvaluatesItsBody) {
  Tensor y = runFunction(
      R"(!u8 = !quant.uniform<u8:f32, 0.5:10>
         func.func @f(%a: tensor<3x!u8>, %b: tensor<3xf32>) -> tensor<3x!u8> {
           %y = octet.fused %a, %b : (tensor<3x!u8>, tensor<3xf32>) -> tensor<3x!u8> {
           ^bb0(%q: tensor<3x!u8>, %r: tensor<3xf32>):
             %0 = octet.dequantize %q : (tensor<3x!u8>) -> tensor<3xf32>
             %1 = octet.add %0, %r : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
             %2 = octet.relu %1 : (tensor<3xf32>) -> tensor<3xf32>
             %3 = octet.quantize %2 : (tensor<3xf32>) -> tensor<3x!u8>
             octet.yield %3 : tensor<3x!u8>
           }
           return %y : tensor<3x!u8>
         })",
      {make<uint8_t>("3x!quant.uniform<u8:f32, 0.5:10>", {0, 10, 255}), make("3xf32", {1, 2, 3})});
  EXPECT_EQ(values<uint8_t>(y), (Bytes{10, 14, 255}));
}

TEST_F(QuantTest, RulesRoundEachOperation) {
  float x = 0.1f, w = 0.3f, y = 0.7f;
  EXPECT_EQ(getSumScale(x, w), x * w);
  EXPECT_EQ(getSumScale(x, w, y), x * w / y);
  EXPECT_EQ(getAverageScale(x, y, 49), x / (y * 49));
}

} // namespace
