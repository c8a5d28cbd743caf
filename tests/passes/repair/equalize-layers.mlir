// RUN: octet-opt %s -split-input-file -octet-equalize-layers -mlir-print-debuginfo | FileCheck %s

// R1: channel 0 is written by 8 and read by 2, channel 1 by 1 and by 2: factors 2 and
// sqrt(1/2), after which both ranges of a channel are equal. The clip's bound is one for each
// channel, and what changed its scale has another name.

// CHECK-LABEL: func.func @clip
// CHECK-DAG: %[[W1:.+]] = octet.constant dense<{{\[\[\[\[}}4.000000e+00]]], {{\[\[\[}}-1.41421354]]]]>
// CHECK-DAG: %[[B1:.+]] = octet.constant dense<[5.000000e-01, 1.41421354]>
// CHECK: %[[C:.+]] = octet.conv %{{.+}}, %[[W1]], %[[B1]] {{.*}}
// CHECK: %[[R:.+]] = octet.relu %[[C]]
// CHECK: %[[HIGH:.+]] = octet.constant dense<{{\[\[\[\[}}3.000000e+00]], {{\[\[}}8.48528099]]]]> : tensor<1x2x1x1xf32>
// CHECK: %[[M:.+]] = octet.min %[[R]], %[[HIGH]]
// CHECK: %[[W2:.+]] = octet.constant dense<{{\[\[\[\[}}4.000000e+00]], {{\[\[}}1.41421354]]]]>
// CHECK: octet.conv %[[M]], %[[W2]] {
// CHECK-DAG: loc("r:equalized")
// CHECK-DAG: loc("c:equalized")
func.func @clip(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w1 = octet.constant dense<[[[[8.0]]], [[[-1.0]]]]> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32> loc("w1"("w1"))
  %b1 = octet.constant dense<[1.0, 1.0]> : tensor<2xf32> : tensor<2xf32> loc("b1"("b1"))
  %w2 = octet.constant dense<[[[[2.0]], [[2.0]]]]> : tensor<1x2x1x1xf32> : tensor<1x2x1x1xf32> loc("w2"("w2"))
  %c = octet.conv %x, %w1, %b1 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c"))
  %r = octet.clip %c {low = 0.0 : f32, high = 6.0 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("Clip_1"("r"))
  %y = octet.conv %r, %w2 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x2x2xf32> loc("Conv_2"("y"))
  return %y : tensor<1x1x2x2xf32>
}

// -----

// Through a relu, a pool and a flattening to all that reads the channels.

// CHECK-LABEL: func.func @readers
// CHECK: octet.max_pool
// CHECK: octet.reshape
// CHECK: dense<4.000000e+00> : tensor<1x1xf32>
// CHECK: dense<{{\[\[}}2.000000e+00, 4.000000e+00]]> : tensor<1x2xf32>
func.func @readers(%x: tensor<1x1xf32>) -> (tensor<1x1xf32>, tensor<1x2xf32>) {
  %w = octet.constant dense<16.0> : tensor<1x1x1x1xf32> : tensor<1x1x1x1xf32>
  %v1 = octet.constant dense<1.0> : tensor<1x1xf32> : tensor<1x1xf32>
  %v2 = octet.constant dense<[[0.5, 1.0]]> : tensor<1x2xf32> : tensor<1x2xf32>
  %i = octet.reshape %x {shape = array<i64: 1, 1, 1, 1>} : (tensor<1x1xf32>) -> tensor<1x1x1x1xf32>
  %c = octet.conv %i, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %r = octet.relu %c : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %p = octet.max_pool %r {dilations = array<i64: 1, 1>, kernel = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %f = octet.reshape %p {shape = array<i64: 1, 1>} : (tensor<1x1x1x1xf32>) -> tensor<1x1xf32>
  %y1 = octet.matmul %f, %v1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %y2 = octet.matmul %f, %v2 : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y1, %y2 : tensor<1x1xf32>, tensor<1x2xf32>
}

// -----

// What does not commute with factors, is read by something else, or is not constant, stays.

// CHECK-LABEL: func.func @refused
// CHECK-DAG: dense<1.600000e+01>
// CHECK-DAG: dense<1.000000e+00>
// CHECK-NOT: equalized
func.func @refused(%x: tensor<1x1xf32>, %v: tensor<1x1xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = octet.constant dense<16.0> : tensor<1x1xf32> : tensor<1x1xf32> loc("w"("w"))
  %u = octet.constant dense<1.0> : tensor<1x1xf32> : tensor<1x1xf32> loc("u"("u"))
  %0 = octet.matmul %x, %w : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("a"("a"))
  %1 = octet.sigmoid %0 : (tensor<1x1xf32>) -> tensor<1x1xf32> loc("b"("b"))
  %2 = octet.matmul %1, %u : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("c"("c"))
  %3 = octet.matmul %x, %w : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("d"("d"))
  %4 = octet.matmul %3, %u : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("e"("e"))
  %5 = octet.matmul %x, %w : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("f"("f"))
  %6 = octet.matmul %5, %v : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32> loc("g"("g"))
  return %2, %3, %4, %6 : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
}
