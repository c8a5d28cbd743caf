// RUN: octet-opt %s -split-input-file -verify-diagnostics -octet-insert-observers | FileCheck %s

// CHECK-LABEL: func.func @all_tensors
// CHECK-SAME: -> (tensor<1x3xf32> {octet.observed = "x"}, tensor<1x3xf32> {octet.observed = "r"}, tensor<1x3xf32> {octet.observed = "s"})
func.func @all_tensors(%x: tensor<1x3xf32> {octet.name = "x"}, %i: tensor<2xi64> {octet.name = "i"})
    -> (tensor<1x3xf32> {octet.name = "s"}, tensor<2xi64> {octet.name = "i2"}) {
  // CHECK-DAG: %[[C:.+]] = octet.constant
  // CHECK-DAG: %[[R:.+]] = octet.relu %arg0
  // CHECK: %[[S:.+]] = octet.add %[[R]], %[[C]]
  // CHECK: return %arg0, %[[R]], %[[S]] : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
  %c = octet.constant dense<1.0> : tensor<3xf32> : tensor<3xf32> loc("c"("c"))
  %r = octet.relu %x : (tensor<1x3xf32>) -> tensor<1x3xf32> loc("Relu"("r"))
  %s = octet.add %r, %c : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32> loc("Add"("s"))
  %j = octet.neg %i : (tensor<2xi64>) -> tensor<2xi64> loc("Neg"("i2"))
  return %s, %j : tensor<1x3xf32>, tensor<2xi64>
}

// -----

// expected-error @+1 {{expected argument 0 to have 'octet.name'}}
func.func @nameless(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  return %x : tensor<1x3xf32>
}
