// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%m: tensor<2x5xi1>) {
  // expected-error@+2 {{expected a mask of one dimension, got 'tensor<2x5xi1>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.true_indices %m {fill = 0 : i64} : (tensor<2x5xi1>) -> tensor<11xi64>
  return
}

// -----

func.func @f(%x: tensor<5xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 0, got 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice_order %x {axis = 1 : i64} : (tensor<5xf32>) -> tensor<5xi64>
  return
}

// -----

func.func @f(%x: tensor<5xf16>) {
  // expected-error@+1 {{expected f32, bf16, f64 or integers, got 'f16'}}
  %0 = octet.slice_order %x {axis = 0 : i64} : (tensor<5xf16>) -> tensor<5xi64>
  return
}

// -----

func.func @f(%b: tensor<1x5x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %o: tensor<f32>) {
  // expected-error@+2 {{expected boxes [batch, count, 4] and scores [batch, classes, count], got 'tensor<1x5x4xf32>' and 'tensor<1x2x6xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.non_max_suppression %b, %s most %m overlap %o {room = 5 : i64} : (tensor<1x5x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>) -> tensor<1x2x5xi64>
  return
}

// -----

func.func @f(%b: tensor<1x5x4xf32>, %s: tensor<1x2x5xf32>, %m: tensor<2xi64>, %o: tensor<f32>) {
  // expected-error@+2 {{expected one number as each limit, got 'tensor<2xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.non_max_suppression %b, %s most %m overlap %o {room = 5 : i64} : (tensor<1x5x4xf32>, tensor<1x2x5xf32>, tensor<2xi64>, tensor<f32>) -> tensor<1x2x5xi64>
  return
}

// -----

func.func @f(%b: tensor<1x5x4xf32>, %s: tensor<1x2x5xf32>, %m: tensor<i64>, %o: tensor<f32>) {
  // expected-error@+2 {{expected room for 0 or more boxes, got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.non_max_suppression %b, %s most %m overlap %o {room = -1 : i64} : (tensor<1x5x4xf32>, tensor<1x2x5xf32>, tensor<i64>, tensor<f32>) -> tensor<1x2x5xi64>
  return
}
