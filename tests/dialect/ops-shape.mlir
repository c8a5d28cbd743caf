// RUN: octet-opt %s | octet-opt | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>

// CHECK-LABEL: func @constant
// CHECK: octet.constant dense<[1, 2, 3]> : tensor<3xi64> : tensor<3xi64>
// CHECK: octet.constant dense<-56> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK: octet.constant dense_resource<weights> : tensor<2xf32> : tensor<2xf32>
func.func @constant() {
  %0 = octet.constant dense<[1, 2, 3]> : tensor<3xi64> : tensor<3xi64>
  %1 = octet.constant dense<200> : tensor<2x2xi8> : tensor<2x2x!u8>
  %2 = octet.constant dense_resource<weights> : tensor<2xf32> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @move
// CHECK: octet.reshape %{{.*}} {shape = array<i64: 3, 8>} : (tensor<2x3x4xf32>) -> tensor<3x8xf32>
// CHECK: octet.transpose %{{.*}} {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
// CHECK: octet.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x6x4xf32>
// CHECK: octet.slice %{{.*}} {offsets = array<i64: 1, 0, 3>, sizes = array<i64: 1, 2, 2>, steps = array<i64: 1, 2, -3>} : (tensor<2x3x4xf32>) -> tensor<1x2x2xf32>
// CHECK: octet.pad %{{.*}} {high = array<i64: 0, 0, 1>, low = array<i64: 0, 1, -1>, mode = #octet<pad_mode constant>, value = 3.000000e+00 : f32} : (tensor<2x3x4xf32>) -> tensor<2x4x4xf32>
// CHECK: octet.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<5x1xi64>) -> tensor<2x5x1x4xf32>
// CHECK: octet.expand %{{.*}} {shape = array<i64: 2, 2, 3, 4>} : (tensor<2x3x4xf32>) -> tensor<2x2x3x4xf32>
func.func @move(%x: tensor<2x3x4xf32>, %i: tensor<5x1xi64>) {
  %0 = octet.reshape %x {shape = array<i64: 3, 8>} : (tensor<2x3x4xf32>) -> tensor<3x8xf32>
  %1 = octet.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %2 = octet.concat %x, %x {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x6x4xf32>
  %3 = octet.slice %x {offsets = array<i64: 1, 0, 3>, sizes = array<i64: 1, 2, 2>, steps = array<i64: 1, 2, -3>} : (tensor<2x3x4xf32>) -> tensor<1x2x2xf32>
  %4 = octet.pad %x {low = array<i64: 0, 1, -1>, high = array<i64: 0, 0, 1>, mode = #octet<pad_mode constant>, value = 3.0 : f32} : (tensor<2x3x4xf32>) -> tensor<2x4x4xf32>
  %5 = octet.gather %x, %i {axis = 1 : i64} : (tensor<2x3x4xf32>, tensor<5x1xi64>) -> tensor<2x5x1x4xf32>
  %6 = octet.expand %x {shape = array<i64: 2, 2, 3, 4>} : (tensor<2x3x4xf32>) -> tensor<2x2x3x4xf32>
  return
}

// CHECK-LABEL: func @plane
// CHECK: octet.depth_to_space %{{.*}} {block_size = 2 : i64, mode = #octet<depth_to_space_mode crd>} : (tensor<1x8x3x3x{{.*}}>) -> tensor<1x2x6x6x{{.*}}>
// CHECK: octet.resize %{{.*}} {coordinates = #octet<resize_coordinates align_corners>, mode = #octet<resize_mode linear>, rounding = #octet<resize_rounding floor>, scales = array<f32: 2.000000e+00, 1.500000e+00>, sizes = array<i64: 6, 4>} : (tensor<1x8x3x3x{{.*}}>) -> tensor<1x8x6x4x{{.*}}>
func.func @plane(%x: tensor<1x8x3x3x!u8>) {
  %0 = octet.depth_to_space %x {block_size = 2 : i64, mode = #octet<depth_to_space_mode crd>} : (tensor<1x8x3x3x!u8>) -> tensor<1x2x6x6x!u8>
  %1 = octet.resize %x {sizes = array<i64: 6, 4>, scales = array<f32: 2.0, 1.5>, mode = #octet<resize_mode linear>, coordinates = #octet<resize_coordinates align_corners>, rounding = #octet<resize_rounding floor>}
      : (tensor<1x8x3x3x!u8>) -> tensor<1x8x6x4x!u8>
  return
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F00000040"
    }
  }
#-}
