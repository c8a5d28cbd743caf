// RUN: octet-opt %s --octet-decompose-conv-transpose --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// Kernel = stride: one tap a phase, nothing to crop. Phases come before channels.
// CHECK-LABEL: func @upsample
func.func @upsample(%x: tensor<1x1x3x5xf32>) -> tensor<1x2x6x10xf32> {
  %w = octet.constant dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  %b = octet.constant dense<[0.5, 0.25]> : tensor<2xf32> : tensor<2xf32>
  // CHECK-DAG: %[[W:.*]] = octet.constant dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}5.000000e+00]]], {{\[\[\[}}2.000000e+00]]], {{\[\[\[}}6.000000e+00]]], {{\[\[\[}}3.0
  // CHECK-DAG: %[[B:.*]] = octet.constant dense<[5.000000e-01, 2.500000e-01, 5.000000e-01, 2.500000e-01, 5.000000e-01, 2.500000e-01, 5.000000e-01, 2.500000e-01]>
  // CHECK: %[[C:.*]] = octet.conv %arg0, %[[W]], %[[B]] {{.*}} -> tensor<1x8x3x5xf32> loc("Up_0"("t0:phases"))
  // CHECK-NEXT: %[[Y:.*]] = octet.depth_to_space %[[C]] {block_size = 2 : i64, mode = #octet<depth_to_space_mode dcr>} {{.*}} -> tensor<1x2x6x10xf32> loc("Up_0"("t0"))
  // CHECK-NEXT: return %[[Y]]
  %0 = octet.conv_transpose %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x2x2x2xf32>, tensor<2xf32>) -> tensor<1x2x6x10xf32> loc("Up_0"("t0"))
  return %0 : tensor<1x2x6x10xf32>
}

// Kernel 4, stride 2, pads 1: two taps a phase, one row and column cropped.
// CHECK-LABEL: func @cropped
func.func @cropped(%x: tensor<1x1x3x5xf32>) -> tensor<1x1x6x10xf32> {
  %w = octet.constant dense<[[[[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0], [12.0, 13.0, 14.0, 15.0]]]]> : tensor<1x1x4x4xf32> : tensor<1x1x4x4xf32>
  // Phase (0, 0) takes taps 2 and 0 of each dimension.
  // CHECK: octet.constant dense<{{\[\[\[\[}}1.000000e+01, 8.000000e+00], [2.000000e+00, 0.000000e+00]]],
  // CHECK: octet.conv {{.*}}pads = array<i64: 1, 1, 1, 1>{{.*}} -> tensor<1x4x4x6xf32>
  // CHECK: octet.depth_to_space {{.*}} -> tensor<1x1x8x12xf32> loc("Up_0"("t0:interleaved"))
  // CHECK: octet.slice {{.*}}offsets = array<i64: 0, 0, 1, 1>{{.*}} -> tensor<1x1x6x10xf32> loc("Up_0"("t0"))
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x4x4xf32>) -> tensor<1x1x6x10xf32> loc("Up_0"("t0"))
  return %0 : tensor<1x1x6x10xf32>
}

// One dimension: strides differ.
// CHECK-LABEL: func @strides_differ
func.func @strides_differ(%x: tensor<1x1x1x5xf32>) -> tensor<1x1x1x10xf32> {
  %w = octet.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32> : tensor<1x1x1x2xf32>
  // CHECK: octet.conv {{.*}} -> tensor<1x2x1x5xf32>
  // CHECK: octet.reshape {{.*}} -> tensor<1x1x1x2x1x5xf32>
  // CHECK: octet.transpose {{.*}} -> tensor<1x1x1x1x5x2xf32>
  // CHECK: octet.reshape {{.*}} -> tensor<1x1x1x10xf32>
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x1x5xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x10xf32>
  return %0 : tensor<1x1x1x10xf32>
}

// Stride 1 is a convolution with the kernel turned around.
// CHECK-LABEL: func @stride_one
func.func @stride_one(%x: tensor<1x1x3x5xf32>) -> tensor<1x1x3x6xf32> {
  %w = octet.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32> : tensor<1x1x1x2xf32>
  // CHECK: octet.constant dense<{{\[\[\[\[}}2.000000e+00, 1.000000e+00]]]]>
  // CHECK: octet.conv {{.*}}pads = array<i64: 0, 1, 0, 1>{{.*}} loc("Up_0"("t0"))
  // CHECK-NEXT: return
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x3x6xf32> loc("Up_0"("t0"))
  return %0 : tensor<1x1x3x6xf32>
}

// CHECK-LABEL: func @computed_weights
func.func @computed_weights(%x: tensor<1x1x3x5xf32>, %w: tensor<1x1x2x2xf32>) -> tensor<1x1x6x10xf32> {
  // CHECK: octet.conv_transpose
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x6x10xf32>
  return %0 : tensor<1x1x6x10xf32>
}

// CHECK-LABEL: func @computed_bias
func.func @computed_bias(%x: tensor<1x1x3x5xf32>, %b: tensor<1xf32>) -> tensor<1x1x3x6xf32> {
  %w = octet.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32> : tensor<1x1x1x2xf32>
  // CHECK: octet.conv_transpose
  %0 = octet.conv_transpose %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>) -> tensor<1x1x3x6xf32>
  return %0 : tensor<1x1x3x6xf32>
}

// Weights that come as integers stay integers; each phase of an output has its scale.
// CHECK-LABEL: func @stored
func.func @stored(%x: tensor<1x1x3x5xf32>) -> tensor<1x2x6x10xf32> {
  // CHECK: %[[W:.*]] = octet.constant dense<{{\[\[\[\[}}1]]], {{\[\[\[}}5]]], {{\[\[\[}}2]]], {{\[\[\[}}6]]], {{.*}}> : tensor<8x1x1x1xi8> : tensor<8x1x1x1x!quant.uniform<i8:f32:0, {5.000000e-01,2.500000e-01,5.000000e-01,2.500000e-01,5.000000e-01,2.500000e-01,5.000000e-01,2.500000e-01}>>
  // CHECK: %[[D:.*]] = octet.dequantize %[[W]]
  // CHECK: octet.conv %arg0, %[[D]]
  %w = octet.constant dense<[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]> : tensor<1x2x2x2xi8> : tensor<1x2x2x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  %d = octet.dequantize %w : (tensor<1x2x2x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>) -> tensor<1x2x2x2xf32>
  %0 = octet.conv_transpose %x, %d {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x6x10xf32> loc("Up_0"("t0"))
  return %0 : tensor<1x2x6x10xf32>
}
