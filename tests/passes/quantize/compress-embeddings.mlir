// RUN: octet-opt %s -octet-compress-embeddings | FileCheck %s

// Q24: integers of rows, a scale for each, and their product. Few rows stay f32, and so does a
// table that is computed, or looked up by constants.

// CHECK-LABEL: func.func @embeddings
// CHECK: %[[TABLE:.+]] = octet.constant dense_resource<{{.*}}> : tensor<256x64xi8> : tensor<256x64x!quant.uniform<u8:f32, 1.000000e+00:128>>
// CHECK: %[[Q:.+]] = octet.gather %[[TABLE]], %arg0 {axis = 0 : i64, octet.precision = #octet.precision<f32>, octet.reason = "embedding of 8 bits"}
// CHECK: %[[D:.+]] = octet.dequantize %[[Q]]
// CHECK: %[[SCALES:.+]] = octet.constant {{.*}} : tensor<256x1xf32>
// CHECK: %[[S:.+]] = octet.gather %[[SCALES]], %arg0
// CHECK: %[[Y:.+]] = octet.mul %[[D]], %[[S]]
// CHECK: %[[FEW:.+]] = octet.gather %{{.+}}, %arg0 {axis = 0 : i64} : (tensor<2x64xf32>
// CHECK: %[[COMPUTED:.+]] = octet.gather %arg1, %arg0
// CHECK: return %[[Y]], %[[FEW]], %[[COMPUTED]]
// All elements of a row are its largest: 127 steps above 128.
// CHECK: "0x40000000FFFFFFFFFFFFFFFF
func.func @embeddings(%i: tensor<1x5xi64>, %t: tensor<256x64xf32>) -> (tensor<1x5x64xf32>, tensor<1x5x64xf32>, tensor<1x5x64xf32>) {
  %0 = octet.constant dense<1.27> : tensor<256x64xf32> : tensor<256x64xf32>
  %1 = octet.constant dense<1.27> : tensor<2x64xf32> : tensor<2x64xf32>
  %2 = octet.gather %0, %i {axis = 0 : i64} : (tensor<256x64xf32>, tensor<1x5xi64>) -> tensor<1x5x64xf32>
  %3 = octet.gather %1, %i {axis = 0 : i64} : (tensor<2x64xf32>, tensor<1x5xi64>) -> tensor<1x5x64xf32>
  %4 = octet.gather %t, %i {axis = 0 : i64} : (tensor<256x64xf32>, tensor<1x5xi64>) -> tensor<1x5x64xf32>
  return %2, %3, %4 : tensor<1x5x64xf32>, tensor<1x5x64xf32>, tensor<1x5x64xf32>
}
