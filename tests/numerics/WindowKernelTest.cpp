// Pooling and resampling as machine code.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

struct Window {
  int64_t channels, in[2], kernel[2], stride[2], pads[4], dilation[2];
  bool ceil = false;
  int64_t out[2];
};

const Window kWindows[] = {
    {3, {7, 9}, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, false, {4, 5}},
    {64, {6, 5}, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}, false, {3, 2}},
    {37, {7, 8}, {3, 2}, {1, 2}, {1, 0, 1, 1}, {1, 1}, false, {7, 4}},
    {1, {9, 9}, {3, 3}, {1, 1}, {2, 2, 2, 2}, {2, 2}, false, {9, 9}},
    {5, {6, 7}, {3, 3}, {2, 2}, {0, 0, 0, 0}, {1, 1}, true, {3, 3}},
    {20, {7, 7}, {7, 7}, {1, 1}, {0, 0, 0, 0}, {1, 1}, false, {1, 1}},
    {130, {5, 5}, {5, 5}, {1, 1}, {2, 2, 2, 2}, {1, 1}, false, {5, 5}},
    {4, {1, 9}, {1, 4}, {1, 4}, {0, 0, 0, 0}, {1, 1}, true, {1, 3}},
};

std::string tensor(int64_t channels, const int64_t *plane, const std::string &element) {
  return "tensor<2x" + std::to_string(channels) + "x" + std::to_string(plane[0]) + "x" +
         std::to_string(plane[1]) + "x" + element + ">";
}

std::string list(const int64_t *values, int count) {
  std::string text = "array<i64: ";
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + std::to_string(values[i]);
  return text + ">";
}

std::string pool(const std::string &op, const Window &w, const std::string &from,
                 const std::string &to, bool includePad = false) {
  std::string x = tensor(w.channels, w.in, from), y = tensor(w.channels, w.out, to);
  return "func.func @main(%x: " + x + ") -> " + y + " {\n %0 = octet." + op +
         " %x {kernel = " + list(w.kernel, 2) + ", strides = " + list(w.stride, 2) +
         ", pads = " + list(w.pads, 4) + ", dilations = " + list(w.dilation, 2) +
         (w.ceil ? ", ceil_mode" : "") + (includePad ? ", count_include_pad" : "") + "} : (" + x +
         ") -> " + y + "\n return %0 : " + y + "\n}";
}

TEST(Pool, Maximum) {
  for (const Window &window : kWindows)
    for (const char *element :
         {"f32", "bf16", "!quant.uniform<u8:f32, 0.02:128>", "!quant.uniform<i8:f32, 0.02:3>"})
      expectNative(pool("max_pool", window, element, element));
}

TEST(Pool, AverageOfFloats) {
  for (const Window &window : kWindows)
    for (bool includePad : {false, true})
      expectNative(pool("average_pool", window, "f32", "f32", includePad), 1e-6);
}

TEST(Pool, AverageOfBF16) {
  for (const Window &window : kWindows)
    expectNative(pool("average_pool", window, "bf16", "f32"), 1e-6);
}

TEST(Pool, AverageOfIntegers) {
  for (const Window &window : kWindows)
    for (bool includePad : {false, true})
      expectNative(pool("average_pool", window, "!quant.uniform<u8:f32, 0.02:128>",
                        "!quant.uniform<u8:f32, 0.011:7>", includePad));
}

// A pool that reads what another wrote with the halo of a convolution's zeros.
TEST(Pool, DoesNotReadTheHalo) {
  std::string x = "tensor<1x4x6x6xf32>";
  std::string negative = "%1 = octet.fused %x : (" + x + ") -> " + x + " {\n ^bb0(%a: " + x +
                         "):\n %b = octet.abs %a : (" + x + ") -> " + x +
                         "\n %c = octet.neg %b : (" + x + ") -> " + x + "\n octet.yield %c : " + x +
                         "\n }\n";
  std::string attributes =
      "{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, "
      "dilations = array<i64: 1, 1>}";
  expectNative("func.func @main(%x: " + x + ") -> " + x + " {\n" + negative +
               " %2 = octet.max_pool %1 " + attributes + " : (" + x + ") -> " + x +
               "\n return %2 : " + x + "\n}");
}

// The first layer: planes of f32 become pixels of bytes in one pass.
TEST(Pool, ReadsQuantizedImages) {
  for (int64_t channels : {1, 3, 4, 5})
    for (int64_t width : {3, 16, 37}) {
      int64_t plane[] = {5, width};
      std::string x = tensor(channels, plane, "f32");
      std::string q = tensor(channels, plane, "!quant.uniform<u8:f32, 0.02:117>");
      expectNative("func.func @main(%x: " + x + ") -> " + q + " {\n %0 = octet.quantize %x : (" +
                   x + ") -> " + q +
                   "\n %1 = octet.max_pool %0 {kernel = array<i64: 3, 3>, strides = array<i64: 1, "
                   "1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (" +
                   q + ") -> " + q + "\n return %1 : " + q + "\n}");
    }
}

TEST(Resize, NearestAndLinear) {
  struct Case {
    int64_t channels, in[2], out[2];
  } cases[] = {{3, {4, 5}, {8, 10}},
               {40, {5, 3}, {7, 9}},
               {1, {7, 9}, {3, 4}},
               {65, {3, 3}, {6, 6}},
               {2, {1, 5}, {1, 1}}};
  const char *u8 = "!quant.uniform<u8:f32, 0.02:128>", *other = "!quant.uniform<u8:f32, 0.03:7>";
  auto resize = [](const Case &c, std::string from, std::string to, std::string mode,
                   std::string coordinates, std::string rounding) {
    std::string x = tensor(c.channels, c.in, from), y = tensor(c.channels, c.out, to);
    auto scale = [&](int d) { return std::to_string(double(c.out[d]) / c.in[d]); };
    expectNative("func.func @main(%x: " + x + ") -> " + y + " {\n %0 = octet.resize %x {sizes = " +
                 list(c.out, 2) + ", scales = array<f32: " + scale(0) + ", " + scale(1) +
                 ">, mode = #octet<resize_mode " + mode +
                 ">, coordinates = #octet<resize_coordinates " + coordinates +
                 ">, rounding = #octet<resize_rounding " + rounding + ">} : (" + x + ") -> " + y +
                 "\n return %0 : " + y + "\n}");
  };
  for (const Case &c : cases)
    for (const char *coordinates : {"half_pixel", "align_corners"}) {
      resize(c, "f32", "f32", "linear", coordinates, "floor");
      resize(c, "bf16", "bf16", "linear", coordinates, "floor");
      resize(c, u8, other, "linear", coordinates, "floor");
    }
  // The source indices come from the evaluator's own table.
  resize(cases[0], u8, u8, "nearest", "half_pixel", "ceil");
  resize(cases[1], u8, u8, "nearest", "asymmetric", "floor");
  resize(cases[1], "f32", "f32", "nearest", "half_pixel", "round_prefer_floor");
  resize(cases[2], "f32", "f32", "nearest", "align_corners", "round_prefer_ceil");
}

} // namespace
