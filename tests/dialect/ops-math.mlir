// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @functions
// CHECK: octet.sin %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.cos %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.tan %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.asin %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.acos %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.atan %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.sinh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.cosh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.asinh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.acosh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.atanh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.softplus %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @functions(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = octet.sin %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.cos %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.tan %1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.asin %2 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.acos %3 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = octet.atan %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = octet.sinh %5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = octet.cosh %6 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = octet.asinh %7 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %9 = octet.acosh %8 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %10 = octet.atanh %9 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %11 = octet.softplus %10 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}
