// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @sample
// CHECK: octet.grid_sample cubic %{{.*}}, %{{.*}} padding reflection {align_corners} : (tensor<2x3x4x5xf32>, tensor<2x6x7x2xf32>) -> tensor<2x3x6x7xf32>
// CHECK: octet.grid_sample linear %{{.*}}, %{{.*}} padding zeros : (tensor<2x3x4x5x6xf32>, tensor<2x1x6x7x3xf32>) -> tensor<2x3x1x6x7xf32>
// CHECK: octet.roi_align max %{{.*}}, %{{.*}}, %{{.*}} {half_pixel, height = 2 : i64, sampling_ratio = 0 : i64, spatial_scale = 5.000000e-01 : f32, width = 3 : i64} : (tensor<2x3x4x5xf32>, tensor<9x4xf32>, tensor<9xi64>) -> tensor<9x3x2x3xf32>
// CHECK: octet.triangularize %{{.*}} : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
func.func @sample(%x: tensor<2x3x4x5xf32>, %g: tensor<2x6x7x2xf32>, %v: tensor<2x3x4x5x6xf32>, %h: tensor<2x1x6x7x3xf32>, %r: tensor<9x4xf32>, %b: tensor<9xi64>, %m: tensor<2x3x3xf32>) {
  %0 = octet.grid_sample cubic %x, %g padding reflection {align_corners} : (tensor<2x3x4x5xf32>, tensor<2x6x7x2xf32>) -> tensor<2x3x6x7xf32>
  %1 = octet.grid_sample linear %v, %h padding zeros : (tensor<2x3x4x5x6xf32>, tensor<2x1x6x7x3xf32>) -> tensor<2x3x1x6x7xf32>
  %2 = octet.roi_align max %x, %r, %b {half_pixel, height = 2 : i64, width = 3 : i64, sampling_ratio = 0 : i64, spatial_scale = 0.5 : f32} : (tensor<2x3x4x5xf32>, tensor<9x4xf32>, tensor<9xi64>) -> tensor<9x3x2x3xf32>
  %3 = octet.triangularize %m : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  return
}
