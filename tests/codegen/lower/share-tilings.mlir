// RUN: octet-opt %s -octet-assign-tiling=target=cascadelake -octet-share-tilings=target=cascadelake | FileCheck %s
// RUN: not octet-opt %s -octet-share-tilings=target=z80 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: expected 'native' or a CPU that LLVM knows as target, got 'z80'

// Weights are packed by vectors: where as many as in @main cost little, they are taken, with the
// best rows for them. Three times the cycles are not little.

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>

// CHECK-LABEL: func.func @main(
// CHECK: octet.matmul {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, 14], vectors = 1, outer = rows>
// CHECK: octet.matmul {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, 1], vectors = 1, outer = rows>
func.func @main(%x: tensor<56x256x!x>, %z: tensor<1x64x!x>) -> (tensor<56x64xf32>, tensor<1x512xf32>) {
  %w = octet.constant dense<1> : tensor<256x64xi8> : tensor<256x64x!w>
  %v = octet.constant dense<1> : tensor<64x512xi8> : tensor<64x512x!w>
  %0 = octet.matmul %x, %w {octet.tiling = #octet.tiling<rows = [1, 1, 14], vectors = 1, outer = rows>} : (tensor<56x256x!x>, tensor<256x64x!w>) -> tensor<56x64xf32> loc("a"("y"))
  %1 = octet.matmul %z, %v {octet.tiling = #octet.tiling<rows = [1, 1, 1], vectors = 1, outer = rows>} : (tensor<1x64x!x>, tensor<64x512x!w>) -> tensor<1x512xf32> loc("b"("z"))
  return %0, %1 : tensor<56x64xf32>, tensor<1x512xf32>
}

// CHECK-LABEL: func.func @main.1(
// CHECK: octet.matmul {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, {{[0-9]+}}], vectors = 1, outer = {{rows|channels}}>
// CHECK: octet.matmul {{.*}}octet.tiling = #octet.tiling<rows = [1, 1, 1], vectors = {{[2-9]}}, outer
func.func @main.1(%x: tensor<112x256x!x>, %z: tensor<1x64x!x>) -> (tensor<112x64xf32>, tensor<1x512xf32>) {
  %w = octet.constant dense<1> : tensor<256x64xi8> : tensor<256x64x!w>
  %v = octet.constant dense<1> : tensor<64x512xi8> : tensor<64x512x!w>
  %0 = octet.matmul %x, %w : (tensor<112x256x!x>, tensor<256x64x!w>) -> tensor<112x64xf32> loc("a"("y"))
  %1 = octet.matmul %z, %v : (tensor<1x64x!x>, tensor<64x512x!w>) -> tensor<1x512xf32> loc("b"("z"))
  return %0, %1 : tensor<112x64xf32>, tensor<1x512xf32>
}
