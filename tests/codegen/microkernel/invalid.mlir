// RUN: octet-opt %s --split-input-file --verify-diagnostics --octet-assign-tiling=target=x86-64-v3 --octet-plan-memory --octet-emit-kernels=target=x86-64-v3

#plain = #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>
func.func @main(%x: tensor<1x4x5x5xf32, #plain>, %w: tensor<4x4x1x1xf32>)
    -> tensor<1x4x5x5xf32, #plain> {
  // expected-error @below {{expected constant weights, got weights computed at run time}}
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x4x5x5xf32, #plain>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x5xf32, #plain>
  return %y : tensor<1x4x5x5xf32, #plain>
}

// -----

#plain = #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>
func.func @main(%x: tensor<1x4x5x5xf32, #plain>, %bias: tensor<4xf32>)
    -> tensor<1x4x5x5xf32, #plain> {
  %w = octet.constant dense<1.0> : tensor<4x4x1x1xf32> : tensor<4x4x1x1xf32>
  // expected-error @below {{expected a constant bias, got one computed at run time}}
  %y = octet.conv %x, %w, %bias {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x4x5x5xf32, #plain>, tensor<4x4x1x1xf32>, tensor<4xf32>)
    -> tensor<1x4x5x5xf32, #plain>
  return %y : tensor<1x4x5x5xf32, #plain>
}

// -----

#plain = #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>
func.func @main(%x: tensor<1x4x5x5xf32, #plain>) -> tensor<1x4x5x5xf32, #plain> {
  %w = octet.constant dense<1.0> : tensor<4x4x3x3xf32> : tensor<4x4x3x3xf32>
  // expected-error @below {{expected a halo of at least the pads}}
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
    dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x4x5x5xf32, #plain>, tensor<4x4x3x3xf32>) -> tensor<1x4x5x5xf32, #plain>
  return %y : tensor<1x4x5x5xf32, #plain>
}

// -----

func.func @main(%x: tensor<1x4x5x5xf32>) -> tensor<1x4x5x5xf32> {
  %w = octet.constant dense<1.0> : tensor<4x4x1x1xf32> : tensor<4x4x1x1xf32>
  // expected-error @below {{expected channels-last activations, got 'tensor<1x4x5x5xf32>'}}
  %y = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
    dilations = array<i64: 1, 1>, group = 1 : i64}
    : (tensor<1x4x5x5xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x5xf32>
  return %y : tensor<1x4x5x5xf32>
}

// -----

#plain = #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>
func.func @main(%a: tensor<1x4x5x5xf32, #plain>) -> tensor<1x4x5x3xf32> {
  %b = octet.constant dense<1.0> : tensor<5x3xf32> : tensor<5x3xf32>
  // expected-error @below {{expected row-major matrices}}
  %y = octet.matmul %a, %b
    : (tensor<1x4x5x5xf32, #plain>, tensor<5x3xf32>) -> tensor<1x4x5x3xf32>
  return %y : tensor<1x4x5x3xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:128>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @main(%a: tensor<4x4x!x>, %b: tensor<4x4x!w>) -> tensor<4x4xf32> {
  // expected-error @below {{expected constant weights, got}}
  %y = octet.matmul %a, %b : (tensor<4x4x!x>, tensor<4x4x!w>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}
