// RUN: octet-opt %s --octet-recognize-attention | FileCheck %s

// CHECK-LABEL: func @heads
// CHECK-SAME: %[[Q:.*]]: tensor<2x5x4x8xf32>, %[[K:.*]]: tensor<2x7x4x8xf32>, %[[V:.*]]: tensor<2x7x4x8xf32>, %[[M:.*]]: tensor<2x1x1x7xf32>
func.func @heads(%q: tensor<2x5x4x8xf32>, %k: tensor<2x7x4x8xf32>, %v: tensor<2x7x4x8xf32>, %m: tensor<2x1x1x7xf32>) -> tensor<2x5x4x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = octet.attention %[[Q]], %[[K]], %[[V]], %[[M]] {scale = 1.250000e-01 : f32}
  // CHECK-NEXT: octet.transpose %[[Y]] {permutation = array<i64: 0, 2, 1, 3>}
  %scale = octet.constant dense<8.0> : tensor<f32> : tensor<f32>
  %0 = octet.transpose %q {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x4x8xf32>) -> tensor<2x4x5x8xf32>
  %1 = octet.transpose %k {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x7x4x8xf32>) -> tensor<2x4x8x7xf32>
  %2 = octet.transpose %v {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x7x4x8xf32>) -> tensor<2x4x7x8xf32>
  %3 = octet.matmul %0, %1 : (tensor<2x4x5x8xf32>, tensor<2x4x8x7xf32>) -> tensor<2x4x5x7xf32>
  %4 = octet.div %3, %scale : (tensor<2x4x5x7xf32>, tensor<f32>) -> tensor<2x4x5x7xf32>
  %5 = octet.add %4, %m : (tensor<2x4x5x7xf32>, tensor<2x1x1x7xf32>) -> tensor<2x4x5x7xf32>
  %6 = octet.softmax %5 {axis = 3 : i64} : (tensor<2x4x5x7xf32>) -> tensor<2x4x5x7xf32>
  %7 = octet.matmul %6, %2 : (tensor<2x4x5x7xf32>, tensor<2x4x7x8xf32>) -> tensor<2x4x5x8xf32>
  %8 = octet.transpose %7 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x4x5x8xf32>) -> tensor<2x5x4x8xf32>
  return %8 : tensor<2x5x4x8xf32>
}

// Heads of keys and values that serve two heads of queries each, repeated in both orders.
// CHECK-LABEL: func @groups
// CHECK-SAME: %[[Q:.*]]: tensor<1x4x5x8xf32>, %[[K:.*]]: tensor<1x7x2x1x8xf32>, %[[V:.*]]: tensor<1x2x1x7x8xf32>
func.func @groups(%q: tensor<1x4x5x8xf32>, %k: tensor<1x7x2x1x8xf32>, %v: tensor<1x2x1x7x8xf32>) -> tensor<1x4x5x8xf32> {
  // CHECK-DAG: %[[QT:.*]] = octet.transpose %[[Q]] {permutation = array<i64: 0, 2, 1, 3>}
  // CHECK-DAG: %[[KR:.*]] = octet.reshape %[[K]] {shape = array<i64: 1, 7, 2, 8>}
  // CHECK-DAG: %[[VR:.*]] = octet.reshape %[[V]] {shape = array<i64: 1, 2, 7, 8>}
  // CHECK-DAG: %[[VT:.*]] = octet.transpose %[[VR]] {permutation = array<i64: 0, 2, 1, 3>}
  // CHECK: octet.attention %[[QT]], %[[KR]], %[[VT]] {scale = 1.000000e+00 : f32}
  %0 = octet.expand %k {shape = array<i64: 1, 7, 2, 2, 8>} : (tensor<1x7x2x1x8xf32>) -> tensor<1x7x2x2x8xf32>
  %1 = octet.reshape %0 {shape = array<i64: 1, 7, 4, 8>} : (tensor<1x7x2x2x8xf32>) -> tensor<1x7x4x8xf32>
  %2 = octet.transpose %1 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x7x4x8xf32>) -> tensor<1x4x8x7xf32>
  %3 = octet.expand %v {shape = array<i64: 1, 2, 2, 7, 8>} : (tensor<1x2x1x7x8xf32>) -> tensor<1x2x2x7x8xf32>
  %4 = octet.reshape %3 {shape = array<i64: 1, 4, 7, 8>} : (tensor<1x2x2x7x8xf32>) -> tensor<1x4x7x8xf32>
  %5 = octet.matmul %q, %2 : (tensor<1x4x5x8xf32>, tensor<1x4x8x7xf32>) -> tensor<1x4x5x7xf32>
  %6 = octet.softmax %5 {axis = 3 : i64} : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  %7 = octet.matmul %6, %4 : (tensor<1x4x5x7xf32>, tensor<1x4x7x8xf32>) -> tensor<1x4x5x8xf32>
  return %7 : tensor<1x4x5x8xf32>
}

// CHECK-LABEL: func @one_head
func.func @one_head(%q: tensor<2x5x8xf32>, %k: tensor<2x8x7xf32>, %v: tensor<2x7x3xf32>, %m: tensor<1x5x7xf32>) -> tensor<2x5x3xf32> {
  // CHECK: octet.reshape %arg3 {shape = array<i64: 1, 1, 5, 7>}
  // CHECK: %[[Y:.*]] = octet.attention
  // CHECK-SAME: -> tensor<2x5x1x3xf32>
  // CHECK: %[[T:.*]] = octet.transpose %[[Y]]
  // CHECK: octet.reshape %[[T]] {shape = array<i64: 2, 5, 3>}
  %0 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %1 = octet.add %m, %0 : (tensor<1x5x7xf32>, tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %2 = octet.softmax %1 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %3 = octet.matmul %2, %v : (tensor<2x5x7xf32>, tensor<2x7x3xf32>) -> tensor<2x5x3xf32>
  return %3 : tensor<2x5x3xf32>
}

// The weights are a result, too; a softmax of columns. A mask before the scale is scaled.
// CHECK-LABEL: func @others
// CHECK: octet.softmax
// CHECK: octet.softmax
// CHECK-NOT: octet.softmax
// CHECK: octet.div %arg3
// CHECK: octet.attention {{.*}} {scale = 1.250000e-01 : f32}
func.func @others(%q: tensor<2x5x8xf32>, %k: tensor<2x8x5xf32>, %v: tensor<2x5x3xf32>, %m: tensor<1x5x5xf32>) -> (tensor<2x5x5xf32>, tensor<2x5x3xf32>, tensor<2x5x3xf32>, tensor<2x5x3xf32>) {
  %scale = octet.constant dense<8.0> : tensor<f32> : tensor<f32>
  %0 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x5xf32>) -> tensor<2x5x5xf32>
  %1 = octet.softmax %0 {axis = 2 : i64} : (tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  %2 = octet.matmul %1, %v : (tensor<2x5x5xf32>, tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
  %3 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x5xf32>) -> tensor<2x5x5xf32>
  %4 = octet.softmax %3 {axis = 1 : i64} : (tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  %5 = octet.matmul %4, %v : (tensor<2x5x5xf32>, tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
  %6 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x5xf32>) -> tensor<2x5x5xf32>
  %7 = octet.add %6, %m : (tensor<2x5x5xf32>, tensor<1x5x5xf32>) -> tensor<2x5x5xf32>
  %8 = octet.div %7, %scale : (tensor<2x5x5xf32>, tensor<f32>) -> tensor<2x5x5xf32>
  %9 = octet.softmax %8 {axis = 2 : i64} : (tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  %10 = octet.matmul %9, %v : (tensor<2x5x5xf32>, tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
  return %1, %2, %5, %10 : tensor<2x5x5xf32>, tensor<2x5x3xf32>, tensor<2x5x3xf32>, tensor<2x5x3xf32>
}
