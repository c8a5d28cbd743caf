// RUN: octet-opt %s --split-input-file --octet-fuse-epilogues --octet-prefer-faster-precision=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: octet-opt %s --split-input-file --octet-fuse-epilogues --octet-prefer-faster-precision=target=cascadelake | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: not octet-opt %s --split-input-file --octet-prefer-faster-precision=target=z80 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: expected 'native' or a CPU that LLVM knows as target, got 'z80'

// Windows of five in a single channel fill words badly, and without integer dot products
// a word costs as much as four floats: the convolution loses, but wins where there are some.

// CHECK-LABEL: @loses
// AVX2: octet.fused {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "int8 would be slower: {{[0-9.]+}} us{{.*}} against {{[0-9.]+}} us{{.*}} in f32"
// VNNI: octet.fused {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
func.func @loses(%x: tensor<1x1x28x28xf32>) -> tensor<1x10x24x24xf32> {
  %w = octet.constant dense<1.0> : tensor<10x1x5x5xf32> : tensor<10x1x5x5xf32>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x1x28x28xf32>, tensor<10x1x5x5xf32>) -> tensor<1x10x24x24xf32>
  return %y : tensor<1x10x24x24xf32>
}

// -----

// What the user asked for stays, fast or not.
// CHECK-LABEL: @forced
// CHECK: octet.fused {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "configuration"
func.func @forced(%x: tensor<1x1x28x28xf32>) -> tensor<1x10x24x24xf32> {
  %w = octet.constant dense<1.0> : tensor<10x1x5x5xf32> : tensor<10x1x5x5xf32>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "configuration"} : (tensor<1x1x28x28xf32>, tensor<10x1x5x5xf32>) -> tensor<1x10x24x24xf32>
  return %y : tensor<1x10x24x24xf32>
}

// -----

// Words filled to the last byte win without such instructions, too.
// CHECK-LABEL: @wins
// CHECK: octet.fused {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
func.func @wins(%x: tensor<1x64x14x14xf32>) -> tensor<1x64x14x14xf32> {
  %w = octet.constant dense<1.0> : tensor<64x64x1x1xf32> : tensor<64x64x1x1xf32>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x64x14x14xf32>, tensor<64x64x1x1xf32>) -> tensor<1x64x14x14xf32>
  return %y : tensor<1x64x14x14xf32>
}

// -----

// A small product between f32 kernels, whose operand has to be quantized and whose
// result nobody wants as integers: the borders cost more than it takes. The pool
// behind it goes along, with the same reason.
// CHECK-LABEL: @borders
// CHECK: octet.softmax {{.*}}octet.precision = #octet.precision<f32>
// AVX2: octet.fused {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "int8 would be slower: [[REASON:.* of borders against .* in f32, with 1 neighbours]]"
// AVX2: octet.max_pool {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "int8 would be slower: [[REASON]]"
// VNNI: octet.max_pool {{.*}}octet.precision = #octet.precision<int8>
// CHECK: octet.softmax
func.func @borders(%x: tensor<1x8x64x64xf32>) -> tensor<1x8x64x64xf32> {
  %w = octet.constant dense<1.0> : tensor<8x8x1x1xf32> : tensor<8x8x1x1xf32>
  %s = octet.softmax %x {axis = 1 : i64, octet.precision = #octet.precision<f32>, octet.reason = "has no integer form"} : (tensor<1x8x64x64xf32>) -> tensor<1x8x64x64xf32>
  %y = octet.conv %s, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x8x64x64xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x64x64xf32>
  %p = octet.max_pool %y {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x8x64x64xf32>) -> tensor<1x8x64x64xf32>
  %z = octet.softmax %p {axis = 1 : i64, octet.precision = #octet.precision<f32>, octet.reason = "has no integer form"} : (tensor<1x8x64x64xf32>) -> tensor<1x8x64x64xf32>
  return %z : tensor<1x8x64x64xf32>
}
