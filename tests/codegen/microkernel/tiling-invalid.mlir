// RUN: octet-opt %s --split-input-file --verify-diagnostics --octet-plan-memory --octet-emit-kernels=target=x86-64-v3

func.func @main(%a: tensor<4x8xf32>) -> tensor<4x20xf32> {
  %b = octet.constant dense<1.0> : tensor<8x20xf32> : tensor<8x20xf32>
  // expected-error @below {{expected a tiling; run octet-assign-tiling first}}
  %y = octet.matmul %a, %b : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32>
  return %y : tensor<4x20xf32>
}

// -----

func.func @main(%a: tensor<8x8xf32>) -> tensor<8x20xf32> {
  %b = octet.constant dense<1.0> : tensor<8x20xf32> : tensor<8x20xf32>
  // expected-error @below {{expected a tile that fits the 16 registers of avx2_6x16x1_f32_f32_f32, got 7 rows by 2 vectors}}
  %y = octet.matmul %a, %b {octet.tiling = #octet.tiling<rows = [1, 1, 7], vectors = 2, outer = rows>} : (tensor<8x8xf32>, tensor<8x20xf32>) -> tensor<8x20xf32>
  return %y : tensor<8x20xf32>
}

// -----

func.func @main(%a: tensor<4x8xf32>) -> tensor<4x20xf32> {
  %b = octet.constant dense<1.0> : tensor<8x20xf32> : tensor<8x20xf32>
  // expected-error @below {{expected at most 4 rows along axis 2 of a tile, got 5}}
  %y = octet.matmul %a, %b {octet.tiling = #octet.tiling<rows = [1, 1, 5], vectors = 2, outer = rows>} : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32>
  return %y : tensor<4x20xf32>
}

// -----

func.func @main(%a: tensor<4x8xf32>) -> tensor<4x20xf32> {
  %b = octet.constant dense<1.0> : tensor<8x20xf32> : tensor<8x20xf32>
  // expected-error @below {{expected at most 3 vectors for 20 channels, got 4}}
  %y = octet.matmul %a, %b {octet.tiling = #octet.tiling<rows = [1, 1, 2], vectors = 4, outer = rows>} : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32>
  return %y : tensor<4x20xf32>
}
