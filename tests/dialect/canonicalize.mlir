// RUN: octet-opt %s -canonicalize -split-input-file | FileCheck %s

// CHECK-LABEL: func @identities
// CHECK-NEXT: return %arg0, %arg0, %arg0, %arg0, %arg0, %arg0, %arg0
func.func @identities(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = octet.reshape %x {shape = array<i64: 2, 3>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.transpose %x {permutation = array<i64: 0, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.concat %x {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.expand %x {shape = array<i64: 2, 3>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = octet.cast %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = octet.relayout %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// -----

// Equal types do not make these identities.
// CHECK-LABEL: func @not_identities
// CHECK: octet.transpose
// CHECK: octet.slice
func.func @not_identities(%x: tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<3x3xf32>) {
  %0 = octet.transpose %x {permutation = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %1 = octet.slice %x {offsets = array<i64: 2, 0>, sizes = array<i64: 3, 3>, steps = array<i64: -1, 1>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0, %1 : tensor<3x3xf32>, tensor<3x3xf32>
}

// -----

// CHECK-LABEL: func @reshape_of_reshape
// CHECK-NEXT: %[[Y:.*]] = octet.reshape %arg0 {shape = array<i64: 6>} : (tensor<2x3xf32>) -> tensor<6xf32>
// CHECK-NEXT: return %[[Y]]
func.func @reshape_of_reshape(%x: tensor<2x3xf32>) -> tensor<6xf32> {
  %0 = octet.reshape %x {shape = array<i64: 3, 2>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = octet.reshape %0 {shape = array<i64: 6>} : (tensor<3x2xf32>) -> tensor<6xf32>
  return %1 : tensor<6xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!other = !quant.uniform<u8:f32, 0.5:11>

// CHECK-LABEL: func @quantize_of_dequantize
// CHECK-NEXT: %[[R:.*]] = octet.dequantize
// CHECK-NEXT: %[[Q:.*]] = octet.quantize %[[R]]
// CHECK-NEXT: return %arg0, %[[Q]]
func.func @quantize_of_dequantize(%x: tensor<2x!u8>) -> (tensor<2x!u8>, tensor<2x!other>) {
  %0 = octet.dequantize %x : (tensor<2x!u8>) -> tensor<2xf32>
  %1 = octet.quantize %0 : (tensor<2xf32>) -> tensor<2x!u8>
  %2 = octet.quantize %0 : (tensor<2xf32>) -> tensor<2x!other>
  return %1, %2 : tensor<2x!u8>, tensor<2x!other>
}

// -----

// f32 does not hold every 32-bit integer, so that the pair is no identity.
!i32 = !quant.uniform<i32:f32, 0.5>

// CHECK-LABEL: func @wide_integers
// CHECK: octet.dequantize
// CHECK: octet.quantize
func.func @wide_integers(%x: tensor<2x!i32>) -> tensor<2x!i32> {
  %0 = octet.dequantize %x : (tensor<2x!i32>) -> tensor<2xf32>
  %1 = octet.quantize %0 : (tensor<2xf32>) -> tensor<2x!i32>
  return %1 : tensor<2x!i32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

// CHECK-LABEL: func @requantize_to_itself
// CHECK-NEXT: return %arg0
func.func @requantize_to_itself(%x: tensor<2x!u8>) -> tensor<2x!u8> {
  %0 = octet.requantize %x : (tensor<2x!u8>) -> tensor<2x!u8>
  return %0 : tensor<2x!u8>
}

// -----

// CHECK-LABEL: func @relayout_and_back
// CHECK-NEXT: return %arg0
func.func @relayout_and_back(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  %0 = octet.relayout %x : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
  %1 = octet.relayout %0 : (tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>) -> tensor<1x3x8x8xf32>
  return %1 : tensor<1x3x8x8xf32>
}

// -----

// CHECK-LABEL: func @unused
// CHECK-NEXT: return
func.func @unused(%x: tensor<2xf32>) {
  %0 = octet.exp %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}
