// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @logic
// CHECK: octet.compare lt %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
// CHECK: octet.bitwise and %{{.*}}, %{{.*}} : (tensor<2x3xi1>, tensor<1xi1>) -> tensor<2x3xi1>
// CHECK: octet.select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK: octet.mod trunc %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
func.func @logic(%a: tensor<2x3xf32>, %b: tensor<3xf32>, %c: tensor<1xi1>) -> tensor<2x3xf32> {
  %0 = octet.compare lt %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
  %1 = octet.bitwise and %0, %c : (tensor<2x3xi1>, tensor<1xi1>) -> tensor<2x3xi1>
  %2 = octet.select %1, %a, %b : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %3 = octet.mod trunc %2, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func @shift
// CHECK: octet.shift left %{{.*}}, %{{.*}} : (tensor<5xui8>, tensor<5xui8>) -> tensor<5xui8>
func.func @shift(%a: tensor<5xui8>) -> tensor<5xui8> {
  %0 = octet.shift left %a, %a : (tensor<5xui8>, tensor<5xui8>) -> tensor<5xui8>
  return %0 : tensor<5xui8>
}
