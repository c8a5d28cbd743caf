// RUN: octet-opt %s --octet-assign-tiling=target=cascadelake --octet-plan-memory --octet-emit-kernels=target=cascadelake | FileCheck %s --check-prefix=VNNI
// RUN: octet-opt %s --octet-assign-tiling=target=alderlake --octet-plan-memory --octet-emit-kernels=target=alderlake | FileCheck %s --check-prefix=AVXVNNI
// RUN: octet-opt %s --octet-assign-tiling=target=x86-64-v3 --octet-plan-memory --octet-emit-kernels=target=x86-64-v3 | FileCheck %s --check-prefix=AVX2

// The target chooses the row, the row its tile: 28 accumulators stay in the 32
// registers of AVX-512, 12 or 8 in the 16 of AVX2. Words of the reduction are unrolled
// only as far as few accumulators need; the halo makes the borders part of the loops.

// VNNI-LABEL: func private @conv
// VNNI: scf.for
// VNNI: :28 = scf.for
// VNNI: :28 = scf.for
// VNNI-COUNT-28: "llvm.x86.avx512.vpdpbusd.512"
// VNNI-NOT: vpdpbusd
// VNNI: llvm.intr.lrint

// AVXVNNI-LABEL: func private @conv
// AVXVNNI: :12 = scf.for
// AVXVNNI-COUNT-24: "llvm.x86.avx512.vpdpbusd.256"
// AVXVNNI-NOT: vpdpbusd

// These weights could saturate s16, so the bytes are widened.
// AVX2-LABEL: func private @conv
// AVX2-NOT: pmadd.ub.sw
// AVX2: :8 = scf.for
// AVX2: "llvm.x86.avx2.pmadd.wd"

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
#halo = #octet.channels_last<pitch = 64, halo = [1, 1, 1, 1]>
#plain = #octet.channels_last<pitch = 32, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x64x24x84x!x, #halo>) -> tensor<1x32x24x84x!x, #plain> {
  %w = octet.constant dense<127> : tensor<32x64x3x3xi8> : tensor<32x64x3x3x!w>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x64x24x84x!x, #halo>, tensor<32x64x3x3x!w>) -> tensor<1x32x24x84x!x, #plain>
  return %y : tensor<1x32x24x84x!x, #plain>
}
