// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>, %b: tensor<2xi32>) {
  // expected-error@+2 {{expected operands of one element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.add %a, %b : (tensor<2xf32>, tensor<2xi32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{expected shapes that broadcast}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.mul %a, %b : (tensor<2xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<1xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.add %a, %b : (tensor<2xf32>, tensor<1xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.relu %a : (tensor<2xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xi32>) {
  // expected-error@+1 {{operand #0 must be}}
  %0 = octet.exp %a : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<2x!u8>, %b: tensor<2x!u8>) {
  // expected-error@+1 {{operand #0 must be}}
  %0 = octet.sub %a, %b : (tensor<2x!u8>, tensor<2x!u8>) -> tensor<2x!u8>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected low <= high, got 1.000000e+00 and 0.000000e+00}}
  %0 = octet.clip %a {low = 1.0 : f32, high = 0.0 : f32} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected low <= high}}
  %0 = octet.clip %a {low = 0x7FC00000 : f32, high = 0.0 : f32} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected equal shapes}}
  %0 = octet.cast %a : (tensor<2xf32>) -> tensor<2x1xi8>
  return
}
