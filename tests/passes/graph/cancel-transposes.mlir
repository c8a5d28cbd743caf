// RUN: octet-opt %s --octet-cancel-transposes | FileCheck %s

// The length first around three projections, batch and heads joined: nothing has to move.
// CHECK-LABEL: func @projections
// CHECK-SAME: %[[X:.*]]: tensor<2x5x12xf32>, %[[W:.*]]: tensor<12x12xf32>, %[[B:.*]]: tensor<12xf32>
// CHECK-NOT: octet.transpose
// CHECK-DAG: %[[P:.*]] = octet.matmul %[[X]], %[[W]], %[[B]]
// CHECK-DAG: octet.reshape %[[P]] {shape = array<i64: 2, 5, 3, 4>}
// CHECK-DAG: %[[S:.*]] = octet.slice %[[P]] {offsets = array<i64: 0, 0, 4>, sizes = array<i64: 2, 5, 4>
// CHECK: return
func.func @projections(%x: tensor<2x5x12xf32>, %w: tensor<12x12xf32>, %b: tensor<12xf32>) -> (tensor<2x5x3x4xf32>, tensor<2x5x4xf32>) {
  %0 = octet.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<2x5x12xf32>) -> tensor<5x2x12xf32>
  %1 = octet.matmul %0, %w, %b : (tensor<5x2x12xf32>, tensor<12x12xf32>, tensor<12xf32>) -> tensor<5x2x12xf32>
  %2 = octet.reshape %1 {shape = array<i64: 5, 6, 4>} : (tensor<5x2x12xf32>) -> tensor<5x6x4xf32>
  %3 = octet.transpose %2 {permutation = array<i64: 1, 0, 2>} : (tensor<5x6x4xf32>) -> tensor<6x5x4xf32>
  %4 = octet.reshape %3 {shape = array<i64: 2, 3, 5, 4>} : (tensor<6x5x4xf32>) -> tensor<2x3x5x4xf32>
  %5 = octet.transpose %4 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x3x5x4xf32>) -> tensor<2x5x3x4xf32>
  %6 = octet.slice %1 {offsets = array<i64: 0, 0, 4>, sizes = array<i64: 5, 2, 4>, steps = array<i64: 1, 1, 1>} : (tensor<5x2x12xf32>) -> tensor<5x2x4xf32>
  %7 = octet.transpose %6 {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x4xf32>) -> tensor<2x5x4xf32>
  return %5, %7 : tensor<2x5x3x4xf32>, tensor<2x5x4xf32>
}

// Heads out of and into their places around a product that joins batch and length.
// CHECK-LABEL: func @output
// CHECK-SAME: %[[Y:.*]]: tensor<2x5x3x4xf32>
// CHECK-NOT: octet.transpose
// CHECK: %[[ROWS:.*]] = octet.reshape %[[Y]] {shape = array<i64: 2, 5, 12>}
// CHECK: %[[P:.*]] = octet.matmul %[[ROWS]]
// CHECK: return %[[P]]
func.func @output(%y: tensor<2x5x3x4xf32>, %w: tensor<12x7xf32>) -> tensor<2x5x7xf32> {
  %0 = octet.transpose %y {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x5x3x4xf32>) -> tensor<2x3x5x4xf32>
  %1 = octet.reshape %0 {shape = array<i64: 6, 5, 4>} : (tensor<2x3x5x4xf32>) -> tensor<6x5x4xf32>
  %2 = octet.transpose %1 {permutation = array<i64: 1, 0, 2>} : (tensor<6x5x4xf32>) -> tensor<5x6x4xf32>
  %3 = octet.reshape %2 {shape = array<i64: 10, 12>} : (tensor<5x6x4xf32>) -> tensor<10x12xf32>
  %4 = octet.matmul %3, %w : (tensor<10x12xf32>, tensor<12x7xf32>) -> tensor<10x7xf32>
  %5 = octet.reshape %4 {shape = array<i64: 5, 2, 7>} : (tensor<10x7xf32>) -> tensor<5x2x7xf32>
  %6 = octet.transpose %5 {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x7xf32>) -> tensor<2x5x7xf32>
  return %6 : tensor<2x5x7xf32>
}

// Queries and keys from one tensor that was turned as a whole.
// CHECK-LABEL: func @unbound
// CHECK-SAME: %[[X:.*]]: tensor<2x5x3x4x8xf32>
// CHECK-NOT: octet.transpose
// CHECK-DAG: octet.slice %[[X]] {offsets = array<i64: 0, 0, 1, 0, 0>, sizes = array<i64: 2, 5, 1, 4, 8>
// CHECK-DAG: octet.slice %[[X]] {offsets = array<i64: 0, 0, 0, 0, 0>, sizes = array<i64: 2, 5, 1, 4, 8>
// CHECK: return
func.func @unbound(%x: tensor<2x5x3x4x8xf32>) -> (tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>) {
  %0 = octet.transpose %x {permutation = array<i64: 2, 0, 3, 1, 4>} : (tensor<2x5x3x4x8xf32>) -> tensor<3x2x4x5x8xf32>
  %1 = octet.slice %0 {offsets = array<i64: 0, 0, 0, 0, 0>, sizes = array<i64: 1, 2, 4, 5, 8>, steps = array<i64: 1, 1, 1, 1, 1>} : (tensor<3x2x4x5x8xf32>) -> tensor<1x2x4x5x8xf32>
  %2 = octet.reshape %1 {shape = array<i64: 2, 4, 5, 8>} : (tensor<1x2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %3 = octet.transpose %2 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x4x5x8xf32>) -> tensor<2x5x4x8xf32>
  %4 = octet.slice %0 {offsets = array<i64: 1, 0, 0, 0, 0>, sizes = array<i64: 1, 2, 4, 5, 8>, steps = array<i64: 1, 1, 1, 1, 1>} : (tensor<3x2x4x5x8xf32>) -> tensor<1x2x4x5x8xf32>
  %5 = octet.reshape %4 {shape = array<i64: 2, 4, 5, 8>} : (tensor<1x2x4x5x8xf32>) -> tensor<2x4x5x8xf32>
  %6 = octet.transpose %5 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<2x4x5x8xf32>) -> tensor<2x5x4x8xf32>
  return %3, %6 : tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>
}

// CHECK-LABEL: func @join
// CHECK: %[[R:.*]] = octet.reshape %arg0 {shape = array<i64: 2, 3, 5, 4>}
// CHECK: %[[T:.*]] = octet.transpose %[[R]] {permutation = array<i64: 2, 1, 0, 3>}
// CHECK: octet.reshape %[[T]] {shape = array<i64: 15, 2, 4>}
// CHECK-NOT: octet.transpose
// CHECK: return
func.func @join(%x: tensor<2x3x20xf32>) -> tensor<15x2x4xf32> {
  %0 = octet.transpose %x {permutation = array<i64: 2, 1, 0>} : (tensor<2x3x20xf32>) -> tensor<20x3x2xf32>
  %1 = octet.reshape %0 {shape = array<i64: 5, 4, 3, 2>} : (tensor<20x3x2xf32>) -> tensor<5x4x3x2xf32>
  %2 = octet.transpose %1 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<5x4x3x2xf32>) -> tensor<5x3x2x4xf32>
  %3 = octet.reshape %2 {shape = array<i64: 15, 2, 4>} : (tensor<5x3x2x4xf32>) -> tensor<15x2x4xf32>
  return %3 : tensor<15x2x4xf32>
}

// One reader of the product wants it turned; a reshape that cuts through atoms; columns
// that are multiplied; a slice of two dimensions as one.
// CHECK-LABEL: func @others
// CHECK-COUNT-8: octet.transpose
func.func @others(%x: tensor<2x5x12xf32>, %w: tensor<12x12xf32>, %v: tensor<2x2xf32>) -> (tensor<2x5x12xf32>, tensor<5x2x12xf32>, tensor<2x6x10xf32>, tensor<12x2x5xf32>, tensor<2x5x12xf32>) {
  %0 = octet.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<2x5x12xf32>) -> tensor<5x2x12xf32>
  %1 = octet.matmul %0, %w : (tensor<5x2x12xf32>, tensor<12x12xf32>) -> tensor<5x2x12xf32>
  %2 = octet.transpose %1 {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x12xf32>) -> tensor<2x5x12xf32>
  %3 = octet.relu %1 : (tensor<5x2x12xf32>) -> tensor<5x2x12xf32>
  %4 = octet.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<2x5x12xf32>) -> tensor<5x2x12xf32>
  %5 = octet.reshape %4 {shape = array<i64: 6, 10, 2>} : (tensor<5x2x12xf32>) -> tensor<6x10x2xf32>
  %6 = octet.transpose %5 {permutation = array<i64: 2, 0, 1>} : (tensor<6x10x2xf32>) -> tensor<2x6x10xf32>
  %7 = octet.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x5x12xf32>) -> tensor<5x12x2xf32>
  %8 = octet.matmul %7, %v : (tensor<5x12x2xf32>, tensor<2x2xf32>) -> tensor<5x12x2xf32>
  %9 = octet.transpose %8 {permutation = array<i64: 1, 2, 0>} : (tensor<5x12x2xf32>) -> tensor<12x2x5xf32>
  %10 = octet.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<2x5x12xf32>) -> tensor<5x2x12xf32>
  %11 = octet.reshape %10 {shape = array<i64: 10, 12>} : (tensor<5x2x12xf32>) -> tensor<10x12xf32>
  %12 = octet.slice %11 {offsets = array<i64: 9, 0>, sizes = array<i64: 10, 12>, steps = array<i64: -1, 1>} : (tensor<10x12xf32>) -> tensor<10x12xf32>
  %13 = octet.reshape %12 {shape = array<i64: 5, 2, 12>} : (tensor<10x12xf32>) -> tensor<5x2x12xf32>
  %14 = octet.transpose %13 {permutation = array<i64: 1, 0, 2>} : (tensor<5x2x12xf32>) -> tensor<2x5x12xf32>
  return %2, %3, %6, %9, %14 : tensor<2x5x12xf32>, tensor<5x2x12xf32>, tensor<2x6x10xf32>, tensor<12x2x5xf32>, tensor<2x5x12xf32>
}
