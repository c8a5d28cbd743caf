// RUN: octet-opt %s --octet-fold-batch-norm --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// scale / sqrt(variance + epsilon) = {2, 4}; shift = bias - mean * factor = {-1, 1}
// CHECK-LABEL: func @after_conv
func.func @after_conv(%x: tensor<1x1x2x3xf32>) -> tensor<1x2x2x3xf32> {
  %w = octet.constant dense<[[[[1.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %b = octet.constant dense<[5.0, 7.0]> : tensor<2xf32> : tensor<2xf32>
  %scale = octet.constant dense<[4.0, 4.0]> : tensor<2xf32> : tensor<2xf32>
  %bias = octet.constant dense<[1.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  %mean = octet.constant dense<[1.0, 0.0]> : tensor<2xf32> : tensor<2xf32>
  %variance = octet.constant dense<[3.5, 0.5]> : tensor<2xf32> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = octet.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}1.200000e+01]]]]>
  // CHECK-DAG: %[[B:.*]] = octet.constant dense<[9.000000e+00, 2.900000e+01]>
  // CHECK: %[[Y:.*]] = octet.conv %arg0, %[[W]], %[[B]] {{.*}} loc("Conv_0"("t1"))
  // CHECK-NEXT: return %[[Y]]
  %0 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x3xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32> loc("Conv_0"("t0"))
  %1 = octet.batch_norm %0, %scale, %bias, %mean, %variance {epsilon = 5.0e-1 : f32} : (tensor<1x2x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32> loc("BN_1"("t1"))
  return %1 : tensor<1x2x2x3xf32>
}

// CHECK-LABEL: func @two_uses
func.func @two_uses(%x: tensor<1x1x2x3xf32>) -> (tensor<1x2x2x3xf32>, tensor<1x2x2x3xf32>) {
  %w = octet.constant dense<[[[[1.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %p = octet.constant dense<[1.0, 4.0]> : tensor<2xf32> : tensor<2xf32>
  // CHECK: %[[C:.*]] = octet.conv
  // CHECK: %[[M:.*]] = octet.mul %[[C]], {{.*}} loc("BN_1"("t1:scaled"))
  // CHECK: %[[A:.*]] = octet.add %[[M]], {{.*}} loc("BN_1"("t1"))
  // CHECK: return %[[C]], %[[A]]
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x3xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x3xf32>
  %1 = octet.batch_norm %0, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x2x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32> loc("BN_1"("t1"))
  return %0, %1 : tensor<1x2x2x3xf32>, tensor<1x2x2x3xf32>
}

// (x * w) * 2 - c, by channel, in one go
// CHECK-LABEL: func @run_behind_matmul
func.func @run_behind_matmul(%x: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %w = octet.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  %two = octet.constant dense<2.0> : tensor<f32> : tensor<f32>
  %c = octet.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  // CHECK-DAG: %[[W:.*]] = octet.constant dense<{{\[\[}}2.000000e+00, 6.000000e+00]]>
  // CHECK-DAG: %[[B:.*]] = octet.constant dense<[-1.000000e+00, -2.000000e+00]>
  // CHECK: %[[Y:.*]] = octet.matmul %arg0, %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %0 = octet.matmul %x, %w : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %1 = octet.mul %two, %0 : (tensor<f32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %2 = octet.sub %1, %c : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// A [3, 1] constant varies along the rows, not the channels.
// CHECK-LABEL: func @other_axis
func.func @other_axis(%x: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %w = octet.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  %c = octet.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32> : tensor<3x1xf32>
  // CHECK: octet.matmul
  // CHECK: octet.add
  %0 = octet.matmul %x, %w : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %1 = octet.add %0, %c : (tensor<3x2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// CHECK-LABEL: func @computed_weights
func.func @computed_weights(%x: tensor<3x1xf32>, %w: tensor<1x2xf32>) -> tensor<3x2xf32> {
  %c = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  // CHECK: octet.matmul %arg0, %arg1 :
  // CHECK: octet.add
  %0 = octet.matmul %x, %w : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %1 = octet.add %0, %c : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// 3e38 * 4 is out of range.
// CHECK-LABEL: func @overflow
func.func @overflow(%x: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %w = octet.constant dense<[[3.0e38, 3.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  %c = octet.constant dense<4.0> : tensor<f32> : tensor<f32>
  // CHECK: octet.matmul
  // CHECK: octet.mul
  %0 = octet.matmul %x, %w : (tensor<3x1xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %1 = octet.mul %0, %c : (tensor<3x2xf32>, tensor<f32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// factor = {1, 2}, shift = {0, -3}: b = 1 * 0 + 5 * -3
// CHECK-LABEL: func @before_conv
func.func @before_conv(%x: tensor<1x2x2x3xf32>) -> tensor<1x1x2x3xf32> {
  %w = octet.constant dense<[[[[1.0]], [[5.0]]]]> : tensor<1x2x1x1xf32> : tensor<1x2x1x1xf32>
  %scale = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %bias = octet.constant dense<[1.0, -1.0]> : tensor<2xf32> : tensor<2xf32>
  %ones = octet.constant dense<[1.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = octet.constant dense<{{\[\[\[\[}}1.000000e+00]], {{\[\[}}1.000000e+01]]]]>
  // CHECK-DAG: %[[B:.*]] = octet.constant dense<-1.500000e+01> : tensor<1xf32>
  // CHECK: octet.conv %arg0, %[[W]], %[[B]]
  %0 = octet.batch_norm %x, %scale, %bias, %ones, %ones {epsilon = 0.0 : f32} : (tensor<1x2x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x3xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x2x3xf32>
  return %1 : tensor<1x1x2x3xf32>
}

// Zeros that the convolution pads with are not shifted.
// CHECK-LABEL: func @before_padded_conv
func.func @before_padded_conv(%x: tensor<1x2x2x3xf32>) -> tensor<1x1x3x3xf32> {
  %w = octet.constant dense<[[[[1.0]], [[5.0]]]]> : tensor<1x2x1x1xf32> : tensor<1x2x1x1xf32>
  %p = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  // CHECK-DAG: octet.constant {{.*}} : tensor<1x2x1x1xf32>
  // CHECK: octet.mul
  // CHECK: octet.add
  // CHECK: octet.conv
  %0 = octet.batch_norm %x, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x2x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x3xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x3x3xf32>
  return %1 : tensor<1x1x3x3xf32>
}

// CHECK-LABEL: func @computed_parameters
func.func @computed_parameters(%x: tensor<1x2x2x3xf32>, %p: tensor<2xf32>) -> tensor<1x2x2x3xf32> {
  // CHECK: octet.batch_norm
  %0 = octet.batch_norm %x, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x2x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x3xf32>
  return %0 : tensor<1x2x2x3xf32>
}

// Channels of a group's transposed weights: group 1's outputs are scaled by 10.
// CHECK-LABEL: func @grouped_transpose
func.func @grouped_transpose(%x: tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32> {
  %w = octet.constant dense<[[[[2.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %c = octet.constant dense<[[[1.0]], [[10.0]]]> : tensor<2x1x1xf32> : tensor<2x1x1xf32>
  // CHECK: octet.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}3.000000e+01]]]]>
  // CHECK: octet.conv_transpose
  // CHECK-NEXT: return
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 2 : i64} : (tensor<1x2x2x3xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x3xf32>
  %1 = octet.mul %0, %c : (tensor<1x2x2x3xf32>, tensor<2x1x1xf32>) -> tensor<1x2x2x3xf32>
  return %1 : tensor<1x2x2x3xf32>
}
