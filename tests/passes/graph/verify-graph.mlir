// RUN: octet-opt %s --octet-verify-graph --split-input-file --verify-diagnostics

func.func @valid(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = octet.relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

// Both errors come in one run.
func.func @computed_weights(%x: tensor<1x1x3x5xf32>, %w: tensor<1x1x2x2xf32>, %p: tensor<1xf32>) -> tensor<1x1x6x10xf32> {
  // expected-error @below {{'octet.conv_transpose' op expected constant weights, got a computed value}}
  %0 = octet.conv_transpose %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x6x10xf32>
  // expected-error @below {{'octet.batch_norm' op expected constant parameters, got a computed value}}
  %1 = octet.batch_norm %0, %p, %p, %p, %p {epsilon = 0.0 : f32} : (tensor<1x1x6x10xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x6x10xf32>
  return %1 : tensor<1x1x6x10xf32>
}

// -----

func.func @computed_bias(%x: tensor<1x1x3x5xf32>, %b: tensor<1xf32>) -> tensor<1x1x6x10xf32> {
  %w = octet.constant dense<1.0> : tensor<1x1x2x2xf32> : tensor<1x1x2x2xf32>
  // expected-error @below {{'octet.conv_transpose' op expected a constant bias, got a computed value}}
  %0 = octet.conv_transpose %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, group = 1 : i64} : (tensor<1x1x3x5xf32>, tensor<1x1x2x2xf32>, tensor<1xf32>) -> tensor<1x1x6x10xf32>
  return %0 : tensor<1x1x6x10xf32>
}

// -----

func.func @other_dialect(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{'builtin.unrealized_conversion_cast' op expected an op of the octet dialect}}
  %0 = builtin.unrealized_conversion_cast %x : tensor<2x3xf32> to tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----

func.func @not_static(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // expected-error @below {{'func.return' op expected tensors of static shape, got 'tensor<?x3xf32>'}}
  return %x : tensor<?x3xf32>
}
