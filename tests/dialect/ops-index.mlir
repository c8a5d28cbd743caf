// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @order
// CHECK: octet.arg_extremum smallest %{{.*}} {axis = 1 : i64, last} : (tensor<2x5x3xf32>) -> tensor<2x1x3xi64>
// CHECK: octet.top_k_indices largest %{{.*}} {axis = 1 : i64, k = 4 : i64} : (tensor<2x5x3xf32>) -> tensor<2x4x3xi64>
// CHECK: octet.cumulative_sum %{{.*}} {axis = 2 : i64, exclusive, reverse} : (tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
// CHECK: octet.max_pool_indices %{{.*}} {ceil_mode, column_major, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<2x5x3xf32>) -> tensor<2x5x2xi64>
func.func @order(%x: tensor<2x5x3xf32>) {
  %0 = octet.arg_extremum smallest %x {axis = 1 : i64, last} : (tensor<2x5x3xf32>) -> tensor<2x1x3xi64>
  %1 = octet.top_k_indices largest %x {axis = 1 : i64, k = 4 : i64} : (tensor<2x5x3xf32>) -> tensor<2x4x3xi64>
  %2 = octet.cumulative_sum %x {axis = 2 : i64, exclusive, reverse} : (tensor<2x5x3xf32>) -> tensor<2x5x3xf32>
  %3 = octet.max_pool_indices %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, ceil_mode, column_major} : (tensor<2x5x3xf32>) -> tensor<2x5x2xi64>
  return
}

// CHECK-LABEL: func @gather
// CHECK: octet.gather_elements %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x5x3xi8>, tensor<2x7x2xi64>) -> tensor<2x7x2xi8>
// CHECK: octet.gather_nd %{{.*}}, %{{.*}} {batch_dims = 1 : i64} : (tensor<2x5x3xi8>, tensor<2x7x2xi64>) -> tensor<2x7xi8>
// CHECK: octet.one_hot %{{.*}}, %{{.*}} {axis = 1 : i64, depth = 4 : i64} : (tensor<2x7x2xi64>, tensor<2xf32>) -> tensor<2x4x7x2xf32>
// CHECK: octet.reverse_sequence %{{.*}}, %{{.*}} {batch_axis = 0 : i64, time_axis = 2 : i64} : (tensor<2x5x3xi8>, tensor<2xi32>) -> tensor<2x5x3xi8>
func.func @gather(%x: tensor<2x5x3xi8>, %i: tensor<2x7x2xi64>, %v: tensor<2xf32>, %l: tensor<2xi32>) {
  %0 = octet.gather_elements %x, %i {axis = 1 : i64} : (tensor<2x5x3xi8>, tensor<2x7x2xi64>) -> tensor<2x7x2xi8>
  %1 = octet.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x5x3xi8>, tensor<2x7x2xi64>) -> tensor<2x7xi8>
  %2 = octet.one_hot %i, %v {axis = 1 : i64, depth = 4 : i64} : (tensor<2x7x2xi64>, tensor<2xf32>) -> tensor<2x4x7x2xf32>
  %3 = octet.reverse_sequence %x, %l {batch_axis = 0 : i64, time_axis = 2 : i64} : (tensor<2x5x3xi8>, tensor<2xi32>) -> tensor<2x5x3xi8>
  return
}

// CHECK-LABEL: func @scatter
// CHECK: octet.scatter_elements add %{{.*}}, %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<4x3xf32>, tensor<7x2xi32>, tensor<7x2xf32>) -> tensor<4x3xf32>
// CHECK: octet.scatter_nd max %{{.*}}, %{{.*}}, %{{.*}} : (tensor<4x3xf32>, tensor<7x2xi32>, tensor<7xf32>) -> tensor<4x3xf32>
func.func @scatter(%x: tensor<4x3xf32>, %i: tensor<7x2xi32>, %u: tensor<7x2xf32>, %v: tensor<7xf32>) {
  %0 = octet.scatter_elements add %x, %i, %u {axis = 0 : i64} : (tensor<4x3xf32>, tensor<7x2xi32>, tensor<7x2xf32>) -> tensor<4x3xf32>
  %1 = octet.scatter_nd max %x, %i, %v : (tensor<4x3xf32>, tensor<7x2xi32>, tensor<7xf32>) -> tensor<4x3xf32>
  return
}
