// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<f32>) {
  // expected-error@+1 {{expected x with elements along its last dimension}}
  %0 = octet.layer_norm %x {epsilon = 0.0 : f32} : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2x0xf32>) {
  // expected-error@+1 {{expected x with elements along its last dimension, got 'tensor<2x0xf32>'}}
  %0 = octet.rms_norm %x {epsilon = 0.0 : f32} : (tensor<2x0xf32>) -> tensor<2x0xf32>
  return
}

// -----

func.func @f(%q: tensor<5x4x8xf32>, %k: tensor<1x7x2x8xf32>, %v: tensor<1x7x2x8xf32>) {
  // expected-error@+2 {{expected q, k and v of rank 4, got 'tensor<5x4x8xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<5x4x8xf32>, tensor<1x7x2x8xf32>, tensor<1x7x2x8xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x7x2x6xf32>, %v: tensor<1x7x2x8xf32>) {
  // expected-error@+2 {{expected q and k of one batch and head size}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x7x2x6xf32>, tensor<1x7x2x8xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x7x2x8xf32>, %v: tensor<1x7x4x8xf32>) {
  // expected-error@+2 {{expected k and v of one batch, length and number of heads}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x7x2x8xf32>, tensor<1x7x4x8xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x0x2x8xf32>, %v: tensor<1x0x2x8xf32>) {
  // expected-error@+2 {{expected at least one key}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x0x2x8xf32>, tensor<1x0x2x8xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x7x3x8xf32>, %v: tensor<1x7x3x8xf32>) {
  // expected-error@+2 {{expected a multiple of 3 heads of q, got 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x7x3x8xf32>, tensor<1x7x3x8xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x7x2x8xf32>, %v: tensor<1x7x2x8xf32>, %m: tensor<2x7xf32>) {
  // expected-error@+2 {{expected a mask that broadcasts to 'tensor<1x4x5x7xf32>', got 'tensor<2x7xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.attention %q, %k, %v, %m {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x7x2x8xf32>, tensor<1x7x2x8xf32>, tensor<2x7xf32>) -> tensor<1x5x4x8xf32>
  return
}

// -----

func.func @f(%q: tensor<1x5x4x8xf32>, %k: tensor<1x7x2x8x!quant.uniform<u8:f32, 0.5>>, %v: tensor<1x7x2x8xf32>) {
  // expected-error@+1 {{expected q, k and v all f32, all bf16 or all u8 with one scale}}
  %0 = octet.attention %q, %k, %v {scale = 1.0 : f32} : (tensor<1x5x4x8xf32>, tensor<1x7x2x8x!quant.uniform<u8:f32, 0.5>>, tensor<1x7x2x8xf32>) -> tensor<1x5x4x8xf32>
  return
}
