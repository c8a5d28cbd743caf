// Elementwise groups and borders as machine code, over shapes that leave tails.

#include "tests/numerics/ElementwiseFunction.h"
#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;
using octet::test::Function;
using octet::test::kShapes;

namespace {

void expectUnary(std::initializer_list<const char *> ops, double bound) {
  for (const char *shape : kShapes) {
    std::string type = "tensor<" + std::string(shape) + "xf32>";
    Function function({type});
    for (const char *op : ops)
      function.add(std::string(op), type);
    expectNative(function.getText(), bound);
  }
}

TEST(Elementwise, ExactUnaryOpsOnF32) {
  expectUnary({"relu %a", "neg %a", "abs %a", "hard_swish %a", "sqrt %a", "reciprocal %a",
               "floor %a", "ceil %a", "round %a", "clip %a {low = -0.5 : f32, high = 0.75 : f32}",
               "leaky_relu %a {alpha = 0.1 : f32}",
               "hard_sigmoid %a {alpha = 0.2 : f32, beta = 0.5 : f32}"},
              0);
}

TEST(Elementwise, ApproximatedOps) {
  expectUnary({"sigmoid %a", "silu %a", "tanh %a", "exp %a", "log %a", "erf %a",
               "elu %a {alpha = 1.5 : f32}"},
              3e-7);
}

TEST(Elementwise, IntegerUnaryOps) {
  for (const char *element : {"i8", "i16", "i32", "i64", "ui8", "ui16", "ui64"}) {
    std::string type = "tensor<5x13x" + std::string(element) + ">";
    Function function({type});
    for (const char *op : {"relu %a", "neg %a", "abs %a"})
      function.add(op, type);
    expectNative(function.getText());
  }
}

TEST(Elementwise, BinaryOpsBroadcast) {
  const char *shapes[][3] = {{"4x37", "4x37", "4x37"},
                             {"4x37", "37", "4x37"},
                             {"4x37", "4x1", "4x37"},
                             {"4x1", "1x37", "4x37"},
                             {"2x3x5x7", "1x3x1x1", "2x3x5x7"},
                             {"2x3x5x7", "3x1x7", "2x3x5x7"},
                             {"1", "2x5", "2x5"},
                             {"2x3x1x7", "1x5x1", "2x3x5x7"},
                             {"2x1x3x1x2x7", "5x1x3x1x1", "2x5x3x3x2x7"}};
  for (auto &shape : shapes) {
    auto type = [&](int i) { return "tensor<" + std::string(shape[i]) + "xf32>"; };
    Function function({type(0), type(1)});
    for (const char *op : {"add", "sub", "mul", "div", "min", "max", "prelu"})
      function.add(std::string(op) + " %a, %b", type(2));
    expectNative(function.getText());
  }
}

TEST(Elementwise, IntegerBinaryOps) {
  for (const char *element : {"i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64"}) {
    std::string type = "tensor<3x43x" + std::string(element) + ">";
    Function function({type, type});
    for (const char *op : {"add", "sub", "mul", "div", "min", "max", "prelu"})
      function.add(std::string(op) + " %a, %b", type);
    expectNative(function.getText());
  }
}

// What overflows in f32 comes back in f64.
TEST(Elementwise, OperationsInF64) {
  for (std::string extent : {"1", "5", "67"}) {
    std::string type = "tensor<" + extent + "xf64>", scalar = "tensor<f64>";
    auto binary = [&](const char *op, const char *x, const char *y, const std::string &right) {
      return std::string("octet.") + op + " " + x + ", " + y + " : (" + type + ", " + right +
             ") -> " + type + "\n";
    };
    auto unary = [&](const char *op, const char *x) {
      return std::string("octet.") + op + " " + x + " : (" + type + ") -> " + type + "\n";
    };
    std::string text = "func.func @main(%a: " + type + ", %b: " + type + ") -> (" + type + ", " +
                       type + ") {\n  %l = octet.constant dense<1.0e200> : " + scalar + " : " +
                       scalar + "\n";
    text += "  %0 = " + binary("mul", "%a", "%l", scalar);
    text += "  %1 = " + binary("mul", "%b", "%l", scalar);
    text += "  %2 = " + binary("add", "%0", "%1", type);
    text += "  %3 = " + binary("sub", "%2", "%0", type);
    text += "  %4 = " + binary("max", "%3", "%0", type);
    text += "  %5 = " + unary("abs", "%4");
    text += "  %6 = " + binary("div", "%5", "%l", scalar);
    text += "  %7 = " + unary("neg", "%6");
    text += "  %8 = " + binary("prelu", "%7", "%6", type);
    text += "  %9 = " + binary("div", "%8", "%l", scalar);
    text += "  %10 = " + unary("relu", "%0");
    text += "  %11 = " + binary("min", "%10", "%9", type);
    text += "  return %9, %11 : " + type + ", " + type + "\n}\n";
    expectNative(text);
  }
}

TEST(Elementwise, Casts) {
  const char *elements[] = {"f32", "f64", "f16", "bf16", "i1", "i8",
                            "ui8", "i16", "i32", "ui32", "i64"};
  for (std::string from : elements) {
    Function function({"tensor<39x" + from + ">"});
    for (std::string to : elements)
      function.add("cast %a", "tensor<39x" + to + ">");
    expectNative(function.getText());
  }
}

// Of 1e300 and its like, which f32 does not hold.
TEST(Elementwise, ArithmeticInF64) {
  std::string type = "tensor<3x43xf64>", row = "tensor<43xf64>";
  std::string text = "func.func @main(%x: " + type + ") -> " + type +
                     " {\n %big = octet.constant dense<1.0e300> : " + row + " : " + row +
                     "\n %0 = octet.mul %x, %big : (" + type + ", " + row + ") -> " + type;
  const char *ops[] = {"add %0, %big", "sub %1, %0", "max %2, %0", "min %3, %big", "prelu %4, %big",
                       "neg %5",       "abs %6",     "relu %7",    "div %8, %big"};
  int value = 1;
  for (std::string op : ops) {
    bool isBinary = op.find(',') != op.npos, isRow = op.find("%big") != op.npos;
    text += "\n %" + std::to_string(value++) + " = octet." + op + " : (" + type +
            (isBinary ? ", " + (isRow ? row : type) : "") + ") -> " + type;
  }
  expectNative(text + "\n return %9 : " + type + "\n}");
}

// Tensors of rank 0.
TEST(Elementwise, Scalars) {
  for (const char *element : {"f32", "f16", "i64", "ui8"}) {
    std::string type = "tensor<" + std::string(element) + ">";
    Function function({type, type});
    for (const char *op : {"add", "sub", "mul", "div", "min", "max"})
      function.add(std::string(op) + " %a, %b", type);
    expectNative(function.getText());
  }
}

const char *const kQuantized[] = {
    "!quant.uniform<u8:f32, 0.02:128>", "!quant.uniform<u8:f32, 0.013:3>",
    "!quant.uniform<i8:f32, 0.02:-7>", "!quant.uniform<i8<-127:127>:f32, 0.03>",
    "!quant.uniform<u8:f32, 0.5:255>"};

TEST(Elementwise, BordersOfQuantizedValues) {
  for (std::string shape : {"1x3x5x67", "2x40x3x5", "1x1x1x1"}) {
    std::string real = "tensor<" + shape + "xf32>";
    Function quantize({real});
    for (std::string to : kQuantized)
      quantize.add("quantize %a", "tensor<" + shape + "x" + to + ">");
    expectNative(quantize.getText());
    for (std::string from : {kQuantized[0], kQuantized[3]}) {
      Function function({"tensor<" + shape + "x" + from + ">"});
      function.add("dequantize %a", real);
      for (std::string to : kQuantized)
        function.add("requantize %a", "tensor<" + shape + "x" + to + ">");
      expectNative(function.getText());
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
