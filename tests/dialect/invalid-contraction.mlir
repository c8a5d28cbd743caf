// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<1x4x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected x and weights of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<f32>) {
  // expected-error@+2 {{expected x and weights of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<f32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected 2 strides, 4 pads and 2 dilations, got 1, 4 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected strides of 1 to 16777216, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected dilations of 1 to 16777216, got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: -1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected pads of 0 to 16777216, got -2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, -2, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x0x3xf32>) {
  // expected-error@+2 {{expected kernel extents of 1 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x0x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected a group count that divides 4 input and 2 output channels, got 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 3 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected a group count that divides 4 input and 2 output channels, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 0 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected weights of 2 input channels, got 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 2 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{expected a window that fits the padded input, got 7 over 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 3, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+1 {{expected both operands f32, bf16 or quantized}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>, %c: tensor<3xf32>) {
  // expected-error@+1 {{expected a bias of shape [2]}}
  %0 = octet.conv %a, %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>, tensor<3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>, %c: tensor<2xi32>) {
  // expected-error@+1 {{expected an f32 bias}}
  %0 = octet.conv %a, %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>, tensor<2xi32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+1 {{expected an f32 result for operands of floats}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xf32>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3x!u8>
  return
}

// -----

!s8 = !quant.uniform<i8:f32, 0.5>
!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>

func.func @f(%a: tensor<1x4x5x5x!s8>, %b: tensor<2x4x3x3x!axis0>) {
  // expected-error@+1 {{expected u8 activations of one scale}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!s8>, tensor<2x4x3x3x!axis0>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>
!u8axis = !quant.uniform<u8:f32:1, {0.5, 0.25}>

func.func @f(%a: tensor<1x2x5x5x!u8axis>, %b: tensor<2x2x3x3x!axis0>) {
  // expected-error@+1 {{expected u8 activations of one scale}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x5x5x!u8axis>, tensor<2x2x3x3x!axis0>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!u8>) {
  // expected-error@+1 {{expected s8 weights}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!u8>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!s16 = !quant.uniform<i16:f32, 0.5>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!s16>) {
  // expected-error@+1 {{expected s8 weights}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!s16>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!axis1 = !quant.uniform<i8<-127:127>:f32:1, {0.5, 0.25}>

func.func @f(%a: tensor<1x2x5x5x!u8>, %b: tensor<2x2x3x3x!axis1>) {
  // expected-error@+1 {{expected weight scales along axis 0, got axis 1}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x5x5x!u8>, tensor<2x2x3x3x!axis1>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!zeros = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25:1}>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!zeros>) {
  // expected-error@+1 {{expected weight zero points of 0}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!zeros>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!zero = !quant.uniform<i8:f32, 0.5:1>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!zero>) {
  // expected-error@+1 {{expected symmetric weights}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!zero>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!axis0>, %c: tensor<2xf32>) {
  // expected-error@+1 {{expected an i32 bias}}
  %0 = octet.conv %a, %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!axis0>, tensor<2xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>
!u8axis = !quant.uniform<u8:f32:1, {0.5, 0.25}>

func.func @f(%a: tensor<1x4x5x5x!u8>, %b: tensor<2x4x3x3x!axis0>) {
  // expected-error@+1 {{expected a result of one scale}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5x!u8>, tensor<2x4x3x3x!axis0>) -> tensor<1x2x3x3x!u8axis>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3xf32>) {
  // expected-error@+2 {{expected x and weights of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>, %c: tensor<2xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x0xf32>) {
  // expected-error@+2 {{expected kernel extents of 1 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x0xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>) {
  // expected-error@+2 {{expected 2 strides, 4 pads and 2 dilations, got 2, 3 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>) {
  // expected-error@+2 {{expected 2 nonnegative output paddings}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, -1>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>) {
  // expected-error@+2 {{expected weights of 4 input channels in whole groups}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 3 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<3x2x3x3xf32>) {
  // expected-error@+2 {{expected weights of 4 input channels in whole groups}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>) {
  // expected-error@+2 {{expected pads that leave an output, got extent -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.conv_transpose %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 4, 0, 4, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xf32>, %b: tensor<4x2x3x3xf32>, %c: tensor<3xf32>) {
  // expected-error@+1 {{expected a bias of shape [2]}}
  %0 = octet.conv_transpose %a, %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64, output_padding = array<i64: 0, 0>} : (tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>, tensor<3xf32>) -> tensor<1x2x7x7xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{expected operands of rank 1 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.matmul %a, %b : (tensor<f32>, tensor<3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<3xf32>, %b: tensor<f32>) {
  // expected-error@+2 {{expected operands of rank 1 or more}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.matmul %a, %b : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) {
  // expected-error@+2 {{expected equal inner extents, got 3 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.matmul %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x2x3xf32>, %b: tensor<3x3x2xf32>) {
  // expected-error@+2 {{expected batch dimensions that broadcast}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.matmul %a, %b : (tensor<2x2x3xf32>, tensor<3x3x2xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!s8 = !quant.uniform<i8:f32, 0.5>

func.func @f(%a: tensor<2x3x!u8>, %b: tensor<1x3x2x!s8>) {
  // expected-error@+1 {{expected quantized weights of rank 2}}
  %0 = octet.matmul %a, %b : (tensor<2x3x!u8>, tensor<1x3x2x!s8>) -> tensor<1x2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<3xf32>, %c: tensor<2xf32>) {
  // expected-error@+1 {{expected b of rank 2 or more beside a bias}}
  %0 = octet.matmul %a, %b, %c : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>

func.func @f(%a: tensor<3x2x!u8>, %b: tensor<2x2x!axis0>) {
  // expected-error@+1 {{expected weight scales along axis 1, got axis 0}}
  %0 = octet.matmul %a, %b : (tensor<3x2x!u8>, tensor<2x2x!axis0>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2xf32>, %c: tensor<1x2xf32>) {
  // expected-error@+1 {{expected a bias of shape [2]}}
  %0 = octet.matmul %a, %b, %c : (tensor<3x2xf32>, tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x5x5xbf16>, %b: tensor<2x4x3x3xf32>) {
  // expected-error@+1 {{expected both operands f32, bf16 or quantized, got 'bf16' and 'f32'}}
  %0 = octet.conv %a, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x5xbf16>, tensor<2x4x3x3xf32>) -> tensor<1x2x3x3xf32>
  return
}

// -----

// Weights of s8 beside activations of f32.
!w = !quant.uniform<i8:f32:0, {0.5, 0.25}>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected weight scales along axis 1, got axis 0}}
  %0 = octet.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2x!w>) -> tensor<3x2xf32>
  return
}

// -----

!w = !quant.uniform<i8:f32, 0.5:1>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected symmetric weights}}
  %0 = octet.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2x!w>) -> tensor<3x2xf32>
  return
}

// -----

!w = !quant.uniform<i8:f32:1, {0.5, 0.25:1}>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected weight zero points of 0}}
  %0 = octet.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2x!w>) -> tensor<3x2xf32>
  return
}

// -----

!w = !quant.uniform<u8:f32, 0.5>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected s8 weights}}
  %0 = octet.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2x!w>) -> tensor<3x2xf32>
  return
}

// -----

!w = !quant.uniform<i8:f32, 0.5>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>, %c: tensor<2xi32>) {
  // expected-error@+1 {{expected an f32 bias}}
  %0 = octet.matmul %a, %b, %c : (tensor<3x2xf32>, tensor<2x2x!w>, tensor<2xi32>) -> tensor<3x2xf32>
  return
}

// -----

!w = !quant.uniform<i8:f32, 0.5>
!y = !quant.uniform<u8:f32, 0.5>

func.func @f(%a: tensor<3x2xf32>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected an f32 result for operands of floats}}
  %0 = octet.matmul %a, %b : (tensor<3x2xf32>, tensor<2x2x!w>) -> tensor<3x2x!y>
  return
}

// -----

!w = !quant.uniform<i8:f32, 0.5>

func.func @f(%a: tensor<3x2xbf16>, %b: tensor<2x2x!w>) {
  // expected-error@+1 {{expected both operands f32, bf16 or quantized, got 'bf16'}}
  %0 = octet.matmul %a, %b : (tensor<3x2xbf16>, tensor<2x2x!w>) -> tensor<3x2xf32>
  return
}
