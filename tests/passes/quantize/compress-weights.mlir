// RUN: octet-opt %s -split-input-file -octet-compress-weights | FileCheck %s
// RUN: octet-opt %s -split-input-file "-octet-compress-weights=per-tensor-weights" | FileCheck %s --check-prefix=TENSOR

// RUN: octet-opt %s -split-input-file "-octet-compress-weights=all=false" | FileCheck %s --check-prefix=NAMED
// NAMED-LABEL: func.func @group
// NAMED-NOT: weights in int8
// NAMED-LABEL: func.func @named
// NAMED: octet.reason = "weights in int8"

// Q14 without a bias: 2 / 127, or 1 where all weights are 0. The bias and what follows stay.

// CHECK-LABEL: func.func @group
// CHECK-NOT: octet.constant dense<2.0
// CHECK: %[[W:.+]] = octet.constant dense_resource<""> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<i8<-127:127>:f32:1, {0.015748031437397003,
// CHECK: octet.fused %[[W]], %arg0, %{{.+}} {octet.precision = #octet.precision<f32>, octet.reason = "weights in int8"}
// CHECK-NEXT: ^bb0(%[[W1:.+]]: tensor<32x32x!quant{{.*}}, %[[X:.+]]: tensor<1x32xf32>, %[[B:.+]]: tensor<32xf32>):
// CHECK-NEXT: %[[Y:.+]] = octet.matmul %[[X]], %[[W1]], %[[B]] : {{.*}} -> tensor<1x32xf32>
// CHECK-NEXT: octet.relu %[[Y]]
// CHECK: "0x400000007F7F7F7F
// TENSOR-LABEL: func.func @group
// TENSOR: octet.constant dense_resource<""> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<i8<-127:127>:f32, 0.015748031437397003>>
func.func @group(%x: tensor<1x32xf32>) -> tensor<1x32xf32> {
  %w = octet.constant dense<2.0> : tensor<32x32xf32> : tensor<32x32xf32>
  %b = octet.constant dense<1.0> : tensor<32xf32> : tensor<32xf32>
  %y = octet.fused %x, %w, %b {octet.precision = #octet.precision<f32>, octet.reason = "default"} : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32> {
  ^bb0(%a0: tensor<1x32xf32>, %a1: tensor<32x32xf32>, %a2: tensor<32xf32>):
    %0 = octet.matmul %a0, %a1, %a2 : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
    %1 = octet.relu %0 : (tensor<1x32xf32>) -> tensor<1x32xf32>
    octet.yield %1 : tensor<1x32xf32>
  }
  return %y : tensor<1x32xf32>
}

// -----

// An op alone, of a convolution: channels are along axis 0.

// CHECK-LABEL: func.func @alone
// CHECK: octet.constant dense_resource<""> : tensor<32x8x2x2xi8> : tensor<32x8x2x2x!quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,1.000000e+00,
// CHECK: octet.conv %arg0, %{{.+}} {{.*}}octet.reason = "weights in int8"
func.func @alone(%x: tensor<1x8x5x5xf32>) -> tensor<1x32x4x4xf32> {
  %w = octet.constant dense<0.0> : tensor<32x8x2x2xf32> : tensor<32x8x2x2xf32>
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<f32>, octet.reason = "default"}
    : (tensor<1x8x5x5xf32>, tensor<32x8x2x2xf32>) -> tensor<1x32x4x4xf32>
  return %y : tensor<1x32x4x4xf32>
}

// -----

// CHECK-LABEL: func.func @refused
// CHECK: octet.matmul {{.*}}octet.reason = "weights are not constant"
// CHECK: octet.matmul {{.*}}octet.reason = "weights stay f32: fewer than 1024"
// CHECK: octet.matmul {{.*}}octet.reason = "weights are not a matrix"
// CHECK: octet.matmul {{.*}}octet.reason = "weights or bias hold NaN or infinities"
// CHECK: octet.conv {{.*}}octet.reason = "weights stay f32: depthwise"
func.func @refused(%x: tensor<1x33xf32>, %v: tensor<33x31xf32>, %c: tensor<1x128x5x5xf32>)
    -> (tensor<1x31xf32>, tensor<1x31xf32>, tensor<2x1x31xf32>, tensor<1x32xf32>, tensor<1x128x3x3xf32>) {
  %few = octet.constant dense<1.0> : tensor<33x31xf32> : tensor<33x31xf32>
  %three = octet.constant dense<1.0> : tensor<2x33x31xf32> : tensor<2x33x31xf32>
  %nan = octet.constant dense<0x7FC00000> : tensor<33x32xf32> : tensor<33x32xf32>
  %deep = octet.constant dense<1.0> : tensor<128x1x3x3xf32> : tensor<128x1x3x3xf32>
  %0 = octet.matmul %x, %v : (tensor<1x33xf32>, tensor<33x31xf32>) -> tensor<1x31xf32>
  %1 = octet.matmul %x, %few : (tensor<1x33xf32>, tensor<33x31xf32>) -> tensor<1x31xf32>
  %2 = octet.matmul %x, %three : (tensor<1x33xf32>, tensor<2x33x31xf32>) -> tensor<2x1x31xf32>
  %3 = octet.matmul %x, %nan : (tensor<1x33xf32>, tensor<33x32xf32>) -> tensor<1x32xf32>
  %4 = octet.conv %c, %deep {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 128 : i64}
    : (tensor<1x128x5x5xf32>, tensor<128x1x3x3xf32>) -> tensor<1x128x3x3xf32>
  return %0, %1, %2, %3, %4 : tensor<1x31xf32>, tensor<1x31xf32>, tensor<2x1x31xf32>, tensor<1x32xf32>, tensor<1x128x3x3xf32>
}

// -----

// What the configuration wants in f32, and what is not f32, stays what it is.

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
// CHECK-LABEL: func.func @untouched
// CHECK: octet.matmul {{.*}}octet.reason = "configuration"} : (tensor<1x32xf32>, tensor<32x32xf32>)
// CHECK: octet.matmul %{{[^ ]+}}, %{{[^ ]+}} : (tensor<1x32xbf16>, tensor<32x32xbf16>)
// CHECK: octet.matmul %{{[^ ]+}}, %{{[^ ]+}} : (tensor<1x32x!quant
func.func @untouched(%x: tensor<1x32xf32>, %h: tensor<1x32xbf16>, %q: tensor<1x32x!q>) -> (tensor<1x32xf32>, tensor<1x32xf32>, tensor<1x32xf32>) {
  %w = octet.constant dense<2.0> : tensor<32x32xf32> : tensor<32x32xf32>
  %b = octet.constant dense<2.0> : tensor<32x32xbf16> : tensor<32x32xbf16>
  %i = octet.constant dense<2> : tensor<32x32xi8> : tensor<32x32x!w>
  %0 = octet.matmul %x, %w {octet.precision = #octet.precision<f32>, octet.reason = "configuration"} : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %1 = octet.matmul %h, %b : (tensor<1x32xbf16>, tensor<32x32xbf16>) -> tensor<1x32xf32>
  %2 = octet.matmul %q, %i : (tensor<1x32x!q>, tensor<32x32x!w>) -> tensor<1x32xf32>
  return %0, %1, %2 : tensor<1x32xf32>, tensor<1x32xf32>, tensor<1x32xf32>
}

// -----

// Asked for by name, though all else of the op is to be f32.

// CHECK-LABEL: func.func @named
// CHECK: octet.constant dense_resource<""> : tensor<32x32xi8>
// CHECK-NOT: octet.compress_weights
func.func @named(%x: tensor<1x32xf32>) -> tensor<1x32xf32> {
  %w = octet.constant dense<2.0> : tensor<32x32xf32> : tensor<32x32xf32>
  %y = octet.matmul %x, %w {octet.compress_weights, octet.precision = #octet.precision<f32>, octet.reason = "configuration"} : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}

// -----

// Integers of the model that are symmetric for each output channel are taken as they are, others
// are rounded anew.

// RUN: octet-opt %s -split-input-file -octet-quantize-contractions -octet-compress-weights | FileCheck %s --check-prefix=STORED
// STORED-LABEL: func.func @stored
// STORED-NOT: octet.stored
// STORED: octet.constant dense<-8> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<i8:f32, 2.500000e-01>>
// STORED-NOT: octet.stored
// STORED: octet.matmul {{.*}}octet.reason = "weights in int8"
// STORED-NOT: octet.stored
// STORED: octet.constant dense_resource<{{[^>]*}}> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<i8<-127:127>:f32:1, {0.0
// STORED: octet.matmul {{.*}}octet.reason = "weights in int8"
func.func @stored(%x: tensor<1x32xf32>) -> (tensor<1x32xf32>, tensor<1x32xf32>) {
  %w = octet.constant dense<-8> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<i8:f32, 0.25>>
  %a = octet.dequantize %w : (tensor<32x32x!quant.uniform<i8:f32, 0.25>>) -> tensor<32x32xf32>
  %v = octet.constant dense<8> : tensor<32x32xi8> : tensor<32x32x!quant.uniform<u8:f32, 0.25:3>>
  %b = octet.dequantize %v : (tensor<32x32x!quant.uniform<u8:f32, 0.25:3>>) -> tensor<32x32xf32>
  %0 = octet.matmul %x, %a : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %1 = octet.matmul %x, %b : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  return %0, %1 : tensor<1x32xf32>, tensor<1x32xf32>
}
