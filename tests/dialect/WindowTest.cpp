#include "tests/dialect/EvaluateTest.h"

#include "dialect/reference/ResizeMap.h"

#include <cmath>

using namespace octet::reference;

namespace {

using WindowTest = EvaluateTest;
using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

std::string pool(const std::string &name, const std::string &kernel, const std::string &strides,
                 const std::string &pads, const std::string &dilations = "1, 1",
                 const std::string &flags = "") {
  return "octet." + name + " %a {kernel = array<i64: " + kernel +
         ">, strides = array<i64: " + strides + ">, pads = array<i64: " + pads +
         ">, dilations = array<i64: " + dilations + ">" + flags + "}";
}

TEST_F(WindowTest, MaxPool) {
  Tensor x = count("1x1x3x3xf32", -9); // all negative: pads must not win
  EXPECT_EQ(values(run(pool("max_pool", "2, 2", "1, 1", "0, 0, 0, 0"), {x}, "1x1x2x2xf32")),
            (Floats{-5, -4, -2, -1}));
  EXPECT_EQ(values(run(pool("max_pool", "3, 2", "2, 2", "1, 0, 0, 1"), {x}, "1x1x1x2xf32")),
            (Floats{-5, -4}));
  EXPECT_EQ(values(run(pool("max_pool", "2, 2", "1, 1", "0, 0, 0, 0", "2, 2"), {x}, "1x1x1x1xf32")),
            (Floats{-1}));
}

TEST_F(WindowTest, MaxPoolCeilMode) {
  Tensor x = count("1x1x1x5xf32");
  EXPECT_EQ(values(run(pool("max_pool", "1, 2", "1, 2", "0, 0, 0, 0"), {x}, "1x1x1x2xf32")),
            (Floats{1, 3}));
  EXPECT_EQ(values(run(pool("max_pool", "1, 2", "1, 2", "0, 0, 0, 0", "1, 1", ", ceil_mode"), {x},
                       "1x1x1x3xf32")),
            (Floats{1, 3, 4}));
}

TEST_F(WindowTest, MaxPoolOfEachPlane) {
  EXPECT_EQ(values(run(pool("max_pool", "1, 2", "1, 2", "0, 0, 0, 0"), {count("2x2x1x2xf32")},
                       "2x2x1x1xf32")),
            (Floats{1, 3, 5, 7}));
}

TEST_F(WindowTest, MaxPoolOfStoredIntegers) {
  std::string u8 = "!quant.uniform<u8:f32, 0.5:200>", i8 = "!quant.uniform<i8:f32, 0.5>";
  // Pads do not win, although the zero point is above all elements.
  EXPECT_EQ(values<uint8_t>(run(pool("max_pool", "1, 2", "1, 2", "0, 1, 0, 0"),
                                {make<uint8_t>("1x1x1x3x" + u8, {7, 130, 3})}, "1x1x1x2x" + u8)),
            (Bytes{7, 130}));
  EXPECT_EQ(values<int8_t>(run(pool("max_pool", "1, 3", "1, 1", "0, 0, 0, 0"),
                               {make<int8_t>("1x1x1x3x" + i8, {-128, -3, -127})}, "1x1x1x1x" + i8)),
            (std::vector<int8_t>{-3}));
}

TEST_F(WindowTest, PoolsOfBF16) {
  // 256, 1, -2 and 3; 258 / 4 has no bf16.
  Tensor x = make<uint16_t>("1x1x2x2xbf16", {0x4380, 0x3f80, 0xc000, 0x4040});
  EXPECT_EQ(
      values<uint16_t>(run(pool("max_pool", "1, 2", "1, 1", "0, 0, 0, 0"), {x}, "1x1x2x1xbf16")),
      (std::vector<uint16_t>{0x4380, 0x4040}));
  EXPECT_EQ(values(run(pool("average_pool", "2, 2", "1, 1", "0, 0, 0, 0"), {x}, "1x1x1x1xf32")),
            (Floats{64.5f}));
}

TEST_F(WindowTest, AveragePoolCountsWhatIsInside) {
  Tensor x = count("1x1x2x2xf32", 1); // 1 2 / 3 4
  EXPECT_EQ(values(run(pool("average_pool", "2, 2", "1, 1", "1, 1, 0, 0"), {x}, "1x1x2x2xf32")),
            (Floats{1, 1.5f, 2, 2.5f}));
  EXPECT_EQ(
      values(run(pool("average_pool", "2, 2", "1, 1", "1, 1, 0, 0", "1, 1", ", count_include_pad"),
                 {x}, "1x1x2x2xf32")),
      (Floats{0.25f, 0.75f, 1, 2.5f}));
}

TEST_F(WindowTest, AveragePoolCeilModeNeverCountsBeyondThePad) {
  Tensor x = make("1x1x1x3xf32", {3, 6, 9});
  // The last window holds 9, and with a pad after it one zero; never two.
  EXPECT_EQ(values(run(pool("average_pool", "1, 2", "1, 2", "0, 0, 0, 0", "1, 1",
                            ", ceil_mode, count_include_pad"),
                       {x}, "1x1x1x2xf32")),
            (Floats{4.5f, 9}));
  EXPECT_EQ(values(run(pool("average_pool", "1, 3", "1, 2", "0, 0, 0, 1", "1, 1",
                            ", ceil_mode, count_include_pad"),
                       {make("1x1x1x4xf32", {3, 6, 9, 12})}, "1x1x1x2xf32")),
            (Floats{6, 7}));
}

TEST_F(WindowTest, AveragePoolDilated) {
  EXPECT_EQ(values(run(pool("average_pool", "1, 2", "1, 1", "0, 0, 0, 0", "1, 2"),
                       {make("1x1x1x4xf32", {1, 2, 5, 8})}, "1x1x1x2xf32")),
            (Floats{3, 5}));
}

TEST_F(WindowTest, AveragePoolOfStoredIntegers) {
  Tensor x = make<uint8_t>("1x1x1x4x!quant.uniform<u8:f32, 0.5:10>", {11, 12, 10, 255});
  // Rule Q9: sums 3 and 245 times 0.5 / (0.25 * 2) = 1.
  EXPECT_EQ(values<uint8_t>(run(pool("average_pool", "1, 2", "1, 2", "0, 0, 0, 0"), {x},
                                "1x1x1x2x!quant.uniform<u8:f32, 0.25:20>")),
            (Bytes{23, 255}));
  // Multiplier 0.5: 1.5 -> 2, 122.5 -> 122.
  EXPECT_EQ(values<uint8_t>(run(pool("average_pool", "1, 2", "1, 2", "0, 0, 0, 0"), {x},
                                "1x1x1x2x!quant.uniform<u8:f32, 0.5:0>")),
            (Bytes{2, 122}));
  // The pad counts as a real zero.
  EXPECT_EQ(values<uint8_t>(run(
                pool("average_pool", "1, 2", "1, 4", "0, 1, 0, 0", "1, 1", ", count_include_pad"),
                {x}, "1x1x1x1x!quant.uniform<u8:f32, 0.125:20>")),
            (Bytes{22}));
}

struct ResizeCase {
  std::string coordinates, rounding;
  Floats expected;
};

std::string resize(const std::string &mode, const std::string &coordinates,
                   const std::string &rounding, const std::string &sizes,
                   const std::string &scales) {
  return "octet.resize %a {mode = #octet<resize_mode " + mode +
         ">, coordinates = #octet<resize_coordinates " + coordinates +
         ">, rounding = #octet<resize_rounding " + rounding + ">, sizes = array<i64: " + sizes +
         ">, scales = array<f32: " + scales + ">}";
}

TEST_F(WindowTest, ResizeNearestInEveryCoordinateMode) {
  // 4 columns to 8: positions are i / 2 (asymmetric), i / 2 - 0.25 (half pixel),
  // 3 i / 7 (align corners).
  Tensor x = count("1x1x1x4xf32");
  const ResizeCase cases[] = {
      {"asymmetric", "floor", {0, 0, 1, 1, 2, 2, 3, 3}},
      {"asymmetric", "ceil", {0, 1, 1, 2, 2, 3, 3, 3}},
      {"asymmetric", "round_prefer_floor", {0, 0, 1, 1, 2, 2, 3, 3}},
      {"asymmetric", "round_prefer_ceil", {0, 1, 1, 2, 2, 3, 3, 3}},
      {"half_pixel", "floor", {0, 0, 0, 1, 1, 2, 2, 3}},
      {"half_pixel", "ceil", {0, 1, 1, 2, 2, 3, 3, 3}},
      {"half_pixel", "round_prefer_floor", {0, 0, 1, 1, 2, 2, 3, 3}},
      {"pytorch_half_pixel", "round_prefer_ceil", {0, 0, 1, 1, 2, 2, 3, 3}},
      {"align_corners", "floor", {0, 0, 0, 1, 1, 2, 2, 3}},
      {"align_corners", "ceil", {0, 1, 1, 2, 2, 3, 3, 3}},
      {"align_corners", "round_prefer_floor", {0, 0, 1, 1, 2, 2, 3, 3}},
  };
  for (const ResizeCase &c : cases)
    EXPECT_EQ(values(run(resize("nearest", c.coordinates, c.rounding, "1, 8", "1.0, 2.0"), {x},
                         "1x1x1x8xf32")),
              c.expected)
        << c.coordinates << " " << c.rounding;
}

TEST_F(WindowTest, ResizeLinearInEveryCoordinateMode) {
  Tensor x = make("1x1x1x2xf32", {0, 8});
  const ResizeCase cases[] = {
      {"asymmetric", "floor", {0, 4, 8, 8}},
      {"half_pixel", "floor", {0, 2, 6, 8}},
      {"pytorch_half_pixel", "floor", {0, 2, 6, 8}},
  };
  for (const ResizeCase &c : cases)
    EXPECT_EQ(values(run(resize("linear", c.coordinates, c.rounding, "1, 4", "1.0, 2.0"), {x},
                         "1x1x1x4xf32")),
              c.expected)
        << c.coordinates;
  EXPECT_EQ(values(run(resize("linear", "align_corners", "floor", "1, 5", "1.0, 2.5"), {x},
                       "1x1x1x5xf32")),
            (Floats{0, 2, 4, 6, 8}));
}

TEST_F(WindowTest, ResizeToOneElement) {
  Tensor x = count("1x1x1x4xf32");
  auto to1 = [&](const std::string &coordinates) {
    return run(resize("linear", coordinates, "floor", "1, 1", "1.0, 0.25"), {x}, "1x1x1x1xf32")
        .getFloat(0);
  };
  EXPECT_EQ(to1("half_pixel"), 1.5f);
  EXPECT_EQ(to1("pytorch_half_pixel"), 0.0f);
  EXPECT_EQ(to1("align_corners"), 0.0f);
  EXPECT_EQ(to1("asymmetric"), 0.0f);
}

TEST_F(WindowTest, ResizeLinearOfAPlane) {
  Tensor x = make("1x1x2x2xf32", {0, 4, 8, 12});
  EXPECT_EQ(values(run(resize("linear", "align_corners", "floor", "3, 3", "1.5, 1.5"), {x},
                       "1x1x3x3xf32")),
            (Floats{0, 2, 4, 4, 6, 8, 8, 10, 12}));
}

TEST_F(WindowTest, ResizeDownNearest) {
  EXPECT_EQ(values(run(resize("nearest", "asymmetric", "floor", "1, 2", "0.5, 0.4"),
                       {count("2x1x2x5xf32")}, "2x1x1x2xf32")),
            (Floats{0, 2, 10, 12}));
}

TEST_F(WindowTest, ResizeOfStoredIntegers) {
  std::string u8 = "!quant.uniform<u8:f32, 0.5:100>";
  Tensor x = make<uint8_t>("1x1x1x2x" + u8, {100, 200});
  EXPECT_EQ(values<uint8_t>(run(resize("nearest", "asymmetric", "floor", "1, 4", "1.0, 2.0"), {x},
                                "1x1x1x4x" + u8)),
            (Bytes{100, 100, 200, 200}));
  // Rule Q10: 0, 25, 75, 100 times 0.5 / 0.25, plus 3; then saturated.
  EXPECT_EQ(values<uint8_t>(run(resize("linear", "half_pixel", "floor", "1, 4", "1.0, 2.0"), {x},
                                "1x1x1x4x!quant.uniform<u8:f32, 0.25:3>")),
            (Bytes{3, 53, 153, 203}));
  EXPECT_EQ(values<uint8_t>(run(resize("linear", "half_pixel", "floor", "1, 4", "1.0, 2.0"), {x},
                                "1x1x1x4x!quant.uniform<u8:f32, 0.125:0>")),
            (Bytes{0, 100, 255, 255}));
  // 25 * 0.5 and 75 * 0.5 are ties.
  EXPECT_EQ(values<uint8_t>(run(resize("linear", "half_pixel", "floor", "1, 4", "1.0, 2.0"), {x},
                                "1x1x1x4x!quant.uniform<u8:f32, 1.0:0>")),
            (Bytes{0, 12, 38, 50}));
}

TEST_F(WindowTest, ReduceKinds) {
  Tensor x = make("2x3xf32", {1, 2, 3, -4, 5, -6});
  auto reduce = [&](const std::string &kind) {
    return values(run("octet.reduce " + kind + " %a {axes = array<i64: 1>}", {x}, "2xf32"));
  };
  EXPECT_EQ(reduce("sum"), (Floats{6, -5}));
  EXPECT_EQ(reduce("mean"), (Floats{2, static_cast<float>(-5.0 / 3.0)}));
  EXPECT_EQ(reduce("max"), (Floats{3, 5}));
  EXPECT_EQ(reduce("min"), (Floats{1, -6}));
  EXPECT_EQ(reduce("prod"), (Floats{6, 120}));
}

TEST_F(WindowTest, ReduceAxes) {
  Tensor x = count("2x3x2xf32");
  EXPECT_EQ(
      values(run("octet.reduce sum %a {axes = array<i64: 0, 2>, keepdims}", {x}, "1x3x1xf32")),
      (Floats{14, 22, 30}));
  EXPECT_EQ(values(run("octet.reduce sum %a {axes = array<i64: 0, 1, 2>}", {x}, "f32")),
            (Floats{66}));
  EXPECT_EQ(values(run("octet.reduce sum %a {axes = array<i64>}", {x}, "2x3x2xf32")), values(x));
  EXPECT_EQ(values(run("octet.reduce max %a {axes = array<i64: 1>}", {x}, "2x2xf32")),
            (Floats{4, 5, 10, 11}));
}

TEST_F(WindowTest, ReduceIntegersAndNothing) {
  Tensor x = make<int64_t>("3xi64", {-1, -2, -4});
  auto reduce = [&](const std::string &kind) {
    return run("octet.reduce " + kind + " %a {axes = array<i64: 0>}", {x}, "i64").getInteger(0);
  };
  EXPECT_EQ(reduce("sum"), -7);
  EXPECT_EQ(reduce("mean"), -2);
  EXPECT_EQ(reduce("prod"), -8);
  EXPECT_EQ(reduce("max"), -1);
  EXPECT_EQ(reduce("min"), -4);
  Tensor none = count("0x2xf32");
  EXPECT_EQ(values(run("octet.reduce sum %a {axes = array<i64: 0>}", {none}, "2xf32")),
            (Floats{0, 0}));
  EXPECT_EQ(values(run("octet.reduce prod %a {axes = array<i64: 0>}", {none}, "2xf32")),
            (Floats{1, 1}));
}

TEST_F(WindowTest, Softmax) {
  Tensor x = make("2x2xf32", {0, 0, 1000, 1000 + std::log(3.0f)});
  Floats rows = values(run("octet.softmax %a {axis = 1 : i64}", {x}, "2x2xf32"));
  EXPECT_FLOAT_EQ(rows[0], 0.5f);
  EXPECT_FLOAT_EQ(rows[1], 0.5f);
  EXPECT_NEAR(rows[2], 0.25f, 1e-4); // 1000 + ln 3 is rounded
  EXPECT_NEAR(rows[3], 0.75f, 1e-4);
  Floats columns = values(run("octet.softmax %a {axis = 0 : i64}", {x}, "2x2xf32"));
  EXPECT_EQ(columns, (Floats{0, 0, 1, 1}));
}

TEST_F(WindowTest, LogSoftmax) {
  Tensor x = make("1x2x1xf32", {2, 2 + std::log(3.0f)});
  Floats y = values(run("octet.log_softmax %a {axis = 1 : i64}", {x}, "1x2x1xf32"));
  EXPECT_FLOAT_EQ(y[0], std::log(0.25f));
  EXPECT_FLOAT_EQ(y[1], std::log(0.75f));
  EXPECT_EQ(
      values(run("octet.log_softmax %a {axis = 0 : i64}", {make("2xf32", {1000, 0})}, "2xf32")),
      (Floats{0, -1000}));
}

TEST_F(WindowTest, BatchNorm) {
  Tensor y = run("octet.batch_norm %a, %b, %c, %d, %e {epsilon = 1.0 : f32}",
                 {count("1x2x2xf32"), make("2xf32", {1, 10}), make("2xf32", {0, 0.5f}),
                  make("2xf32", {0, 2}), make("2xf32", {0, 3})},
                 "1x2x2xf32");
  EXPECT_EQ(values(y), (Floats{0, 1, 0.5f, 5.5f}));
}

} // namespace
