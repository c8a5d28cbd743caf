// RUN: octet-opt %s --octet-prefer-faster-dynamic=target=cascadelake | FileCheck %s
// RUN: not octet-opt %s --octet-prefer-faster-dynamic=target=z80 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: expected 'native' or a CPU that LLVM knows as target, got 'z80'

// Many products for each element that has to be looked at twice: integers win.
// CHECK-LABEL: @wide
// CHECK: octet.conv {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
func.func @wide(%x: tensor<1x256x14x14xf32>) -> tensor<1x256x14x14xf32> {
  %w = octet.constant dense<1.0> : tensor<256x256x3x3xf32> : tensor<256x256x3x3xf32>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x256x14x14xf32>, tensor<256x256x3x3xf32>) -> tensor<1x256x14x14xf32>
  return %y : tensor<1x256x14x14xf32>
}

// Few: f32 wins, unless somebody asks for integers, or the model brings them.
// CHECK-LABEL: @narrow
// CHECK: octet.conv %arg0, {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "int8 would be slower: {{[0-9.]+}} us + {{[0-9.]+}} us for a scale at run time against {{[0-9.]+}} us in f32"
// CHECK: octet.conv %arg1, {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "configuration"
// CHECK: octet.conv %arg2, {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "quantized in the model"
func.func @narrow(%a: tensor<1x8x56x56xf32>, %b: tensor<1x8x56x56xf32>, %c: tensor<1x8x56x56xf32>) -> (tensor<1x8x56x56xf32>, tensor<1x8x56x56xf32>, tensor<1x8x56x56xf32>) {
  %w = octet.constant dense<1.0> : tensor<8x8x1x1xf32> : tensor<8x8x1x1xf32>
  %0 = octet.conv %a, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<1x8x56x56xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x56x56xf32>
  %1 = octet.conv %b, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "configuration"} : (tensor<1x8x56x56xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x56x56xf32>
  %2 = octet.conv %c, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "quantized in the model"} : (tensor<1x8x56x56xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x56x56xf32>
  return %0, %1, %2 : tensor<1x8x56x56xf32>, tensor<1x8x56x56xf32>, tensor<1x8x56x56xf32>
}

// Readers of one activation share its scale, and decide together.
// CHECK-LABEL: @shared
// CHECK-COUNT-2: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
func.func @shared(%x: tensor<64x512xf32>) -> (tensor<64x8xf32>, tensor<64x512xf32>) {
  %w = octet.constant dense<1.0> : tensor<512x8xf32> : tensor<512x8xf32>
  %v = octet.constant dense<1.0> : tensor<512x512xf32> : tensor<512x512xf32>
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<64x512xf32>, tensor<512x8xf32>) -> tensor<64x8xf32>
  %1 = octet.matmul %x, %v {octet.precision = #octet.precision<int8>, octet.reason = "default"} : (tensor<64x512xf32>, tensor<512x512xf32>) -> tensor<64x512xf32>
  return %0, %1 : tensor<64x8xf32>, tensor<64x512xf32>
}
