// RUN: octet-opt %s -split-input-file "-octet-assign-precision=default=f32" | FileCheck %s
// RUN: octet-opt %s -split-input-file "-octet-assign-precision=default=f32" -octet-fuse-epilogues -octet-quantize \
// RUN:   | FileCheck %s --check-prefix=APPLIED

// What a model brings as integers runs in int8, whatever the default is and without ranges.

!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.25>
!w = !quant.uniform<i8:f32:1, {0.125, 0.0625}>
!b = !quant.uniform<i32:f32:0, {0.0625, 0.03125}>

// CHECK-LABEL: func @integers
// CHECK: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "quantized in the model"
// CHECK: octet.relu {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "quantized in the model"
// CHECK: octet.reshape {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "quantized in the model"
// CHECK: octet.softmax {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "default"

// The weights and the bias are those of the file: -128 is a weight like others. The relu is
// what saturation does.
// APPLIED-LABEL: func @integers
// APPLIED-DAG: %[[W:.*]] = octet.constant dense<{{.*}}-128, 127{{.*}}1, -1{{.*}}> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8:f32:1, {1.250000e-01,6.250000e-02}>>
// APPLIED-DAG: %[[B:.*]] = octet.constant dense<[7, -9]> : tensor<2xi32>
// APPLIED: octet.fused %{{.*}}, %[[W]], %[[B]] {{.*}}-> tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>
// APPLIED: octet.matmul {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>
// APPLIED-NOT: octet.relu
// APPLIED: octet.reshape {{.*}} -> tensor<2x!quant.uniform<u8:f32, 2.500000e-01>>
func.func @integers(%x: tensor<1x2xf32>) -> tensor<2xf32> {
  %0 = octet.quantize %x : (tensor<1x2xf32>) -> tensor<1x2x!x>
  %1 = octet.dequantize %0 : (tensor<1x2x!x>) -> tensor<1x2xf32>
  %w = octet.constant dense<[[-128, 127], [1, -1]]> : tensor<2x2xi8> : tensor<2x2x!w>
  %dw = octet.dequantize %w : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %b = octet.constant dense<[7, -9]> : tensor<2xi32> : tensor<2x!b>
  %db = octet.dequantize %b : (tensor<2x!b>) -> tensor<2xf32>
  %2 = octet.matmul %1, %dw, %db : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %3 = octet.relu %2 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %4 = octet.quantize %3 : (tensor<1x2xf32>) -> tensor<1x2x!y>
  %5 = octet.dequantize %4 : (tensor<1x2x!y>) -> tensor<1x2xf32>
  %6 = octet.reshape %5 {shape = array<i64: 2>} : (tensor<1x2xf32>) -> tensor<2xf32>
  %7 = octet.softmax %6 {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  return %7 : tensor<2xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>

// Weights in forms that no kernel has: the contraction stays in f32, with f32 constants.

// CHECK-LABEL: func @refused
// CHECK: octet.matmul {{.*}}f32>, octet.reason = "weights less their zero point are not s8"
// CHECK: octet.matmul {{.*}}f32>, octet.reason = "weight scales are not those of output channels"
// CHECK: octet.matmul {{.*}}f32>, octet.reason = "default"
// CHECK: octet.matmul {{.*}}f32>, octet.reason = "default"
// APPLIED-LABEL: func @refused
// APPLIED-NOT: x!quant.uniform<i8
// APPLIED-NOT: dequantize {{.*}}2x2
func.func @refused(%x: tensor<1x2x!x>, %r: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %d = octet.dequantize %x : (tensor<1x2x!x>) -> tensor<1x2xf32>
  %a = octet.constant dense<1> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<u8:f32, 0.5:3>>
  %b = octet.constant dense<1> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
  %c = octet.constant dense<1.0> : tensor<2x2xf32> : tensor<2x2xf32>
  %e = octet.constant dense<1> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8:f32, 0.5>>
  %da = octet.dequantize %a : (tensor<2x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<2x2xf32>
  %db = octet.dequantize %b : (tensor<2x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) -> tensor<2x2xf32>
  %de = octet.dequantize %e : (tensor<2x2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x2xf32>
  %0 = octet.matmul %d, %da : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = octet.matmul %d, %db : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // Without integers on both sides there is nothing that the model says.
  %2 = octet.matmul %d, %c : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = octet.matmul %r, %de : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %0, %1, %2, %3 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}
