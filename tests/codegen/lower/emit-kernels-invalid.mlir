// RUN: octet-opt %s --split-input-file --verify-diagnostics --octet-emit-kernels=target=x86-64-v3

// expected-error @below {{expected a function @main}}
module {
}

// -----

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = octet.constant dense<1> : tensor<4xi8> : tensor<4x!quant.uniform<u8:f32, 1.0>>
  // expected-error @below {{'octet.dequantize' op expected a place in memory; run octet-plan-memory first}}
  %0 = octet.dequantize %q : (tensor<4x!quant.uniform<u8:f32, 1.0>>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
