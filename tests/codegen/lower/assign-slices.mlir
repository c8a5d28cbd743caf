// RUN: octet-opt %s --split-input-file --octet-assign-slices | FileCheck %s

// Operands of a concat over channels get the pitch of the result and the widest halo of
// all that share its memory; so do the bodies of groups.

!a = tensor<1x4x5x5xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
!b = tensor<1x6x5x5xf32, #octet.channels_last<pitch = 6, halo = [0, 2, 0, 0]>>
!y = tensor<1x10x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 1, 1, 1]>>

// CHECK-LABEL: func @channels
// CHECK: %[[A:.*]] = octet.fused
// CHECK-SAME: -> tensor<1x4x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 2, 1, 1]>>
// CHECK: octet.neg
// CHECK-SAME: -> tensor<1x4x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 2, 1, 1]>>
// CHECK: %[[B:.*]] = octet.relayout
// CHECK-SAME: -> tensor<1x6x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 2, 1, 1]>>
// CHECK: octet.fused %[[A]]
// CHECK: ^bb0(%{{.*}}: tensor<1x4x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 2, 1, 1]>>):
// CHECK: octet.concat %[[A]], %[[B]] {axis = 1 : i64, octet.in_place = array<i64: 0, 1>}
// CHECK-SAME: -> tensor<1x10x5x5xf32, #octet.channels_last<pitch = 10, halo = [1, 2, 1, 1]>>
func.func @channels(%x: tensor<1x4x5x5xf32>, %z: tensor<1x6x5x5xf32>) -> tensor<1x4x5x5xf32> {
  %0 = octet.fused %x : (tensor<1x4x5x5xf32>) -> !a {
  ^bb0(%i: tensor<1x4x5x5xf32>):
    %n = octet.neg %i : (tensor<1x4x5x5xf32>) -> !a
    octet.yield %n : !a
  }
  %1 = octet.relayout %z : (tensor<1x6x5x5xf32>) -> !b
  %2 = octet.fused %0 : (!a) -> tensor<1x4x5x5xf32> {
  ^bb0(%i: !a):
    %n = octet.abs %i : (!a) -> tensor<1x4x5x5xf32>
    octet.yield %n : tensor<1x4x5x5xf32>
  }
  %3 = octet.concat %0, %1 {axis = 1 : i64} : (!a, !b) -> !y
  return %2 : tensor<1x4x5x5xf32>
}

// -----

// Not in place: an 8-bit slice that does not begin with a word (%2), an argument, a
// constant, an operand that stands twice.

!q = !quant.uniform<u8:f32, 1.0>
!six = tensor<1x6x2x2x!q, #octet.channels_last<pitch = 8, halo = [0, 0, 0, 0]>>
!y = tensor<1x12x2x2x!q, #octet.channels_last<pitch = 12, halo = [0, 0, 0, 0]>>
!w = tensor<1x24x2x2x!q, #octet.channels_last<pitch = 24, halo = [0, 0, 0, 0]>>

// CHECK-LABEL: func @copied
// CHECK: octet.concat %{{.*}} {axis = 1 : i64, octet.in_place = array<i64: 0>}
// CHECK: octet.concat %{{.*}} {axis = 1 : i64} : (
func.func @copied(%x: tensor<1x6x2x2x!q>, %z: !six) {
  %c = octet.constant dense<1> : tensor<1x6x2x2xi8> : !six
  %1 = octet.relayout %x : (tensor<1x6x2x2x!q>) -> !six
  %2 = octet.relayout %x : (tensor<1x6x2x2x!q>) -> !six
  %3 = octet.concat %1, %2 {axis = 1 : i64} : (!six, !six) -> !y
  %4 = octet.relayout %x : (tensor<1x6x2x2x!q>) -> !six
  %5 = octet.concat %c, %4, %z, %4 {axis = 1 : i64} : (!six, !six, !six, !six) -> !w
  return
}

// -----

// A value lies in one concat: the first. That may be a part of another.

!a = tensor<1x4x2x2xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
!b = tensor<1x8x2x2xf32, #octet.channels_last<pitch = 8, halo = [0, 0, 0, 0]>>
!c = tensor<1x12x2x2xf32, #octet.channels_last<pitch = 12, halo = [0, 0, 0, 0]>>

// CHECK-LABEL: func @nested
// CHECK-COUNT-3: octet.relayout {{.*}} -> tensor<1x4x2x2xf32, #octet.channels_last<pitch = 12,
// CHECK: octet.concat %{{.*}} {axis = 1 : i64, octet.in_place = array<i64: 0, 1>}
// CHECK-SAME: -> tensor<1x8x2x2xf32, #octet.channels_last<pitch = 12,
// CHECK: octet.concat %{{.*}} {axis = 1 : i64, octet.in_place = array<i64: 0, 1>}
// CHECK: octet.concat %{{.*}} {axis = 1 : i64} : (
func.func @nested(%x: tensor<1x4x2x2xf32>) {
  %0 = octet.relayout %x : (tensor<1x4x2x2xf32>) -> !a
  %1 = octet.relayout %x : (tensor<1x4x2x2xf32>) -> !a
  %2 = octet.relayout %x : (tensor<1x4x2x2xf32>) -> !a
  %3 = octet.concat %0, %1 {axis = 1 : i64} : (!a, !a) -> !b
  %4 = octet.concat %3, %2 {axis = 1 : i64} : (!b, !a) -> !c
  %5 = octet.concat %1, %2 {axis = 1 : i64} : (!a, !a) -> !b
  return
}

// -----

// A slice over channels has the pitch and halo of its source, which gets those that
// readers of the slice need.

!x = tensor<1x8x4x4xf32, #octet.channels_last<pitch = 8, halo = [0, 0, 0, 0]>>
!s = tensor<1x3x4x4xf32, #octet.channels_last<pitch = 3, halo = [1, 1, 1, 1]>>
!r = tensor<1x8x2x4xf32, #octet.channels_last<pitch = 8, halo = [0, 0, 1, 1]>>

// CHECK-LABEL: func @slice
// CHECK: octet.relayout {{.*}} -> tensor<1x8x4x4xf32, #octet.channels_last<pitch = 8, halo = [1, 1, 1, 1]>>
// CHECK: octet.slice {{.*}} -> tensor<1x3x4x4xf32, #octet.channels_last<pitch = 8, halo = [1, 1, 1, 1]>>
// CHECK: octet.slice {{.*}} -> tensor<1x8x2x4xf32, #octet.channels_last<pitch = 8, halo = [0, 0, 1, 1]>>
func.func @slice(%x: tensor<1x8x4x4xf32>) {
  %0 = octet.relayout %x : (tensor<1x8x4x4xf32>) -> !x
  %1 = octet.slice %0 {offsets = array<i64: 0, 5, 0, 0>, sizes = array<i64: 1, 3, 4, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !s
  %2 = octet.slice %0 {offsets = array<i64: 0, 0, 2, 0>, sizes = array<i64: 1, 8, 2, 4>, steps = array<i64: 1, 1, 1, 1>} : (!x) -> !r
  return
}

// -----

// In row-major order, parts follow each other if all dimensions before the axis are 1.
// Views are looked through: here a transpose of channels last, and a reshape.

!a = tensor<1x2x3x3xf32, #octet.channels_last<pitch = 2, halo = [0, 0, 0, 0]>>

// CHECK-LABEL: func @sequence
// CHECK: octet.relayout {{.*}} -> tensor<1x2x3x3xf32, #octet.channels_last<pitch = 2, halo = [0, 0, 0, 0]>>
// CHECK: octet.concat %{{.*}} {axis = 1 : i64, octet.in_place = array<i64: 0, 1>}
// CHECK: octet.concat %{{.*}} {axis = 2 : i64} : (
func.func @sequence(%x: tensor<1x2x3x3xf32>, %z: tensor<1x4x2xf32>) -> (tensor<1x13x2xf32>, tensor<1x4x4xf32>) {
  %0 = octet.relayout %x : (tensor<1x2x3x3xf32>) -> !a
  %1 = octet.transpose %0 {permutation = array<i64: 0, 2, 3, 1>} : (!a) -> tensor<1x3x3x2xf32>
  %2 = octet.reshape %1 {shape = array<i64: 1, 9, 2>} : (tensor<1x3x3x2xf32>) -> tensor<1x9x2xf32>
  %3 = octet.neg %z : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
  %4 = octet.concat %2, %3 {axis = 1 : i64} : (tensor<1x9x2xf32>, tensor<1x4x2xf32>) -> tensor<1x13x2xf32>
  %5 = octet.abs %z : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
  %6 = octet.neg %5 : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
  %7 = octet.concat %5, %6 {axis = 2 : i64} : (tensor<1x4x2xf32>, tensor<1x4x2xf32>) -> tensor<1x4x4xf32>
  return %4, %7 : tensor<1x13x2xf32>, tensor<1x4x4xf32>
}
