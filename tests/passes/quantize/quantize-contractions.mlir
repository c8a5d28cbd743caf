// RUN: octet-opt %s -split-input-file -octet-quantize-contractions | FileCheck %s
// RUN: octet-opt %s -split-input-file "-octet-quantize-contractions=per-tensor-weights" \
// RUN:   | FileCheck %s --check-prefix=TENSOR

!q = !quant.uniform<u8:f32, 0.5:3>

// Q14, Q15: scales 2/127 and 1/127; the bias in units of half of them.

// CHECK-LABEL: func.func @matmul
// CHECK-DAG: %[[W:.+]] = octet.constant dense<{{\[\[}}127, -64], [64, 127]]> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8<-127:127>:f32:1, {0.015748031437397003,0.0078740157186985015}>>
// CHECK-DAG: %[[B:.+]] = octet.constant dense<[127, -254]> : tensor<2xi32>
// CHECK: octet.fused %arg0, %[[W]], %[[B]], %arg1 {{.*}}int8
// CHECK-NEXT: ^bb0(%[[X:.+]]: tensor<1x2x!quant{{.*}}, %[[W1:.+]]: {{.*}}, %[[B1:.+]]: tensor<2xi32>, %[[S:.+]]: tensor<1x2xf32>
// CHECK-NEXT: %[[Y:.+]] = octet.matmul %[[X]], %[[W1]], %[[B1]] : {{.*}} -> tensor<1x2xf32>
// CHECK-NEXT: octet.add %[[Y]], %[[S]]
// TENSOR-LABEL: func.func @matmul
// TENSOR-DAG: octet.constant dense<{{\[\[}}127, -32], [64, 64]]> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8<-127:127>:f32, 0.015748031437397003>>
func.func @matmul(%x: tensor<1x2x!q>, %s: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = octet.constant dense<[[2.0, -0.503], [1.001, 1.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  %b = octet.constant dense<[1.0, -1.0]> : tensor<2xf32> : tensor<2xf32>
  %d = octet.dequantize %x : (tensor<1x2x!q>) -> tensor<1x2xf32>
  %y = octet.fused %d, %w, %b, %s {octet.precision = #octet.precision<int8>} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<2x2xf32>, %a2: tensor<2xf32>, %a3: tensor<1x2xf32>):
    %0 = octet.matmul %a0, %a1, %a2 : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    %1 = octet.add %0, %a3 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    octet.yield %1 : tensor<1x2xf32>
  }
  return %y : tensor<1x2xf32>
}

// -----

// Q11: more products than s32 can hold; a contraction alone gets a group.

!q = !quant.uniform<u8:f32, 0.5:0>
// CHECK-LABEL: func.func @overflow
// CHECK: octet.dequantize
// CHECK: octet.fused {{.*}}#octet.precision<f32>, octet.reason = "sums of channel 0 may leave s32"
func.func @overflow(%x: tensor<1x70000x!q>) -> tensor<1x1xf32> {
  %w = octet.constant dense<2.0> : tensor<70000x1xf32> : tensor<70000x1xf32>
  %d = octet.dequantize %x : (tensor<1x70000x!q>) -> tensor<1x70000xf32>
  %y = octet.matmul %d, %w {octet.precision = #octet.precision<int8>} : (tensor<1x70000xf32>, tensor<70000x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:0>
// CHECK-LABEL: func.func @refused
// CHECK: octet.fused {{.*}}octet.reason = "reads f32"
// CHECK: octet.fused {{.*}}octet.reason = "weights are not constant"
// CHECK: octet.fused {{.*}}octet.reason = "bias is not constant"
// CHECK: octet.fused {{.*}}octet.reason = "weights or bias hold NaN or infinities"
func.func @refused(%x: tensor<1x1x!q>, %f: tensor<1x1xf32>, %v: tensor<1xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = octet.constant dense<2.0> : tensor<1x1xf32> : tensor<1x1xf32>
  %n = octet.constant dense<0x7FC00000> : tensor<1x1xf32> : tensor<1x1xf32>
  %d = octet.dequantize %x : (tensor<1x1x!q>) -> tensor<1x1xf32>
  %0 = octet.matmul %f, %w {octet.precision = #octet.precision<int8>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %1 = octet.matmul %d, %f {octet.precision = #octet.precision<int8>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %2 = octet.matmul %d, %w, %v {octet.precision = #octet.precision<int8>} : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %3 = octet.matmul %d, %n {octet.precision = #octet.precision<int8>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0, %1, %2, %3 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
