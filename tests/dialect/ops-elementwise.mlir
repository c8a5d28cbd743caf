// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @unary
// CHECK: octet.relu %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.neg %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.abs %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.sigmoid %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.hard_swish %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.silu %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.tanh %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.exp %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.log %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.sqrt %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.erf %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.reciprocal %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.floor %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.ceil %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.round %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @unary(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = octet.relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.neg %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.abs %1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.sigmoid %2 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.hard_swish %3 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = octet.silu %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = octet.tanh %5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = octet.exp %6 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = octet.log %7 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %9 = octet.sqrt %8 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %10 = octet.erf %9 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %11 = octet.reciprocal %10 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %12 = octet.floor %11 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %13 = octet.ceil %12 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %14 = octet.round %13 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %14 : tensor<2x3xf32>
}

// CHECK-LABEL: func @parametric
// CHECK: octet.clip %{{.*}} {high = 6.000000e+00 : f32, low = 0.000000e+00 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.leaky_relu %{{.*}} {alpha = 1.000000e-01 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.hard_sigmoid %{{.*}} {alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: octet.elu %{{.*}} {alpha = 1.000000e+00 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @parametric(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = octet.clip %x {high = 6.000000e+00 : f32, low = 0.000000e+00 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.leaky_relu %0 {alpha = 1.000000e-01 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.hard_sigmoid %1 {alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.elu %2 {alpha = 1.000000e+00 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func @binary
// CHECK: octet.add %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.sub %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.mul %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.div %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.pow %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.min %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.max %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.prelu %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
func.func @binary(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = octet.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = octet.sub %0, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %1, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %3 = octet.div %2, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %4 = octet.pow %3, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %5 = octet.min %4, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %6 = octet.max %5, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %7 = octet.prelu %6, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// CHECK-LABEL: func @integers
// CHECK: octet.mul %{{.*}}, %{{.*}} : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
// CHECK: octet.abs %{{.*}} : (tensor<2x3xi64>) -> tensor<2x3xi64>
func.func @integers(%a: tensor<2x1xi64>, %b: tensor<3xi64>) -> tensor<2x3xi64> {
  %0 = octet.mul %a, %b : (tensor<2x1xi64>, tensor<3xi64>) -> tensor<2x3xi64>
  %1 = octet.abs %0 : (tensor<2x3xi64>) -> tensor<2x3xi64>
  return %1 : tensor<2x3xi64>
}

// CHECK-LABEL: func @cast
// CHECK: octet.cast %{{.*}} : (tensor<2xf32>) -> tensor<2xf16>
// CHECK: octet.cast %{{.*}} : (tensor<2xf16>) -> tensor<2xbf16>
// CHECK: octet.cast %{{.*}} : (tensor<2xbf16>) -> tensor<2xf64>
// CHECK: octet.cast %{{.*}} : (tensor<2xf64>) -> tensor<2xi1>
// CHECK: octet.cast %{{.*}} : (tensor<2xi1>) -> tensor<2xi8>
// CHECK: octet.cast %{{.*}} : (tensor<2xi8>) -> tensor<2xui8>
// CHECK: octet.cast %{{.*}} : (tensor<2xui8>) -> tensor<2xi64>
// CHECK: octet.cast %{{.*}} : (tensor<2xi64>) -> tensor<2xui16>
// CHECK: octet.cast %{{.*}} : (tensor<2xui16>) -> tensor<2xf32>
func.func @cast(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = octet.cast %x : (tensor<2xf32>) -> tensor<2xf16>
  %1 = octet.cast %0 : (tensor<2xf16>) -> tensor<2xbf16>
  %2 = octet.cast %1 : (tensor<2xbf16>) -> tensor<2xf64>
  %3 = octet.cast %2 : (tensor<2xf64>) -> tensor<2xi1>
  %4 = octet.cast %3 : (tensor<2xi1>) -> tensor<2xi8>
  %5 = octet.cast %4 : (tensor<2xi8>) -> tensor<2xui8>
  %6 = octet.cast %5 : (tensor<2xui8>) -> tensor<2xi64>
  %7 = octet.cast %6 : (tensor<2xi64>) -> tensor<2xui16>
  %8 = octet.cast %7 : (tensor<2xui16>) -> tensor<2xf32>
  return %8 : tensor<2xf32>
}
