// RUN: octet-opt %s -split-input-file -octet-fuse-qdq | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:3>

// Elementwise operands enter as integers, the result leaves as such.

// CHECK-LABEL: func.func @elementwise
// CHECK-NEXT: %[[Y:.+]] = octet.fused %arg0 : (tensor<2x!quant{{.*}}) -> tensor<2x!quant
// CHECK-NEXT: ^bb0(%[[A:.+]]: tensor<2x!quant
// CHECK-NEXT: %[[D:.+]] = octet.dequantize %[[A]]
// CHECK-NEXT: %[[S:.+]] = octet.add %[[D]], %[[D]]
// CHECK-NEXT: %[[Q:.+]] = octet.quantize %[[S]]
// CHECK-NEXT: octet.yield %[[Q]]
// CHECK: return %[[Y]]
func.func @elementwise(%x: tensor<2x!q>) -> tensor<2x!r> {
  %d = octet.dequantize %x : (tensor<2x!q>) -> tensor<2xf32>
  %y = octet.fused %d : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: tensor<2xf32>):
    %0 = octet.add %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    octet.yield %0 : tensor<2xf32>
  }
  %q = octet.quantize %y : (tensor<2xf32>) -> tensor<2x!r>
  return %q : tensor<2x!r>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

// A contraction in f32 reads its operand from memory; other operands of its group
// are dequantized behind it.

// CHECK-LABEL: func.func @f32_root
// CHECK: %[[D:.+]] = octet.fused %arg0 {{.*}} -> tensor<1x1xf32>
// CHECK-NEXT: ^bb0
// CHECK-NEXT: octet.dequantize
// CHECK: octet.fused %[[D]], %arg2, %arg1
// CHECK: octet.matmul
// CHECK-NEXT: octet.dequantize
// CHECK-NEXT: octet.add
func.func @f32_root(%x: tensor<1x1x!q>, %s: tensor<1x1x!q>, %w: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %d = octet.dequantize %x : (tensor<1x1x!q>) -> tensor<1x1xf32>
  %e = octet.dequantize %s : (tensor<1x1x!q>) -> tensor<1x1xf32>
  %y = octet.fused %d, %w, %e : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> {
  ^bb0(%a: tensor<1x1xf32>, %b: tensor<1x1xf32>, %c: tensor<1x1xf32>):
    %0 = octet.matmul %a, %b : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    %1 = octet.add %0, %c : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    octet.yield %1 : tensor<1x1xf32>
  }
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:3>

// Averages between borders act on integers: in a group, and a resize alone.

// CHECK-LABEL: func.func @averages
// CHECK: octet.fused %arg0
// CHECK: octet.average_pool {{.*}} : (tensor<1x1x2x2x!quant.uniform<u8:f32, 5.000000e-01:3>>) -> tensor<1x1x1x1x!quant.uniform<u8:f32, 2.500000e-01:3>>
// CHECK-NEXT: octet.yield
// CHECK: octet.resize %arg0 {{.*}} : (tensor<1x1x2x2x!quant.uniform<u8:f32, 5.000000e-01:3>>) -> tensor<1x1x4x4x!quant.uniform<u8:f32, 2.500000e-01:3>>
// CHECK-NOT: octet.quantize
func.func @averages(%x: tensor<1x1x2x2x!q>) -> (tensor<1x1x1x1x!r>, tensor<1x1x4x4x!r>) {
  %d = octet.dequantize %x : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x2xf32>
  %y = octet.fused %d {octet.precision = #octet.precision<int8>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  ^bb0(%a: tensor<1x1x2x2xf32>):
    %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
    octet.yield %0 : tensor<1x1x1x1xf32>
  }
  %q = octet.quantize %y : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1x!r>
  %z = octet.resize %d {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode linear>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>, octet.precision = #octet.precision<int8>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  %p = octet.quantize %z : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4x!r>
  return %q, %p : tensor<1x1x1x1x!r>, tensor<1x1x4x4x!r>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

// Without a stored result, or in f32, an average reads f32.

// CHECK-LABEL: func.func @average_f32
// CHECK: %[[D:.+]] = octet.fused %arg0 {{.*}} -> tensor<1x1x2x2xf32>
// CHECK: octet.fused %[[D]]
func.func @average_f32(%x: tensor<1x1x2x2x!q>) -> tensor<1x1x1x1xf32> {
  %d = octet.dequantize %x : (tensor<1x1x2x2x!q>) -> tensor<1x1x2x2xf32>
  %y = octet.fused %d {octet.precision = #octet.precision<int8>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  ^bb0(%a: tensor<1x1x2x2xf32>):
    %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
    octet.yield %0 : tensor<1x1x1x1xf32>
  }
  return %y : tensor<1x1x1x1xf32>
}
