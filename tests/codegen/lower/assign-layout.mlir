// RUN: octet-opt %s --split-input-file --octet-assign-layout | FileCheck %s

// A convolution pulls its input and side operands to channels last; the halo is what
// the widest reader needs, and 8-bit channels are padded to the width of a dot product.

!q = !quant.uniform<u8:f32, 1.0>
!w = !quant.uniform<i8<-127:127>:f32, 1.0>

// CHECK-LABEL: func @conv
// CHECK: %[[Q:.*]] = octet.quantize %{{.*}} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8x!quant.uniform<u8:f32, 1.000000e+00>, #octet.channels_last<pitch = 4, halo = [1, 2, 1, 0]>>
// CHECK: octet.conv %[[Q]]
// CHECK-SAME: -> tensor<1x6x8x8xf32, #octet.channels_last<pitch = 6, halo = [0, 0, 0, 0]>>
// CHECK: octet.conv %[[Q]]
// CHECK: octet.relayout
// CHECK-SAME: -> tensor<1x6x6x6xf32>
func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<6x3x3x3x!w>) -> tensor<1x6x6x6xf32> {
  %q = octet.quantize %x : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8x!q>
  %0 = octet.conv %q, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 2, 1, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x3x8x8x!q>, tensor<6x3x3x3x!w>) -> tensor<1x6x8x8xf32>
  %1 = octet.conv %q, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x3x8x8x!q>, tensor<6x3x3x3x!w>) -> tensor<1x6x6x6xf32>
  return %1 : tensor<1x6x6x6xf32>
}

// -----

// Elementwise ops follow; a rank-4 constant is laid out at compile time; what needs
// row-major order gets a relayout.

// CHECK-LABEL: func @follow
// CHECK-DAG: octet.constant {{.*}} : tensor<1x6x1x1xf32, #octet.channels_last<pitch = 6, halo = [0, 0, 0, 0]>>
// CHECK: %[[POOL:.*]] = octet.max_pool
// CHECK-SAME: -> tensor<1x6x4x4xf32, #octet.channels_last<pitch = 6, halo = [0, 0, 0, 0]>>
// CHECK: %[[FUSED:.*]] = octet.fused %[[POOL]]
// CHECK-SAME: -> tensor<1x6x4x4xf32, #octet.channels_last<pitch = 6, halo = [0, 0, 0, 0]>>
// CHECK: ^bb0(%{{.*}}: tensor<1x6x4x4xf32, #octet.channels_last
// CHECK: %[[PLAIN:.*]] = octet.relayout %[[FUSED]]
// CHECK: octet.reshape %[[PLAIN]]
func.func @follow(%x: tensor<1x6x8x8xf32>) -> tensor<1x96xf32> {
  %c = octet.constant dense<2.0> : tensor<1x6x1x1xf32> : tensor<1x6x1x1xf32>
  %0 = octet.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x6x8x8xf32>) -> tensor<1x6x4x4xf32>
  %1 = octet.fused %0, %c : (tensor<1x6x4x4xf32>, tensor<1x6x1x1xf32>) -> tensor<1x6x4x4xf32> {
  ^bb0(%a: tensor<1x6x4x4xf32>, %b: tensor<1x6x1x1xf32>):
    %m = octet.mul %a, %b : (tensor<1x6x4x4xf32>, tensor<1x6x1x1xf32>) -> tensor<1x6x4x4xf32>
    octet.yield %m : tensor<1x6x4x4xf32>
  }
  %2 = octet.reshape %1 {shape = array<i64: 1, 96>} : (tensor<1x6x4x4xf32>) -> tensor<1x96xf32>
  return %2 : tensor<1x96xf32>
}

// -----

// Bytes of three channels lie densely for a window that is seven wide, which then takes
// six words for a line instead of seven; for one of three it would save nothing.

!q = !quant.uniform<u8:f32, 1.0>
!w = !quant.uniform<i8<-127:127>:f32, 1.0>

// CHECK-LABEL: func @dense
// CHECK-DAG: octet.quantize {{.*}}#octet.channels_last<pitch = 3, halo = [3, 3, 3, 3]>>
// CHECK-DAG: octet.relayout {{.*}}#octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>
func.func @dense(%x: tensor<1x3x9x20xf32>, %v: tensor<1x3x9x20x!q>, %w: tensor<6x3x7x7x!w>, %u: tensor<6x3x3x3x!w>)
    -> (tensor<1x6x9x20xf32>, tensor<1x6x9x20xf32>) {
  %q = octet.quantize %x : (tensor<1x3x9x20xf32>) -> tensor<1x3x9x20x!q>
  %0 = octet.conv %q, %w {strides = array<i64: 1, 1>, pads = array<i64: 3, 3, 3, 3>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x3x9x20x!q>, tensor<6x3x7x7x!w>) -> tensor<1x6x9x20xf32>
  %1 = octet.conv %v, %u {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x3x9x20x!q>, tensor<6x3x3x3x!w>) -> tensor<1x6x9x20xf32>
  return %0, %1 : tensor<1x6x9x20xf32>, tensor<1x6x9x20xf32>
}
