// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f() {
  // expected-error@+1 {{expected a value of type 'tensor<3xf32>', got 'tensor<2xf32>'}}
  %0 = octet.constant dense<0.0> : tensor<2xf32> : tensor<3xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{expected a value of type 'tensor<2xi8>', got 'tensor<2xi32>'}}
  %0 = octet.constant dense<0> : tensor<2xi32> : tensor<2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{expected a blob 'missing', got none}}
  %0 = octet.constant dense_resource<missing> : tensor<2xf32> : tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{expected a blob of 12 bytes, got 8}}
  %0 = octet.constant dense_resource<short> : tensor<3xf32> : tensor<3xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F00000040"
    }
  }
#-}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected a shape of 6 elements, got [5]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reshape %a {shape = array<i64: 5>} : (tensor<2x3xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected a shape of 6 elements}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reshape %a {shape = array<i64: -2, -3>} : (tensor<2x3xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @f(%a: tensor<0xf32>) {
  // expected-error@+2 {{expected a shape of 0 elements}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.reshape %a {shape = array<i64: 4611686018427387904, 4>} : (tensor<0xf32>) -> tensor<0xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.reshape %a {shape = array<i64: 2>} : (tensor<2x!u8>) -> tensor<2x!v8>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions, got [0, 0]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.transpose %a {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions, got [2, 0]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.transpose %a {permutation = array<i64: 2, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected a permutation of 2 dimensions, got [1]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.transpose %a {permutation = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.transpose %a {permutation = array<i64: 0>} : (tensor<2x!u8>) -> tensor<2x!v8>
  return
}

// -----

func.func @f() {
  // expected-error@+2 {{expected operands to concatenate, got none}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.concat {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.concat %a {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error@+2 {{but for axis 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.concat %a, %b {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2xi32>) {
  // expected-error@+2 {{but for axis 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.concat %a, %b {axis = 0 : i64} : (tensor<2xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<2x1xf32>) {
  // expected-error@+2 {{but for axis 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.concat %a, %b {axis = 0 : i64} : (tensor<2xf32>, tensor<2x1xf32>) -> tensor<4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.concat %a {axis = 0 : i64} : (tensor<2x!u8>) -> tensor<2x!v8>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected 1 offsets, sizes and steps, got 1, 2 and 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 1, 1>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 3, size 2, step 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 3>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 0, size 2, step 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 2>, steps = array<i64: 0>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset -1, size 1, step 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: -1>, sizes = array<i64: 1>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 1, size 3, step -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 1>, sizes = array<i64: 3>, steps = array<i64: -1>} : (tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 0, size 5, step 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 5>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 5, size 0, step 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 5>, sizes = array<i64: 0>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<0xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected a slice inside extent 4 of dimension 0, got offset 0, size 2, step 9223372036854775807}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 2>, steps = array<i64: 9223372036854775807>} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<2x!u8>) -> tensor<2x!v8>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected 1 low and high pads, got 2 and 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.pad %a {low = array<i64: 0, 0>, high = array<i64: 0>, mode = #octet<pad_mode constant>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected pads that fit extent 4 of dimension 0, got -3 and -2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.pad %a {low = array<i64: -3>, high = array<i64: -2>, mode = #octet<pad_mode constant>} : (tensor<4xf32>) -> tensor<0xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected pads that fit extent 4 of dimension 0, got -5 and 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.pad %a {low = array<i64: -5>, high = array<i64: 5>, mode = #octet<pad_mode constant>} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+2 {{expected reflected pads below extent 4, got 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.pad %a {low = array<i64: 4>, high = array<i64: 0>, mode = #octet<pad_mode reflect>} : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @f(%a: tensor<0xf32>) {
  // expected-error@+2 {{expected elements to repeat, got none in dimension 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.pad %a {low = array<i64: 1>, high = array<i64: 0>, mode = #octet<pad_mode edge>} : (tensor<0xf32>) -> tensor<1xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.pad %a {low = array<i64: 0>, high = array<i64: 1>, mode = #octet<pad_mode constant>} : (tensor<2x!u8>) -> tensor<3x!v8>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<1xi64>) {
  // expected-error@+2 {{expected an axis of 0 to 1, got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather %a, %b {axis = -1 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<1x3xf32>
  return
}

// -----

func.func @f(%a: tensor<0x3xf32>, %b: tensor<1xi64>) {
  // expected-error@+2 {{expected elements along axis 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather %a, %b {axis = 0 : i64} : (tensor<0x3xf32>, tensor<1xi64>) -> tensor<1x3xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4611686018427387904xi1>, %b: tensor<4xi64>) {
  // expected-error@+2 {{expected a result that can be counted}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.gather %a, %b {axis = 0 : i64} : (tensor<1x4611686018427387904xi1>, tensor<4xi64>) -> tensor<4x4611686018427387904xi1>
  return
}

// -----

func.func @f(%a: tensor<2xf32>, %b: tensor<1xf32>) {
  // expected-error@+1 {{operand #1 must be}}
  %0 = octet.gather %a, %b {axis = 0 : i64} : (tensor<2xf32>, tensor<1xf32>) -> tensor<1xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<2x!u8>, %b: tensor<1xi64>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.gather %a, %b {axis = 0 : i64} : (tensor<2x!u8>, tensor<1xi64>) -> tensor<1x!v8>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{broadcasts to, got [3]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.expand %a {shape = array<i64: 3>} : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2xf32>) {
  // expected-error@+2 {{broadcasts to, got [1]}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.expand %a {shape = array<i64: 1>} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<1xf32>) {
  // expected-error@+2 {{broadcasts to}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.expand %a {shape = array<i64: 4611686018427387904, 4>} : (tensor<1xf32>) -> tensor<1xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<1x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.expand %a {shape = array<i64: 2>} : (tensor<1x!u8>) -> tensor<2x!v8>
  return
}

// -----

func.func @f(%a: tensor<4x2x2xf32>) {
  // expected-error@+2 {{expected x of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.depth_to_space %a {block_size = 2 : i64, mode = #octet<depth_to_space_mode dcr>} : (tensor<4x2x2xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x6x2x2xf32>) {
  // expected-error@+2 {{expected a block size whose square divides 6 channels, got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.depth_to_space %a {block_size = 2 : i64, mode = #octet<depth_to_space_mode dcr>} : (tensor<1x6x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x4x2x2xf32>) {
  // expected-error@+2 {{expected a block size whose square divides 4 channels, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.depth_to_space %a {block_size = 0 : i64, mode = #octet<depth_to_space_mode dcr>} : (tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<1x1x1x1x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.depth_to_space %a {block_size = 1 : i64, mode = #octet<depth_to_space_mode dcr>} : (tensor<1x1x1x1x!u8>) -> tensor<1x1x1x1x!v8>
  return
}

// -----

func.func @f(%a: tensor<1x2x2xf32>) {
  // expected-error@+2 {{expected x of rank 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x2x2xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x2x2xf32>) {
  // expected-error@+2 {{expected 2 sizes and 2 scales, got 1 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x0x2xf32>) {
  // expected-error@+2 {{expected elements to resample}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x0x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x2x2xf32>) {
  // expected-error@+2 {{expected sizes of 1 to 16777216, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 0, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x0x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x2x2xf32>) {
  // expected-error@+2 {{expected positive scales, got -1.0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, -1.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<1x1x2x2xf32>) {
  // expected-error@+2 {{expected positive scales}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 0x7FC00000, 1.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!v8 = !quant.uniform<u8:f32, 0.25:3>

func.func @f(%a: tensor<1x1x2x2x!u8>) {
  // expected-error@+1 {{expected one element type}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode nearest>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2x!u8>) -> tensor<1x1x4x4x!v8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>

func.func @f(%a: tensor<1x1x2x2xf32>) {
  // expected-error@+1 {{expected operand and result both real or both quantized}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode linear>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4x!u8>
  return
}

// -----

!u8axis = !quant.uniform<u8:f32:1, {0.5, 0.25}>

func.func @f(%a: tensor<1x2x2x2x!u8axis>) {
  // expected-error@+1 {{expected one scale for all elements}}
  %0 = octet.resize %a {sizes = array<i64: 4, 4>, scales = array<f32: 2.0, 2.0>, mode = #octet<resize_mode linear>, coordinates = #octet<resize_coordinates half_pixel>, rounding = #octet<resize_rounding floor>} : (tensor<1x2x2x2x!u8axis>) -> tensor<1x2x4x4x!u8axis>
  return
}
