// RUN: octet-opt %s -split-input-file -octet-correct-bias=calibration=%S/Inputs/channels.json | FileCheck %s
// RUN: not octet-opt %s -split-input-file -octet-correct-bias 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not octet-opt %s -split-input-file -octet-correct-bias=calibration=%S/Inputs/absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT

// NONE: error: expected a calibration table to correct biases by
// ABSENT: error: {{.*}}absent.json: No such file or directory

// R2: scale 1, so that 127 and 2.25 become 127 and 2; the mean of channel 1 is 0.5, and the bias
// gets 0.25 * 0.5. The decision about weights is written down.

!q = !quant.uniform<u8:f32, 0.5:0>
// CHECK-LABEL: func.func @matmul
// CHECK-DAG: %[[B:.+]] = octet.constant dense<1.125000e+00>
// CHECK: octet.fused %{{.+}}, %{{.+}}, %[[B]] {octet.precision
// CHECK: octet.matmul %{{.+}} {octet.integer_weights = dense<{{\[\[}}127], [2]]> : tensor<2x1xi8>, octet.weight_scales = array<f64: 1.000000e+00>}
func.func @matmul(%x: tensor<1x2x!q>) -> tensor<1x1xf32> {
  %w = octet.constant dense<[[127.0], [2.25]]> : tensor<2x1xf32> : tensor<2x1xf32> loc("w"("w"))
  %b = octet.constant dense<[1.0]> : tensor<1xf32> : tensor<1xf32> loc("b"("b"))
  %d = octet.dequantize %x : (tensor<1x2x!q>) -> tensor<1x2xf32> loc("q"("x"))
  %y = octet.fused %d, %w, %b {octet.precision = #octet.precision<int8>} : (tensor<1x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<1x1xf32> {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<2x1xf32>, %a2: tensor<1xf32>):
    %0 = octet.matmul %a0, %a1, %a2 : (tensor<1x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<1x1xf32> loc("MatMul_1"("y"))
    octet.yield %0 : tensor<1x1xf32>
  } loc("MatMul_1"("y"))
  return %y : tensor<1x1xf32>
}

// -----

// Without a bias one comes into being. Of three taps with padding on one side the first lies
// outside for one window of two: 0.5 of its error of 0.25 times the mean of 1 of channel 0.

!q = !quant.uniform<u8:f32, 0.5:0>
// CHECK-LABEL: func.func @padded
// CHECK-DAG: %[[B:.+]] = octet.constant dense<1.250000e-01>
// CHECK: octet.conv %{{.+}}, %{{.+}}, %[[B]] {{.*}}octet.integer_weights
func.func @padded(%x: tensor<1x2x1x2x!q>) -> tensor<1x1x1x2xf32> {
  %w = octet.constant dense<[[[[2.25, 127.0]], [[0.0, 0.0]]]]> : tensor<1x2x1x2xf32> : tensor<1x2x1x2xf32> loc("w"("w"))
  %d = octet.dequantize %x : (tensor<1x2x1x2x!q>) -> tensor<1x2x1x2xf32> loc("q"("x"))
  %y = octet.conv %d, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, pads = array<i64: 0, 1, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>) -> tensor<1x1x1x2xf32> loc("Conv_1"("y"))
  return %y : tensor<1x1x1x2xf32>
}

// -----

// No statistics, other channels, f32: nothing happens.

!q = !quant.uniform<u8:f32, 0.5:0>
// CHECK-LABEL: func.func @unknown
// CHECK-NOT: octet.integer_weights
// CHECK: return
func.func @unknown(%x: tensor<1x2x!q>, %z: tensor<1x1x!q>) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = octet.constant dense<[[127.0], [2.25]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %v = octet.constant dense<[[2.25]]> : tensor<1x1xf32> : tensor<1x1xf32>
  %0 = octet.dequantize %x : (tensor<1x2x!q>) -> tensor<1x2xf32> loc("q"("other"))
  %1 = octet.matmul %0, %w {octet.precision = #octet.precision<int8>} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %2 = octet.dequantize %z : (tensor<1x1x!q>) -> tensor<1x1xf32> loc("q"("x"))
  %3 = octet.matmul %2, %v {octet.precision = #octet.precision<int8>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %4 = octet.dequantize %x : (tensor<1x2x!q>) -> tensor<1x2xf32> loc("q"("x"))
  %5 = octet.matmul %4, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %1, %3, %5 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
