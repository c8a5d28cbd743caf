// RUN: octet-opt --octet-emit-kernels %s --split-input-file --verify-diagnostics

func.func @main(%x: tensor<3x4xf32>) -> tensor<4x3xf32> {
  %0 = octet.fused %x {octet.output = 0} : (tensor<3x4xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<3x4xf32>):
    // expected-error @+1 {{expected no ops behind it in its group}}
    %1 = octet.transpose %a {permutation = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
    %2 = octet.relu %1 : (tensor<4x3xf32>) -> tensor<4x3xf32>
    octet.yield %2 : tensor<4x3xf32>
  }
  return %0 : tensor<4x3xf32>
}

// -----

func.func @main(%x: tensor<3x4xf16>) -> tensor<3xf16> {
  // expected-error @+1 {{expected f32, bf16, f64 or integers, got 'f16'}}
  %0 = octet.reduce sum %x {axes = array<i64: 1>, octet.output = 0} : (tensor<3x4xf16>) -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// -----

!x = tensor<1x4x3x5xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
!y = tensor<1x4x5x3xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
func.func @main(%x: !x) -> !y {
  // expected-error @+1 {{expected a row-major operand or result}}
  %0 = octet.reshape %x {shape = array<i64: 1, 4, 5, 3>, octet.output = 0} : (!x) -> !y
  return %0 : !y
}
