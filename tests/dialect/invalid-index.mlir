// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<2x5xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.arg_extremum largest %x {axis = 2 : i64} : (tensor<2x5xf32>) -> tensor<2x1xi64>
  return
}

// -----

func.func @f(%x: tensor<0x5xf32>) {
  // expected-error@+2 {{expected elements along axis 0, got 'tensor<0x5xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.arg_extremum largest %x {axis = 0 : i64} : (tensor<0x5xf32>) -> tensor<1x5xi64>
  return
}

// -----

func.func @f(%x: tensor<2xf16>) {
  // expected-error@+1 {{expected f32, bf16, f64 or integers, got 'f16'}}
  %0 = octet.arg_extremum largest %x {axis = 0 : i64} : (tensor<2xf16>) -> tensor<1xi64>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>) {
  // expected-error@+2 {{expected k of 0 to 5, got 6}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.top_k_indices largest %x {axis = 1 : i64, k = 6 : i64} : (tensor<2x5xf32>) -> tensor<2x6xi64>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.top_k_indices largest %x {axis = -1 : i64, k = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x1xi64>
  return
}

// -----

func.func @f(%x: tensor<2xf16>) {
  // expected-error@+1 {{expected f32, bf16, f64 or integers, got 'f16'}}
  %0 = octet.top_k_indices largest %x {axis = 0 : i64, k = 1 : i64} : (tensor<2xf16>) -> tensor<1xi64>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_elements %x, %i {axis = 2 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>) -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+2 {{expected indices no larger than 'tensor<2x5xf32>' but for axis 1, got 'tensor<3x5xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>) -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<0x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+2 {{expected elements along axis 0, got 'tensor<0x5xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_elements %x, %i {axis = 0 : i64} : (tensor<0x5xf32>, tensor<3x5xi64>) -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+1 {{expected a result of 'f32', got 'tensor<3x5x!quant.uniform<u8:f32, 5.000000e-01>>'}}
  %0 = octet.gather_elements %x, %i {axis = 0 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>) -> tensor<3x5x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+2 {{expected 1 batch dimensions that are equal, got 'tensor<2x5xf32>' and 'tensor<3x5xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>) {
  // expected-error@+2 {{expected tuples of 1 to 2 indices as the last dimension, got 'tensor<3x5xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<0x5xf32>, %i: tensor<3x1xi64>) {
  // expected-error@+2 {{expected elements to gather, got 'tensor<0x5xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<0x5xf32>, tensor<3x1xi64>) -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %i: tensor<4611686018427387904x1xi64>) {
  // expected-error@+2 {{expected a result that can be counted, got [4611686018427387904, 4]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x4xf32>, tensor<4611686018427387904x1xi64>) -> tensor<1xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x2xi64>) {
  // expected-error@+1 {{expected a result of 'f32'}}
  %0 = octet.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<2x5xf32>, tensor<3x2xi64>) -> tensor<3x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>, %u: tensor<3x5xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.scatter_elements assign %x, %i, %u {axis = 5 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>, %u: tensor<3x5xf32>) {
  // expected-error@+2 {{expected indices no larger than 'tensor<2x5xf32>' but for axis 1, got 'tensor<3x5xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.scatter_elements assign %x, %i, %u {axis = 1 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>, %u: tensor<3x4xf32>) {
  // expected-error@+2 {{expected updates of the shape of 'tensor<3x5xi64>', got 'tensor<3x4xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.scatter_elements assign %x, %i, %u {axis = 0 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>, tensor<3x4xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>, %u: tensor<3x5xi8>) {
  // expected-error@+1 {{expected updates of 'f32', got 'tensor<3x5xi8>'}}
  %0 = octet.scatter_elements assign %x, %i, %u {axis = 0 : i64} : (tensor<2x5xf32>, tensor<3x5xi64>, tensor<3x5xi8>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2xbf16>, %i: tensor<1xi64>, %u: tensor<1xbf16>) {
  // expected-error@+1 {{expected f32, f64 or integers where updates are joined, got 'bf16'}}
  %0 = octet.scatter_elements add %x, %i, %u {axis = 0 : i64} : (tensor<2xbf16>, tensor<1xi64>, tensor<1xbf16>) -> tensor<2xbf16>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x5xi64>, %u: tensor<3x5xf32>) {
  // expected-error@+2 {{expected tuples of 1 to 2 indices as the last dimension, got 'tensor<3x5xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.scatter_nd assign %x, %i, %u : (tensor<2x5xf32>, tensor<3x5xi64>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x1xi64>, %u: tensor<3x4xf32>) {
  // expected-error@+2 {{expected updates of shape [3, 5], got 'tensor<3x4xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.scatter_nd assign %x, %i, %u : (tensor<2x5xf32>, tensor<3x1xi64>, tensor<3x4xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %i: tensor<3x1xi64>, %u: tensor<3x5xi8>) {
  // expected-error@+1 {{expected updates of 'f32', got 'tensor<3x5xi8>'}}
  %0 = octet.scatter_nd assign %x, %i, %u : (tensor<2x5xf32>, tensor<3x1xi64>, tensor<3x5xi8>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%i: tensor<3xi64>, %v: tensor<2xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.one_hot %i, %v {axis = 2 : i64, depth = 4 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%i: tensor<3xi64>, %v: tensor<2xf32>) {
  // expected-error@+2 {{expected a positive depth, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.one_hot %i, %v {axis = 1 : i64, depth = 0 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x0xf32>
  return
}

// -----

func.func @f(%i: tensor<3xi64>, %v: tensor<3xf32>) {
  // expected-error@+2 {{expected two values, got 'tensor<3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.one_hot %i, %v {axis = 1 : i64, depth = 4 : i64} : (tensor<3xi64>, tensor<3xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%i: tensor<3xi64>, %v: tensor<2xf32>) {
  // expected-error@+2 {{expected a result that can be counted, got [3, 9223372036854775807]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.one_hot %i, %v {axis = 1 : i64, depth = 9223372036854775807 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%i: tensor<3xi64>, %v: tensor<2xf32>) {
  // expected-error@+1 {{expected a result of 'f32'}}
  %0 = octet.one_hot %i, %v {axis = 1 : i64, depth = 4 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x4x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.cumulative_sum %x {axis = 2 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2xbf16>) {
  // expected-error@+1 {{expected f32, f64 or integers, got 'bf16'}}
  %0 = octet.cumulative_sum %x {axis = 0 : i64} : (tensor<2xbf16>) -> tensor<2xbf16>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>) {
  // expected-error@+1 {{expected a result of 'f32'}}
  %0 = octet.cumulative_sum %x {axis = 0 : i64} : (tensor<2x5xf32>) -> tensor<2x5x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %l: tensor<2xi64>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reverse_sequence %x, %l {batch_axis = 0 : i64, time_axis = 2 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %l: tensor<2xi64>) {
  // expected-error@+2 {{expected two axes, got 0 twice}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reverse_sequence %x, %l {batch_axis = 0 : i64, time_axis = 0 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %l: tensor<2xi64>) {
  // expected-error@+2 {{expected 5 lengths, got 'tensor<2xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reverse_sequence %x, %l {batch_axis = 1 : i64, time_axis = 0 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x5xf32>, %l: tensor<2xi64>) {
  // expected-error@+1 {{expected a result of 'f32'}}
  %0 = octet.reverse_sequence %x, %l {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x5x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f(%x: tensor<1x1x5xf32>) {
  // expected-error@+2 {{expected a kernel extent, a stride, a dilation and two pads for each spatial dimension of 'tensor<1x1x5xf32>', got 2, 1, 1 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool_indices %x {kernel = array<i64: 2, 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x4xi64>
  return
}

// -----

func.func @f(%x: tensor<1x1x5xf32>) {
  // expected-error@+2 {{expected kernel, strides and dilations of 1 to 16777216, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool_indices %x {kernel = array<i64: 2>, strides = array<i64: 0>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x4xi64>
  return
}

// -----

func.func @f(%x: tensor<1x1x5xf32>) {
  // expected-error@+2 {{expected pads of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool_indices %x {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 2, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x4xi64>
  return
}

// -----

func.func @f(%x: tensor<1x1x5xf32>) {
  // expected-error@+2 {{expected a window that fits the padded input, got 6 over 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.max_pool_indices %x {kernel = array<i64: 6>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xf32>) -> tensor<1x1x4xi64>
  return
}

// -----

func.func @f(%x: tensor<1x1x5xi32>) {
  // expected-error@+1 {{expected f32 or 8-bit integers, got 'i32'}}
  %0 = octet.max_pool_indices %x {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x1x5xi32>) -> tensor<1x1x4xi64>
  return
}
