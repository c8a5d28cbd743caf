// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-insert-noise-probes{calibration=%S/Inputs/small.json},octet-constant-fold))" | FileCheck %s
// RUN: not octet-opt %s -octet-insert-noise-probes 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: not octet-opt %s "-octet-insert-noise-probes=calibration=%S/Inputs/absent.json" 2>&1 | FileCheck %s --check-prefix=ABSENT

// TABLE: error: expected a calibration table for noise probes
// ABSENT: error: {{.*}}absent.json: No such file or directory

// The range of x is [-1, 1]: s = 2/255, z = 127. Nothing asks for the product by what is
// not constant.

// CHECK: func.func @probed(%[[X:.+]]: tensor<1x4xf32> {{.*}}) -> (tensor<f32> {octet.observed = "signal Gemm_1"}, tensor<f32> {octet.observed = "noise Gemm_1"}) {
// CHECK: %[[Y:.+]] = octet.matmul %[[X]], %{{.+}} :
// CHECK: %[[R:.+]] = octet.constant dense<127.499992>
// CHECK: %[[M:.+]] = octet.mul %[[X]], %[[R]]
// CHECK: %[[Q:.+]] = octet.round %[[M]]
// CHECK: octet.max %[[Q]]
// CHECK: octet.min
// CHECK: %[[D:.+]] = octet.mul
// CHECK: %[[Z:.+]] = octet.matmul %[[D]], %{{.+}} :
// CHECK: octet.mul %[[Y]], %[[Y]]
// CHECK: %[[SIGNAL:.+]] = octet.reduce sum
// CHECK: octet.sub %[[Y]], %[[Z]]
// CHECK: %[[NOISE:.+]] = octet.reduce sum
// CHECK: return %[[SIGNAL]], %[[NOISE]]
func.func @probed(%x: tensor<1x4xf32> {octet.name = "x"}, %y: tensor<4x2xf32> {octet.name = "y"}) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = octet.constant dense<[[1.0, 0.5], [0.25, 0.1], [-1.0, 2.0], [0.3, -0.7]]> : tensor<4x2xf32> : tensor<4x2xf32>
  %g = octet.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32> loc("Gemm_1"("g"))
  %p = octet.matmul %x, %y : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32> loc("MatMul_1"("p"))
  return %g, %p : tensor<1x2xf32>, tensor<1x2xf32>
}
