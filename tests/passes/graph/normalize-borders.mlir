// RUN: octet-opt %s --octet-normalize-borders | FileCheck %s

// Activations of s8 become u8; what reads them need not change.
// CHECK-LABEL: func @signed_activation
func.func @signed_activation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: octet.quantize %arg0 : (tensor<4xf32>) -> tensor<4x!quant.uniform<u8:f32, 5.000000e-01:125>>
  // CHECK-NEXT: octet.dequantize {{.*}}u8:f32, 5.000000e-01:125
  %q = octet.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5:-3>>
  %d = octet.dequantize %q : (tensor<4x!quant.uniform<i8:f32, 0.5:-3>>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// Integers that leave the function keep their type.
// CHECK-LABEL: func @signed_result
func.func @signed_result(%x: tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5:-3>> {
  // CHECK: octet.quantize {{.*}}i8:f32, 5.000000e-01:-3
  %q = octet.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5:-3>>
  return %q : tensor<4x!quant.uniform<i8:f32, 0.5:-3>>
}

// Weights become their differences to the zero point. A range of -127 says that -128 is
// not among them.
// CHECK-LABEL: func @weights
func.func @weights() -> (tensor<3xf32>, tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: dense<[-127, 0, 100]> : tensor<3xi8> : tensor<3x!quant.uniform<i8<-127:127>:f32, 5.000000e-01>>
  // CHECK-DAG: dense<[-128, 1]> : tensor<2xi8> : tensor<2x!quant.uniform<i8:f32, 5.000000e-01>>
  // CHECK-DAG: dense<[3, -5]> : tensor<2xi8> : tensor<2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01,2.500000e-01}>>
  %0 = octet.constant dense<[3, -126, -26]> : tensor<3xi8> : tensor<3x!quant.uniform<u8:f32, 0.5:130>>
  %1 = octet.dequantize %0 : (tensor<3x!quant.uniform<u8:f32, 0.5:130>>) -> tensor<3xf32>
  %2 = octet.constant dense<[-128, 1]> : tensor<2xi8> : tensor<2x!quant.uniform<i8:f32, 0.5>>
  %3 = octet.dequantize %2 : (tensor<2x!quant.uniform<i8:f32, 0.5>>) -> tensor<2xf32>
  %4 = octet.constant dense<[4, 2]> : tensor<2xi8> : tensor<2x!quant.uniform<i8:f32:0, {0.5:1, 0.25:7}>>
  %5 = octet.dequantize %4 : (tensor<2x!quant.uniform<i8:f32:0, {0.5:1, 0.25:7}>>) -> tensor<2xf32>
  return %1, %3, %5 : tensor<3xf32>, tensor<2xf32>, tensor<2xf32>
}

// Differences of 200 and 126 are 127 + 73 and 126 + 0: two contractions, of which one adds the bias.
// CHECK-LABEL: func @nine_bits
func.func @nine_bits(%x: tensor<1x2x!quant.uniform<u8:f32, 0.5:3>>, %b: tensor<1xf32>) -> tensor<1x1xf32> {
  // CHECK-DAG: %[[NEAR:.*]] = octet.constant dense<{{.*}}127{{.*}}126{{.*}}> : tensor<2x1xi8> : tensor<2x1x!quant.uniform<i8<-127:127>:f32, 2.500000e-01>>
  // CHECK-DAG: %[[FAR:.*]] = octet.constant dense<{{.*}}73{{.*}}0{{.*}}> : tensor<2x1xi8> : tensor<2x1x!quant.uniform<i8<-127:127>:f32, 2.500000e-01>>
  // CHECK-DAG: %[[X:.*]] = octet.dequantize %arg0
  // CHECK-DAG: %[[N:.*]] = octet.dequantize %[[NEAR]]
  // CHECK-DAG: %[[F:.*]] = octet.dequantize %[[FAR]]
  // CHECK-DAG: %[[A:.*]] = octet.matmul %[[X]], %[[N]], %arg1
  // CHECK-DAG: %[[B:.*]] = octet.matmul %[[X]], %[[F]] :
  // CHECK: %[[Y:.*]] = octet.add %[[A]], %[[B]]
  // CHECK: return %[[Y]]
  %r = octet.dequantize %x : (tensor<1x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<1x2xf32>
  %v = octet.constant dense<[[72], [-2]]> : tensor<2x1xi8> : tensor<2x1x!quant.uniform<i8:f32, 0.25:-128>>
  %d = octet.dequantize %v : (tensor<2x1x!quant.uniform<i8:f32, 0.25:-128>>) -> tensor<2x1xf32>
  %y = octet.matmul %r, %d, %b : (tensor<1x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// 255 is 127 + 127 + 1.
// CHECK-LABEL: func @three_parts
func.func @three_parts(%x: tensor<1x1x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<1x1xf32> {
  // CHECK-DAG: octet.constant dense<127> : tensor<1x1xi8>
  // CHECK-DAG: octet.constant dense<127> : tensor<1x1xi8>
  // CHECK-DAG: octet.constant dense<1> : tensor<1x1xi8>
  // CHECK-DAG: %[[A:.*]] = octet.matmul
  // CHECK-DAG: %[[B:.*]] = octet.matmul
  // CHECK: %[[AB:.*]] = octet.add %[[A]], %[[B]]
  // CHECK: %[[C:.*]] = octet.matmul
  // CHECK: %[[Y:.*]] = octet.add %[[AB]], %[[C]]
  // CHECK: return %[[Y]]
  %r = octet.dequantize %x : (tensor<1x1x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<1x1xf32>
  %w = octet.constant dense<-1> : tensor<1x1xi8> : tensor<1x1x!quant.uniform<u8:f32, 0.25>>
  %d = octet.dequantize %w : (tensor<1x1x!quant.uniform<u8:f32, 0.25>>) -> tensor<1x1xf32>
  %y = octet.matmul %r, %d : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// The scales of a stored matrix follow it through a transpose, and through a reshape that keeps
// their dimension.
// CHECK-LABEL: func @moved
func.func @moved() -> (tensor<3x2xf32>, tensor<2x3x1x1xf32>) {
  // CHECK-DAG: dense<{{.*}}1, 4{{.*}}2, 5{{.*}}3, 6{{.*}}> : tensor<3x2xi8> : tensor<3x2x!quant.uniform<i8<-127:127>:f32:1, {5.000000e-01,2.500000e-01}>>
  // CHECK-DAG: tensor<2x3x1x1xi8> : tensor<2x3x1x1x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01,2.500000e-01}>>
  // CHECK-NOT: octet.transpose
  // CHECK-NOT: octet.reshape
  %w = octet.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8> : tensor<2x3x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
  %d = octet.dequantize %w : (tensor<2x3x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) -> tensor<2x3xf32>
  %t = octet.transpose %d {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %r = octet.reshape %d {shape = array<i64: 2, 3, 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3x1x1xf32>
  return %t, %r : tensor<3x2xf32>, tensor<2x3x1x1xf32>
}

// Scales of dimension 0 have no place in one dimension.
// CHECK-LABEL: func @lost_axis
func.func @lost_axis() -> tensor<6xf32> {
  // CHECK: octet.reshape
  %w = octet.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8> : tensor<2x3x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
  %d = octet.dequantize %w : (tensor<2x3x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) -> tensor<2x3xf32>
  %r = octet.reshape %d {shape = array<i64: 6>} : (tensor<2x3xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// Integers of four bits, -8 to 7 with a zero point of -3, become bytes within that range.
// CHECK-LABEL: func @four_bits
func.func @four_bits(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[X:.*]] = octet.clip %arg0 {high = 5.000000e+00 : f32, low = -2.500000e+00 : f32}
  // CHECK: octet.quantize %[[X]] : (tensor<4xf32>) -> tensor<4x!quant.uniform<u8:f32, 5.000000e-01:125>>
  %q = octet.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8<-8:7>:f32, 0.5:-3>>
  %d = octet.dequantize %q : (tensor<4x!quant.uniform<i8<-8:7>:f32, 0.5:-3>>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// What a model adds to a product as integers is its bias, wherever the constant stands.
// CHECK-LABEL: func @bias_of_product
func.func @bias_of_product(%x: tensor<1x3x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<1x3x2xf32> {
  // CHECK: %[[B:.*]] = octet.dequantize {{.*}}i32:f32:0, {1.250000e-01,2.500000e-01}
  // CHECK: %[[Y:.*]] = octet.matmul %{{.*}}, %{{.*}}, %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %r = octet.dequantize %x : (tensor<1x3x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<1x3x2xf32>
  %w = octet.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8:f32:1, {0.25, 0.5}>>
  %d = octet.dequantize %w : (tensor<2x2x!quant.uniform<i8:f32:1, {0.25, 0.5}>>) -> tensor<2x2xf32>
  %p = octet.matmul %r, %d : (tensor<1x3x2xf32>, tensor<2x2xf32>) -> tensor<1x3x2xf32>
  %b = octet.constant dense<[5, -6]> : tensor<2xi32> : tensor<2x!quant.uniform<i32:f32:0, {0.125, 0.25}>>
  %e = octet.dequantize %b : (tensor<2x!quant.uniform<i32:f32:0, {0.125, 0.25}>>) -> tensor<2xf32>
  %y = octet.add %e, %p : (tensor<2xf32>, tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
  return %y : tensor<1x3x2xf32>
}

// A sum of f32, one of bytes, and a product that others read stay what they are.
// CHECK-LABEL: func @no_bias_of_product
func.func @no_bias_of_product(%x: tensor<3x2x!quant.uniform<u8:f32, 0.5:3>>, %f: tensor<2xf32>)
    -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  // CHECK-COUNT-3: octet.add
  %r = octet.dequantize %x : (tensor<3x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<3x2xf32>
  %w = octet.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> : tensor<2x2x!quant.uniform<i8:f32, 0.25>>
  %d = octet.dequantize %w : (tensor<2x2x!quant.uniform<i8:f32, 0.25>>) -> tensor<2x2xf32>
  %p = octet.matmul %r, %d : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %a = octet.add %p, %f : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %b = octet.constant dense<[5, -6]> : tensor<2xi8> : tensor<2x!quant.uniform<i8:f32, 0.125>>
  %e = octet.dequantize %b : (tensor<2x!quant.uniform<i8:f32, 0.125>>) -> tensor<2xf32>
  %q = octet.matmul %r, %d : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %c = octet.add %q, %e : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %i = octet.constant dense<[5, -6]> : tensor<2xi32> : tensor<2x!quant.uniform<i32:f32, 0.125>>
  %j = octet.dequantize %i : (tensor<2x!quant.uniform<i32:f32, 0.125>>) -> tensor<2xf32>
  %s = octet.matmul %r, %d : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %t = octet.add %s, %j : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %a, %c, %s, %t : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}
