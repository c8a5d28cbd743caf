// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @layout_survives
// CHECK-SAME: tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>
func.func @layout_survives(%x: tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>) {
  return
}

// CHECK-LABEL: func @fused
// CHECK: octet.fused %{{.*}}, %{{.*}} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<1x2x4x4xf32>, %[[W:.*]]: tensor<2x2x1x1xf32>):
// CHECK-NEXT: %[[C:.*]] = octet.conv %[[X]], %[[W]]
// CHECK-NEXT: %[[R:.*]] = octet.relu %[[C]]
// CHECK-NEXT: octet.yield %[[R]] : tensor<1x2x4x4xf32>
func.func @fused(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %0 = octet.fused %x, %w : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32> {
  ^bb0(%a: tensor<1x2x4x4xf32>, %b: tensor<2x2x1x1xf32>):
    %1 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
        : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
    %2 = octet.relu %1 : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    octet.yield %2 : tensor<1x2x4x4xf32>
  }
  return %0 : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: func @relayout
// CHECK: octet.relayout %{{.*}} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32, #octet.channels_last<pitch = 8, halo = [0, 1, 0, 1]>>
func.func @relayout(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32, #octet.channels_last<pitch = 8, halo = [0, 1, 0, 1]>> {
  %0 = octet.relayout %x : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32, #octet.channels_last<pitch = 8, halo = [0, 1, 0, 1]>>
  return %0 : tensor<1x3x8x8xf32, #octet.channels_last<pitch = 8, halo = [0, 1, 0, 1]>>
}

// CHECK-LABEL: func @launch
// CHECK: octet.launch @kernel(%{{.*}}, %{{.*}}) units(12) "Conv_3" : memref<4xf32>, memref<4xi8>
func.func private @kernel(memref<4xf32>, memref<4xi8>, index, index)
func.func @launch(%x: memref<4xf32>, %y: memref<4xi8>) {
  octet.launch @kernel(%x, %y) units(12) "Conv_3" : memref<4xf32>, memref<4xi8>
  return
}

// CHECK-LABEL: func @decisions_are_attributes
// CHECK: octet.relu %{{.*}} {octet.precision = #octet.precision<int8>, octet.reason = "asked for"}
func.func @decisions_are_attributes(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = octet.relu %x {octet.precision = #octet.precision<int8>, octet.reason = "asked for"} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
