// RUN: octet-opt %s --octet-recognize-pooling --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: func @mean
func.func @mean(%x: tensor<1x3x5x7xf32>) -> tensor<1x3xf32> {
  // CHECK: %[[P:.*]] = octet.average_pool %arg0 {{.*}}kernel = array<i64: 5, 7>{{.*}} loc("Mean_0"("t0:pooled"))
  // CHECK: octet.reshape %[[P]] {{.*}} loc("Mean_0"("t0"))
  %0 = octet.reduce mean %x {axes = array<i64: 2, 3>} : (tensor<1x3x5x7xf32>) -> tensor<1x3xf32> loc("Mean_0"("t0"))
  return %0 : tensor<1x3xf32>
}

// CHECK-LABEL: func @max_keeps_dimensions
func.func @max_keeps_dimensions(%x: tensor<1x3x5x7xf32>) -> tensor<1x3x1x1xf32> {
  // CHECK: %[[P:.*]] = octet.max_pool %arg0
  // CHECK-NEXT: return %[[P]]
  %0 = octet.reduce max %x {axes = array<i64: 2, 3>, keepdims} : (tensor<1x3x5x7xf32>) -> tensor<1x3x1x1xf32>
  return %0 : tensor<1x3x1x1xf32>
}

// CHECK-LABEL: func @other_axes
func.func @other_axes(%x: tensor<1x3x5x7xf32>) -> tensor<1x5x7xf32> {
  // CHECK: octet.reduce mean
  %0 = octet.reduce mean %x {axes = array<i64: 1>} : (tensor<1x3x5x7xf32>) -> tensor<1x5x7xf32>
  return %0 : tensor<1x5x7xf32>
}

// CHECK-LABEL: func @sum
func.func @sum(%x: tensor<1x3x5x7xf32>) -> tensor<1x3xf32> {
  // CHECK: octet.reduce sum
  %0 = octet.reduce sum %x {axes = array<i64: 2, 3>} : (tensor<1x3x5x7xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// CHECK-LABEL: func @single_elements
func.func @single_elements(%x: tensor<1x3x5x7xf32>) -> (tensor<1x3x5x7xf32>, tensor<1x3x3x7xf32>) {
  // CHECK-NEXT: %[[P:.*]] = octet.max_pool
  // CHECK-NEXT: return %arg0, %[[P]]
  %0 = octet.average_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x5x7xf32>) -> tensor<1x3x5x7xf32>
  %1 = octet.max_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x5x7xf32>) -> tensor<1x3x3x7xf32>
  return %0, %1 : tensor<1x3x5x7xf32>, tensor<1x3x3x7xf32>
}
