// RUN: octet-opt %s -split-input-file -octet-narrow-graph | FileCheck %s

#bf16 = #octet.precision<bf16>

// A contraction's operand is stored as bf16 whoever makes it; its result is not where
// only the caller reads it. The bias stays as it is.

// CHECK-LABEL: func.func @contraction
// CHECK: %[[N:.+]] = octet.cast %arg0 : (tensor<2x3xf32>) -> tensor<2x3xbf16>
// CHECK: %[[W:.+]] = octet.cast %[[N]] : (tensor<2x3xbf16>) -> tensor<2x3xf32>
// CHECK: %[[Y:.+]] = octet.fused %[[W]], %{{.+}}, %{{.+}} {
// CHECK: return %[[Y]]
func.func @contraction(%x: tensor<2x3xf32> {octet.name = "x"}) -> tensor<2x4xf32> {
  %w = octet.constant dense<0.5> : tensor<3x4xf32> : tensor<3x4xf32>
  %b = octet.constant dense<0.5> : tensor<4xf32> : tensor<4xf32>
  %y = octet.fused %x, %w, %b {octet.precision = #bf16} : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32> {
  ^bb0(%p: tensor<2x3xf32>, %q: tensor<3x4xf32>, %r: tensor<4xf32>):
    %0 = octet.matmul %p, %q, %r : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    octet.yield %0 : tensor<2x4xf32>
  }
  return %y : tensor<2x4xf32>
}

// -----

#bf16 = #octet.precision<bf16>

// A value between bf16 groups is stored as bf16, an argument that is only read into
// registers is not.

// CHECK-LABEL: func.func @elementwise
// CHECK: %[[A:.+]] = octet.fused %arg0
// CHECK: %[[N:.+]] = octet.cast %[[A]] {{.*}} -> tensor<4xbf16>
// CHECK: %[[W:.+]] = octet.cast %[[N]] {{.*}} -> tensor<4xf32>
// CHECK: %[[Y:.+]] = octet.fused %[[W]]
// CHECK: return %[[Y]]
func.func @elementwise(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = octet.fused %x {octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: tensor<4xf32>):
    %0 = octet.neg %p : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  }
  %y = octet.fused %a {octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: tensor<4xf32>):
    %0 = octet.abs %p : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// -----

#bf16 = #octet.precision<bf16>
#f32 = #octet.precision<f32>

// An f32 op that reads memory is stronger than a bf16 reader that need not.

// CHECK-LABEL: func.func @f32_reader
// CHECK-NOT: octet.cast
func.func @f32_reader(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = octet.fused %x {octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: tensor<4xf32>):
    %0 = octet.neg %p : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  }
  %y = octet.fused %a {octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: tensor<4xf32>):
    %0 = octet.abs %p : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  }
  %s = octet.softmax %a {axis = 0 : i64, octet.precision = #f32} : (tensor<4xf32>) -> tensor<4xf32>
  return %y, %s : tensor<4xf32>, tensor<4xf32>
}

// -----

#bf16 = #octet.precision<bf16>

// A softmax whose result the caller reads computes from f32 to f32.

// CHECK-LABEL: func.func @last_softmax
// CHECK-NOT: octet.cast
// CHECK: octet.softmax {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "its result is read in f32"
func.func @last_softmax(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = octet.fused %x {octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%p: tensor<4xf32>):
    %0 = octet.neg %p : (tensor<4xf32>) -> tensor<4xf32>
    octet.yield %0 : tensor<4xf32>
  }
  %s = octet.softmax %a {axis = 0 : i64, octet.precision = #bf16} : (tensor<4xf32>) -> tensor<4xf32>
  return %s : tensor<4xf32>
}

// -----

#f32 = #octet.precision<f32>

// Nothing is done where nothing is bf16.

// CHECK-LABEL: func.func @f32
// CHECK-NOT: octet.cast
func.func @f32(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = octet.softmax %x {axis = 0 : i64, octet.precision = #f32} : (tensor<4xf32>) -> tensor<4xf32>
  return %s : tensor<4xf32>
}
