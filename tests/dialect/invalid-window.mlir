// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<1x4x4xf32>) {
  // expected-error@+2 {{expected x of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected 2 kernel extents, 2 strides, 4 pads and 2 dilations, got 1, 2, 4 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool %a {kernel = array<i64: 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected kernel, strides and dilations of 1 to 16777216, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected pads of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected a window that fits the padded input, got 5 over 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool %a {kernel = array<i64: 5, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x4xf32>) {
  // expected-error@+2 {{expected x of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected 2 kernel extents, 2 strides, 4 pads and 2 dilations, got 1, 2, 4 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.average_pool %a {kernel = array<i64: 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected kernel, strides and dilations of 1 to 16777216, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected pads of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 2, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+2 {{expected a window that fits the padded input, got 5 over 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.average_pool %a {kernel = array<i64: 5, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<1x1x4x4x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.max_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4x!u8>) -> tensor<1x1x3x3x!v8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<1x1x4x4xf32>) {
  // expected-error@+1 {{expected operand and result both real or both quantized}}
  %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x3x3x!u8>
  return
}

// -----

!u8axis = !quant.uniform<u8:f32:1, {0.5, 0.25}>

func.func @f(%a: tensor<1x2x4x4x!u8axis>) {
  // expected-error@+1 {{expected one scale for all elements}}
  %0 = octet.average_pool %a {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x4x4x!u8axis>) -> tensor<1x2x3x3x!u8axis>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected ascending axes below 2, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reduce sum %a {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected ascending axes below 2, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reduce sum %a {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected ascending axes below 2, got 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reduce sum %a {axes = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<0x3xf32>) {
  // expected-error@+1 {{expected elements to reduce}}
  %0 = octet.reduce max %a {axes = array<i64: 0>} : (tensor<0x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expected an axis of 0 to 1, got 2}}
  %0 = octet.softmax %a {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expected an axis of 0 to 1, got -1}}
  %0 = octet.log_softmax %a {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>, %d: tensor<2xf32>, %e: tensor<2xf32>) {
  // expected-error@+1 {{expected x of rank 2 or more}}
  %0 = octet.batch_norm %a, %b, %c, %d, %e {epsilon = 0.1 : f32} : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<1x2xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>, %d: tensor<2xf32>, %e: tensor<3xf32>) {
  // expected-error@+1 {{expected parameters of shape [2]}}
  %0 = octet.batch_norm %a, %b, %c, %d, %e {epsilon = 0.1 : f32} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<1x2xf32>
  return
}
