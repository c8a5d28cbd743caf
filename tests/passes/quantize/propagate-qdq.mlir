// RUN: octet-opt %s -split-input-file -octet-propagate-qdq | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:3>

// Borders pass a chain of ops that move integers.

// CHECK-LABEL: func.func @chain
// CHECK: %[[T:.+]] = octet.transpose %arg0 {{.*}} : (tensor<2x4x!quant.uniform<u8:f32, 5.000000e-01:3>>) -> tensor<4x2x!quant.uniform<u8:f32, 5.000000e-01:3>>
// CHECK-NEXT: %[[R:.+]] = octet.reshape %[[T]]
// CHECK-NEXT: %[[D:.+]] = octet.dequantize %[[R]]
// CHECK-NEXT: return %[[D]]
func.func @chain(%x: tensor<2x4x!q>) -> tensor<8xf32> {
  %d = octet.dequantize %x : (tensor<2x4x!q>) -> tensor<2x4xf32>
  %t = octet.transpose %d {permutation = array<i64: 1, 0>, octet.precision = #octet.precision<int8>} : (tensor<2x4xf32>) -> tensor<4x2xf32>
  %r = octet.reshape %t {shape = array<i64: 8>, octet.precision = #octet.precision<int8>} : (tensor<4x2xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @pairs_vanish
// CHECK-NEXT: %[[R:.+]] = octet.reshape %arg0
// CHECK-NEXT: return %[[R]] : tensor<4x!quant
func.func @pairs_vanish(%x: tensor<2x2x!q>) -> tensor<4x!q> {
  %d = octet.dequantize %x : (tensor<2x2x!q>) -> tensor<2x2xf32>
  %r = octet.reshape %d {shape = array<i64: 4>, octet.precision = #octet.precision<int8>} : (tensor<2x2xf32>) -> tensor<4xf32>
  %q = octet.quantize %r : (tensor<4xf32>) -> tensor<4x!q>
  return %q : tensor<4x!q>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:3>

// Operands of a concat: one fits, one is converted, one is real, one is constant
// (values 1, 2 -> 7, 11).

// CHECK-LABEL: func.func @concat
// CHECK-DAG: %[[A:.+]] = octet.requantize %arg0
// CHECK-DAG: %[[B:.+]] = octet.quantize %arg2
// CHECK-DAG: %[[C:.+]] = octet.constant dense<[7, 11]> : tensor<2xi8> : tensor<2x!quant.uniform<u8:f32, 2.500000e-01:3>>
// CHECK: %[[J:.+]] = octet.concat %[[A]], %arg1, %[[B]], %[[C]]
// CHECK: return %[[J]]
func.func @concat(%x: tensor<2x!q>, %y: tensor<2x!r>, %z: tensor<2xf32>) -> tensor<8x!r> {
  %c = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %dx = octet.dequantize %x : (tensor<2x!q>) -> tensor<2xf32>
  %dy = octet.dequantize %y : (tensor<2x!r>) -> tensor<2xf32>
  %j = octet.concat %dx, %dy, %z, %c {axis = 0 : i64, octet.precision = #octet.precision<int8>} : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<8xf32>
  %q = octet.quantize %j : (tensor<8xf32>) -> tensor<8x!r>
  return %q : tensor<8x!r>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

// Ops in f32, and pads whose border may lie outside the range, stay.

// CHECK-LABEL: func.func @refused
// CHECK: %[[D:.+]] = octet.dequantize
// CHECK: octet.reshape %[[D]]
// CHECK: octet.pad %[[D]]
func.func @refused(%x: tensor<2x2x!q>) -> (tensor<4xf32>, tensor<2x3xf32>) {
  %d = octet.dequantize %x : (tensor<2x2x!q>) -> tensor<2x2xf32>
  %r = octet.reshape %d {shape = array<i64: 4>, octet.precision = #octet.precision<f32>} : (tensor<2x2xf32>) -> tensor<4xf32>
  %p = octet.pad %d {low = array<i64: 0, 0>, high = array<i64: 0, 1>, mode = #octet<pad_mode constant>, value = 7.0 : f32, octet.precision = #octet.precision<int8>} : (tensor<2x2xf32>) -> tensor<2x3xf32>
  return %r, %p : tensor<4xf32>, tensor<2x3xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:3>

// CHECK-LABEL: func.func @other_scale
// CHECK-NEXT: %[[R:.+]] = octet.requantize %arg0
// CHECK-NEXT: return %[[R]]
func.func @other_scale(%x: tensor<2x!q>) -> tensor<2x!r> {
  %d = octet.dequantize %x : (tensor<2x!q>) -> tensor<2xf32>
  %q = octet.quantize %d : (tensor<2xf32>) -> tensor<2x!r>
  return %q : tensor<2x!r>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

// Behind an op that is not quantized itself, the quantize goes before the moves.

// CHECK-LABEL: func.func @up
// CHECK-NEXT: %[[N:.+]] = octet.neg %arg0
// CHECK-NEXT: %[[Q:.+]] = octet.quantize %[[N]]
// CHECK-NEXT: %[[T:.+]] = octet.transpose %[[Q]]
// CHECK-NEXT: %[[R:.+]] = octet.reshape %[[T]]
// CHECK-NEXT: return %[[R]] : tensor<4x!quant
func.func @up(%x: tensor<2x2xf32>) -> tensor<4x!q> {
  %n = octet.neg %x : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %t = octet.transpose %n {permutation = array<i64: 1, 0>, octet.precision = #octet.precision<int8>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = octet.reshape %t {shape = array<i64: 4>, octet.precision = #octet.precision<int8>} : (tensor<2x2xf32>) -> tensor<4xf32>
  %q = octet.quantize %r : (tensor<4xf32>) -> tensor<4x!q>
  return %q : tensor<4x!q>
}
