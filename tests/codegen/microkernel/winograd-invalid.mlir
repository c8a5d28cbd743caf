// RUN: octet-opt %s --split-input-file --verify-diagnostics --octet-emit-kernels=target=x86-64-v3

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x4x4xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected a 3x3 window of f32 without strides, dilations and groups for #octet.winograd<outputs = 4, tiles = 4, channels = 16>}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 16>, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x4x4xf32, #out>
  return %y : tensor<1x16x4x4xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected at most 4 tiles of 4x4 outputs, got 5}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 5, channels = 16>, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected a multiple of the 8 lanes of avx2_6x16x1_f32_f32_f32 as channels of a unit, got 12}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 12>, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected octet.scratch_bytes = 23040}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 16>, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected octet.scratch_bytes = 23040}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 16>, octet.scratch_bytes = 64 : i64, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected a tiling; run octet-assign-tiling first}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 16>, octet.scratch_bytes = 23040 : i64, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}

// -----

#in = #octet.channels_last<pitch = 16, halo = [1, 1, 1, 1]>
#out = #octet.channels_last<pitch = 16, halo = [0, 0, 0, 0]>

func.func @main(%x: tensor<1x16x8x8xf32, #in>) -> tensor<1x16x8x8xf32, #out> {
  %w = octet.constant dense<1.0> : tensor<16x16x3x3xf32> : tensor<16x16x3x3xf32>
  // expected-error @below {{expected a place for scratch memory; run octet-plan-memory first}}
  %y = octet.conv %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64, octet.winograd = #octet.winograd<outputs = 4, tiles = 4, channels = 16>, octet.scratch_bytes = 23040 : i64, octet.tiling = #octet.tiling<rows = [1, 1, 4], vectors = 2, outer = rows>, octet.offset = 0 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} : (tensor<1x16x8x8xf32, #in>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32, #out>
  return %y : tensor<1x16x8x8xf32, #out>
}
