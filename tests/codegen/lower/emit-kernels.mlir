// RUN: octet-opt %s --split-input-file --octet-emit-kernels=target=x86-64-v3 | FileCheck %s

// Two ops of one shape share a kernel: what differs between them, the constant, is a
// buffer. A third of another shape has its own.

// CHECK-LABEL: func.func @entry(
// CHECK-SAME: %[[IN:.*]]: memref<32xi8> {octet.name = "x", octet.role = "input", octet.type = tensor<1x8xf32>}
// CHECK-SAME: %[[OUT:.*]]: memref<16xi8> {octet.name = "y", octet.role = "output", octet.type = tensor<1x4xf32>}
// CHECK-SAME: %[[ARENA:[^:]*]]: memref<128xi8>
// CHECK: memref.view %[[ARENA]]
// CHECK: octet.launch @[[MUL:[a-z0-9_]+]]({{.*}}) units({{[0-9]+}}) "first"
// CHECK: octet.launch @[[MUL]]({{.*}}) units({{[0-9]+}}) "second"
// CHECK: memref.view %[[OUT]]
// CHECK: octet.launch @[[SLICE:[a-z0-9_]+]]({{.*}}) units({{[0-9]+}}) "third"
// CHECK: memref.global "private" constant @weights
// CHECK: func.func private @[[MUL]]({{.*}}, %{{.*}}: index, %{{.*}}: index)
// CHECK: func.func private @[[SLICE]](
// CHECK-NOT: func.func
func.func @main(%x: tensor<1x8xf32> {octet.name = "x"}) -> (tensor<1x4xf32> {octet.name = "y"})
    attributes {octet.arena_bytes = 128 : i64} {
  %a = octet.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32> : tensor<1x8xf32>
  %b = octet.constant dense<[[8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]]> : tensor<1x8xf32> : tensor<1x8xf32>
  %0 = octet.mul %x, %a {octet.offset = 0 : i64} : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32> loc("first"("u"))
  %1 = octet.mul %0, %b {octet.offset = 64 : i64} : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32> loc("second"("v"))
  %2 = octet.slice %1 {offsets = array<i64: 0, 2>, sizes = array<i64: 1, 4>, steps = array<i64: 1, 1>, octet.output = 0 : i64} : (tensor<1x8xf32>) -> tensor<1x4xf32> loc("third"("y"))
  return %2 : tensor<1x4xf32>
}

// -----

// A kernel fills the border of its result, in the thread that has the first unit: two
// ops are two launches.

// CHECK-LABEL: func.func @entry(
// CHECK-COUNT-2: octet.launch
// CHECK-NOT: octet.launch
// CHECK: func.func private @{{[a-z0-9_]+}}(%[[RESULT:[^:]*]]: memref<1x6x6x4xf32>, {{.*}}, %[[BEGIN:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[BEGIN]], %c0
// CHECK: scf.if %[[FIRST]]
// CHECK: vector.store
// CHECK: scf.for %{{.*}} = %[[BEGIN]]
!bordered = tensor<1x4x4x4xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>
func.func @main(%x: tensor<1x4x4x4xf32> {octet.name = "x"}) -> (tensor<1x4x2x2xf32> {octet.name = "y"})
    attributes {octet.arena_bytes = 576 : i64} {
  %0 = octet.neg %x {octet.offset = 0 : i64} : (tensor<1x4x4x4xf32>) -> !bordered
  %1 = octet.slice %0 {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 2, 2>, steps = array<i64: 1, 1, 1, 1>, octet.output = 0 : i64} : (!bordered) -> tensor<1x4x2x2xf32>
  return %1 : tensor<1x4x2x2xf32>
}

// -----

// Another shape of the same network is an entry of its own; constants and kernels that are equal
// exist once.

// CHECK-LABEL: func.func @entry(
// CHECK: %[[W:.*]] = memref.get_global @weights : memref<64xi8>
// CHECK: octet.launch @[[K:[a-z0-9_]+]]({{.*}}) units({{[0-9]+}}) "first"
// CHECK-LABEL: func.func @entry.1(
// CHECK-SAME: memref<64xi8> {octet.name = "x", octet.role = "input", octet.type = tensor<2x8xf32>}
// CHECK: memref.get_global @weights : memref<64xi8>
// CHECK: octet.launch @[[OTHER:[a-z0-9_]+]]({{.*}}) units({{[0-9]+}}) "first"
// CHECK: octet.launch @[[K]]({{.*}}) units({{[0-9]+}}) "second"
func.func @main(%x: tensor<1x8xf32> {octet.name = "x"}) -> (tensor<1x8xf32> {octet.name = "y"})
    attributes {octet.arena_bytes = 0 : i64} {
  %a = octet.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32> : tensor<1x8xf32>
  %0 = octet.mul %x, %a {octet.output = 0 : i64} : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32> loc("first"("u"))
  return %0 : tensor<1x8xf32>
}
func.func @main.1(%x: tensor<2x8xf32> {octet.name = "x"}, %z: tensor<1x8xf32> {octet.name = "z"}) -> (tensor<2x8xf32> {octet.name = "y"}, tensor<1x8xf32> {octet.name = "v"})
    attributes {octet.arena_bytes = 0 : i64} {
  %a = octet.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32> : tensor<1x8xf32>
  %0 = octet.mul %x, %a {octet.output = 0 : i64} : (tensor<2x8xf32>, tensor<1x8xf32>) -> tensor<2x8xf32> loc("first"("u"))
  %1 = octet.mul %z, %a {octet.output = 1 : i64} : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32> loc("second"("v"))
  return %0, %1 : tensor<2x8xf32>, tensor<1x8xf32>
}
