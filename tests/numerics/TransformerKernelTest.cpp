// Normalization of rows, GELU and attention as machine code.

#include "tests/numerics/EmissionCheck.h"

using namespace octet::test;

namespace {

std::string tensor(const std::string &shape, const std::string &element = "f32") {
  return "tensor<" + shape + "x" + element + ">";
}

std::string unary(const std::string &op, const std::string &attributes, const std::string &x,
                  const std::string &y) {
  return "func.func @main(%x: " + x + ") -> " + y + " {\n %0 = octet." + op + " %x " + attributes +
         " : (" + x + ") -> " + y + "\n return %0 : " + y + "\n}";
}

TEST(RowNorm, LengthsOfRows) {
  for (const char *shape : {"1", "3x5", "2x3x16", "5x37", "2x64", "3x1x100", "2x768"})
    for (const char *op : {"layer_norm", "rms_norm"})
      for (const char *element : {"f32", "bf16"})
        expectNative(unary(op, "{epsilon = 1.0e-5 : f32}", tensor(shape, element), tensor(shape)),
                     2e-6);
}

TEST(RowNorm, WhatFollowsIsInTheKernel) {
  expectNative(R"(
!u8 = !quant.uniform<u8:f32, 0.03:120>
func.func @main(%x: tensor<3x40xf32>, %scale: tensor<40xf32>, %other: tensor<3x40xf32>) -> tensor<3x40x!u8> {
  %0 = octet.fused %x, %scale, %other : (tensor<3x40xf32>, tensor<40xf32>, tensor<3x40xf32>) -> tensor<3x40x!u8> {
  ^bb0(%a: tensor<3x40xf32>, %b: tensor<40xf32>, %c: tensor<3x40xf32>):
    %1 = octet.layer_norm %a {epsilon = 1.0e-12 : f32} : (tensor<3x40xf32>) -> tensor<3x40xf32>
    %2 = octet.mul %1, %b : (tensor<3x40xf32>, tensor<40xf32>) -> tensor<3x40xf32>
    %3 = octet.add %2, %c : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
    %4 = octet.quantize %3 : (tensor<3x40xf32>) -> tensor<3x40x!u8>
    octet.yield %4 : tensor<3x40x!u8>
  }
  return %0 : tensor<3x40x!u8>
})");
}

TEST(Gelu, BothForms) {
  for (const char *attributes : {"", "{tanh}"})
    expectNative(unary("gelu", attributes, tensor("5x37"), tensor("5x37")), 1e-6);
}

struct Attention {
  const char *q, *k, *v, *y, *mask;
};

const Attention kAttention[] = {
    {"1x5x1x4", "1x7x1x4", "1x7x1x3", "1x5x1x3", ""},
    {"2x3x4x8", "2x19x2x8", "2x19x2x8", "2x3x4x8", "2x1x1x19"},
    {"1x17x3x20", "1x33x3x20", "1x33x3x24", "1x17x3x24", "17x33"},
    {"1x1x2x64", "1x16x1x64", "1x16x1x64", "1x1x2x64", "1x2x1x1"},
    {"1x600x1x4", "1x40x1x4", "1x40x1x5", "1x600x1x5", "600x40"},
    {"2x30x2x12", "2x1x2x12", "2x1x2x1", "2x30x2x1", ""},
    {"3x70x2x36", "3x300x1x36", "3x300x1x33", "3x70x2x33", "3x1x70x300"},
};

std::string attention(const Attention &a, const std::string &q, const std::string &k,
                      const std::string &v) {
  bool masked = *a.mask;
  std::string operands = q + ", " + k + ", " + v + (masked ? ", " + tensor(a.mask) : "");
  return "func.func @main(%q: " + q + ", %k: " + k + ", %v: " + v +
         (masked ? ", %m: " + tensor(a.mask) : "") + ") -> " + tensor(a.y) +
         " {\n %0 = octet.attention %q, %k, %v" + (masked ? ", %m" : "") +
         " {scale = 0.3 : f32} : (" + operands + ") -> " + tensor(a.y) +
         "\n return %0 : " + tensor(a.y) + "\n}";
}

TEST(Attention, Floats) {
  for (const Attention &a : kAttention)
    expectNative(attention(a, tensor(a.q), tensor(a.k), tensor(a.v)), 5e-6);
}

// As floats may differ between instruction sets.
void expectClose(const std::string &text, double bound) {
  for (const std::string &target : getTestTargets()) {
    SCOPED_TRACE(target + ":\n" + text);
    Comparison result = compareNative(text, target);
    ASSERT_EQ(result.error, "");
    EXPECT_LE(result.relativeError, bound);
  }
}

// A weight may be rounded otherwise near a tie.
TEST(Attention, NarrowFloats) {
  for (const Attention &a : kAttention)
    expectClose(attention(a, tensor(a.q, "bf16"), tensor(a.k, "bf16"), tensor(a.v, "bf16")), 1e-3);
}

// Rows that see no key (weights are NaN), see none by the lowest number (weights are equal),
// see one, and see all.
std::string masked(const std::string &element) {
  std::string q = tensor("1x4x1x8", element), k = tensor("1x3x1x8", element),
              v = tensor("1x3x1x5", element);
  return "func.func @main(%q: " + q + ", %k: " + k + ", %v: " + v + R"() -> tensor<1x4x1x5xf32> {
  %m = octet.constant dense<[[0xff800000, 0xff800000, 0xff800000],
                             [-3.40282347E+38, -3.40282347E+38, -3.40282347E+38],
                             [0xff800000, 0.0, -3.40282347E+38], [0.0, -1.0, 0.5]]>
      : tensor<4x3xf32> : tensor<4x3xf32>
  %0 = octet.attention %q, %k, %v, %m {scale = 0.7 : f32} : ()" +
         q + ", " + k + ", " + v + R"(, tensor<4x3xf32>) -> tensor<1x4x1x5xf32>
  return %0 : tensor<1x4x1x5xf32>
})";
}

TEST(Attention, RowsThatSeeNoKey) {
  expectNative(masked("f32"), 5e-6);
  expectClose(masked("bf16"), 1e-3);
  expectNative(masked("!quant.uniform<u8:f32, 0.02:117>"), 1e-3);
}

// A weight may differ by one where the exponential lies near a tie.
TEST(Attention, Integers) {
  for (const Attention &a : kAttention)
    expectNative(attention(a, tensor(a.q, "!quant.uniform<u8:f32, 0.01:117>"),
                           tensor(a.k, "!quant.uniform<u8:f32, 0.02:130>"),
                           tensor(a.v, "!quant.uniform<u8:f32, 0.03:100>")),
                 1e-3);
}

} // namespace
