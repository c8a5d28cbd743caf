// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-quantize-dynamically))" | FileCheck %s
// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-quantize-dynamically,octet-fuse-epilogues),octet-quantize)" | FileCheck %s --check-prefix=APPLIED

// The scale is (the largest magnitude) / 127, and the zero point the middle, as x may be negative.
// Two readers share it.

// CHECK-LABEL: func.func @any_sign
// CHECK: %[[MAX:.+]] = octet.reduce max %[[X:.+]] {axes = array<i64: 0, 1>}
// CHECK: %[[MIN:.+]] = octet.reduce min %[[X]]
// CHECK: %[[NEG:.+]] = octet.neg %[[MIN]]
// CHECK: %[[ABS:.+]] = octet.max %[[MAX]], %[[NEG]]
// CHECK: %[[LARGEST:.+]] = octet.max %[[ABS]]
// CHECK: %[[FACTOR:.+]] = octet.div %{{.+}}, %[[LARGEST]]
// CHECK: %[[SCALED:.+]] = octet.mul %[[X]], %[[FACTOR]]
// CHECK: %[[Q:.+]] = octet.quantize %[[SCALED]] : (tensor<2x4xf32>) -> tensor<2x4x!quant.uniform<u8:f32, 1.000000e+00:128>>
// CHECK: %[[D:.+]] = octet.dequantize %[[Q]]
// CHECK: %[[SCALE:.+]] = octet.div %[[LARGEST]]
// CHECK: %[[Y:.+]] = octet.matmul %[[D]], %{{[^,]+}} {octet.precision = #octet.precision<int8>, octet.reason = "scale at run time"} : (tensor<2x4xf32>, tensor<4x2xf32>)
// CHECK: %[[P:.+]] = octet.mul %[[Y]], %[[SCALE]] {octet.precision = #octet.precision<int8>
// CHECK: octet.add %[[P]], %{{.+}} {octet.precision = #octet.precision<int8>
// CHECK: octet.matmul %[[D]]
// CHECK-NOT: octet.quantize
// CHECK: return

// One group computes integers, scales them and adds the bias; borders have groups of their own.
// APPLIED-LABEL: func.func @any_sign
// APPLIED: octet.matmul {{.*}} : (tensor<2x4x!quant.uniform<u8:f32, 1.000000e+00:128>>, tensor<4x2x!quant.uniform<i8<-127:127>:f32:1
// APPLIED-NEXT: octet.mul
// APPLIED-NEXT: octet.add
// APPLIED-NEXT: octet.yield
func.func @any_sign(%x: tensor<2x4xf32> {octet.name = "x"}) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %w = octet.constant dense<0.5> : tensor<4x2xf32> : tensor<4x2xf32>
  %v = octet.constant dense<0.25> : tensor<4x2xf32> : tensor<4x2xf32>
  %b = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %y = octet.matmul %x, %w, %b : (tensor<2x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<2x2xf32> loc("Gemm_1"("y"))
  %z = octet.matmul %x, %v : (tensor<2x4xf32>, tensor<4x2xf32>) -> tensor<2x2xf32> loc("Gemm_2"("z"))
  return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
}

// Behind a relu all 255 steps are used. A bias of channels gets the shape that broadcasts; ops
// that only move integers have none to move.

// CHECK-LABEL: func.func @never_negative
// CHECK: %[[R:.+]] = octet.relu
// CHECK: %[[MAX:.+]] = octet.reduce max %[[R]]
// CHECK-NOT: octet.reduce min
// CHECK: octet.quantize {{.*}}!quant.uniform<u8:f32, 1.000000e+00>>
// CHECK: octet.conv
// CHECK: octet.constant {{.*}} : tensor<1x2x1x1xf32>
// CHECK: octet.add
// CHECK: octet.max_pool {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "reads f32"
func.func @never_negative(%x: tensor<1x1x4x4xf32> {octet.name = "x"}) -> tensor<1x2x2x2xf32> {
  %w = octet.constant dense<0.5> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %b = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %r = octet.relu %x : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("Relu_1"("r"))
  %c = octet.conv %r, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32> loc("Conv_1"("c"))
  %p = octet.max_pool %c {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> loc("MaxPool_1"("p"))
  return %p : tensor<1x2x2x2xf32>
}
