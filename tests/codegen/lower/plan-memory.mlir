// RUN: octet-opt %s --split-input-file --octet-plan-memory | FileCheck %s

// Tensors that live at the same time get bytes of their own; a dead one's are used
// again; the result is written in place. Offsets are multiples of 64 bytes.

// CHECK-LABEL: func @chain
// CHECK-SAME: octet.arena_bytes = 128 : i64
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.offset = [[A:0|64]] : i64}
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.offset = [[B:0|64]] : i64}
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.offset = [[A]] : i64}
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.output = 0 : i64}
func.func @chain(%x: tensor<10xf32>) -> tensor<10xf32> {
  %0 = octet.softmax %x {axis = 0 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  %1 = octet.softmax %0 {axis = 0 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  %2 = octet.softmax %1 {axis = 0 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  %3 = octet.softmax %2 {axis = 0 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  return %3 : tensor<10xf32>
}

// -----

// A view keeps its source alive: @view's %0 is read through %1 after %2 is made.

// CHECK-LABEL: func @view
// CHECK: octet.neg %{{.*}} {octet.offset = [[A:0|64]] : i64}
// CHECK: octet.reshape %{{.*}} {octet.view = 0 : i64,
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

// -----

// What lies in a concat has an offset into the concat's bytes, which live from the first
// part that is written to the last reader of any.

// CHECK-LABEL: func @parts
// CHECK-SAME: octet.arena_bytes = 128 : i64
// CHECK: octet.neg %{{.*}} {octet.offset = [[#WHOLE:]] : i64}
// CHECK: octet.abs %{{.*}} {octet.offset = [[#OTHER:]] : i64}
// CHECK: octet.relu %{{.*}} {octet.offset = [[#WHOLE + 8]] : i64}
// CHECK: octet.concat %{{.*}} {axis = 0 : i64, octet.in_place = array<i64: 0, 1>, octet.offset = [[#WHOLE]] : i64}
// CHECK: octet.abs %{{.*}} {octet.offset = [[#OTHER]] : i64}
// CHECK: octet.add %{{.*}} {octet.output = 0 : i64}
func.func @parts(%x: tensor<2xf32>) -> tensor<4xf32> {
  %0 = octet.neg %x : (tensor<2xf32>) -> tensor<2xf32>
  %1 = octet.abs %0 : (tensor<2xf32>) -> tensor<2xf32>
  %2 = octet.relu %1 : (tensor<2xf32>) -> tensor<2xf32>
  %3 = octet.concat %0, %2 {axis = 0 : i64, octet.in_place = array<i64: 0, 1>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %4 = octet.abs %3 : (tensor<4xf32>) -> tensor<4xf32>
  %5 = octet.add %3, %4 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %5 : tensor<4xf32>
}

// -----

// Parts of an output are written to it; the writer of a view, to the output itself. A
// part of it that is an output too is copied.

// CHECK-LABEL: func @outputs
// CHECK-SAME: octet.arena_bytes = 0 : i64
// CHECK: octet.neg %{{.*}} {octet.output = 0 : i64}
// CHECK: %[[PART:.*]] = octet.abs %{{.*}} {octet.offset = 8 : i64, octet.output = 0 : i64}
// CHECK: octet.concat %{{.*}} {axis = 0 : i64, octet.in_place = array<i64: 0, 1>, octet.output = 0 : i64}
// CHECK: octet.exp %{{.*}} {octet.output = 2 : i64}
// CHECK: octet.reshape %{{.*}} {octet.view = 0 : i64,
// CHECK: octet.relayout %[[PART]] {octet.output = 1 : i64}
func.func @outputs(%x: tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>, tensor<1x2xf32>) {
  %0 = octet.neg %x : (tensor<2xf32>) -> tensor<2xf32>
  %1 = octet.abs %x : (tensor<2xf32>) -> tensor<2xf32>
  %2 = octet.concat %0, %1 {axis = 0 : i64, octet.in_place = array<i64: 0, 1>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %3 = octet.exp %x : (tensor<2xf32>) -> tensor<2xf32>
  %4 = octet.reshape %3 {shape = array<i64: 1, 2>} : (tensor<2xf32>) -> tensor<1x2xf32>
  return %2, %1, %4 : tensor<4xf32>, tensor<2xf32>, tensor<1x2xf32>
}

// -----

// Views: a slice of rows or of channels, whose halo is its source's; a transpose of dense
// channels. Not views: a slice of a plane that needs a halo, channels that do not begin
// with a word, a transpose of padded pixels.

!q = !quant.uniform<u8:f32, 1.0>
!x = tensor<1x8x4x4x!q, #octet.channels_last<pitch = 8, halo = [1, 0, 1, 0]>>
!c = tensor<1x4x4x4x!q, #octet.channels_last<pitch = 8, halo = [1, 0, 1, 0]>>
!h = tensor<1x8x2x4x!q, #octet.channels_last<pitch = 8, halo = [1, 0, 1, 0]>>
!p = tensor<1x8x2x4x!q, #octet.channels_last<pitch = 8, halo = [0, 0, 0, 0]>>

// CHECK-LABEL: func @views
// CHECK: octet.slice %{{.*}} {octet.view = 4 : i64,
// CHECK: octet.slice %{{.*}} {octet.offset
// CHECK: octet.slice %{{.*}} {octet.offset
// CHECK: octet.slice %{{.*}} {octet.view = 64 : i64,
// CHECK: octet.slice %{{.*}} {octet.view = 12 : i64,
// CHECK: octet.transpose %{{.*}} {octet.view = 0 : i64,
// CHECK: octet.transpose %{{.*}} {octet.offset
func.func @views(%x: tensor<1x8x4x4x!q>, %r: tensor<3x3xf32>) {
  %0 = octet.relayout %x : (tensor<1x8x4x4x!q>) -> !x
  %1 = octet.slice %0 {offsets = array<i64: 0, 4, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !c
  %2 = octet.slice %0 {offsets = array<i64: 0, 2, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !c
  %3 = octet.slice %0 {offsets = array<i64: 0, 0, 1, 0>, sizes = array<i64: 1, 8, 2, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !h
  %4 = octet.slice %0 {offsets = array<i64: 0, 0, 1, 0>, sizes = array<i64: 1, 8, 2, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !p
  %5 = octet.slice %r {offsets = array<i64: 1, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<3x3xf32>) -> tensor<2x3xf32>
  %6 = octet.transpose %4 {permutation = array<i64: 0, 2, 3, 1>} : (!p) -> tensor<1x2x4x8x!q>
  %7 = octet.transpose %0 {permutation = array<i64: 0, 2, 3, 1>} : (!x) -> tensor<1x4x4x8x!q>
  return
}

// -----

// An op writes over an operand of its shape that nothing reads later, and whose elements
// it reads at the places where it writes.

// CHECK-LABEL: func @overwrite
// CHECK-SAME: octet.arena_bytes = 2048 : i64
// CHECK: octet.neg %{{.*}} {octet.offset = [[A:0|1024]] : i64}
// CHECK: octet.fused %{{.*}} {octet.offset = [[A]] : i64}
// CHECK: octet.slice %{{.*}} {octet.offset = [[B:0|1024]] : i64,
// CHECK: octet.fused %{{.*}} {octet.offset = [[A]] : i64}
// CHECK: octet.reduce
func.func @overwrite(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<f32> {
  %0 = octet.neg %x : (tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = octet.fused %0 : (tensor<16x16xf32>) -> tensor<16x16xf32> {
  ^bb0(%a: tensor<16x16xf32>):
    %s = octet.mul %a, %a : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    octet.yield %s : tensor<16x16xf32>
  }
  %2 = octet.slice %1 {offsets = array<i64: 15, 0>, sizes = array<i64: 16, 16>, steps = array<i64: -1, 1>} : (tensor<16x16xf32>) -> tensor<16x16xf32>
  %3 = octet.fused %2, %w, %1 : (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> {
  ^bb0(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>, %c: tensor<16x16xf32>):
    %m = octet.matmul %a, %b : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = octet.add %m, %c : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    octet.yield %s : tensor<16x16xf32>
  }
  %4 = octet.reduce sum %3 {axes = array<i64: 0, 1>} : (tensor<16x16xf32>) -> tensor<f32>
  return %4 : tensor<f32>
}

// -----

// Not written over, so that two tensors are alive at once: a broadcast operand, one that
// is read later, one that is read at other places too, one that a root reads, one whose
// rows are no whole vectors behind a root.

// CHECK-LABEL: func @broadcast
// CHECK-SAME: octet.arena_bytes = 128 : i64
func.func @broadcast(%x: tensor<1x4xf32>, %y: tensor<4x4xf32>) -> tensor<4xf32> {
  %0 = octet.neg %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = octet.add %0, %y : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = octet.reduce sum %1 {axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: func @later
// CHECK-SAME: octet.arena_bytes = 128 : i64
func.func @later(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = octet.neg %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = octet.abs %0 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = octet.add %0, %1 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %2 : tensor<4x4xf32>
}

// CHECK-LABEL: func @elsewhere
// CHECK-SAME: octet.arena_bytes = 128 : i64
func.func @elsewhere(%x: tensor<4x4xf32>) -> tensor<4xf32> {
  %0 = octet.neg %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = octet.slice %0 {offsets = array<i64: 2, 0>, sizes = array<i64: 1, 4>, steps = array<i64: 1, 1>} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %2 = octet.add %0, %1 : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %3 = octet.reduce sum %2 {axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4xf32>
  return %3 : tensor<4xf32>
}

// CHECK-LABEL: func @root
// CHECK-SAME: octet.arena_bytes = 2048 : i64
func.func @root(%x: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16xf32> {
  %0 = octet.neg %x : (tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = octet.fused %0, %w : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32> {
  ^bb0(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>):
    %m = octet.matmul %a, %b : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %s = octet.add %m, %a : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    octet.yield %s : tensor<16x16xf32>
  }
  %2 = octet.reduce sum %1 {axes = array<i64: 0>} : (tensor<16x16xf32>) -> tensor<16xf32>
  return %2 : tensor<16xf32>
}

// CHECK-LABEL: func @masked
// CHECK-SAME: octet.arena_bytes = 128 : i64
func.func @masked(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4xf32> {
  %0 = octet.neg %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = octet.fused %x, %w, %0 : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
  ^bb0(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>):
    %m = octet.matmul %a, %b : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    %s = octet.add %m, %c : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
    octet.yield %s : tensor<4x4xf32>
  }
  %2 = octet.reduce sum %1 {axes = array<i64: 0>} : (tensor<4x4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

// Memory that a kernel needs while it runs lies beside its operand and its result, and
// where other tensors lie before and after.

// CHECK-LABEL: func @scratch
// CHECK-SAME: octet.arena_bytes = 384 : i64
// CHECK: octet.neg %{{.*}} {octet.offset = [[A:.*]] : i64}
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.offset = [[B:.*]] : i64, octet.scratch = 0 : i64, octet.scratch_bytes = 256 : i64}
// CHECK: octet.softmax %{{.*}} {axis = 0 : i64, octet.output = 0 : i64}
func.func @scratch(%x: tensor<10xf32>) -> tensor<10xf32> {
  %0 = octet.neg %x : (tensor<10xf32>) -> tensor<10xf32>
  %1 = octet.softmax %0 {axis = 0 : i64, octet.scratch_bytes = 256 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  %2 = octet.softmax %1 {axis = 0 : i64} : (tensor<10xf32>) -> tensor<10xf32>
  return %2 : tensor<10xf32>
}
