// What the kernels pipeline does around kernels: views, halos, copies, outputs.

#include "tests/numerics/Native.h"

#include "gtest/gtest.h"

using octet::test::compareNative;

namespace {

void expectClose(const std::string &text, double bound = 1e-6) {
  for (const std::string &target : octet::test::getTestTargets()) {
    auto result = compareNative(text, target, /*threads=*/2);
    EXPECT_EQ(result.error, "") << target;
    EXPECT_EQ(result.differentIntegers, 0) << target;
    EXPECT_LE(result.relativeError, bound) << target;
  }
}

TEST(Graph, ReturnsItsArgument) {
  expectClose(R"(func.func @main(%x: tensor<3x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>) {
    return %x, %x : tensor<3x5xf32>, tensor<3x5xf32>
  })");
}

TEST(Graph, ReadsThroughViewsAndWritesResultsInPlace) {
  expectClose(R"(func.func @main(%x: tensor<3x5xf32>) -> (tensor<15xf32>, tensor<15xf32>) {
    %0 = octet.reshape %x {shape = array<i64: 15>} : (tensor<3x5xf32>) -> tensor<15xf32>
    %1 = octet.fused %0 : (tensor<15xf32>) -> tensor<15xf32> {
    ^bb0(%a: tensor<15xf32>):
      %r = octet.relu %a : (tensor<15xf32>) -> tensor<15xf32>
      octet.yield %r : tensor<15xf32>
    }
    return %1, %0 : tensor<15xf32>, tensor<15xf32>
  })");
}

TEST(Graph, ReturnsConstants) {
  expectClose(R"(func.func @main(%x: tensor<1xf32>) -> tensor<3xi64> {
    %0 = octet.constant dense<[1, -2, 3]> : tensor<3xi64> : tensor<3xi64>
    return %0 : tensor<3xi64>
  })");
}

TEST(Graph, ReusesMemoryOfDeadTensorsOnly) {
  expectClose(R"(func.func @main(%x: tensor<70xf32>) -> tensor<70xf32> {
    %0 = octet.fused %x : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.neg %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %1 = octet.fused %0 : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.abs %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %2 = octet.fused %1 : (tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>):
      %r = octet.neg %a : (tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    %3 = octet.fused %2, %0 : (tensor<70xf32>, tensor<70xf32>) -> tensor<70xf32> {
    ^bb0(%a: tensor<70xf32>, %b: tensor<70xf32>):
      %r = octet.mul %a, %b : (tensor<70xf32>, tensor<70xf32>) -> tensor<70xf32>
      octet.yield %r : tensor<70xf32>
    }
    return %3 : tensor<70xf32>
  })");
}

} // namespace
