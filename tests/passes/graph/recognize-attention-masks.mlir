// RUN: octet-opt %s --octet-recognize-attention | FileCheck %s

!scores = tensor<2x3x5x7xf32>

// A choice of -1e4 becomes the addition of a number that swallows the scores. The scale goes
// through, as do those of queries and keys.
// CHECK-LABEL: func @choice
// CHECK-SAME: %[[Q:.*]]: tensor<2x5x3x8xf32>, %[[K:.*]]: tensor<2x7x3x8xf32>, %[[V:.*]]: tensor<2x7x3x8xf32>, %[[SEES:.*]]: tensor<1x1x5x7xi1>
func.func @choice(%q: tensor<2x5x3x8xf32>, %k: tensor<2x7x3x8xf32>, %v: tensor<2x7x3x8xf32>, %sees: tensor<1x1x5x7xi1>) -> tensor<2x3x5x8xf32> {
  // CHECK-DAG: %[[ZERO:.*]] = octet.constant dense<0.000000e+00>
  // CHECK-DAG: %[[LOWEST:.*]] = octet.constant dense<-3.40282347E+38>
  // CHECK: %[[CHOICE:.*]] = octet.select %[[SEES]], %[[ZERO]], %[[LOWEST]]
  // CHECK: %[[MASK:.*]] = octet.mul %[[CHOICE]], %{{.*}} -> tensor<1x1x5x7xf32>
  // CHECK: octet.attention %[[Q]], %[[K]], %[[V]], %[[MASK]] {scale = 1.250000e-01 : f32}
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %low = octet.constant dense<-1.0e4> : tensor<f32> : tensor<f32>
  %0 = octet.transpose %q {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x8xf32>) -> tensor<2x3x5x8xf32>
  %1 = octet.mul %0, %half : (tensor<2x3x5x8xf32>, tensor<f32>) -> tensor<2x3x5x8xf32>
  %2 = octet.transpose %k {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x7x3x8xf32>) -> tensor<2x3x8x7xf32>
  %3 = octet.mul %2, %half : (tensor<2x3x8x7xf32>, tensor<f32>) -> tensor<2x3x8x7xf32>
  %4 = octet.transpose %v {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x7x3x8xf32>) -> tensor<2x3x7x8xf32>
  %5 = octet.matmul %1, %3 : (tensor<2x3x5x8xf32>, tensor<2x3x8x7xf32>) -> !scores
  %6 = octet.select %sees, %5, %low : (tensor<1x1x5x7xi1>, !scores, tensor<f32>) -> !scores
  %7 = octet.mul %6, %half : (!scores, tensor<f32>) -> !scores
  %8 = octet.softmax %7 {axis = 3 : i64} : (!scores) -> !scores
  %9 = octet.matmul %8, %4 : (!scores, tensor<2x3x7x8xf32>) -> tensor<2x3x5x8xf32>
  return %9 : tensor<2x3x5x8xf32>
}

// Sums of masks; what is chosen keeps its height where another mask is added to it.
// CHECK-LABEL: func @sums
// CHECK-SAME: %[[HIDES:[^:]*]]: tensor<5x7xi1>, %[[A:[^:]*]]: tensor<2x1x1x7xf32>, %[[B:[^:]*]]: tensor<1x3x5x7xf32>)
func.func @sums(%q: tensor<2x3x5x8xf32>, %k: tensor<2x3x8x7xf32>, %v: tensor<2x3x7x8xf32>, %hides: tensor<5x7xi1>, %a: tensor<2x1x1x7xf32>, %b: tensor<1x3x5x7xf32>) -> tensor<2x3x5x8xf32> {
  // CHECK-DAG: %[[LOW:.*]] = octet.constant dense<-1.000000e+04>
  // CHECK: %[[CHOICE:.*]] = octet.select %[[HIDES]], %[[LOW]], %[[A]]
  // CHECK-SAME: -> tensor<2x1x5x7xf32>
  // CHECK: %[[MASK:.*]] = octet.sub %[[CHOICE]], %[[B]]
  // CHECK: octet.attention %{{.*}}, %{{.*}}, %{{.*}}, %[[MASK]]
  %low = octet.constant dense<-1.0e4> : tensor<f32> : tensor<f32>
  %0 = octet.matmul %q, %k : (tensor<2x3x5x8xf32>, tensor<2x3x8x7xf32>) -> !scores
  %1 = octet.add %a, %0 : (tensor<2x1x1x7xf32>, !scores) -> !scores
  %2 = octet.select %hides, %low, %1 : (tensor<5x7xi1>, tensor<f32>, !scores) -> !scores
  %3 = octet.sub %2, %b : (!scores, tensor<1x3x5x7xf32>) -> !scores
  %4 = octet.softmax %3 {axis = 3 : i64} : (!scores) -> !scores
  %5 = octet.matmul %4, %v : (!scores, tensor<2x3x7x8xf32>) -> tensor<2x3x5x8xf32>
  return %5 : tensor<2x3x5x8xf32>
}

// Heads and batch as one dimension around a mask that knows both.
// CHECK-LABEL: func @joined_heads
func.func @joined_heads(%q: tensor<6x5x8xf32>, %k: tensor<6x8x7xf32>, %v: tensor<6x7x8xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<6x5x8xf32> {
  // CHECK: octet.attention %{{.*}}, %{{.*}}, %{{.*}}, %arg3
  // CHECK-SAME: (tensor<2x5x3x8xf32>, tensor<2x7x3x8xf32>, tensor<2x7x3x8xf32>, tensor<2x1x5x7xf32>)
  %0 = octet.matmul %q, %k : (tensor<6x5x8xf32>, tensor<6x8x7xf32>) -> tensor<6x5x7xf32>
  %1 = octet.reshape %0 {shape = array<i64: 2, 3, 5, 7>} : (tensor<6x5x7xf32>) -> !scores
  %2 = octet.add %1, %m : (!scores, tensor<2x1x5x7xf32>) -> !scores
  %3 = octet.reshape %2 {shape = array<i64: 6, 5, 7>} : (!scores) -> tensor<6x5x7xf32>
  %4 = octet.softmax %3 {axis = 2 : i64} : (tensor<6x5x7xf32>) -> tensor<6x5x7xf32>
  %5 = octet.matmul %4, %v : (tensor<6x5x7xf32>, tensor<6x7x8xf32>) -> tensor<6x5x8xf32>
  return %5 : tensor<6x5x8xf32>
}

// A mask that repeats over windows within the batch.
// CHECK-LABEL: func @windows
// CHECK-SAME: %[[M:[^:]*]]: tensor<2x1x5x7xf32>)
func.func @windows(%q: tensor<4x3x5x8xf32>, %k: tensor<4x3x8x7xf32>, %v: tensor<4x3x7x8xf32>, %m: tensor<2x1x5x7xf32>) -> tensor<4x3x5x8xf32> {
  // CHECK: %[[ALL:.*]] = octet.expand %[[M]] {shape = array<i64: 2, 2, 1, 5, 7>}
  // CHECK: %[[MASK:.*]] = octet.reshape %[[ALL]] {shape = array<i64: 4, 1, 5, 7>}
  // CHECK: octet.attention %{{.*}}, %{{.*}}, %{{.*}}, %[[MASK]]
  %0 = octet.matmul %q, %k : (tensor<4x3x5x8xf32>, tensor<4x3x8x7xf32>) -> tensor<4x3x5x7xf32>
  %1 = octet.reshape %0 {shape = array<i64: 2, 2, 3, 5, 7>} : (tensor<4x3x5x7xf32>) -> tensor<2x2x3x5x7xf32>
  %2 = octet.add %1, %m : (tensor<2x2x3x5x7xf32>, tensor<2x1x5x7xf32>) -> tensor<2x2x3x5x7xf32>
  %3 = octet.reshape %2 {shape = array<i64: 4, 3, 5, 7>} : (tensor<2x2x3x5x7xf32>) -> tensor<4x3x5x7xf32>
  %4 = octet.softmax %3 {axis = 3 : i64} : (tensor<4x3x5x7xf32>) -> tensor<4x3x5x7xf32>
  %5 = octet.matmul %4, %v : (tensor<4x3x5x7xf32>, tensor<4x3x7x8xf32>) -> tensor<4x3x5x8xf32>
  return %5 : tensor<4x3x5x8xf32>
}

// Weights of NaN become 0: behind the op, and only where a mask may make them.
// CHECK-LABEL: func @guard
func.func @guard(%q: tensor<2x5x8xf32>, %k: tensor<2x8x7xf32>, %v: tensor<2x7x8xf32>, %m: tensor<5x7xf32>) -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  // CHECK: %[[Y:.*]] = octet.attention
  // CHECK: %[[NAN:.*]] = octet.compare ne %[[Y]], %[[Y]]
  // CHECK: octet.select %[[NAN]], %{{.*}}, %[[Y]]
  // CHECK: octet.attention
  // CHECK-NOT: octet.select
  // CHECK: return
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  %0 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %1 = octet.add %0, %m : (tensor<2x5x7xf32>, tensor<5x7xf32>) -> tensor<2x5x7xf32>
  %2 = octet.softmax %1 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %3 = octet.compare ne %2, %2 : (tensor<2x5x7xf32>, tensor<2x5x7xf32>) -> tensor<2x5x7xi1>
  %4 = octet.select %3, %zero, %2 : (tensor<2x5x7xi1>, tensor<f32>, tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %5 = octet.matmul %4, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  %6 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %7 = octet.softmax %6 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %8 = octet.compare ne %7, %7 : (tensor<2x5x7xf32>, tensor<2x5x7xf32>) -> tensor<2x5x7xi1>
  %9 = octet.select %8, %zero, %7 : (tensor<2x5x7xi1>, tensor<f32>, tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %10 = octet.matmul %9, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  return %5, %10 : tensor<2x5x8xf32>, tensor<2x5x8xf32>
}

// The transpose of both: columns of values. One query for all images.
// CHECK-LABEL: func @columns
func.func @columns(%q: tensor<1x5x8xf32>, %k: tensor<2x8x7xf32>, %v: tensor<2x9x7xf32>) -> tensor<2x9x5xf32> {
  // CHECK: octet.expand %arg0 {shape = array<i64: 2, 5, 8>}
  // CHECK: %[[V:.*]] = octet.transpose %{{.*}} {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x1x9x7xf32>)
  // CHECK: %[[Y:.*]] = octet.attention %{{.*}}, %{{.*}}, %[[V]]
  // CHECK: octet.transpose %[[Y]] {permutation = array<i64: 0, 2, 3, 1>}
  %0 = octet.matmul %q, %k : (tensor<1x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %1 = octet.softmax %0 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %2 = octet.transpose %1 {permutation = array<i64: 0, 2, 1>} : (tensor<2x5x7xf32>) -> tensor<2x7x5xf32>
  %3 = octet.matmul %v, %2 : (tensor<2x9x7xf32>, tensor<2x7x5xf32>) -> tensor<2x9x5xf32>
  return %3 : tensor<2x9x5xf32>
}

// Choices that do not hide (-1.0), or hide what a negative factor makes the best; a softcap;
// constant values; NaN replaced by 1.
// CHECK-LABEL: func @others
// CHECK-NOT: octet.attention
func.func @others(%q: tensor<2x5x8xf32>, %k: tensor<2x8x7xf32>, %v: tensor<2x7x8xf32>, %sees: tensor<5x7xi1>) -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  %minus = octet.constant dense<-1.0> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %low = octet.constant dense<-1.0e9> : tensor<f32> : tensor<f32>
  %values = octet.constant dense<0.5> : tensor<7x8xf32> : tensor<7x8xf32>
  %0 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %1 = octet.select %sees, %0, %minus : (tensor<5x7xi1>, tensor<2x5x7xf32>, tensor<f32>) -> tensor<2x5x7xf32>
  %2 = octet.softmax %1 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %3 = octet.matmul %2, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  %4 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %5 = octet.select %sees, %4, %low : (tensor<5x7xi1>, tensor<2x5x7xf32>, tensor<f32>) -> tensor<2x5x7xf32>
  %6 = octet.mul %5, %minus : (tensor<2x5x7xf32>, tensor<f32>) -> tensor<2x5x7xf32>
  %7 = octet.softmax %6 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %8 = octet.matmul %7, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  %9 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %10 = octet.tanh %9 : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %11 = octet.softmax %10 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %12 = octet.matmul %11, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  %13 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %14 = octet.softmax %13 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %15 = octet.matmul %14, %values : (tensor<2x5x7xf32>, tensor<7x8xf32>) -> tensor<2x5x8xf32>
  %16 = octet.matmul %q, %k : (tensor<2x5x8xf32>, tensor<2x8x7xf32>) -> tensor<2x5x7xf32>
  %17 = octet.softmax %16 {axis = 2 : i64} : (tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %18 = octet.compare ne %17, %17 : (tensor<2x5x7xf32>, tensor<2x5x7xf32>) -> tensor<2x5x7xi1>
  %19 = octet.select %18, %one, %17 : (tensor<2x5x7xi1>, tensor<f32>, tensor<2x5x7xf32>) -> tensor<2x5x7xf32>
  %20 = octet.matmul %19, %v : (tensor<2x5x7xf32>, tensor<2x7x8xf32>) -> tensor<2x5x8xf32>
  return %3, %8, %12, %15, %20 : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>
}
