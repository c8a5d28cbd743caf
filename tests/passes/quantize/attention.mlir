// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-fuse-epilogues,octet-quantize-graph{calibration=%S/Inputs/small.json},octet-propagate-qdq,octet-quantize-contractions,octet-fuse-qdq))" \
// RUN:   | FileCheck %s
// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-fuse-epilogues,octet-quantize-graph{calibration=%S/Inputs/small.json real-residuals},octet-propagate-qdq,octet-quantize-contractions,octet-fuse-qdq))" \
// RUN:   | FileCheck %s --check-prefix=REAL
// RUN: octet-opt %s "-pass-pipeline=builtin.module(func.func(octet-assign-precision{default=bf16},octet-fuse-epilogues,octet-narrow-graph,octet-fuse-casts))" \
// RUN:   | FileCheck %s --check-prefix=BF16

// Attention reads queries, keys and values as u8, and its mask as f32; what it gives is quantized in
// its kernel, through the reshape behind it.

// CHECK-LABEL: func.func @attention
// CHECK: %[[A:.+]] = octet.fused %{{.+}}, %arg1 {octet.precision = #octet.precision<int8>, octet.reason = "default"}
// CHECK: octet.attention %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} {scale = 5.000000e-01 : f32} : (tensor<1x3x1x4x!quant.uniform<u8:f32, {{.*}}>, tensor<1x3x1x4x!quant.uniform<u8:f32, {{.*}}>, tensor<1x3x1x4x!quant.uniform<u8:f32, {{.*}}>, tensor<3x3xf32>) -> tensor<1x3x1x4xf32>
// CHECK-NEXT: octet.quantize
// CHECK-NEXT: octet.yield
// CHECK: octet.reshape %[[A]] {{.*}}!quant.uniform
// BF16-LABEL: func.func @attention
// BF16: %[[A:.+]] = octet.fused %{{.+}}, %arg1 {octet.precision = #octet.precision<bf16>, octet.reason = "default"}
// BF16: octet.attention {{.*}} : (tensor<1x3x1x4xbf16>, tensor<1x3x1x4xbf16>, tensor<1x3x1x4xbf16>, tensor<3x3xf32>) -> tensor<1x3x1x4xf32>
// BF16-NEXT: octet.cast {{.*}} -> tensor<1x3x1x4xbf16>
// BF16-NEXT: octet.yield
func.func @attention(%x: tensor<1x3x4xf32> {octet.name = "x"}, %m: tensor<3x3xf32> {octet.name = "m"}) -> tensor<1x3x4xf32> {
  %w = octet.constant dense<0.5> : tensor<4x4xf32> : tensor<4x4xf32>
  %0 = octet.matmul %x, %w : (tensor<1x3x4xf32>, tensor<4x4xf32>) -> tensor<1x3x4xf32> loc("Q"("c1"))
  %1 = octet.reshape %0 {shape = array<i64: 1, 3, 1, 4>} : (tensor<1x3x4xf32>) -> tensor<1x3x1x4xf32> loc("R"("r1"))
  %2 = octet.attention %1, %1, %1, %m {scale = 0.5 : f32} : (tensor<1x3x1x4xf32>, tensor<1x3x1x4xf32>, tensor<1x3x1x4xf32>, tensor<3x3xf32>) -> tensor<1x3x1x4xf32> loc("A"("a"))
  %3 = octet.reshape %2 {shape = array<i64: 1, 3, 4>} : (tensor<1x3x1x4xf32>) -> tensor<1x3x4xf32> loc("S"("p"))
  %4 = octet.matmul %3, %w : (tensor<1x3x4xf32>, tensor<4x4xf32>) -> tensor<1x3x4xf32> loc("O"("g"))
  return %4 : tensor<1x3x4xf32>
}

// Words of four numbers: heads of six stay in f32.
// CHECK-LABEL: func.func @odd_heads
// CHECK: octet.fused {{.*}} {octet.precision = #octet.precision<f32>, octet.reason = "heads are not a multiple of four numbers"}
// CHECK: octet.attention {{.*}} : (tensor<1x3x1x6xf32>
func.func @odd_heads(%x: tensor<1x3x1x6xf32> {octet.name = "x"}) -> tensor<1x3x1x6xf32> {
  %0 = octet.attention %x, %x, %x {scale = 0.5 : f32} : (tensor<1x3x1x6xf32>, tensor<1x3x1x6xf32>, tensor<1x3x1x6xf32>) -> tensor<1x3x1x6xf32> loc("A"("a"))
  return %0 : tensor<1x3x1x6xf32>
}

// Words of two in bf16: heads of five stay in f32, those of six do not.
// BF16-LABEL: func.func @odd_heads
// BF16: octet.attention {{.*}} : (tensor<1x3x1x6xbf16>
// BF16-LABEL: func.func @odd_pairs
// BF16: octet.reason = "has no bf16 form"
// BF16: octet.attention {{.*}} : (tensor<1x3x1x5xf32>
func.func @odd_pairs(%x: tensor<1x3x1x5xf32> {octet.name = "x"}) -> tensor<1x3x1x5xf32> {
  %0 = octet.attention %x, %x, %x {scale = 0.5 : f32} : (tensor<1x3x1x5xf32>, tensor<1x3x1x5xf32>, tensor<1x3x1x5xf32>) -> tensor<1x3x1x5xf32> loc("A"("a"))
  return %0 : tensor<1x3x1x5xf32>
}

// A norm that a product and an addition read is one tensor of u8, or with real residuals one of
// f32 as well.
// CHECK-LABEL: func.func @residual
// CHECK: %[[N:.+]] = octet.fused %arg0
// CHECK: octet.layer_norm
// CHECK-NEXT: octet.quantize
// CHECK: octet.fused %[[N]], %{{.+}} {
// CHECK: octet.fused %{{.+}}, %{{.+}}, %[[N]] {
// REAL-LABEL: func.func @residual
// REAL: %[[N:.+]] = octet.fused %arg0
// REAL: octet.layer_norm
// REAL-NEXT: octet.yield %{{.+}} : tensor<3x4xf32>
// REAL: %[[Q:.+]] = octet.fused %[[N]]
// REAL: octet.quantize
// REAL: octet.fused %[[Q]], %{{.+}} {
// REAL: octet.fused %{{.+}}, %{{.+}}, %[[N]] {
func.func @residual(%x: tensor<3x4xf32> {octet.name = "x"}) -> tensor<3x4xf32> {
  %w = octet.constant dense<0.5> : tensor<4x4xf32> : tensor<4x4xf32>
  %0 = octet.layer_norm %x {epsilon = 1.0e-5 : f32} : (tensor<3x4xf32>) -> tensor<3x4xf32> loc("N"("c1"))
  %1 = octet.matmul %0, %w : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32> loc("M"("c2"))
  %2 = octet.matmul %1, %w : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32> loc("O"("a"))
  %3 = octet.add %0, %2 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32> loc("P"("c3"))
  return %3 : tensor<3x4xf32>
}
