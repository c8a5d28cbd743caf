// RUN: octet-opt %s --octet-assign-scratch | FileCheck %s

// Attention keeps packed keys, scores and factors of rows for each of its four units; on
// a group the attribute stands outside.
// CHECK-LABEL: func.func @attention
func.func @attention(%q: tensor<2x5x2x8xf32>, %x: tensor<2x5x2x8xf32>) -> (tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) {
  // CHECK: octet.attention {{.*}} {octet.scratch_bytes = 3584 : i64, scale
  %0 = octet.attention %q, %q, %q {scale = 1.0 : f32} : (tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32>
  // CHECK: octet.fused {{.*}} {octet.scratch_bytes = 3584 : i64}
  %1 = octet.fused %q, %x : (tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32> {
  ^bb0(%a: tensor<2x5x2x8xf32>, %b: tensor<2x5x2x8xf32>):
    %2 = octet.attention %a, %a, %a {scale = 1.0 : f32} : (tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32>
    %3 = octet.add %2, %b : (tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32>
    octet.yield %3 : tensor<2x5x2x8xf32>
  }
  // CHECK: octet.relu
  // CHECK-NOT: scratch
  %4 = octet.relu %1 : (tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32>
  return %0, %4 : tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>
}
