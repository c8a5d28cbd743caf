// RUN: octet-opt %s --octet-recognize-normalization | FileCheck %s

// CHECK-LABEL: func @layer_norm
func.func @layer_norm(%x: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = octet.layer_norm %arg0 {epsilon = 9.99999974E-6 : f32}
  // CHECK-NEXT: return %[[Y]]
  %epsilon = octet.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %0 = octet.reduce mean %x {axes = array<i64: 2>, keepdims} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %1 = octet.sub %x, %0 : (tensor<2x3x8xf32>, tensor<2x3x1xf32>) -> tensor<2x3x8xf32>
  %2 = octet.mul %1, %1 : (tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  %3 = octet.reduce mean %2 {axes = array<i64: 2>, keepdims} : (tensor<2x3x8xf32>) -> tensor<2x3x1xf32>
  %4 = octet.add %3, %epsilon : (tensor<2x3x1xf32>, tensor<f32>) -> tensor<2x3x1xf32>
  %5 = octet.sqrt %4 : (tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
  %6 = octet.div %1, %5 : (tensor<2x3x8xf32>, tensor<2x3x1xf32>) -> tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// The mean of squares less the square of the mean, clamped; means as sums; numbers of rows that
// are reshaped and expanded; a reciprocal that carries the scale.
// CHECK-LABEL: func @layer_norm_of_sums
func.func @layer_norm_of_sums(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // CHECK: %[[SCALE:.*]] = octet.constant
  // CHECK: %[[N:.*]] = octet.layer_norm %arg0 {epsilon = 9.99999997E-7 : f32}
  // CHECK-NEXT: %[[Y:.*]] = octet.mul %[[N]], %[[SCALE]]
  // CHECK-NEXT: return %[[Y]]
  %epsilon = octet.constant dense<1.0e-6> : tensor<1x1xf32> : tensor<1x1xf32>
  %eighth = octet.constant dense<0.125> : tensor<f32> : tensor<f32>
  %scale = octet.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32> : tensor<8xf32>
  %0 = octet.reduce sum %x {axes = array<i64: 1>} : (tensor<3x8xf32>) -> tensor<3xf32>
  %1 = octet.mul %0, %eighth : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %2 = octet.mul %x, %x : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  %3 = octet.reduce sum %2 {axes = array<i64: 1>} : (tensor<3x8xf32>) -> tensor<3xf32>
  %4 = octet.mul %3, %eighth : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %5 = octet.mul %1, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %6 = octet.sub %4, %5 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %7 = octet.relu %6 : (tensor<3xf32>) -> tensor<3xf32>
  %8 = octet.reshape %7 {shape = array<i64: 3, 1>} : (tensor<3xf32>) -> tensor<3x1xf32>
  %9 = octet.add %8, %epsilon : (tensor<3x1xf32>, tensor<1x1xf32>) -> tensor<3x1xf32>
  %10 = octet.sqrt %9 : (tensor<3x1xf32>) -> tensor<3x1xf32>
  %11 = octet.reciprocal %10 : (tensor<3x1xf32>) -> tensor<3x1xf32>
  %12 = octet.mul %11, %scale : (tensor<3x1xf32>, tensor<8xf32>) -> tensor<3x8xf32>
  %13 = octet.reshape %1 {shape = array<i64: 3, 1>} : (tensor<3xf32>) -> tensor<3x1xf32>
  %14 = octet.expand %13 {shape = array<i64: 3, 8>} : (tensor<3x1xf32>) -> tensor<3x8xf32>
  %15 = octet.sub %x, %14 : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  %16 = octet.mul %15, %12 : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  return %16 : tensor<3x8xf32>
}

// CHECK-LABEL: func @rms_norm
func.func @rms_norm(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // CHECK-NEXT: octet.rms_norm %arg0 {epsilon = 9.99999974E-6 : f32}
  // CHECK-NEXT: return
  %epsilon = octet.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %0 = octet.mul %x, %x : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  %1 = octet.reduce mean %0 {axes = array<i64: 1>, keepdims} : (tensor<3x8xf32>) -> tensor<3x1xf32>
  %2 = octet.add %epsilon, %1 : (tensor<f32>, tensor<3x1xf32>) -> tensor<3x1xf32>
  %3 = octet.sqrt %2 : (tensor<3x1xf32>) -> tensor<3x1xf32>
  %4 = octet.div %one, %3 : (tensor<f32>, tensor<3x1xf32>) -> tensor<3x1xf32>
  %5 = octet.mul %4, %x : (tensor<3x1xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  return %5 : tensor<3x8xf32>
}

// The mean of another tensor's squares.
// CHECK-LABEL: func @other_rows
func.func @other_rows(%x: tensor<3x8xf32>, %z: tensor<3x8xf32>) -> tensor<3x8xf32> {
  // CHECK-NOT: octet.rms_norm
  %epsilon = octet.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %0 = octet.mul %z, %z : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
  %1 = octet.reduce mean %0 {axes = array<i64: 1>, keepdims} : (tensor<3x8xf32>) -> tensor<3x1xf32>
  %2 = octet.add %1, %epsilon : (tensor<3x1xf32>, tensor<f32>) -> tensor<3x1xf32>
  %3 = octet.sqrt %2 : (tensor<3x1xf32>) -> tensor<3x1xf32>
  %4 = octet.div %x, %3 : (tensor<3x8xf32>, tensor<3x1xf32>) -> tensor<3x8xf32>
  return %4 : tensor<3x8xf32>
}

// A mean along another dimension.
// CHECK-LABEL: func @columns
func.func @columns(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK-NOT: octet.rms_norm
  %epsilon = octet.constant dense<1.0e-5> : tensor<f32> : tensor<f32>
  %0 = octet.mul %x, %x : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = octet.reduce mean %0 {axes = array<i64: 0>, keepdims} : (tensor<8x8xf32>) -> tensor<1x8xf32>
  %2 = octet.add %1, %epsilon : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  %3 = octet.sqrt %2 : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %4 = octet.div %x, %3 : (tensor<8x8xf32>, tensor<1x8xf32>) -> tensor<8x8xf32>
  return %4 : tensor<8x8xf32>
}
