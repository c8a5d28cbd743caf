// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>, %b: tensor<2xi32>) {
  // expected-error@+2 {{expected operands of one element type, got 'f32' and 'i32'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.compare eq %a, %b : (tensor<2xf32>, tensor<2xi32>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{expected shapes that broadcast, got}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.compare eq %a, %b : (tensor<2xf32>, tensor<3xf32>) -> tensor<3xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.compare eq %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{expected integers or booleans, got 'f32'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.bitwise or %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xi32>) {
  // expected-error@+2 {{expected unsigned integers, got 'i32'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.shift left %a, %a : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xi1>) {
  // expected-error@+2 {{expected numbers, got booleans}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.mod trunc %a, %a : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected kind trunc on floats, got floor}}
  %0 = octet.mod floor %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{expected a condition of booleans, got 'f32'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.select %a, %a, %a : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%c: tensor<2xi1>, %a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error@+2 {{expected operands of one element type, got 'f32' and 'f16'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.select %c, %a, %b : (tensor<2xi1>, tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}
