// RUN: octet-opt %s --octet-assign-winograd=target=skylake-avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: octet-opt %s --octet-assign-winograd=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,AVX2

// Convolutions of f32 by 3x3 windows are computed on transformed tiles where that takes
// less time; on a group the decision stands outside. Scratch memory is part of it.

!q = !quant.uniform<u8:f32, 0.5:128>
!w8 = !quant.uniform<i8<-127:127>:f32, 0.25>
#in = #octet.channels_last<pitch = 64, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 64, halo = [0, 0, 0, 0]>
#few = #octet.channels_last<pitch = 3, halo = [1, 1, 1, 1]>
#eight = #octet.channels_last<pitch = 8, halo = [0, 0, 0, 0]>
#wide = #octet.channels_last<pitch = 512, halo = [1, 1, 1, 1]>

// CHECK-LABEL: func.func @taken
func.func @taken(%x: tensor<1x64x56x56xf32, #in>) -> tensor<1x64x56x56xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<64x64x3x3xf32> : tensor<64x64x3x3xf32>
  // AVX512: octet.fused {{.*}} {octet.scratch_bytes = 3133440 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 28, channels = 32>}
  // AVX2: octet.fused {{.*}} {octet.scratch_bytes = {{.*}} : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = {{.*}}, channels = {{.*}}>}
  %0 = octet.fused %x, %w : (tensor<1x64x56x56xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32, #out> {
  ^bb0(%a: tensor<1x64x56x56xf32, #in>, %b: tensor<64x64x3x3xf32>):
    %c = octet.conv %a, %b {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32, #out>
    %r = octet.relu %c : (tensor<1x64x56x56xf32, #out>) -> tensor<1x64x56x56xf32, #out>
    octet.yield %r : tensor<1x64x56x56xf32, #out>
  }
  return %0 : tensor<1x64x56x56xf32, #out>
}

// Not of integers, with strides, dilations or groups, by another window, for few channels,
// for weights that a small plane uses too seldom, or where a tile has been chosen.

// CHECK-LABEL: func.func @refused
// CHECK-NOT: octet.winograd
// CHECK: return
func.func @refused(%x: tensor<1x64x56x56xf32, #in>, %q: tensor<1x64x56x56x!q, #in>, %f: tensor<1x3x32x32xf32, #few>, %s: tensor<1x512x4x4xf32, #wide>) {
  %w = octet.constant dense<1.0> : tensor<64x64x3x3xf32> : tensor<64x64x3x3xf32>
  %w8 = octet.constant dense<1> : tensor<64x64x3x3xi8> : tensor<64x64x3x3x!w8>
  %0 = octet.conv %q, %w8 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56x!q, #in>, tensor<64x64x3x3x!w8>) -> tensor<1x64x56x56x!q, #out>
  %1 = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x64x56x56xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x28x28xf32, #out>
  %2 = octet.conv %x, %w {dilations = array<i64: 2, 2>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x54x54xf32, #out>
  %w2 = octet.constant dense<1.0> : tensor<64x32x3x3xf32> : tensor<64x32x3x3xf32>
  %3 = octet.conv %x, %w2 {dilations = array<i64: 1, 1>, group = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56xf32, #in>, tensor<64x32x3x3xf32>) -> tensor<1x64x56x56xf32, #out>
  %w3 = octet.constant dense<1.0> : tensor<64x64x1x3xf32> : tensor<64x64x1x3xf32>
  %4 = octet.conv %x, %w3 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 1, 0, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56xf32, #in>, tensor<64x64x1x3xf32>) -> tensor<1x64x56x56xf32, #out>
  %w4 = octet.constant dense<1.0> : tensor<8x3x3x3xf32> : tensor<8x3x3x3xf32>
  %5 = octet.conv %f, %w4 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x3x32x32xf32, #few>, tensor<8x3x3x3xf32>) -> tensor<1x8x32x32xf32, #eight>
  %w5 = octet.constant dense<1.0> : tensor<512x512x3x3xf32> : tensor<512x512x3x3xf32>
  %6 = octet.conv %s, %w5 {dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x512x4x4xf32, #wide>, tensor<512x512x3x3xf32>) -> tensor<1x512x4x4xf32, #octet.channels_last<pitch = 512, halo = [0, 0, 0, 0]>>
  %7 = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.tiling = #octet.tiling<rows = [1, 1, 1], vectors = 1, outer = rows>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x56x56xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32, #out>
  return
}

// What stands there is kept, and completed.

// CHECK-LABEL: func.func @kept
// CHECK: octet.conv {{.*}}octet.scratch_bytes = 10240 : i64, octet.winograd = #octet.winograd<outputs = 2, tiles = 1, channels = 64>
func.func @kept(%x: tensor<1x64x2x2xf32, #in>) -> tensor<1x64x2x2xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<64x64x3x3xf32> : tensor<64x64x3x3xf32>
  %0 = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 2, tiles = 1, channels = 64>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x64x2x2xf32, #in>, tensor<64x64x3x3xf32>) -> tensor<1x64x2x2xf32, #out>
  return %0 : tensor<1x64x2x2xf32, #out>
}
