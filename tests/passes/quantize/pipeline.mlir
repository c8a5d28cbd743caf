// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-fuse-epilogues),octet-quantize{calibration=%S/Inputs/small.json})" | FileCheck %s

// A residual block: the first convolution quantizes its input, all values between
// are integers, the last convolution gives f32 at once.

// CHECK-LABEL: func.func @residual
// CHECK: %[[X:.+]] = octet.fused %arg0 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4x!quant.uniform<u8:f32, {{.*}}:127>>
// CHECK: octet.quantize
// CHECK: %[[C1:.+]] = octet.fused %[[X]]
// CHECK: octet.conv {{.*}} -> tensor<1x2x4x4x!quant.uniform<u8:f32, 0.0078431377187371254>>
// CHECK-NOT: octet.relu
// CHECK-NOT: octet.quantize
// CHECK: octet.yield
// CHECK: %[[A:.+]] = octet.fused %[[C1]], {{.*}}%[[X]]
// CHECK: octet.conv {{.*}} -> tensor<1x2x4x4xf32>
// CHECK-NEXT: octet.dequantize
// CHECK: octet.add
// CHECK: octet.quantize
// CHECK: octet.fused %[[A]]
// CHECK: octet.conv {{.*}} -> tensor<1x2x4x4xf32>
// CHECK-NEXT: octet.yield {{.*}} tensor<1x2x4x4xf32>
func.func @residual(%x: tensor<1x2x4x4xf32> {octet.name = "x"}) -> tensor<1x2x4x4xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %b = octet.constant dense<[0.25, -0.25]> : tensor<2xf32> : tensor<2xf32>
  %c1 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("Conv_1"("c1"))
  %r1 = octet.relu %c1 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("Relu_1"("r1"))
  %c2 = octet.conv %r1, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("Conv_2"("c2"))
  %a = octet.add %c2, %x : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> loc("Add_1"("a"))
  %c3 = octet.conv %a, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("Conv_3"("c3"))
  return %c3 : tensor<1x2x4x4xf32>
}
