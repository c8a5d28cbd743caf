// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected 1 block arguments, got 0}}
  %0 = octet.fused %a : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0:
    %1 = octet.constant dense<0.0> : tensor<2xf32> : tensor<2xf32>
    octet.yield %1 : tensor<2xf32>
  }
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected a block argument of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
  %0 = octet.fused %a : (tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%x: tensor<3xf32>):
    octet.yield %x : tensor<3xf32>
  }
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected a yield of type 'tensor<3xf32>', got 'tensor<2xf32>'}}
  %0 = octet.fused %a : (tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%x: tensor<2xf32>):
    octet.yield %x : tensor<2xf32>
  }
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected at most one op that is not elementwise, got 'octet.softmax' and 'octet.reduce'}}
  %0 = octet.fused %a : (tensor<2xf32>) -> tensor<f32> {
  ^bb0(%x: tensor<2xf32>):
    %1 = octet.softmax %x {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
    %2 = octet.reduce sum %1 {axes = array<i64: 0>} : (tensor<2xf32>) -> tensor<f32>
    octet.yield %2 : tensor<f32>
  }
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expected a body that ends with 'octet.yield'}}
  %0 = "octet.fused"(%a) ({
  ^bb0(%x: tensor<2xf32>):
    "func.return"(%x) : (tensor<2xf32>) -> ()
  }) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+1 {{expects parent op 'octet.fused'}}
  octet.yield %a : tensor<2xf32>
}

// -----

func.func @f(%a: tensor<1x2x3x4xf32>) {
  // expected-error@+1 {{expected 'octet.softmax' to read block arguments, got the result of 'octet.relu'}}
  %0 = octet.fused %a : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
  ^bb0(%x: tensor<1x2x3x4xf32>):
    %1 = octet.relu %x : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
    %2 = octet.softmax %1 {axis = 1 : i64} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
    octet.yield %2 : tensor<1x2x3x4xf32>
  }
  return
}

// -----

func.func @f(%a: tensor<1x2x3x4xf32>) {
  // expected-error@+1 {{expected types that differ in layout only}}
  %0 = octet.relayout %a : (tensor<1x2x3x4xf32>) -> tensor<1x2x4x3xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
  return
}

// -----

func.func @f(%a: tensor<1x2x3x4xf32>) {
  // expected-error@+1 {{expected types that differ in layout only}}
  %0 = octet.relayout %a : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xi8, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>
  return
}

// -----

// expected-error@+1 {{expected a positive pitch, got 0}}
func.func private @f(tensor<1x2x3x4xf32, #octet.channels_last<pitch = 0, halo = [0, 0, 0, 0]>>)

// -----

// expected-error@+1 {{expected 4 halo extents, got 3}}
func.func private @f(tensor<1x2x3x4xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0]>>)

// -----

// expected-error@+1 {{expected nonnegative halo extents, got -1}}
func.func private @f(tensor<1x2x3x4xf32, #octet.channels_last<pitch = 4, halo = [0, 0, -1, 0]>>)

// -----

// expected-error@+1 {{expected rank 4 for a channels-last layout, got 2}}
func.func private @f(tensor<3x4xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>)

// -----

// expected-error@+1 {{expected a pitch of at least 5 channels, got 4}}
func.func private @f(tensor<1x5x3x4xf32, #octet.channels_last<pitch = 4, halo = [0, 0, 0, 0]>>)

// -----

// expected-error@+1 {{expected 3 extents of rows, got 2}}
module attributes {octet.tiling = #octet.tiling<rows = [1, 14], vectors = 2, outer = rows>} {}

// -----

// expected-error@+1 {{expected positive extents of rows, got 0}}
module attributes {octet.tiling = #octet.tiling<rows = [1, 0, 14], vectors = 2, outer = rows>} {}

// -----

// expected-error@+1 {{expected at least one vector, got 0}}
module attributes {octet.tiling = #octet.tiling<rows = [1, 1, 14], vectors = 0, outer = rows>} {}

// -----

// expected-error@+1 {{expected tiles of 2 to 4 outputs, got 5}}
module attributes {octet.winograd = #octet.winograd<outputs = 5, tiles = 14, channels = 16>} {}

// -----

// expected-error@+1 {{expected at least one tile, got 0}}
module attributes {octet.winograd = #octet.winograd<outputs = 4, tiles = 0, channels = 16>} {}

// -----

// expected-error@+1 {{expected at least one channel, got 0}}
module attributes {octet.winograd = #octet.winograd<outputs = 4, tiles = 14, channels = 0>} {}
