// RUN: octet-opt %s -split-input-file -octet-return-layers -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// Integers and bf16 are widened in groups of their own, f32 leaves as it is, an output is not
// returned twice; what no kernel writes, has no name or is no number is left out.

!q = !quant.uniform<u8:f32, 2.000000e-02:7>

// CHECK-LABEL: func.func @forms
// CHECK-SAME: -> (tensor<2x4xf32> {octet.layer = {channel_axis = 1 : i64, inputs = ["n"], node = "Relu_1", op = "cast", precision = "f32", stored = "f32", tensor = "r"}, octet.name = "out"}, tensor<2x4xi64>, tensor<2x4xf32> {octet.layer = {added, channel_axis = 1 : i64, inputs = ["x"], node = "MatMul_1", op = "matmul", precision = "int8", scale = 2.000000e-02 : f64, stored = "u8", tensor = "m", zero_point = 7 : i64}, octet.name = "m"}, tensor<2x4xf32> {octet.layer = {added, channel_axis = 1 : i64, inputs = ["m"], node = "Exp_1", op = "dequantize", precision = "bf16", stored = "bf16", tensor = "n"}, octet.name = "n"}) {
// CHECK: %[[M:.+]] = octet.fused
// CHECK: octet.matmul
// CHECK: %[[RM:.+]] = octet.fused %[[M]]
// CHECK-NEXT: ^bb0
// CHECK-NEXT: octet.dequantize {{.*}} loc("layer m"("m"))
// CHECK: %[[N:.+]] = octet.fused %[[M]]
// CHECK: octet.exp
// CHECK: %[[RN:.+]] = octet.fused %[[N]]
// CHECK-NEXT: ^bb0
// CHECK-NEXT: octet.cast {{.*}} : (tensor<2x4xbf16>) -> tensor<2x4xf32>
// CHECK: %[[R:.+]] = octet.fused %[[N]]
// CHECK: return %[[R]], %{{.+}}, %[[RM]], %[[RN]]
func.func @forms(%x: tensor<2x3x!q> {octet.name = "x"}, %c: tensor<2x4xi64>) -> (tensor<2x4xf32> {octet.name = "out"}, tensor<2x4xi64>) {
  %w = octet.constant dense<1> : tensor<3x4xi8> : tensor<3x4x!quant.uniform<i8<-127:127>:f32, 1.0>>
  %m = octet.fused %x, %w {octet.precision = #octet.precision<int8>} : (tensor<2x3x!q>, tensor<3x4x!quant.uniform<i8<-127:127>:f32, 1.0>>) -> tensor<2x4x!q> {
  ^bb0(%a: tensor<2x3x!q>, %b: tensor<3x4x!quant.uniform<i8<-127:127>:f32, 1.0>>):
    %0 = octet.matmul %a, %b : (tensor<2x3x!q>, tensor<3x4x!quant.uniform<i8<-127:127>:f32, 1.0>>) -> tensor<2x4x!q>
    octet.yield %0 : tensor<2x4x!q>
  } loc("MatMul_1"("m"))
  %n = octet.fused %m {octet.precision = #octet.precision<bf16>} : (tensor<2x4x!q>) -> tensor<2x4xbf16> {
  ^bb0(%a: tensor<2x4x!q>):
    %0 = octet.dequantize %a : (tensor<2x4x!q>) -> tensor<2x4xf32>
    %1 = octet.exp %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
    %2 = octet.cast %1 : (tensor<2x4xf32>) -> tensor<2x4xbf16>
    octet.yield %2 : tensor<2x4xbf16>
  } loc("Exp_1"("n"))
  %r = octet.fused %n : (tensor<2x4xbf16>) -> tensor<2x4xf32> {
  ^bb0(%a: tensor<2x4xbf16>):
    %z = octet.cast %a : (tensor<2x4xbf16>) -> tensor<2x4xf32>
    %0 = octet.relu %z : (tensor<2x4xf32>) -> tensor<2x4xf32>
    octet.yield %0 : tensor<2x4xf32>
  } loc("Relu_1"("r"))
  %i = octet.reshape %c {shape = array<i64: 2, 4>} : (tensor<2x4xi64>) -> tensor<2x4xi64> loc("Reshape_1"("i"))
  %u = octet.fused %r : (tensor<2x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%a: tensor<2x4xf32>):
    %0 = octet.relu %a : (tensor<2x4xf32>) -> tensor<2x4xf32>
    octet.yield %0 : tensor<2x4xf32>
  }
  return %r, %i : tensor<2x4xf32>, tensor<2x4xi64>
}

// -----

!q = !quant.uniform<u8:f32, 2.000000e-02:7>

// A tensor that memory holds twice is shown as integers, beside the output of its name.

// CHECK-LABEL: func.func @twice
// CHECK-SAME: -> (tensor<4xf32> {octet.name = "t"}, tensor<4xf32> {octet.layer = {added, {{.*}}inputs = ["x"], {{.*}}stored = "u8", tensor = "t"
// CHECK: %[[F:.+]] = octet.fused %arg0 : (tensor<4xf32>) -> tensor<4xf32> {
// CHECK: %[[Q:.+]] = octet.fused %[[F]]
// CHECK: %[[D:.+]] = octet.fused %[[Q]]
// CHECK: return %[[F]], %[[D]]
func.func @twice(%x: tensor<4xf32> {octet.name = "x"}) -> (tensor<4xf32> {octet.name = "t"}) {
  %f = octet.fused %x : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %0 = octet.relu %a : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  } loc("Relu_1"("t"))
  %q = octet.fused %f : (tensor<4xf32>) -> tensor<4x!q> {
  ^bb0(%a: tensor<4xf32>):
    %0 = octet.quantize %a : (tensor<4xf32>) -> tensor<4x!q>
    octet.yield %0 : tensor<4x!q>
  } loc("Relu_1"("t"))
  return %f : tensor<4xf32>
}

// -----

!q = !quant.uniform<u8:f32, 2.000000e-02:7>

// The integers of an input are a layer that bears the input's name and is not its own input.

// CHECK-LABEL: func.func @input
// CHECK-SAME: octet.layer = {added, {{.*}}inputs = [], node = "quantize x", {{.*}}tensor = "x"
func.func @input(%x: tensor<4xf32> {octet.name = "x"}) -> (tensor<4x!q> {octet.name = "out"}) {
  %q = octet.fused %x : (tensor<4xf32>) -> tensor<4x!q> {
  ^bb0(%a: tensor<4xf32>):
    %0 = octet.quantize %a : (tensor<4xf32>) -> tensor<4x!q>
    octet.yield %0 : tensor<4x!q>
  } loc("quantize x"("x"))
  return %q : tensor<4x!q>
}
