// RUN: octet-opt %s --octet-assign-tiling=target=cascadelake --octet-plan-memory --octet-emit-kernels=target=cascadelake --cse | FileCheck %s

// A register holds two pixels with 32 channels each, and is a tile: so small a plane does
// not pay for more code. The 3 columns of the window are multiplied once for each quarter.

// CHECK-LABEL: func private @conv
// CHECK: scf.for
// CHECK: scf.for
// CHECK-COUNT-12: vpdpbusd
// CHECK-NOT: vpdpbusd
// CHECK: llvm.intr.lrint

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
#halo = #octet.channels_last<pitch = 32, halo = [1, 1, 1, 1]>
#plain = #octet.channels_last<pitch = 32, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x32x14x14x!x, #halo>) -> tensor<1x32x14x14x!x, #plain> {
  %w = octet.constant dense<3> : tensor<32x1x3x3xi8> : tensor<32x1x3x3x!w>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    dilations = array<i64: 1, 1>, group = 32 : i64}
    : (tensor<1x32x14x14x!x, #halo>, tensor<32x1x3x3x!w>) -> tensor<1x32x14x14x!x, #plain>
  return %y : tensor<1x32x14x14x!x, #plain>
}
