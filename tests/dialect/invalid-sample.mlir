// RUN: octet-opt %s -split-input-file -verify-diagnostics

func.func @f(%x: tensor<1x2x3xf32>, %g: tensor<1x4x1xf32>) {
  // expected-error@+2 {{expected x of rank 4 or 5, got 'tensor<1x2x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.grid_sample linear %x, %g padding zeros : (tensor<1x2x3xf32>, tensor<1x4x1xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3xf32>, %g: tensor<1x4x4x3xf32>) {
  // expected-error@+2 {{expected a grid of rank 4 with 1 batches and points of 2 numbers, got 'tensor<1x4x4x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.grid_sample linear %x, %g padding zeros : (tensor<1x2x3x3xf32>, tensor<1x4x4x3xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3x3xf32>, %g: tensor<1x4x4x4x3xf32>) {
  // expected-error@+2 {{expected two spatial dimensions for cubic, got 'tensor<1x2x3x3x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.grid_sample cubic %x, %g padding zeros : (tensor<1x2x3x3x3xf32>, tensor<1x4x4x4x3xf32>) -> tensor<1x2x4x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x0x3xf32>, %g: tensor<1x4x4x2xf32>) {
  // expected-error@+2 {{expected spatial extents of 1 to 16777216, got 'tensor<1x2x0x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.grid_sample linear %x, %g padding zeros : (tensor<1x2x0x3xf32>, tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<0x2x3x3xf32>, %r: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error@+2 {{expected x of rank 4 with elements, got 'tensor<0x2x3x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.roi_align avg %x, %r, %b {height = 2 : i64, width = 2 : i64, sampling_ratio = 0 : i64, spatial_scale = 1.0 : f32} : (tensor<0x2x3x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3xf32>, %r: tensor<5x5xf32>, %b: tensor<5xi64>) {
  // expected-error@+2 {{expected regions of 4 numbers, got 'tensor<5x5xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.roi_align avg %x, %r, %b {height = 2 : i64, width = 2 : i64, sampling_ratio = 0 : i64, spatial_scale = 1.0 : f32} : (tensor<1x2x3x3xf32>, tensor<5x5xf32>, tensor<5xi64>) -> tensor<5x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3xf32>, %r: tensor<5x4xf32>, %b: tensor<4xi64>) {
  // expected-error@+2 {{expected 5 batch indices, got 'tensor<4xi64>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.roi_align avg %x, %r, %b {height = 2 : i64, width = 2 : i64, sampling_ratio = 0 : i64, spatial_scale = 1.0 : f32} : (tensor<1x2x3x3xf32>, tensor<5x4xf32>, tensor<4xi64>) -> tensor<5x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3xf32>, %r: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error@+2 {{expected height and width of 1 to 32768, got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.roi_align avg %x, %r, %b {height = 0 : i64, width = 2 : i64, sampling_ratio = 0 : i64, spatial_scale = 1.0 : f32} : (tensor<1x2x3x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x3x3xf32>, %r: tensor<5x4xf32>, %b: tensor<5xi64>) {
  // expected-error@+2 {{expected a sampling ratio of 0 to 32768, got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.roi_align avg %x, %r, %b {height = 2 : i64, width = 2 : i64, sampling_ratio = -1 : i64, spatial_scale = 1.0 : f32} : (tensor<1x2x3x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expected square matrices, got 'tensor<2x3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = octet.triangularize %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
