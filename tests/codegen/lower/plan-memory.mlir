// RUN: octet-opt %s --split-input-file --octet-plan-memory | FileCheck %s

// Tensors that live at the same time get bytes of their own; a dead one's are used
// again; the result is written in place. Offsets are multiples of 64 bytes.

// CHECK-LABEL: func @chain
// CHECK-SAME: octet.arena_bytes = 128 : i64
// CHECK: octet.neg %{{.*}} {octet.offset = [[A:0|64]] : i64}
// CHECK: octet.abs %{{.*}} {octet.offset = [[B:0|64]] : i64}
// CHECK: octet.neg %{{.*}} {octet.offset = [[A]] : i64}
// CHECK: octet.abs %{{.*}} {octet.output = 0 : i64}
func.func @chain(%x: tensor<10xf32>) -> tensor<10xf32> {
  %0 = octet.neg %x : (tensor<10xf32>) -> tensor<10xf32>
  %1 = octet.abs %0 : (tensor<10xf32>) -> tensor<10xf32>
  %2 = octet.neg %1 : (tensor<10xf32>) -> tensor<10xf32>
  %3 = octet.abs %2 : (tensor<10xf32>) -> tensor<10xf32>
  return %3 : tensor<10xf32>
}

// -----

// A view keeps its source alive: @view's %0 is read through %1 after %2 is made.

// CHECK-LABEL: func @view
// CHECK: octet.neg %{{.*}} {octet.offset = [[A:0|64]] : i64}
// CHECK: octet.reshape %{{.*}} {octet.view,
// CHECK-NOT: octet.offset = [[A]]
// CHECK: octet.add
func.func @view(%x: tensor<2x5xf32>) -> tensor<10xf32> {
  %0 = octet.neg %x : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %1 = octet.reshape %0 {shape = array<i64: 10>} : (tensor<2x5xf32>) -> tensor<10xf32>
  %2 = octet.abs %1 : (tensor<10xf32>) -> tensor<10xf32>
  %3 = octet.add %1, %2 : (tensor<10xf32>, tensor<10xf32>) -> tensor<10xf32>
  return %3 : tensor<10xf32>
}

// -----

// What no op can write in place is copied: an argument, a constant, a value that is
// returned twice.

// CHECK-LABEL: func @copies
// CHECK-SAME: octet.arena_bytes = 0 : i64
// CHECK: %[[NEG:.*]] = octet.neg %{{.*}} {octet.output = 0 : i64}
// CHECK: octet.relayout %[[NEG]] {octet.output = 1 : i64}
// CHECK: octet.relayout %{{.*}} {octet.output = 2 : i64}
func.func @copies(%x: tensor<10xf32>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
  %0 = octet.neg %x : (tensor<10xf32>) -> tensor<10xf32>
  return %0, %0, %x : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
}
