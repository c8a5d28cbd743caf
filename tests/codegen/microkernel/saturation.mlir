// RUN: octet-opt %s --octet-assign-tiling=target=x86-64-v3 --octet-plan-memory --octet-emit-kernels=target=x86-64-v3 | FileCheck %s

// Sums of two products of u8 with at most 64 in magnitude fit s16: the cheaper multiply
// is exact.

// CHECK-LABEL: func private @matmul
// CHECK: "llvm.x86.avx2.pmadd.ub.sw"

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>

func.func @main(%a: tensor<3x8x!x>) -> tensor<3x16xf32> {
  %b = octet.constant dense<-64> : tensor<8x16xi8> : tensor<8x16x!w>
  %y = octet.matmul %a, %b : (tensor<3x8x!x>, tensor<8x16x!w>) -> tensor<3x16xf32>
  return %y : tensor<3x16xf32>
}
