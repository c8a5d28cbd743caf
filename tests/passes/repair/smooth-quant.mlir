// RUN: octet-opt %s -split-input-file -octet-smooth-quant=calibration=%S/Inputs/smooth.json -mlir-print-debuginfo | FileCheck %s
// RUN: not octet-opt %s -split-input-file -octet-smooth-quant 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not octet-opt %s -split-input-file -octet-smooth-quant=alpha=1.5 2>&1 | FileCheck %s --check-prefix=ALPHA
// RUN: not octet-opt %s -split-input-file -octet-smooth-quant=calibration=%S/Inputs/absent.json 2>&1 | FileCheck %s --check-prefix=ABSENT

// NONE: error: expected a calibration table to smooth activations by
// ALPHA: error: expected alpha of 0 to 1, got 1.5
// ABSENT: error: {{.*}}absent.json: No such file or directory

// R4: magnitudes 8 and 2 against weights of 2 (of both products) and 0.5 give divisors of 2 and 2.
// They go into the scale and the shift of the norm, and into the rows of the weights.

// CHECK-LABEL: func.func @norm
// CHECK: %[[N:.+]] = octet.layer_norm %arg0
// CHECK: %[[SCALE:.+]] = octet.constant dense<[1.500000e+00, 5.000000e-01]>
// CHECK: %[[M:.+]] = octet.mul %[[N]], %[[SCALE]]
// CHECK: %[[SHIFT:.+]] = octet.constant dense<[5.000000e-01, 1.000000e+00]>
// CHECK: %[[X:.+]] = octet.add %[[M]], %[[SHIFT]] {{.*}} loc([[L:#.+]])
// CHECK: %[[W1:.+]] = octet.constant dense<{{\[\[}}4.000000e+00], [1.000000e+00]]>
// CHECK: octet.matmul %[[X]], %[[W1]] {octet.smoothed}
// CHECK: %[[W2:.+]] = octet.constant dense<{{\[\[}}-2.000000e+00], [5.000000e-01]]>
// CHECK: octet.matmul %[[X]], %[[W2]] {octet.smoothed}
// CHECK-DAG: loc("x:smoothed")
func.func @norm(%a: tensor<3x2xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %scale = octet.constant dense<[3.0, 1.0]> : tensor<2xf32> : tensor<2xf32>
  %shift = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %w1 = octet.constant dense<[[2.0], [0.5]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %w2 = octet.constant dense<[[-1.0], [0.25]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %0 = octet.layer_norm %a {epsilon = 1.0e-5 : f32} : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("Norm"("n"))
  %1 = octet.mul %0, %scale : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32> loc("Mul"("m"))
  %2 = octet.add %1, %shift : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32> loc("Add"("x"))
  %3 = octet.matmul %2, %w1 : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_1"("y"))
  %4 = octet.matmul %2, %w2 : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_2"("u"))
  return %3, %4 : tensor<3x1xf32>, tensor<3x1xf32>
}

// -----

// What others read as well keeps its scale; the product reads a copy.

// CHECK-LABEL: func.func @shared
// CHECK: %[[N:.+]] = octet.rms_norm %arg0
// CHECK: %[[F:.+]] = octet.constant dense<5.000000e-01> : tensor<2xf32>
// CHECK: %[[X:.+]] = octet.mul %[[N]], %[[F]]
// CHECK: octet.matmul %[[X]], %{{.+}} {octet.smoothed}
// CHECK: octet.relu %[[N]]
func.func @shared(%a: tensor<3x2xf32>) -> (tensor<3x1xf32>, tensor<3x2xf32>) {
  %w = octet.constant dense<[[2.0], [0.5]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %0 = octet.rms_norm %a {epsilon = 1.0e-5 : f32} : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("Norm"("z"))
  %1 = octet.matmul %0, %w : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_1"("y"))
  %2 = octet.relu %0 : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("Relu"("r"))
  return %1, %2 : tensor<3x1xf32>, tensor<3x2xf32>
}

// -----

// A gate: the factor that a product with constant weights gives takes the division.

// CHECK-LABEL: func.func @gate
// CHECK: %[[W:.+]] = octet.constant dense<{{\[\[}}5.000000e-01, 1.000000e+00]]>
// CHECK: %[[B:.+]] = octet.constant dense<[2.000000e+00, 4.000000e+00]>
// CHECK: %[[U:.+]] = octet.matmul %arg0, %[[W]], %[[B]] :
// CHECK: %[[P:.+]] = octet.mul %arg1, %[[U]]
// CHECK: octet.matmul %[[P]], %{{.+}} {octet.smoothed}
// CHECK-DAG: loc("u:smoothed")
// CHECK-DAG: loc("p:smoothed")
func.func @gate(%a: tensor<3x1xf32>, %g: tensor<3x2xf32>) -> tensor<3x1xf32> {
  %v = octet.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  %b = octet.constant dense<[4.0, 8.0]> : tensor<2xf32> : tensor<2xf32>
  %w = octet.constant dense<[[2.0], [0.5]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %0 = octet.matmul %a, %v, %b : (tensor<3x1xf32>, tensor<1x2xf32>, tensor<2xf32>) -> tensor<3x2xf32> loc("MatMul_1"("u"))
  %1 = octet.mul %g, %0 : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32> loc("Mul"("p"))
  %2 = octet.matmul %1, %w : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_2"("y"))
  return %2 : tensor<3x1xf32>
}

// -----

// Nothing before it can take a division; a tensor that the table does not know by channel.

// CHECK-LABEL: func.func @others
// CHECK-NOT: octet.smoothed
func.func @others(%a: tensor<3x2xf32>, %c: tensor<3x2xf32>) -> (tensor<3x1xf32>, tensor<3x1xf32>) {
  %w = octet.constant dense<[[2.0], [0.5]]> : tensor<2x1xf32> : tensor<2x1xf32>
  %0 = octet.tanh %a : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("Tanh"("x"))
  %1 = octet.matmul %0, %w : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_1"("y"))
  %2 = octet.layer_norm %c {epsilon = 1.0e-5 : f32} : (tensor<3x2xf32>) -> tensor<3x2xf32> loc("Norm"("unknown"))
  %3 = octet.matmul %2, %w : (tensor<3x2xf32>, tensor<2x1xf32>) -> tensor<3x1xf32> loc("MatMul_2"("u"))
  return %1, %3 : tensor<3x1xf32>, tensor<3x1xf32>
}
