// RUN: octet-opt %s -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = octet.quantize %a : (tensor<2xf32>) -> tensor<3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = octet.dequantize %a : (tensor<2x!u8>) -> tensor<3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = octet.requantize %a : (tensor<2x!u8>) -> tensor<3x!v8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2xf16>) {
  // expected-error@+1 {{operand #0 must be}}
  %0 = octet.quantize %a : (tensor<2xf16>) -> tensor<2x!u8>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{result #0 must be}}
  %0 = octet.quantize %a : (tensor<2xf32>) -> tensor<2xi8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!s16 = !quant.uniform<i16:f32, 0.5>

func.func @f(%a: tensor<2x!s16>) {
  // expected-error@+1 {{expected 8-bit integers}}
  %0 = octet.lookup %a {table = array<i8: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x!s16>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!s16 = !quant.uniform<i16:f32, 0.5>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected 8-bit integers}}
  %0 = octet.lookup %a {table = array<i8: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x!u8>) -> tensor<2x!s16>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected a table of 256 entries, got 2}}
  %0 = octet.lookup %a {table = array<i8: 0, 1>} : (tensor<2x!u8>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = octet.lookup %a {table = array<i8: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x!u8>) -> tensor<3x!u8>
  return
}

// -----

!f64 = !quant.uniform<u8:f64, 0.5>

func.func @f(%a: tensor<2x!f64>) {
  // expected-error@+1 {{uniform quantized type of f32 with 8, 16 or 32 stored bits}}
  %0 = octet.reshape %a {shape = array<i64: 2>} : (tensor<2x!f64>) -> tensor<2x!f64>
  return
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5>

func.func @f(%a: tensor<2x!u4>) {
  // expected-error@+1 {{uniform quantized type of f32 with 8, 16 or 32 stored bits}}
  %0 = octet.reshape %a {shape = array<i64: 2>} : (tensor<2x!u4>) -> tensor<2x!u4>
  return
}

// -----

!any = !quant.any<i8:f32>

func.func @f(%a: tensor<2x!any>) {
  // expected-error@+1 {{uniform quantized type of f32 with 8, 16 or 32 stored bits}}
  %0 = octet.reshape %a {shape = array<i64: 2>} : (tensor<2x!any>) -> tensor<2x!any>
  return
}

// -----

!axis0 = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>

func.func @f(%a: tensor<3x!axis0>) {
  // expected-error@+1 {{with a scale for each channel}}
  %0 = octet.reshape %a {shape = array<i64: 3>} : (tensor<3x!axis0>) -> tensor<3x!axis0>
  return
}

// -----

!axis5 = !quant.uniform<i8<-127:127>:f32:5, {0.5, 0.25}>

func.func @f(%a: tensor<2x!axis5>) {
  // expected-error@+1 {{with a scale for each channel}}
  %0 = octet.dequantize %a : (tensor<2x!axis5>) -> tensor<2xf32>
  return
}
