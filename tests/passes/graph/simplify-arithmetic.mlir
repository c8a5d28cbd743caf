// RUN: octet-opt %s --octet-simplify-arithmetic | FileCheck %s

// CHECK-LABEL: func @neutral
func.func @neutral(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<1x3xf32> : tensor<1x3xf32>
  // CHECK-NEXT: return %arg0
  %0 = octet.add %x, %zero : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.add %zero, %0 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.sub %1, %zero : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %3 = octet.mul %one, %2 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.mul %3, %one : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %5 = octet.div %4, %one : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %6 = octet.pow %5, %one : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %6 : tensor<2x3xf32>
}

// 0 - x and 1 / x change x; a constant may enlarge the result.
// CHECK-LABEL: func @not_neutral
func.func @not_neutral(%x: tensor<1x3xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>) {
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %ones = octet.constant dense<1.0> : tensor<2x1xf32> : tensor<2x1xf32>
  // CHECK: octet.sub
  // CHECK: octet.div
  // CHECK: octet.mul
  %0 = octet.sub %zero, %x : (tensor<f32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %1 = octet.div %one, %x : (tensor<f32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %2 = octet.mul %x, %ones : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<1x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func @powers
func.func @powers(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %two = octet.constant dense<2.0> : tensor<f32> : tensor<f32>
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %minus = octet.constant dense<-1.0> : tensor<f32> : tensor<f32>
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  // CHECK: octet.mul %arg0, %arg0
  // CHECK: octet.sqrt %arg0
  // CHECK: octet.reciprocal %arg0
  // CHECK: octet.pow %arg0
  %0 = octet.pow %x, %two : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %1 = octet.pow %x, %half : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %2 = octet.pow %x, %minus : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %3 = octet.pow %x, %three : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  return %0, %1, %2, %3 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func @divisions
func.func @divisions(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %exact = octet.constant dense<[4.0, -0.5]> : tensor<2xf32> : tensor<2xf32>
  %inexact = octet.constant dense<[4.0, 3.0]> : tensor<2xf32> : tensor<2xf32>
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  // CHECK-DAG: %[[C:.*]] = octet.constant dense<[2.500000e-01, -2.000000e+00]>
  // CHECK: octet.mul %arg0, %[[C]]
  // CHECK: octet.div
  // CHECK: octet.div
  %0 = octet.div %x, %exact : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = octet.div %x, %inexact : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = octet.div %x, %zero : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
