// RUN: octet-opt %s --octet-simplify-shapes | FileCheck %s

// CHECK-LABEL: func @transposes_cancel
func.func @transposes_cancel(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  // CHECK-NEXT: return %arg0
  %0 = octet.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x5xf32>) -> tensor<3x5x2xf32>
  %1 = octet.transpose %0 {permutation = array<i64: 2, 0, 1>} : (tensor<3x5x2xf32>) -> tensor<2x3x5xf32>
  return %1 : tensor<2x3x5xf32>
}

// CHECK-LABEL: func @transposes_compose
func.func @transposes_compose(%x: tensor<2x3x5xf32>) -> tensor<5x2x3xf32> {
  // CHECK-NEXT: octet.transpose %arg0 {permutation = array<i64: 2, 0, 1>}
  // CHECK-NEXT: return
  %0 = octet.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x5xf32>) -> tensor<3x5x2xf32>
  %1 = octet.transpose %0 {permutation = array<i64: 1, 2, 0>} : (tensor<3x5x2xf32>) -> tensor<5x2x3xf32>
  return %1 : tensor<5x2x3xf32>
}

// CHECK-LABEL: func @unit_extents
func.func @unit_extents(%x: tensor<1x3x1x5xf32>) -> tensor<15xf32> {
  // CHECK-NEXT: octet.reshape %arg0 {shape = array<i64: 15>}
  // CHECK-NEXT: return
  %0 = octet.transpose %x {permutation = array<i64: 1, 3, 0, 2>} : (tensor<1x3x1x5xf32>) -> tensor<3x5x1x1xf32>
  %1 = octet.reshape %0 {shape = array<i64: 15>} : (tensor<3x5x1x1xf32>) -> tensor<15xf32>
  return %1 : tensor<15xf32>
}

// CHECK-LABEL: func @concat
func.func @concat(%x: tensor<2x3xf32>, %e: tensor<2x0xf32>) -> (tensor<2x9xf32>, tensor<4x3xf32>) {
  // CHECK-NEXT: octet.concat %arg0, %arg0, %arg0 {axis = 1 : i64}
  // CHECK-NEXT: %[[C:.*]] = octet.concat %arg0, %arg0 {axis = 0
  // CHECK-NEXT: return
  %0 = octet.concat %x, %x {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  %1 = octet.concat %0, %e, %x {axis = 1 : i64} : (tensor<2x6xf32>, tensor<2x0xf32>, tensor<2x3xf32>) -> tensor<2x9xf32>
  %2 = octet.concat %x, %x {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return %1, %2 : tensor<2x9xf32>, tensor<4x3xf32>
}

// Another axis, or another use, keeps the inner concat.
// CHECK-LABEL: func @concat_stays
func.func @concat_stays(%x: tensor<2x3xf32>) -> (tensor<4x3xf32>, tensor<6x3xf32>, tensor<8x3xf32>) {
  // CHECK: %[[A:.*]] = octet.concat %arg0, %arg0 {axis = 0
  // CHECK: octet.concat %[[A]], %arg0
  // CHECK: %[[B:.*]] = octet.concat %arg0, %arg0 {axis = 1
  // CHECK: %[[R:.*]] = octet.reshape %[[B]]
  // CHECK: octet.concat %[[R]], %[[A]] {axis = 0
  %0 = octet.concat %x, %x {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %1 = octet.concat %0, %x {axis = 0 : i64} : (tensor<4x3xf32>, tensor<2x3xf32>) -> tensor<6x3xf32>
  %2 = octet.concat %x, %x {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  %3 = octet.reshape %2 {shape = array<i64: 4, 3>} : (tensor<2x6xf32>) -> tensor<4x3xf32>
  %4 = octet.concat %3, %0 {axis = 0 : i64} : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<8x3xf32>
  return %0, %1, %4 : tensor<4x3xf32>, tensor<6x3xf32>, tensor<8x3xf32>
}

// x[1], x[3], x[5], ... of the elements 9, 8, 7, ...: 8, 6
// CHECK-LABEL: func @slices
func.func @slices(%x: tensor<10xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: octet.slice %arg0 {offsets = array<i64: 8>, sizes = array<i64: 2>, steps = array<i64: -2>}
  // CHECK-NEXT: return
  %0 = octet.slice %x {offsets = array<i64: 9>, sizes = array<i64: 10>, steps = array<i64: -1>} : (tensor<10xf32>) -> tensor<10xf32>
  %1 = octet.slice %0 {offsets = array<i64: 1>, sizes = array<i64: 2>, steps = array<i64: 2>} : (tensor<10xf32>) -> tensor<2xf32>
  %2 = octet.slice %1 {offsets = array<i64: 0>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// CHECK-LABEL: func @gather_one
func.func @gather_one(%x: tensor<2x3xf32>, %i: tensor<i64>) -> (tensor<2xf32>, tensor<2xf32>) {
  %last = octet.constant dense<-1> : tensor<i64> : tensor<i64>
  // CHECK: %[[S:.*]] = octet.slice %arg0 {offsets = array<i64: 0, 2>, sizes = array<i64: 2, 1>
  // CHECK: octet.reshape %[[S]] {shape = array<i64: 2>}
  // CHECK: octet.gather %arg0, %arg1
  %0 = octet.gather %x, %last {axis = 1 : i64} : (tensor<2x3xf32>, tensor<i64>) -> tensor<2xf32>
  %1 = octet.gather %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<i64>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: func @expand
func.func @expand(%x: tensor<1x3xf32>, %y: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK-DAG: octet.add %arg0, %arg1
  // CHECK-DAG: %[[E:.*]] = octet.expand
  // CHECK: octet.mul %[[E]], %arg0
  %0 = octet.expand %x {shape = array<i64: 2, 3>} : (tensor<1x3xf32>) -> tensor<2x3xf32>
  %1 = octet.add %0, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %0, %x : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func @sink
func.func @sink(%x: tensor<2x3xf32>, %w: tensor<3x6xf32>) -> tensor<3x4xf32> {
  %c = octet.constant dense<2.0> : tensor<1x1xf32> : tensor<1x1xf32>
  // CHECK: %[[M:.*]] = octet.matmul
  // CHECK: %[[R:.*]] = octet.relu %[[M]]
  // CHECK: %[[C:.*]] = octet.constant dense<2.000000e+00> : tensor<f32>
  // CHECK: %[[S:.*]] = octet.mul %[[R]], %[[C]]
  // CHECK: octet.reshape %[[S]] {shape = array<i64: 3, 4>}
  %0 = octet.matmul %x, %w : (tensor<2x3xf32>, tensor<3x6xf32>) -> tensor<2x6xf32>
  %1 = octet.reshape %0 {shape = array<i64: 3, 4>} : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %2 = octet.relu %1 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %3 = octet.mul %2, %c : (tensor<3x4xf32>, tensor<1x1xf32>) -> tensor<3x4xf32>
  return %3 : tensor<3x4xf32>
}

// Nothing computes the operand, it has other uses, or a vector would have to move too.
// CHECK-LABEL: func @no_sink
func.func @no_sink(%x: tensor<2x6xf32>, %v: tensor<4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) {
  // CHECK: %[[A:.*]] = octet.reshape
  // CHECK: octet.relu %[[A]]
  // CHECK: %[[B:.*]] = octet.reshape
  // CHECK: octet.abs %[[B]]
  // CHECK: %[[C:.*]] = octet.reshape
  // CHECK: octet.add %[[C]]
  %0 = octet.reshape %x {shape = array<i64: 3, 4>} : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %1 = octet.relu %0 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %2 = octet.tanh %x : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %3 = octet.reshape %2 {shape = array<i64: 3, 4>} : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %4 = octet.abs %3 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %5 = octet.exp %x : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %6 = octet.reshape %5 {shape = array<i64: 3, 4>} : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %7 = octet.add %6, %v : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  return %1, %3, %4, %7 : tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
}

// A convolution in one dimension and what follows it: one reshape at the end.
// CHECK-LABEL: func @sink_channels
func.func @sink_channels(%x: tensor<1x2x1x5xf32>, %w: tensor<2x2x1x1xf32>, %p: tensor<2xf32>, %r: tensor<1x2x1x5xf32>) -> tensor<1x2x5xf32> {
  %c = octet.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32> : tensor<2x1xf32>
  // CHECK: %[[Y:.*]] = octet.conv
  // CHECK-NEXT: %[[N:.*]] = octet.batch_norm %[[Y]]
  // CHECK-NEXT: %[[C:.*]] = octet.constant {{.*}} : tensor<1x2x1x1xf32>
  // CHECK-NEXT: %[[M:.*]] = octet.mul %[[N]], %[[C]]
  // CHECK-NEXT: %[[A:.*]] = octet.add %[[M]], %arg3
  // CHECK-NEXT: %[[R:.*]] = octet.reshape %[[A]] {shape = array<i64: 1, 2, 5>}
  // CHECK-NEXT: return %[[R]]
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x1x5xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x1x5xf32>
  %1 = octet.reshape %0 {shape = array<i64: 1, 2, 5>} : (tensor<1x2x1x5xf32>) -> tensor<1x2x5xf32>
  %2 = octet.batch_norm %1, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x2x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x5xf32>
  %3 = octet.mul %2, %c : (tensor<1x2x5xf32>, tensor<2x1xf32>) -> tensor<1x2x5xf32>
  %4 = octet.reshape %r {shape = array<i64: 1, 2, 5>} : (tensor<1x2x1x5xf32>) -> tensor<1x2x5xf32>
  %5 = octet.add %3, %4 : (tensor<1x2x5xf32>, tensor<1x2x5xf32>) -> tensor<1x2x5xf32>
  return %5 : tensor<1x2x5xf32>
}

// Clips are monotonic: the convolution can do them before the pool.
// CHECK-LABEL: func @sink_max_pool
func.func @sink_max_pool(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: %[[C:.*]] = octet.conv
  // CHECK: %[[R:.*]] = octet.relu %[[C]]
  // CHECK: octet.max_pool %[[R]]
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = octet.max_pool %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %2 = octet.relu %1 : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: func @no_sink_max_pool
func.func @no_sink_max_pool(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> {
  // CHECK: %[[C:.*]] = octet.conv
  // CHECK: %[[P:.*]] = octet.max_pool %[[C]]
  // CHECK: octet.abs %[[P]]
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %1 = octet.max_pool %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %2 = octet.abs %1 : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: func @resize
func.func @resize(%x: tensor<1x2x3x5xf32>) -> (tensor<1x2x3x5xf32>, tensor<1x2x3x5xf32>) {
  // CHECK-NEXT: %[[R:.*]] = octet.resize
  // CHECK-NEXT: return %arg0, %[[R]]
  %0 = octet.resize %x {sizes = array<i64: 3, 5>, scales = array<f32: 1.0, 1.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding round_prefer_floor>} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %1 = octet.resize %x {sizes = array<i64: 3, 5>, scales = array<f32: 1.1, 1.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding round_prefer_floor>} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  return %0, %1 : tensor<1x2x3x5xf32>, tensor<1x2x3x5xf32>
}
