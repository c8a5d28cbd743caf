#include "tests/dialect/EvaluateTest.h"

#include <cmath>

using namespace octet::reference;

namespace {

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

struct ConvCase {
  int64_t n, c, h, w, o, kh, kw;
  std::vector<int64_t> strides, pads, dilations;
  int64_t group;
};

class ContractionTest : public EvaluateTest {
protected:
  static std::string list(const std::vector<int64_t> &values) {
    std::string text;
    for (int64_t value : values)
      text += (text.empty() ? "array<i64: " : ", ") + std::to_string(value);
    return text + ">";
  }
  static std::string attributes(const ConvCase &c) {
    return " {strides = " + list(c.strides) + ", pads = " + list(c.pads) +
           ", dilations = " + list(c.dilations) + ", group = " + std::to_string(c.group) +
           " : i64}";
  }
  static std::string shape(std::vector<int64_t> extents) {
    std::string text;
    for (int64_t extent : extents)
      text += std::to_string(extent) + "x";
    return text;
  }
  static int64_t extent(const ConvCase &c, int i) {
    int64_t in = i == 0 ? c.h : c.w, k = i == 0 ? c.kh : c.kw;
    return (in + c.pads[i] + c.pads[2 + i] - ((k - 1) * c.dilations[i] + 1)) / c.strides[i] + 1;
  }

  // The definition, element by element; `at` gives an element of x and of w.
  template <typename X, typename W>
  static std::vector<double> convolve(const ConvCase &c, X x, W w) {
    std::vector<double> y;
    int64_t inputs = c.c / c.group, outputs = c.o / c.group;
    for (int64_t n = 0; n < c.n; ++n)
      for (int64_t o = 0; o < c.o; ++o)
        for (int64_t oy = 0; oy < extent(c, 0); ++oy)
          for (int64_t ox = 0; ox < extent(c, 1); ++ox) {
            double sum = 0;
            for (int64_t i = 0; i < inputs; ++i)
              for (int64_t ky = 0; ky < c.kh; ++ky)
                for (int64_t kx = 0; kx < c.kw; ++kx) {
                  int64_t iy = oy * c.strides[0] - c.pads[0] + ky * c.dilations[0];
                  int64_t ix = ox * c.strides[1] - c.pads[1] + kx * c.dilations[1];
                  if (iy < 0 || iy >= c.h || ix < 0 || ix >= c.w)
                    continue;
                  int64_t channel = o / outputs * inputs + i;
                  sum += x(((n * c.c + channel) * c.h + iy) * c.w + ix) *
                         w(((o * inputs + i) * c.kh + ky) * c.kw + kx);
                }
            y.push_back(sum);
          }
    return y;
  }
};

const ConvCase kCases[] = {
    {1, 1, 3, 3, 1, 2, 2, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
    {2, 3, 5, 7, 4, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
    {1, 3, 7, 5, 5, 3, 2, {2, 3}, {0, 1, 2, 0}, {1, 1}, 1},
    {1, 2, 9, 8, 3, 3, 2, {1, 2}, {2, 0, 1, 3}, {2, 3}, 1},
    {1, 6, 4, 5, 4, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 2},
    {2, 5, 6, 4, 5, 3, 3, {2, 1}, {1, 0, 0, 1}, {1, 1}, 5},
    {1, 3, 5, 5, 6, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 3},
    {1, 17, 1, 9, 15, 1, 1, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
    {1, 1, 70, 71, 1, 2, 2, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1}, // more than one chunk
};

TEST_F(ContractionTest, ConvByHand) {
  // 2x2 window of ones with a bias of 10 over 1..9: sums of neighbours.
  Tensor y = run("octet.conv %a, %b, %c" + attributes(kCases[0]),
                 {count("1x1x3x3xf32", 1), make("1x1x2x2xf32", {1, 1, 1, 1}), make("1xf32", {10})},
                 "1x1x2x2xf32");
  EXPECT_EQ(values(y), (Floats{22, 26, 34, 38}));
}

TEST_F(ContractionTest, ConvAgainstTheDefinition) {
  for (const ConvCase &c : kCases) {
    Tensor x = scatter(shape({c.n, c.c, c.h, c.w}) + "f32", 1);
    Tensor w = scatter(shape({c.o, c.c / c.group, c.kh, c.kw}) + "f32", 2);
    Tensor bias = scatter(shape({c.o}) + "f32", 3);
    std::string result = shape({c.n, c.o, extent(c, 0), extent(c, 1)}) + "f32";
    Tensor plain = run("octet.conv %a, %b" + attributes(c), {x, w}, result);
    Tensor biased = run("octet.conv %a, %b, %c" + attributes(c), {x, w, bias}, result);
    std::vector<double> expected = convolve(
        c, [&](int64_t i) { return x.getDouble(i); }, [&](int64_t i) { return w.getDouble(i); });
    // Elements are small multiples of 1/16, so that every sum is exact.
    int64_t plane = extent(c, 0) * extent(c, 1);
    for (int64_t i = 0; i < plain.size(); ++i) {
      ASSERT_EQ(plain.getFloat(i), static_cast<float>(expected[i])) << result << " at " << i;
      ASSERT_EQ(biased.getFloat(i),
                static_cast<float>(expected[i] + bias.getDouble(i / plane % c.o)));
    }
  }
}

TEST_F(ContractionTest, FloatSumsAreRoundedOnce) {
  // In f32, 2^24 + 1 - 2^24 is 0.
  EXPECT_EQ(values(run("octet.matmul %a, %b",
                       {make("1x3xf32", {16777216, 1, -16777216}), make("3x1xf32", {1, 1, 1})},
                       "1x1xf32")),
            (Floats{1}));
}

TEST_F(ContractionTest, ConvOfBF16AgainstTheDefinition) {
  // Rule B2; elements are exact in bf16, and so are all sums in f32.
  for (const ConvCase &c : kCases) {
    Tensor x = scatter(shape({c.n, c.c, c.h, c.w}) + "bf16", 1);
    Tensor w = scatter(shape({c.o, c.c / c.group, c.kh, c.kw}) + "bf16", 2);
    Tensor bias = scatter(shape({c.o}) + "f32", 3);
    std::string result = shape({c.n, c.o, extent(c, 0), extent(c, 1)}) + "f32";
    Tensor y = run("octet.conv %a, %b, %c" + attributes(c), {x, w, bias}, result);
    std::vector<double> expected = convolve(
        c, [&](int64_t i) { return x.getDouble(i); }, [&](int64_t i) { return w.getDouble(i); });
    int64_t plane = extent(c, 0) * extent(c, 1);
    for (int64_t i = 0; i < y.size(); ++i)
      ASSERT_EQ(y.getFloat(i), static_cast<float>(expected[i] + bias.getDouble(i / plane % c.o)))
          << result << " at " << i;
  }
}

TEST_F(ContractionTest, SumsOfBF16AreNotBF16) {
  // 256 + 1 has no bf16, nor has the bias.
  EXPECT_EQ(values(run("octet.matmul %a, %b, %c",
                       {make<uint16_t>("1x2xbf16", {0x4380, 0x3f80}),
                        make<uint16_t>("2x1xbf16", {0x3f80, 0x3f80}), make("1xf32", {0.001f})},
                       "1x1xf32")),
            (Floats{257.001f}));
}

// Independent statements of rules Q5 and Q6.
float toFloat(int64_t sum, double sx, double sw) {
  volatile float product = static_cast<float>(sum) * static_cast<float>(sx * sw);
  return product;
}
int64_t toU8(int64_t sum, double sx, double sw, double sy, int64_t zero) {
  volatile float scaled = static_cast<float>(sum) * static_cast<float>(sx * sw / sy);
  return std::min<int64_t>(255, std::max<int64_t>(0, std::lrintf(scaled) + zero));
}

TEST_F(ContractionTest, QuantizedConvAgainstTheRules) {
  for (const ConvCase &c : kCases) {
    Tensor x = scatter(shape({c.n, c.c, c.h, c.w}) + "!quant.uniform<u8:f32, 0.03:131>", 4);
    std::string scales;
    std::vector<double> sw;
    for (int64_t o = 0; o < c.o; ++o) {
      sw.push_back((o + 1) * 0.015625); // six digits, so that text and value agree
      scales += (o ? ", " : "") + std::to_string(sw.back());
    }
    Tensor w = scatter(shape({c.o, c.c / c.group, c.kh, c.kw}) +
                           "!quant.uniform<i8<-127:127>:f32:0, {" + scales + "}>",
                       5);
    Tensor bias = make<int32_t>(shape({c.o}) + "i32", std::vector<int32_t>(c.o, -777));
    std::string extents = shape({c.n, c.o, extent(c, 0), extent(c, 1)});
    std::string op = "octet.conv %a, %b, %c" + attributes(c);
    Tensor real = run(op, {x, w, bias}, extents + "f32");
    Tensor stored = run(op, {x, w, bias}, extents + "!quant.uniform<u8:f32, 0.25:7>");
    std::vector<double> sums = convolve(
        c, [&](int64_t i) { return int64_t(x.as<uint8_t>()[i]) - 131; },
        [&](int64_t i) { return int64_t(w.as<int8_t>()[i]); });
    int64_t plane = extent(c, 0) * extent(c, 1), saturated = 0;
    for (int64_t i = 0; i < real.size(); ++i) {
      int64_t o = i / plane % c.o, sum = static_cast<int64_t>(sums[i]) - 777;
      ASSERT_EQ(real.getFloat(i), toFloat(sum, 0.03, sw[o])) << extents << " at " << i;
      ASSERT_EQ(stored.getInteger(i), toU8(sum, 0.03, sw[o], 0.25, 7)) << extents << " at " << i;
      saturated += stored.getInteger(i) == 0 || stored.getInteger(i) == 255;
    }
    if (real.size() > 50) {
      EXPECT_GT(saturated, 0);
      EXPECT_LT(saturated, real.size());
    }
  }
}

TEST_F(ContractionTest, WeightsAloneAsIntegers) {
  for (const ConvCase &c : kCases) {
    Tensor x = scatter(shape({c.n, c.c, c.h, c.w}) + "f32", 4);
    std::string scales;
    std::vector<double> sw;
    for (int64_t o = 0; o < c.o; ++o) {
      sw.push_back((o + 1) * 0.015625); // six digits, so that text and value agree
      scales += (o ? ", " : "") + std::to_string(sw.back());
    }
    Tensor w = scatter(shape({c.o, c.c / c.group, c.kh, c.kw}) +
                           "!quant.uniform<i8<-127:127>:f32:0, {" + scales + "}>",
                       5);
    Tensor bias = make<float>(shape({c.o}) + "f32", Floats(c.o, -7.25f));
    std::string extents = shape({c.n, c.o, extent(c, 0), extent(c, 1)});
    Tensor y = run("octet.conv %a, %b, %c" + attributes(c), {x, w, bias}, extents + "f32");
    std::vector<double> sums = convolve(
        c, [&](int64_t i) { return double(x.as<float>()[i]); },
        [&](int64_t i) { return double(w.as<int8_t>()[i]); });
    int64_t plane = extent(c, 0) * extent(c, 1);
    for (int64_t i = 0; i < y.size(); ++i)
      ASSERT_FLOAT_EQ(y.getFloat(i), sums[i] * sw[i / plane % c.o] - 7.25)
          << extents << " at " << i;
  }
}

TEST_F(ContractionTest, RequantizeRoundsHalfToEvenAndSaturatesAtBothEnds) {
  // Scales 1, 0.5 and 1: the multiplier is 0.5.
  Tensor x = make<uint8_t>("5x1x1x1x!quant.uniform<u8:f32, 1.0:0>", {1, 3, 5, 255, 0});
  Tensor w = make<int8_t>("2x1x1x1x!quant.uniform<i8<-127:127>:f32, 0.5>", {1, -127});
  Tensor y = run("octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, "
                 "dilations = array<i64: 1, 1>, group = 1 : i64}",
                 {x, w}, "5x2x1x1x!quant.uniform<u8:f32, 1.0:128>");
  // 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, 127.5 -> 128 -> 256 saturated; -63.5 -> -64.
  EXPECT_EQ(values<uint8_t>(y), (Bytes{128, 64, 130, 0, 130, 0, 255, 0, 128, 128}));
}

TEST_F(ContractionTest, MatMulShapes) {
  Tensor a = count("2x3xf32"), b = count("3x2xf32");
  EXPECT_EQ(values(run("octet.matmul %a, %b", {a, b}, "2x2xf32")), (Floats{10, 13, 28, 40}));
  EXPECT_EQ(values(run("octet.matmul %a, %b, %c", {a, b, make("2xf32", {1, -1})}, "2x2xf32")),
            (Floats{11, 12, 29, 39}));
  EXPECT_EQ(values(run("octet.matmul %a, %b", {count("3xf32"), b}, "2xf32")), (Floats{10, 13}));
  EXPECT_EQ(values(run("octet.matmul %a, %b", {a, count("3xf32")}, "2xf32")), (Floats{5, 14}));
  EXPECT_EQ(values(run("octet.matmul %a, %b", {count("3xf32"), count("3xf32")}, "f32")),
            (Floats{5}));
}

TEST_F(ContractionTest, MatMulBroadcastsBatches) {
  // [2, 1, 1, 2] x [2, 2, 1] -> [2, 2, 1, 1]
  EXPECT_EQ(
      values(run("octet.matmul %a, %b", {count("2x1x1x2xf32"), count("2x2x1xf32")}, "2x2x1x1xf32")),
      (Floats{1, 3, 3, 13}));
}

TEST_F(ContractionTest, QuantizedMatMul) {
  Tensor a = make<uint8_t>("1x3x!quant.uniform<u8:f32, 0.5:10>", {10, 11, 30});
  Tensor b =
      make<int8_t>("3x2x!quant.uniform<i8<-127:127>:f32:1, {0.25, 2.0}>", {127, 127, 4, -5, 1, 1});
  Tensor bias = make<int32_t>("2xi32", {100, -100});
  // Sums 0*127 + 1*4 + 20*1 + 100 and -5 + 20 - 100.
  EXPECT_EQ(values(run("octet.matmul %a, %b, %c", {a, b, bias}, "1x2xf32")), (Floats{15.5f, -85}));
  EXPECT_EQ(values<uint8_t>(run("octet.matmul %a, %b, %c", {a, b, bias},
                                "1x2x!quant.uniform<u8:f32, 1.0:100>")),
            (Bytes{116, 15}));
}

TEST_F(ContractionTest, ConvTransposeByHand) {
  // Each input pixel stamps the 2x2 filter; with stride 2 the stamps do not meet.
  std::string stride2 = "octet.conv_transpose %a, %b, %c {strides = array<i64: 2, 2>, pads = "
                        "array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, "
                        "output_padding = array<i64: 0, 1>, group = 1 : i64}";
  EXPECT_EQ(values(run(stride2,
                       {make("1x1x1x2xf32", {1, 10}), make("1x1x2x2xf32", {1, 2, 3, 4}),
                        make("1xf32", {100})},
                       "1x1x2x5xf32")),
            (Floats{101, 102, 110, 120, 100, 103, 104, 130, 140, 100}));
}

TEST_F(ContractionTest, ConvTransposeIsTheTransposeOfConv) {
  // <conv(u), v> = <u, conv_transpose(v)> for every u and v, with equal attributes.
  for (const ConvCase &c : kCases) {
    int64_t oh = extent(c, 0), ow = extent(c, 1);
    int64_t extraY =
        c.h - ((oh - 1) * c.strides[0] + (c.kh - 1) * c.dilations[0] + 1 - c.pads[0] - c.pads[2]);
    int64_t extraX =
        c.w - ((ow - 1) * c.strides[1] + (c.kw - 1) * c.dilations[1] + 1 - c.pads[1] - c.pads[3]);
    Tensor u = scatter(shape({c.n, c.c, c.h, c.w}) + "f32", 6);
    Tensor w = scatter(shape({c.o, c.c / c.group, c.kh, c.kw}) + "f32", 7);
    Tensor v = scatter(shape({c.n, c.o, oh, ow}) + "f32", 8);
    Tensor forward =
        run("octet.conv %a, %b" + attributes(c), {u, w}, shape({c.n, c.o, oh, ow}) + "f32");
    std::string text = attributes(c);
    text.insert(text.size() - 1, ", output_padding = " + list({extraY, extraX}));
    Tensor backward =
        run("octet.conv_transpose %a, %b" + text, {v, w}, shape({c.n, c.c, c.h, c.w}) + "f32");
    double left = 0, right = 0;
    for (int64_t i = 0; i < v.size(); ++i)
      left += forward.getDouble(i) * v.getDouble(i);
    for (int64_t i = 0; i < u.size(); ++i)
      right += u.getDouble(i) * backward.getDouble(i);
    EXPECT_EQ(left, right) << shape({c.n, c.c, c.h, c.w});
    EXPECT_NE(left, 0);
  }
}

} // namespace
