// RUN: octet-opt %s --octet-constant-fold --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s
// RUN: octet-opt %s --octet-constant-fold=least-work=100 | FileCheck %s --check-prefix=WORK
// RUN: octet-opt %s --octet-constant-fold=max-bytes=4 | FileCheck %s --check-prefix=LIMIT

// CHECK-LABEL: func @chain
// LIMIT-LABEL: func @chain
func.func @chain() -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = octet.constant dense<{{\[\[}}8.000000e+00, 1.200000e+01]]> : tensor<1x2xf32> : tensor<1x2xf32> loc("Reshape_2"("t2"))
  // CHECK-NEXT: return %[[Y]]
  // LIMIT: octet.add
  %0 = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %1 = octet.constant dense<[3.0, 4.0]> : tensor<2xf32> : tensor<2xf32>
  %2 = octet.constant dense<2.0> : tensor<f32> : tensor<f32>
  %3 = octet.add %0, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %4 = octet.mul %3, %2 : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %5 = octet.reshape %4 {shape = array<i64: 1, 2>} : (tensor<2xf32>) -> tensor<1x2xf32> loc("Reshape_2"("t2"))
  return %5 : tensor<1x2xf32>
}

// CHECK-LABEL: func @shape_arithmetic
func.func @shape_arithmetic() -> tensor<2xi64> {
  // CHECK-NEXT: octet.constant dense<[7, -1]>
  %0 = octet.constant dense<[3, 7]> : tensor<2xi64> : tensor<2xi64>
  %1 = octet.constant dense<1> : tensor<i64> : tensor<i64>
  %2 = octet.gather %0, %1 {axis = 0 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %3 = octet.reshape %2 {shape = array<i64: 1>} : (tensor<i64>) -> tensor<1xi64>
  %4 = octet.constant dense<-1> : tensor<1xi64> : tensor<1xi64>
  %5 = octet.concat %3, %4 {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  return %5 : tensor<2xi64>
}

// 400 KB out of 4 bytes stay an op.
// CHECK-LABEL: func @giant_splat
func.func @giant_splat() -> tensor<100000xf32> {
  // CHECK: octet.expand
  %0 = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %1 = octet.expand %0 {shape = array<i64: 100000>} : (tensor<f32>) -> tensor<100000xf32>
  return %1 : tensor<100000xf32>
}

// CHECK-LABEL: func @not_constant
func.func @not_constant(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: octet.add %arg0
  %0 = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %1 = octet.add %x, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// Weights that come as integers stay integers for the contraction that reads them, not for
// other ops.
// CHECK-LABEL: func @stored_weights
func.func @stored_weights(%x: tensor<1x2xf32>) -> (tensor<1x1xf32>, tensor<2x1xf32>) {
  // CHECK: %[[W:.*]] = octet.constant {{.*}} : tensor<2x1x!quant.uniform<i8:f32, 5.000000e-01>>
  // CHECK: %[[D:.*]] = octet.dequantize %[[W]]
  // CHECK: octet.matmul %arg0, %[[D]]
  // CHECK: %[[F:.*]] = octet.constant dense<{{.*}}-2.000000e+00{{.*}}> : tensor<2x1xf32>
  // CHECK: return %{{.*}}, %[[F]]
  %w = octet.constant dense<[[3], [-4]]> : tensor<2x1xi8> : tensor<2x1x!quant.uniform<i8:f32, 0.5>>
  %d = octet.dequantize %w : (tensor<2x1x!quant.uniform<i8:f32, 0.5>>) -> tensor<2x1xf32>
  %y = octet.matmul %x, %d : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %a = octet.neg %d : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = octet.neg %a : (tensor<2x1xf32>) -> tensor<2x1xf32>
  return %y, %n : tensor<1x1xf32>, tensor<2x1xf32>
}

// Splats hold nothing, so that 100 elements and products in all are evaluated here (and 64
// times 8 bytes of the constants above that are no splats, in their functions).
// WORK-LABEL: func @large_constants_of_few_bytes
func.func @large_constants_of_few_bytes(%x: tensor<40xf32>) -> (tensor<40xf32>, tensor<1x1xf32>) {
  // WORK-NOT: octet.exp
  // WORK: %[[E:.*]] = octet.constant
  // WORK: octet.neg %[[E]]
  // WORK: octet.matmul
  %0 = octet.constant dense<1.0> : tensor<40xf32> : tensor<40xf32>
  %1 = octet.exp %0 : (tensor<40xf32>) -> tensor<40xf32>
  %2 = octet.neg %1 : (tensor<40xf32>) -> tensor<40xf32>
  %3 = octet.constant dense<1.0> : tensor<1x40xf32> : tensor<1x40xf32>
  %4 = octet.constant dense<1.0> : tensor<40x1xf32> : tensor<40x1xf32>
  %5 = octet.matmul %3, %4 : (tensor<1x40xf32>, tensor<40x1xf32>) -> tensor<1x1xf32>
  return %2, %5 : tensor<40xf32>, tensor<1x1xf32>
}
