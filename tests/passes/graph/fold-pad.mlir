// RUN: octet-opt %s --octet-fold-pad | FileCheck %s

// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x5x6xf32> {
  // CHECK-NOT: octet.pad
  // CHECK: octet.conv %arg0, %arg1 {{.*}}pads = array<i64: 1, 2, 2, 2>
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 2>, high = array<i64: 0, 0, 1, 2>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x8xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x6x8xf32>, tensor<1x1x3x3xf32>) -> tensor<1x1x5x6xf32>
  return %1 : tensor<1x1x5x6xf32>
}

// CHECK-LABEL: func @not_zero
func.func @not_zero(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>, mode = #octet<pad_mode constant>, value = 1.0 : f32} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x6xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x6x6xf32>, tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// CHECK-LABEL: func @channels
func.func @channels(%x: tensor<1x1x4x4xf32>, %w: tensor<1x2x3x3xf32>) -> tensor<1x1x2x2xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// CHECK-LABEL: func @crop
func.func @crop(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<1x1x3x4xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, -1, 0>, high = array<i64: 0, 0, 0, 0>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x4xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x3x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x3x4xf32>
  return %1 : tensor<1x1x3x4xf32>
}

// CHECK-LABEL: func @reflect
func.func @reflect(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>, mode = #octet<pad_mode reflect>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x6xf32>
  %1 = octet.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x6x6xf32>, tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// CHECK-LABEL: func @average_pool
func.func @average_pool(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x5xf32> {
  // CHECK-NOT: octet.pad
  // CHECK: octet.average_pool %arg0 {count_include_pad, {{.*}}pads = array<i64: 1, 1, 1, 2>
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 2>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x7xf32>
  %1 = octet.average_pool %0 {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x6x7xf32>) -> tensor<1x1x4x5xf32>
  return %1 : tensor<1x1x4x5xf32>
}

// CHECK-LABEL: func @own_pads_do_not_count
func.func @own_pads_do_not_count(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x5x4xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x6xf32>
  %1 = octet.average_pool %0 {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x6x6xf32>) -> tensor<1x1x5x4xf32>
  return %1 : tensor<1x1x5x4xf32>
}

// CHECK-LABEL: func @ceil_mode
func.func @ceil_mode(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x6xf32>
  %1 = octet.average_pool %0 {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, ceil_mode} : (tensor<1x1x6x6xf32>) -> tensor<1x1x3x3xf32>
  return %1 : tensor<1x1x3x3xf32>
}

// CHECK-LABEL: func @window_in_border
func.func @window_in_border(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x3x4xf32> {
  // CHECK: octet.pad
  %0 = octet.pad %x {low = array<i64: 0, 0, 2, 1>, high = array<i64: 0, 0, 0, 1>, mode = #octet<pad_mode constant>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x6x6xf32>
  %1 = octet.average_pool %0 {kernel = array<i64: 2, 3>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x6x6xf32>) -> tensor<1x1x3x4xf32>
  return %1 : tensor<1x1x3x4xf32>
}

// CHECK-LABEL: func @no_pad
func.func @no_pad(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32> {
  // CHECK: octet.average_pool
  // CHECK-NOT: count_include_pad
  // CHECK: return
  %1 = octet.average_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return %1 : tensor<1x1x3x3xf32>
}
