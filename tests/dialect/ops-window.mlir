// RUN: octet-opt %s | octet-opt | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>
!other = !quant.uniform<u8:f32, 0.25:3>

// CHECK-LABEL: func @pools
// CHECK: octet.max_pool %{{.*}} {ceil_mode, dilations = array<i64: 1, 1>, kernel = array<i64: 3, 2>, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 2>} : (tensor<1x2x7x7xf32>) -> tensor<1x2x4x4xf32>
// CHECK: octet.average_pool %{{.*}} {count_include_pad, {{.*}}} : (tensor<1x2x7x7xf32>) -> tensor<1x2x1x1xf32>
// CHECK: octet.average_pool {{.*}} : (tensor<1x2x2x2x[[X:.*]]>) -> tensor<1x2x1x1x[[Y:.*]]>
func.func @pools(%x: tensor<1x2x7x7xf32>, %q: tensor<1x2x2x2x!u8>) {
  %0 = octet.max_pool %x {kernel = array<i64: 3, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, ceil_mode}
      : (tensor<1x2x7x7xf32>) -> tensor<1x2x4x4xf32>
  %1 = octet.average_pool %x {kernel = array<i64: 7, 7>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad}
      : (tensor<1x2x7x7xf32>) -> tensor<1x2x1x1xf32>
  %2 = octet.average_pool %q {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x2x2x2x!u8>) -> tensor<1x2x1x1x!other>
  return
}

// CHECK-LABEL: func @bf16
// CHECK: octet.max_pool {{.*}} : (tensor<1x2x7x7xbf16>) -> tensor<1x2x6x6xbf16>
// CHECK: octet.average_pool {{.*}} : (tensor<1x2x7x7xbf16>) -> tensor<1x2x6x6xf32>
// CHECK: octet.softmax {{.*}} : (tensor<1x2x7x7xbf16>) -> tensor<1x2x7x7xbf16>
func.func @bf16(%x: tensor<1x2x7x7xbf16>) {
  %0 = octet.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x2x7x7xbf16>) -> tensor<1x2x6x6xbf16>
  %1 = octet.average_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x2x7x7xbf16>) -> tensor<1x2x6x6xf32>
  %2 = octet.softmax %x {axis = 1 : i64} : (tensor<1x2x7x7xbf16>) -> tensor<1x2x7x7xbf16>
  return
}

// CHECK-LABEL: func @reduce
// CHECK: octet.reduce mean %{{.*}} {axes = array<i64: 1>, keepdims} : (tensor<2x3xf32>) -> tensor<2x1xf32>
// CHECK: octet.reduce sum %{{.*}} {axes = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<f32>
// CHECK: octet.reduce max %{{.*}} {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.reduce min %{{.*}} {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
// CHECK: octet.reduce prod %{{.*}} {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
func.func @reduce(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
  %0 = octet.reduce mean %x {axes = array<i64: 1>, keepdims} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %1 = octet.reduce sum %x {axes = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<f32>
  %2 = octet.reduce max %x {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.reduce min %i {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
  %4 = octet.reduce prod %i {axes = array<i64: 0>} : (tensor<4xi64>) -> tensor<i64>
  return
}

// CHECK-LABEL: func @normalize
// CHECK: octet.softmax %{{.*}} {axis = 1 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
// CHECK: octet.log_softmax %{{.*}} {axis = 2 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
// CHECK: octet.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {epsilon = {{.*}} : f32} : (tensor<1x4x3xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x3xf32>
func.func @normalize(%x: tensor<1x4x3xf32>, %p: tensor<4xf32>) {
  %0 = octet.softmax %x {axis = 1 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %1 = octet.log_softmax %x {axis = 2 : i64} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %2 = octet.batch_norm %x, %p, %p, %p, %p {epsilon = 1.0e-5 : f32}
      : (tensor<1x4x3xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x3xf32>
  return
}
