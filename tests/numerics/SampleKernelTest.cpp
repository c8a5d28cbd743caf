// Sampling at computed points and elimination as machine code. Random points are normal
// numbers, so that many lie outside of the plane.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

std::string gridSample(const std::string &mode, const std::string &padding, const char *aligned,
                       const std::string &x, const std::string &grid, const std::string &y) {
  std::string types = "(tensor<" + x + "xf32>, tensor<" + grid + "xf32>) -> tensor<" + y + "xf32>";
  return "func.func @main(%x: tensor<" + x + "xf32>, %g: tensor<" + grid + "xf32>) -> tensor<" + y +
         "xf32> {\n %0 = octet.grid_sample " + mode + " %x, %g padding " + padding + aligned +
         " : " + types + "\n return %0 : tensor<" + y + "xf32>\n}";
}

TEST(Sample, GridsOnPlanes) {
  for (const char *mode : {"nearest", "linear", "cubic"})
    for (const char *padding : {"zeros", "border", "reflection"})
      for (const char *aligned : {"", " {align_corners}"}) {
        expectNative(gridSample(mode, padding, aligned, "2x3x5x7", "2x9x4x2", "2x3x9x4"));
        expectNative(gridSample(mode, padding, aligned, "1x2x1x3", "1x5x5x2", "1x2x5x5"));
      }
}

TEST(Sample, GridsInVolumes) {
  for (const char *mode : {"nearest", "linear"})
    for (const char *padding : {"zeros", "border", "reflection"})
      expectNative(gridSample(mode, padding, "", "2x3x5x3x4", "2x3x2x5x3", "2x3x3x2x5"));
}

// Numbers that are no place in a plane at all.
TEST(Sample, GridsOfStrangeNumbers) {
  for (const char *mode : {"nearest", "linear", "cubic"})
    for (const char *padding : {"zeros", "border", "reflection"})
      expectNative(
          std::string("func.func @main(%x: tensor<1x2x5x7xf32>) -> tensor<1x2x1x4xf32> {\n"
                      " %g = octet.constant dense<[[[[0x7FC00000, 0x7F800000], "
                      "[0xFF800000, 0.5], [3.0e38, -3.0e38], [1.0e12, 0x7FC00000]]]]> : "
                      "tensor<1x1x4x2xf32> : tensor<1x1x4x2xf32>\n %0 = octet.grid_sample ") +
          mode + " %x, %g padding " + padding +
          " : (tensor<1x2x5x7xf32>, tensor<1x1x4x2xf32>) -> tensor<1x2x1x4xf32>\n return "
          "%0 : tensor<1x2x1x4xf32>\n}");
}

std::string roiAlign(const std::string &mode, int ratio, const std::string &halfPixel,
                     const std::string &regions) {
  return "func.func @main(%x: tensor<3x2x9x11xf32>, %s: tensor<5x4xf32>, %b8: tensor<5xi8>) -> "
         "tensor<5x2x3x2xf32> {\n" +
         regions +
         " %b = octet.fused %b8 : (tensor<5xi8>) -> tensor<5xi64> {\n ^bb0(%a: tensor<5xi8>):\n %c "
         "= octet.cast %a : (tensor<5xi8>) -> tensor<5xi64>\n octet.yield %c : tensor<5xi64>\n }\n "
         "%0 = octet.roi_align " +
         mode + " %x, %r, %b {height = 3 : i64, width = 2 : i64, sampling_ratio = " +
         std::to_string(ratio) + " : i64, spatial_scale = 2.5 : f32" + halfPixel +
         "} : (tensor<3x2x9x11xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x2x3x2xf32>\n "
         "return %0 : tensor<5x2x3x2xf32>\n}";
}

TEST(Sample, Regions) {
  const std::string shifted =
      " %o = octet.constant dense<[[0.5, 0.2, 2.5, 3.0]]> : tensor<1x4xf32> : tensor<1x4xf32>\n %r "
      "= octet.fused %s, %o : (tensor<5x4xf32>, tensor<1x4xf32>) -> tensor<5x4xf32> {\n ^bb0(%a: "
      "tensor<5x4xf32>, %c: tensor<1x4xf32>):\n %d = octet.add %a, %c : (tensor<5x4xf32>, "
      "tensor<1x4xf32>) -> tensor<5x4xf32>\n octet.yield %d : tensor<5x4xf32>\n }\n";
  for (const char *mode : {"avg", "max"})
    for (int ratio : {0, 1, 3})
      for (const char *halfPixel : {"", ", half_pixel"})
        expectNative(roiAlign(mode, ratio, halfPixel, shifted));
}

// A region may have any size; samples stay few.
TEST(Sample, RegionsOfStrangeNumbers) {
  const std::string strange =
      " %r = octet.constant dense<[[0.0, 0.0, 3.0e38, 3.0e38], [0x7FC00000, 0.0, 1.0, 1.0], "
      "[0xFF800000, 0.0, 0x7F800000, 4.0], [4.0, 4.0, 0.0, 0.0], [-9.0, -9.0, 90.0, 90.0]]> : "
      "tensor<5x4xf32> : tensor<5x4xf32>\n";
  for (const char *mode : {"avg", "max"})
    for (const char *halfPixel : {"", ", half_pixel"})
      expectNative(roiAlign(mode, 0, halfPixel, strange));
}

TEST(Sample, Elimination) {
  for (std::string n : {"1", "2", "3", "7", "16"}) {
    std::string type = "tensor<3x" + n + "x" + n + "xf32>";
    expectNative("func.func @main(%x: " + type + ") -> " + type +
                 " {\n %0 = octet.triangularize %x : (" + type + ") -> " + type +
                 "\n return %0 : " + type + "\n}");
  }
  // Without a pivot, and with one that is not the first.
  expectNative("func.func @main(%x: tensor<1xf32>) -> tensor<3x3xf32> {\n %m = octet.constant "
               "dense<[[0.0, 2.0, 1.0], [0.0, 0.0, 3.0], [0.0, 4.0, 5.0]]> : tensor<3x3xf32> : "
               "tensor<3x3xf32>\n %0 = octet.triangularize %m : (tensor<3x3xf32>) -> "
               "tensor<3x3xf32>\n return %0 : tensor<3x3xf32>\n}");
}

} // namespace
