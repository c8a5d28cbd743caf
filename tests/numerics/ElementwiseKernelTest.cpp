// Elementwise groups and borders as machine code, over shapes that leave tails.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

// Loops below in each of these shapes: shorter than a vector, with every kind of
// tail, and long enough to be split between threads.
const char *const kShapes[] = {"1", "7", "2x3x5", "1x37", "3x1x129", "20011"};

std::string withType(std::string text, const std::string &type, const std::string &out = "") {
  for (auto [from, to] : {std::pair<std::string, std::string>{"$T", type}, {"$O", out}})
    for (size_t at; (at = text.find(from)) != std::string::npos;)
      text.replace(at, from.size(), to);
  return text;
}

std::string unary(const std::string &op, const std::string &type, const std::string &out) {
  return withType("func.func @main(%x: $T) -> $O {\n %0 = octet.fused %x : ($T) -> $O {\n"
                  " ^bb0(%a: $T):\n %r = octet." +
                      op + " : ($T) -> $O\n octet.yield %r : $O\n }\n return %0 : $O\n}",
                  type, out);
}

void expectUnary(const std::string &op, double bound) {
  for (const char *shape : kShapes) {
    std::string type = "tensor<" + std::string(shape) + "xf32>";
    expectNative(unary(op + " %a", type, type), bound);
  }
}

TEST(Elementwise, ExactUnaryOpsOnF32) {
  for (const char *op :
       {"relu", "neg", "abs", "hard_swish", "sqrt", "reciprocal", "floor", "ceil", "round"})
    expectUnary(op, 0);
}

TEST(Elementwise, ParametricOpsOnF32) {
  std::string type = "tensor<3x1x37xf32>";
  for (const char *op :
       {"clip %a {low = -0.5 : f32, high = 0.75 : f32}", "leaky_relu %a {alpha = 0.1 : f32}",
        "hard_sigmoid %a {alpha = 0.2 : f32, beta = 0.5 : f32}"})
    expectNative(unary(op, type, type));
  expectNative(unary("elu %a {alpha = 1.5 : f32}", type, type), 1e-7);
}

TEST(Elementwise, ApproximatedOps) {
  for (const char *op : {"sigmoid", "silu", "tanh", "exp", "log", "erf"})
    expectUnary(op, 3e-7);
}

TEST(Elementwise, IntegerUnaryOps) {
  for (const char *element : {"i8", "i32", "i64", "ui8"})
    for (const char *op : {"relu %a", "neg %a", "abs %a"}) {
      std::string type = "tensor<5x13x" + std::string(element) + ">";
      expectNative(unary(op, type, type));
    }
}

void expectBinary(const std::string &op, const std::string &a, const std::string &b,
                  const std::string &y, double bound = 0) {
  expectNative("func.func @main(%x: " + a + ", %z: " + b + ") -> " + y +
                   " {\n %0 = octet.fused %x, %z : (" + a + ", " + b + ") -> " + y +
                   " {\n ^bb0(%a: " + a + ", %b: " + b + "):\n %r = octet." + op + " %a, %b : (" +
                   a + ", " + b + ") -> " + y + "\n octet.yield %r : " + y +
                   "\n }\n return %0 : " + y + "\n}",
               bound);
}

TEST(Elementwise, BinaryOpsBroadcast) {
  const char *shapes[][3] = {{"4x37", "4x37", "4x37"},
                             {"4x37", "37", "4x37"},
                             {"4x37", "4x1", "4x37"},
                             {"4x1", "1x37", "4x37"},
                             {"2x3x5x7", "1x3x1x1", "2x3x5x7"},
                             {"2x3x5x7", "3x1x7", "2x3x5x7"},
                             {"1", "2x5", "2x5"},
                             {"2x3x1x7", "1x5x1", "2x3x5x7"}};
  for (auto &shape : shapes)
    for (const char *op : {"add", "sub", "mul", "div", "min", "max", "prelu"}) {
      auto type = [&](int i) { return "tensor<" + std::string(shape[i]) + "xf32>"; };
      expectBinary(op, type(0), type(1), type(2));
    }
}

TEST(Elementwise, IntegerBinaryOps) {
  for (const char *element : {"i8", "i32", "i64", "ui8", "ui32"})
    for (const char *op : {"add", "sub", "mul", "div", "min", "max", "prelu"}) {
      std::string type = "tensor<3x43x" + std::string(element) + ">";
      expectBinary(op, type, type, type);
    }
}

TEST(Elementwise, Casts) {
  const char *elements[] = {"f32", "f64", "f16", "bf16", "i1", "i8",
                            "ui8", "i16", "i32", "ui32", "i64"};
  for (std::string from : elements)
    for (std::string to : elements)
      expectNative(unary("cast %a", "tensor<39x" + from + ">", "tensor<39x" + to + ">"));
}

const char *const kQuantized[] = {
    "!quant.uniform<u8:f32, 0.02:128>", "!quant.uniform<u8:f32, 0.013:3>",
    "!quant.uniform<i8:f32, 0.02:-7>", "!quant.uniform<i8<-127:127>:f32, 0.03>",
    "!quant.uniform<u8:f32, 0.5:255>"};

TEST(Elementwise, BordersOfQuantizedValues) {
  for (std::string shape : {"1x3x5x67", "2x40x3x5", "1x1x1x1"})
    for (std::string from : kQuantized) {
      std::string real = "tensor<" + shape + "xf32>", x = "tensor<" + shape + "x" + from + ">";
      expectNative("func.func @main(%x: " + real + ") -> " + x + " {\n %0 = octet.quantize %x : (" +
                   real + ") -> " + x + "\n return %0 : " + x + "\n}");
      expectNative("func.func @main(%x: " + x + ") -> " + real +
                   " {\n %0 = octet.dequantize %x : (" + x + ") -> " + real +
                   "\n return %0 : " + real + "\n}");
      for (std::string to : kQuantized) {
        std::string y = "tensor<" + shape + "x" + to + ">";
        expectNative("func.func @main(%x: " + x + ") -> " + y +
                     " {\n %0 = octet.requantize %x : (" + x + ") -> " + y + "\n return %0 : " + y +
                     "\n}");
      }
    }
}

TEST(Elementwise, ScalesAlongAnAxis) {
  std::string q = "!quant.uniform<i8<-127:127>:f32:1, {0.1, 0.02, 0.3}>";
  std::string real = "tensor<2x3x21xf32>", x = "tensor<2x3x21x" + q + ">";
  expectNative("func.func @main(%x: " + real + ") -> (" + x + ", " + real +
               ") {\n %0 = octet.quantize %x : (" + real + ") -> " + x +
               "\n %1 = octet.dequantize %0 : (" + x + ") -> " + real + "\n return %0, %1 : " + x +
               ", " + real + "\n}");
}

TEST(Elementwise, Tables) {
  std::string table;
  for (int i = 0; i < 256; ++i)
    table += (i ? ", " : "") + std::to_string((i * 37 + 11) % 256 - 128);
  for (std::string shape : {"3", "16", "1x5x67", "200x3"}) {
    std::string x = "tensor<" + shape + "x!quant.uniform<u8:f32, 0.02:128>>";
    std::string y = "tensor<" + shape + "x!quant.uniform<u8:f32, 0.5:9>>";
    expectNative("func.func @main(%x: " + x + ") -> " + y +
                 " {\n %0 = octet.lookup %x {table = array<i8: " + table + ">} : (" + x + ") -> " +
                 y + "\n return %0 : " + y + "\n}");
  }
}

TEST(Elementwise, QuantizedResidualAddition) {
  for (std::string shape : {"1x16x7x7", "1x24x5x3", "2x3x4x5", "1x64x9x9"}) {
    std::string a = "tensor<" + shape + "x!quant.uniform<u8:f32, 0.021:120>>";
    std::string b = "tensor<" + shape + "x!quant.uniform<u8:f32, 0.037:0>>";
    std::string y = "tensor<" + shape + "x!quant.uniform<u8:f32, 0.05:3>>";
    std::string real = "tensor<" + shape + "xf32>";
    expectNative("func.func @main(%x: " + a + ", %z: " + b + ") -> " + y +
                 " {\n %0 = octet.fused %x, %z : (" + a + ", " + b + ") -> " + y +
                 " {\n ^bb0(%a: " + a + ", %b: " + b + "):\n %1 = octet.dequantize %a : (" + a +
                 ") -> " + real + "\n %2 = octet.dequantize %b : (" + b + ") -> " + real +
                 "\n %3 = octet.add %1, %2 : (" + real + ", " + real + ") -> " + real +
                 "\n %4 = octet.relu %3 : (" + real + ") -> " + real +
                 "\n %5 = octet.quantize %4 : (" + real + ") -> " + y + "\n octet.yield %5 : " + y +
                 "\n }\n return %0 : " + y + "\n}");
  }
}

} // namespace
