// RUN: octet-opt %s -octet-share-precisions | FileCheck %s

// The op that makes the tensor of the same name decides, with its reason; what @main does not
// have, or has twice, stays.

// CHECK-LABEL: func.func @main(
// CHECK: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// CHECK-LABEL: func.func @main.1(
// CHECK: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// CHECK: octet.relu {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "slower"
// CHECK: octet.exp {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "own"
// CHECK-LABEL: func.func @main.2(
// CHECK: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// CHECK-LABEL: func.func @helper(
// CHECK: octet.precision = #octet.precision<f32>
func.func @main(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>) -> tensor<1x4xf32> {
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32> loc("a"("y"))
  %1 = octet.exp %0 {octet.precision = #octet.precision<f32>, octet.reason = "one"} : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("c"("twice"))
  %2 = octet.exp %1 {octet.precision = #octet.precision<f32>, octet.reason = "two"} : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("d"("twice"))
  return %2 : tensor<1x4xf32>
}
func.func @main.1(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<8x4xf32> {
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<f32>, octet.reason = "slower"} : (tensor<8x4xf32>, tensor<4x4xf32>) -> tensor<8x4xf32> loc("a"("y"))
  %1 = octet.relu %0 {octet.precision = #octet.precision<f32>, octet.reason = "slower"} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("b"("z"))
  %2 = octet.exp %1 {octet.precision = #octet.precision<int8>, octet.reason = "own"} : (tensor<8x4xf32>) -> tensor<8x4xf32> loc("c"("twice"))
  return %2 : tensor<8x4xf32>
}
func.func @main.2(%x: tensor<9x4xf32>, %w: tensor<4x4xf32>) -> tensor<9x4xf32> {
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<f32>, octet.reason = "slower"} : (tensor<9x4xf32>, tensor<4x4xf32>) -> tensor<9x4xf32> loc("a"("y"))
  return %0 : tensor<9x4xf32>
}
func.func @helper(%x: tensor<9x4xf32>, %w: tensor<4x4xf32>) -> tensor<9x4xf32> {
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<f32>, octet.reason = "slower"} : (tensor<9x4xf32>, tensor<4x4xf32>) -> tensor<9x4xf32> loc("a"("y"))
  return %0 : tensor<9x4xf32>
}
