// RUN: octet-opt %s --octet-plan-memory --octet-emit-kernels=target=cascadelake | FileCheck %s

// Kernels have the tiles that their ops say, not those that the cost model would choose.

#plain = #octet.channels_last<pitch = 64, halo = [0, 0, 0, 0]>

// CHECK-LABEL: func private @conv_1_64_8_12(
// CHECK: :8 = scf.for
// CHECK-NOT: = scf.for

// Twelve pixels are a tile of eight and one of four; 64 channels are three vectors and
// one.
// CHECK-LABEL: func private @conv_1_64_8_12_0(
// CHECK: :8 = scf.for
// CHECK: :4 = scf.for
// CHECK: :24 = scf.for
// CHECK: :12 = scf.for
// CHECK-NOT: = scf.for

// The outer loop changes what a number of a unit means: first the blocks of channels
// are told apart, or the lines.
// CHECK-LABEL: func private @conv_1_64_8_12_1(
// CHECK: scf.for %[[UNIT:.*]] =
// CHECK-NEXT: %[[BLOCKS:.*]] = arith.constant 4
// CHECK-NEXT: arith.remui %[[UNIT]], %[[BLOCKS]]
func.func @main(%x: tensor<1x64x8x12xf32, #plain>) -> (tensor<1x64x8x12xf32, #plain>, tensor<1x64x8x12xf32, #plain>, tensor<1x64x8x12xf32, #plain>) {
  %w = octet.constant dense<1.0> : tensor<64x64x1x1xf32> : tensor<64x64x1x1xf32>
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.tiling = #octet.tiling<rows = [1, 1, 2], vectors = 4, outer = channels>} : (tensor<1x64x8x12xf32, #plain>, tensor<64x64x1x1xf32>) -> tensor<1x64x8x12xf32, #plain>
  %1 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.tiling = #octet.tiling<rows = [1, 1, 8], vectors = 3, outer = channels>} : (tensor<1x64x8x12xf32, #plain>, tensor<64x64x1x1xf32>) -> tensor<1x64x8x12xf32, #plain>
  %2 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.tiling = #octet.tiling<rows = [1, 1, 4], vectors = 1, outer = rows>} : (tensor<1x64x8x12xf32, #plain>, tensor<64x64x1x1xf32>) -> tensor<1x64x8x12xf32, #plain>
  return %0, %1, %2 : tensor<1x64x8x12xf32, #plain>, tensor<1x64x8x12xf32, #plain>, tensor<1x64x8x12xf32, #plain>
}
