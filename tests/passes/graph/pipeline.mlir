// RUN: octet-opt %s --octet-graph | FileCheck %s

// The activation behind a convolution is found before its shift could go into the bias.
// CHECK-LABEL: func @gate
func.func @gate(%x: tensor<1x1x2x3xf32>) -> tensor<1x2x2x3xf32> {
  %w = octet.constant dense<[[[[1.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  %six = octet.constant dense<6.0> : tensor<f32> : tensor<f32>
  // CHECK: %[[C:.*]] = octet.conv %arg0, %{{[0-9]+}} {
  // CHECK-NEXT: octet.hard_sigmoid %[[C]]
  // CHECK-NEXT: return
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x3xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x3xf32>
  %1 = octet.add %0, %three : (tensor<1x2x2x3xf32>, tensor<f32>) -> tensor<1x2x2x3xf32>
  %2 = octet.clip %1 {low = 0.0 : f32, high = 6.0 : f32} : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32>
  %3 = octet.div %2, %six : (tensor<1x2x2x3xf32>, tensor<f32>) -> tensor<1x2x2x3xf32>
  return %3 : tensor<1x2x2x3xf32>
}

// Scale, decomposition and activation of a transposed convolution end in one convolution.
// CHECK-LABEL: func @upsample
func.func @upsample(%x: tensor<1x1x3x5xf32>) -> tensor<1x1x6x10xf32> {
  %w = octet.constant dense<1.0> : tensor<1x1x2x2xf32> : tensor<1x1x2x2xf32>
  %p = octet.constant dense<4.0> : tensor<1xf32> : tensor<1xf32>
  // CHECK: %[[C:.*]] = octet.conv
  // CHECK-NEXT: %[[R:.*]] = octet.relu %[[C]]
  // CHECK-NEXT: octet.depth_to_space %[[R]]
  // CHECK-NEXT: return
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x6x10xf32>
  %1 = octet.batch_norm %0, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x1x6x10xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x6x10xf32>
  %2 = octet.relu %1 : (tensor<1x1x6x10xf32>) -> tensor<1x1x6x10xf32>
  return %2 : tensor<1x1x6x10xf32>
}
