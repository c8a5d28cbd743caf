// RUN: octet-opt %s | octet-opt | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>
!s8 = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.125, 1.0, 2.0}>
!s8n = !quant.uniform<i8<-127:127>:f32:1, {0.25, 0.125}>

// CHECK-LABEL: func @conv
// CHECK: octet.conv %{{.*}}, %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, group = 2 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>} : (tensor<1x6x7x5xf32>, tensor<4x3x3x1xf32>, tensor<4xf32>) -> tensor<1x4x4x5xf32>
func.func @conv(%x: tensor<1x6x7x5xf32>, %w: tensor<4x3x3x1xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x5xf32> {
  %0 = octet.conv %x, %w, %b {strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, group = 2 : i64}
      : (tensor<1x6x7x5xf32>, tensor<4x3x3x1xf32>, tensor<4xf32>) -> tensor<1x4x4x5xf32>
  return %0 : tensor<1x4x4x5xf32>
}

// CHECK-LABEL: func @conv_quantized
// CHECK: octet.conv {{.*}} : (tensor<1x3x4x4x[[X:.*]]>, tensor<4x3x1x1x{{.*}}>, tensor<4xi32>) -> tensor<1x4x4x4x[[X]]>
// CHECK: octet.conv {{.*}} : (tensor<1x3x4x4x{{.*}}>, tensor<4x3x1x1x{{.*}}>) -> tensor<1x4x4x4xf32>
func.func @conv_quantized(%x: tensor<1x3x4x4x!u8>, %w: tensor<4x3x1x1x!s8>, %b: tensor<4xi32>) -> (tensor<1x4x4x4x!u8>, tensor<1x4x4x4xf32>) {
  %0 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x4x4x!u8>, tensor<4x3x1x1x!s8>, tensor<4xi32>) -> tensor<1x4x4x4x!u8>
  %1 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x4x4x!u8>, tensor<4x3x1x1x!s8>) -> tensor<1x4x4x4xf32>
  return %0, %1 : tensor<1x4x4x4x!u8>, tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func @conv_bf16
// CHECK: octet.conv {{.*}} : (tensor<1x3x4x4xbf16>, tensor<4x3x1x1xbf16>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
// CHECK: octet.matmul {{.*}} : (tensor<2x3xbf16>, tensor<3x5xbf16>) -> tensor<2x5xf32>
func.func @conv_bf16(%x: tensor<1x3x4x4xbf16>, %w: tensor<4x3x1x1xbf16>, %b: tensor<4xf32>, %m: tensor<2x3xbf16>, %n: tensor<3x5xbf16>) {
  %0 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x4x4xbf16>, tensor<4x3x1x1xbf16>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %1 = octet.matmul %m, %n : (tensor<2x3xbf16>, tensor<3x5xbf16>) -> tensor<2x5xf32>
  return
}

// Weights of s8 beside activations of f32 (Q23).
// CHECK-LABEL: func @weight_only
// CHECK: octet.conv {{.*}} : (tensor<1x3x4x4xf32>, tensor<4x3x1x1x!quant{{.*}}>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
// CHECK: octet.matmul {{.*}} : (tensor<2x3xf32>, tensor<3x2x!quant{{.*}}>) -> tensor<2x2xf32>
func.func @weight_only(%x: tensor<1x3x4x4xf32>, %w: tensor<4x3x1x1x!quant.uniform<i8<-127:127>:f32:0, {1.0, 2.0, 3.0, 4.0}>>, %b: tensor<4xf32>,
    %m: tensor<2x3xf32>, %n: tensor<3x2x!quant.uniform<i8<-127:127>:f32, 0.5>>) {
  %0 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64}
      : (tensor<1x3x4x4xf32>, tensor<4x3x1x1x!quant.uniform<i8<-127:127>:f32:0, {1.0, 2.0, 3.0, 4.0}>>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %1 = octet.matmul %m, %n : (tensor<2x3xf32>, tensor<3x2x!quant.uniform<i8<-127:127>:f32, 0.5>>) -> tensor<2x2xf32>
  return
}

// CHECK-LABEL: func @conv_transpose
// CHECK: octet.conv_transpose %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 1, 0>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x3x4x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x8x9xf32>
func.func @conv_transpose(%x: tensor<1x3x4x5xf32>, %w: tensor<3x2x3x3xf32>) -> tensor<1x2x8x9xf32> {
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, output_padding = array<i64: 1, 0>, group = 1 : i64}
      : (tensor<1x3x4x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x8x9xf32>
  return %0 : tensor<1x2x8x9xf32>
}

// CHECK-LABEL: func @matmul
// CHECK: octet.matmul %{{.*}}, %{{.*}}, %{{.*}} : (tensor<5x1x2x3xf32>, tensor<7x3x4xf32>, tensor<4xf32>) -> tensor<5x7x2x4xf32>
// CHECK: octet.matmul %{{.*}}, %{{.*}} : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
// CHECK: octet.matmul %{{.*}}, %{{.*}} : (tensor<2x3x{{.*}}>, tensor<3x2x{{.*}}>) -> tensor<2x2xf32>
func.func @matmul(%a: tensor<5x1x2x3xf32>, %b: tensor<7x3x4xf32>, %c: tensor<4xf32>, %v: tensor<3xf32>, %q: tensor<2x3x!u8>, %w: tensor<3x2x!s8n>) -> tensor<5x7x2x4xf32> {
  %0 = octet.matmul %a, %b, %c : (tensor<5x1x2x3xf32>, tensor<7x3x4xf32>, tensor<4xf32>) -> tensor<5x7x2x4xf32>
  %1 = octet.matmul %v, %v : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  %2 = octet.matmul %q, %w : (tensor<2x3x!u8>, tensor<3x2x!s8n>) -> tensor<2x2xf32>
  return %0 : tensor<5x7x2x4xf32>
}
