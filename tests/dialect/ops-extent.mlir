// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @indices
// CHECK: octet.true_indices %{{.*}} {fill = -1 : i64} : (tensor<5xi1>) -> tensor<6xi64>
// CHECK: octet.slice_order %{{.*}} {axis = 1 : i64} : (tensor<2x5xbf16>) -> tensor<5xi64>
func.func @indices(%m: tensor<5xi1>, %x: tensor<2x5xbf16>) {
  %0 = octet.true_indices %m {fill = -1 : i64} : (tensor<5xi1>) -> tensor<6xi64>
  %1 = octet.slice_order %x {axis = 1 : i64} : (tensor<2x5xbf16>) -> tensor<5xi64>
  return
}

// CHECK-LABEL: func @boxes
// CHECK: octet.non_max_suppression %{{.*}}, %{{.*}} most %{{.*}} overlap %{{.*}} least %{{.*}} {centered, room = 9 : i64} : (tensor<2x5x4xf32>, tensor<2x3x5xf32>, tensor<i64>, tensor<1xf32>, tensor<f32>) -> tensor<2x3x5xi64>
// CHECK: octet.non_max_suppression %{{.*}}, %{{.*}} most %{{.*}} overlap %{{.*}} {room = 2 : i64} : (tensor<2x5x4xf32>, tensor<2x3x5xf32>, tensor<i64>, tensor<1xf32>) -> tensor<2x3x2xi64>
func.func @boxes(%b: tensor<2x5x4xf32>, %s: tensor<2x3x5xf32>, %m: tensor<i64>, %o: tensor<1xf32>, %l: tensor<f32>) {
  %0 = octet.non_max_suppression %b, %s most %m overlap %o least %l {centered, room = 9 : i64} : (tensor<2x5x4xf32>, tensor<2x3x5xf32>, tensor<i64>, tensor<1xf32>, tensor<f32>) -> tensor<2x3x5xi64>
  %1 = octet.non_max_suppression %b, %s most %m overlap %o {room = 2 : i64} : (tensor<2x5x4xf32>, tensor<2x3x5xf32>, tensor<i64>, tensor<1xf32>) -> tensor<2x3x2xi64>
  return
}
