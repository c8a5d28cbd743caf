// RUN: octet-opt %s | octet-opt | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>

// CHECK-LABEL: func @norms
// CHECK: octet.layer_norm %{{.*}} {epsilon = 9.99999974E-6 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.rms_norm %{{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xf32>
// CHECK: octet.gelu %{{.*}} {tanh} : (tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @norms(%x: tensor<2x3xf32>, %h: tensor<2x3xbf16>) {
  %0 = octet.layer_norm %x {epsilon = 1.0e-5 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.rms_norm %h {epsilon = 0.0 : f32} : (tensor<2x3xbf16>) -> tensor<2x3xf32>
  %2 = octet.gelu %x {tanh} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @attention
// CHECK: octet.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {scale = 1.250000e-01 : f32} : (tensor<2x5x4x8xf32>, tensor<2x7x2x8xf32>, tensor<2x7x2x6xf32>, tensor<1x7xf32>) -> tensor<2x5x4x6xf32>
// CHECK: octet.attention {{.*}} -> tensor<1x5x1x8xf32>
func.func @attention(%q: tensor<2x5x4x8xf32>, %k: tensor<2x7x2x8xf32>, %v: tensor<2x7x2x6xf32>, %mask: tensor<1x7xf32>, %b: tensor<1x5x1x8x!u8>) {
  %0 = octet.attention %q, %k, %v, %mask {scale = 0.125 : f32}
      : (tensor<2x5x4x8xf32>, tensor<2x7x2x8xf32>, tensor<2x7x2x6xf32>, tensor<1x7xf32>) -> tensor<2x5x4x6xf32>
  %1 = octet.attention %b, %b, %b {scale = 1.0 : f32}
      : (tensor<1x5x1x8x!u8>, tensor<1x5x1x8x!u8>, tensor<1x5x1x8x!u8>) -> tensor<1x5x1x8xf32>
  return
}
