// RUN: octet-opt %s --octet-assign-tiling=target=cascadelake | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: octet-opt %s --octet-assign-tiling=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,AVX2

// The tile follows from the target's registers and the shape; on a group it stands
// outside. What stands there already is kept.

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
#plain = #octet.channels_last<pitch = 64, halo = [0, 0, 0, 0]>
#thin = #octet.channels_last<pitch = 32, halo = [0, 0, 0, 0]>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x64x24x84x!x, #plain>, %m: tensor<4x8xf32>) -> (tensor<1x32x24x84x!x, #thin>, tensor<1x32x24x84x!x, #thin>, tensor<1x64x24x84x!x, #plain>, tensor<4x3xf32>) {
  %w = octet.constant dense<127> : tensor<32x64x1x1xi8> : tensor<32x64x1x1x!w>
  // VNNI: octet.conv {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, 14], vectors = 2, outer = channels>
  // AVX2: octet.conv {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, 4], vectors = 2, outer = rows>
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x64x24x84x!x, #plain>, tensor<32x64x1x1x!w>) -> tensor<1x32x24x84x!x, #thin>
  // CHECK: octet.conv {{.*}}octet.tiling = #octet.tiling<rows = [1, 2, 3], vectors = 1, outer = rows>
  %1 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.tiling = #octet.tiling<rows = [1, 2, 3], vectors = 1, outer = rows>} : (tensor<1x64x24x84x!x, #plain>, tensor<32x64x1x1x!w>) -> tensor<1x32x24x84x!x, #thin>
  // A pool has no tile, nor has a convolution of each channel alone.
  // CHECK: octet.max_pool
  // CHECK-NOT: octet.tiling
  %2 = octet.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<1x64x24x84x!x, #plain>) -> tensor<1x64x24x84x!x, #plain>
  %b = octet.constant dense<1.0> : tensor<8x3xf32> : tensor<8x3xf32>
  // CHECK: octet.fused {{.*}} {octet.tiling = #octet.tiling<rows = [1, 1, 4], vectors = 1, outer = channels>}
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT: octet.matmul {{%[^{]*}} : (
  %3 = octet.fused %m, %b : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%i: tensor<4x8xf32>, %j: tensor<8x3xf32>):
    %4 = octet.matmul %i, %j : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>
    %5 = octet.relu %4 : (tensor<4x3xf32>) -> tensor<4x3xf32>
    octet.yield %5 : tensor<4x3xf32>
  }
  return %0, %1, %2, %3 : tensor<1x32x24x84x!x, #thin>, tensor<1x32x24x84x!x, #thin>, tensor<1x64x24x84x!x, #plain>, tensor<4x3xf32>
}
