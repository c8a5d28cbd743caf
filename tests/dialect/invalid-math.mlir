// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xi32>) {
  // expected-error@+1 {{operand #0 must be}}
  %0 = octet.sin %a : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{are incompatible with return type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.softplus %a : (tensor<2xf32>) -> tensor<3xf32>
  return
}
