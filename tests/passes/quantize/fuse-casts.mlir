// RUN: octet-opt %s -split-input-file -octet-fuse-casts | FileCheck %s

#bf16 = #octet.precision<bf16>

// A contraction takes bf16 and rounds its weights; the residual operand is widened
// behind it, the result narrowed before the yield; the argument's cast gets a group.

// CHECK-LABEL: func.func @contraction
// CHECK: %[[X:.+]] = octet.fused %arg0 : (tensor<2x2xf32>) -> tensor<2x2xbf16> {
// CHECK: octet.cast
// CHECK: %[[W:.+]] = octet.constant dense<{{.*}}3.339840e-01{{.*}}> : tensor<2x2xbf16>
// CHECK: %[[Y:.+]] = octet.fused %[[X]], %[[W]], %{{.+}} {{.*}} -> tensor<2x2xbf16> {
// CHECK-NEXT: ^bb0(%[[A:.+]]: tensor<2x2xbf16>, %[[B:.+]]: tensor<2x2xbf16>, %[[C:.+]]: tensor<2xf32>):
// CHECK-NEXT: %[[S:.+]] = octet.matmul %[[A]], %[[B]], %[[C]] : (tensor<2x2xbf16>, tensor<2x2xbf16>, tensor<2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT: %[[R:.+]] = octet.cast %[[A]] : (tensor<2x2xbf16>) -> tensor<2x2xf32>
// CHECK-NEXT: %[[T:.+]] = octet.add %[[S]], %[[R]]
// CHECK-NEXT: %[[N:.+]] = octet.cast %[[T]] : (tensor<2x2xf32>) -> tensor<2x2xbf16>
// CHECK-NEXT: octet.yield %[[N]]
// CHECK: octet.reshape %[[Y]] {{.*}} : (tensor<2x2xbf16>) -> tensor<4xbf16>
func.func @contraction(%x: tensor<2x2xf32>) -> tensor<4xf32> {
  %w = octet.constant dense<[[0.333333, 1.0], [2.0, 3.0]]> : tensor<2x2xf32> : tensor<2x2xf32>
  %b = octet.constant dense<0.333333> : tensor<2xf32> : tensor<2xf32>
  %n = octet.cast %x : (tensor<2x2xf32>) -> tensor<2x2xbf16>
  %d = octet.cast %n : (tensor<2x2xbf16>) -> tensor<2x2xf32>
  %y = octet.fused %d, %w, %b {octet.precision = #bf16} : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32> {
  ^bb0(%p: tensor<2x2xf32>, %q: tensor<2x2xf32>, %r: tensor<2xf32>):
    %0 = octet.matmul %p, %q, %r : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
    %1 = octet.add %0, %p : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    octet.yield %1 : tensor<2x2xf32>
  }
  %yn = octet.cast %y : (tensor<2x2xf32>) -> tensor<2x2xbf16>
  %yd = octet.cast %yn : (tensor<2x2xbf16>) -> tensor<2x2xf32>
  %f = octet.reshape %yd {octet.precision = #bf16, shape = array<i64: 4>} : (tensor<2x2xf32>) -> tensor<4xf32>
  return %f : tensor<4xf32>
}

// -----

#bf16 = #octet.precision<bf16>

// Without a bf16 operand there is nothing to multiply in bf16.

// CHECK-LABEL: func.func @f32_operand
// CHECK: octet.fused {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "reads f32"
// CHECK: octet.matmul {{.*}} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
func.func @f32_operand(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = octet.constant dense<1.0> : tensor<2x2xf32> : tensor<2x2xf32>
  %y = octet.matmul %x, %w {octet.precision = #bf16} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

#bf16 = #octet.precision<bf16>

// Ops from memory to memory read and give bf16; a constant that is joined is rounded.

// CHECK-LABEL: func.func @memory
// CHECK: %[[S:.+]] = octet.softmax %arg0 {{.*}} : (tensor<2x3xbf16>) -> tensor<2x3xbf16>
// CHECK: %[[C:.+]] = octet.constant dense<3.339840e-01> : tensor<1x3xbf16>
// CHECK: octet.concat %[[S]], %[[C]] {{.*}} : (tensor<2x3xbf16>, tensor<1x3xbf16>) -> tensor<3x3xbf16>
func.func @memory(%x: tensor<2x3xbf16>) -> tensor<3x3xf32> {
  %c = octet.constant dense<0.333333> : tensor<1x3xf32> : tensor<1x3xf32>
  %d = octet.cast %x : (tensor<2x3xbf16>) -> tensor<2x3xf32>
  %s = octet.softmax %d {axis = 1 : i64, octet.precision = #bf16} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sn = octet.cast %s : (tensor<2x3xf32>) -> tensor<2x3xbf16>
  %sd = octet.cast %sn : (tensor<2x3xbf16>) -> tensor<2x3xf32>
  %j = octet.concat %sd, %c {axis = 0 : i64, octet.precision = #bf16} : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<3x3xf32>
  return %j : tensor<3x3xf32>
}

// -----

#bf16 = #octet.precision<bf16>

// A reduction that cannot give bf16 says that it computes in f32.

// CHECK-LABEL: func.func @border
// CHECK: %[[D:.+]] = octet.fused %arg0 : (tensor<2x3xbf16>) -> tensor<2x3xf32>
// CHECK: octet.reduce mean %[[D]] {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "its result is read in f32"
func.func @border(%x: tensor<2x3xbf16>) -> tensor<2xf32> {
  %d = octet.cast %x : (tensor<2x3xbf16>) -> tensor<2x3xf32>
  %s = octet.reduce mean %d {axes = array<i64: 1>, octet.precision = #bf16} : (tensor<2x3xf32>) -> tensor<2xf32>
  return %s : tensor<2xf32>
}
