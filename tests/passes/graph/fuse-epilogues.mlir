// RUN: octet-opt %s --octet-fuse-epilogues --mlir-print-debuginfo | FileCheck %s
// RUN: octet-opt %s --octet-fuse-epilogues | FileCheck %s --check-prefix=BODY

// A convolution takes its activation with it; operand 0 of the group is the
// convolution's, names are those of the root's node and the last tensor.
// BODY-LABEL: func @conv_relu
// CHECK-LABEL: func @conv_relu
func.func @conv_relu(%x: tensor<1x3x5x7xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x5x7xf32> {
  // BODY: %[[Y:.*]] = octet.fused %arg0, %arg1, %arg2 {octet.precision = #octet.precision<int8>, octet.reason = "preset"} :
  // BODY-NEXT: ^bb0(%[[X:.*]]: tensor<1x3x5x7xf32>, %[[W:.*]]: tensor<4x3x3x3xf32>, %[[B:.*]]: tensor<4xf32>):
  // BODY-NEXT: %[[C:.*]] = octet.conv %[[X]], %[[W]], %[[B]] {dilations
  // BODY-NOT: precision
  // BODY: %[[R:.*]] = octet.relu %[[C]] :
  // BODY-NEXT: octet.yield %[[R]]
  // BODY: return %[[Y]]
  // CHECK: octet.fused {{.*}} {
  // CHECK: } loc(#[[LOC:.*]])
  %0 = octet.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, group = 1 : i64, octet.precision = #octet.precision<int8>, octet.reason = "preset"} : (tensor<1x3x5x7xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x5x7xf32> loc("Conv_0"("t0"))
  %1 = octet.relu %0 {octet.precision = #octet.precision<int8>} : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32> loc("Relu_1"("t1"))
  return %1 : tensor<1x4x5x7xf32>
}

// BODY-LABEL: func @precisions_do_not_mix
func.func @precisions_do_not_mix(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> tensor<2x5xf32> {
  // BODY: octet.fused %arg0, %arg1 {octet.precision = #octet.precision<int8>}
  // BODY: octet.matmul
  // BODY-NEXT: yield
  // BODY: octet.fused
  // BODY: octet.relu
  // BODY-NEXT: yield
  %0 = octet.matmul %a, %b {octet.precision = #octet.precision<int8>} : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  %1 = octet.relu %0 : (tensor<2x5xf32>) -> tensor<2x5xf32>
  return %1 : tensor<2x5xf32>
}

// The addition of two branches goes to the later one, with what follows it.
// BODY-LABEL: func @residual
func.func @residual(%x: tensor<1x4x5x7xf32>, %w: tensor<4x4x1x1xf32>, %v: tensor<4x4x1x1xf32>) -> tensor<1x4x5x7xf32> {
  // BODY: %[[A:.*]] = octet.fused %arg0, %arg1
  // BODY: octet.conv
  // BODY-NEXT: yield
  // BODY: octet.fused %arg0, %arg2, %[[A]]
  // BODY-NEXT: ^bb0(%[[X:.*]]: {{.*}}, %[[W:.*]]: {{.*}}, %[[S:.*]]: tensor
  // BODY: %[[C:.*]] = octet.conv %[[X]], %[[W]]
  // BODY-NEXT: %[[SUM:.*]] = octet.add %[[S]], %[[C]]
  // BODY-NEXT: octet.relu %[[SUM]]
  // BODY-NEXT: yield
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x7xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x7xf32>
  %1 = octet.conv %x, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x7xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x7xf32>
  %2 = octet.add %0, %1 : (tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  %3 = octet.relu %2 : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  return %3 : tensor<1x4x5x7xf32>
}

// A value with a use outside ends its group.
// BODY-LABEL: func @second_use
func.func @second_use(%x: tensor<1x4x5x7xf32>, %w: tensor<4x4x1x1xf32>) -> (tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>) {
  // BODY: octet.conv
  // BODY-NEXT: yield
  // BODY: octet.relu
  // BODY-NEXT: yield
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x7xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x7xf32>
  %1 = octet.relu %0 : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  return %0, %1 : tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>
}

// A diamond has one value outside; its intermediate values stay inside.
// BODY-LABEL: func @diamond
func.func @diamond(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> tensor<3x5xf32> {
  // BODY: octet.fused %arg0, %arg1 :
  // BODY: %[[M:.*]] = octet.matmul
  // BODY-NEXT: %[[S:.*]] = octet.tanh %[[M]]
  // BODY-NEXT: octet.mul %[[M]], %[[S]]
  // BODY-NEXT: yield
  %0 = octet.matmul %x, %w : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %1 = octet.tanh %0 : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %2 = octet.mul %0, %1 : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// An operand that comes from the root by a path around the group would be a cycle.
// BODY-LABEL: func @path_around
func.func @path_around(%x: tensor<3x7xf32>, %w: tensor<7x5xf32>) -> tensor<3x5xf32> {
  // BODY: %[[M:.*]] = octet.fused %arg0, %arg1
  // BODY: octet.matmul
  // BODY-NEXT: yield
  // BODY: %[[S:.*]] = octet.softmax %[[M]]
  // BODY: octet.fused %[[M]], %[[S]]
  // BODY: octet.add
  %0 = octet.matmul %x, %w : (tensor<3x7xf32>, tensor<7x5xf32>) -> tensor<3x5xf32>
  %1 = octet.softmax %0 {axis = 1 : i64} : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %2 = octet.add %0, %1 : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// Side operands may broadcast into the result, but not enlarge it.
// BODY-LABEL: func @broadcast
func.func @broadcast(%x: tensor<1x7xf32>, %w: tensor<7x5xf32>, %c: tensor<5xf32>, %d: tensor<3x5xf32>) -> tensor<3x5xf32> {
  // BODY: %[[M:.*]] = octet.fused %arg0, %arg1, %arg2 : {{.*}} -> tensor<1x5xf32>
  // BODY: octet.matmul
  // BODY-NEXT: octet.mul
  // BODY-NEXT: yield
  // BODY: octet.fused %[[M]], %arg3
  // BODY: octet.add
  %0 = octet.matmul %x, %w : (tensor<1x7xf32>, tensor<7x5xf32>) -> tensor<1x5xf32>
  %1 = octet.mul %0, %c : (tensor<1x5xf32>, tensor<5xf32>) -> tensor<1x5xf32>
  %2 = octet.add %1, %d : (tensor<1x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// Without a root, followers and the producers of other operands make one group.
// BODY-LABEL: func @no_root
func.func @no_root(%x: tensor<3x5xf32>, %y: tensor<3x5xf32>) -> tensor<3x5xf32> {
  // BODY: octet.fused %arg0, %arg1 :
  // BODY: octet.exp
  // BODY-NEXT: octet.tanh
  // BODY-NEXT: octet.add
  // BODY-NEXT: octet.sqrt
  // BODY-NEXT: yield
  // BODY-NOT: octet.fused
  // BODY: return
  %0 = octet.exp %x : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %1 = octet.tanh %y : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %2 = octet.add %0, %1 : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
  %3 = octet.sqrt %2 : (tensor<3x5xf32>) -> tensor<3x5xf32>
  return %3 : tensor<3x5xf32>
}

// Integers make groups too, apart from those in f32.
// BODY-LABEL: func @integers
func.func @integers(%x: tensor<5xi64>) -> tensor<5xf32> {
  // BODY: octet.fused %arg0 : (tensor<5xi64>) -> tensor<5xi64>
  // BODY: octet.add
  // BODY: octet.cast
  // BODY: octet.fused
  // BODY: octet.relu
  %0 = octet.add %x, %x : (tensor<5xi64>, tensor<5xi64>) -> tensor<5xi64>
  %1 = octet.cast %0 : (tensor<5xi64>) -> tensor<5xf32>
  %2 = octet.relu %1 : (tensor<5xf32>) -> tensor<5xf32>
  return %2 : tensor<5xf32>
}

// Pools: averages are roots, maxima move elements.
// BODY-LABEL: func @pools
func.func @pools(%x: tensor<1x3x4x6xf32>) -> tensor<1x3x1x2xf32> {
  // BODY: %[[P:.*]] = octet.max_pool %arg0
  // BODY: octet.fused %[[P]]
  // BODY: octet.average_pool
  // BODY-NEXT: octet.hard_sigmoid
  // BODY-NEXT: yield
  %0 = octet.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x4x6xf32>) -> tensor<1x3x2x3xf32>
  %1 = octet.average_pool %0 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x3x2x3xf32>) -> tensor<1x3x1x2xf32>
  %2 = octet.hard_sigmoid %1 {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<1x3x1x2xf32>) -> tensor<1x3x1x2xf32>
  return %2 : tensor<1x3x1x2xf32>
}

// An op without uses is no reason to keep a value.
// BODY-LABEL: func @unused
func.func @unused(%x: tensor<3x5xf32>) -> tensor<3x5xf32> {
  // BODY: octet.exp
  // BODY-NEXT: octet.sqrt
  // BODY-NEXT: yield
  %0 = octet.exp %x : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %1 = octet.tanh %0 : (tensor<3x5xf32>) -> tensor<3x5xf32>
  %2 = octet.sqrt %0 : (tensor<3x5xf32>) -> tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// CHECK: #[[TENSOR:.*]] = loc("t1")
// CHECK: #[[LOC]] = loc("Conv_0"(#[[TENSOR]]))

// A border between two ops of a group is one of its steps; one behind its last op stays
// outside, where readers find it.
// BODY-LABEL: func @inner_border
func.func @inner_border(%x: tensor<1x4x5x7xf32>, %w: tensor<4x4x1x1xf32>, %z: tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32> {
  // BODY: %[[Y:.*]] = octet.fused
  // BODY: octet.conv
  // BODY: octet.quantize
  // BODY: octet.dequantize
  // BODY: octet.add
  // BODY-NEXT: octet.yield
  // BODY: %[[Q:.*]] = octet.quantize %[[Y]]
  // BODY: %[[D:.*]] = octet.dequantize %[[Q]]
  // BODY: return %[[D]]
  %0 = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x5x7xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x5x7xf32>
  %1 = octet.quantize %0 : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7x!quant.uniform<u8:f32, 0.5>>
  %2 = octet.dequantize %1 : (tensor<1x4x5x7x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x4x5x7xf32>
  %3 = octet.add %2, %z : (tensor<1x4x5x7xf32>, tensor<1x4x5x7xf32>) -> tensor<1x4x5x7xf32>
  %4 = octet.quantize %3 : (tensor<1x4x5x7xf32>) -> tensor<1x4x5x7x!quant.uniform<u8:f32, 0.25>>
  %5 = octet.dequantize %4 : (tensor<1x4x5x7x!quant.uniform<u8:f32, 0.25>>) -> tensor<1x4x5x7xf32>
  return %5 : tensor<1x4x5x7xf32>
}

// Integers that others read as well are stored, and so end the group.
// BODY-LABEL: func @shared_border
func.func @shared_border(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>, %z: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  // BODY: octet.fused
  // BODY: octet.matmul
  // BODY-NEXT: octet.yield
  // BODY: octet.quantize
  // BODY: octet.dequantize
  // BODY: octet.fused
  // BODY: octet.add
  // BODY-NEXT: octet.yield
  %0 = octet.matmul %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = octet.quantize %0 : (tensor<1x4xf32>) -> tensor<1x4x!quant.uniform<u8:f32, 0.5>>
  %2 = octet.dequantize %1 : (tensor<1x4x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x4xf32>
  %3 = octet.add %2, %z : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %2, %3 : tensor<1x4xf32>, tensor<1x4xf32>
}

// Booleans and what they choose between are one kernel.
// BODY-LABEL: func @mask
func.func @mask(%x: tensor<2x5xf32>, %m: tensor<5xi1>) -> tensor<2x5xf32> {
  // BODY: octet.fused
  // BODY: octet.compare gt
  // BODY-NEXT: octet.bitwise and
  // BODY-NEXT: octet.select
  // BODY-NEXT: octet.exp
  // BODY-NEXT: octet.yield %{{.*}} : tensor<2x5xf32>
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  %0 = octet.compare gt %x, %zero : (tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xi1>
  %1 = octet.bitwise and %0, %m : (tensor<2x5xi1>, tensor<5xi1>) -> tensor<2x5xi1>
  %2 = octet.select %1, %x, %zero : (tensor<2x5xi1>, tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xf32>
  %3 = octet.exp %2 : (tensor<2x5xf32>) -> tensor<2x5xf32>
  return %3 : tensor<2x5xf32>
}

// Booleans of a matrix product leave its kernel only as what they choose.
// BODY-LABEL: func @root_keeps_its_type
func.func @root_keeps_its_type(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> (tensor<2x5xi1>, tensor<2x5xf32>) {
  // BODY: octet.fused
  // BODY: octet.matmul
  // BODY-NEXT: octet.yield
  // BODY: octet.fused
  // BODY: octet.compare
  // BODY-NEXT: octet.yield %{{.*}} : tensor<2x5xi1>
  // BODY: octet.fused
  // BODY: octet.matmul
  // BODY-NEXT: octet.compare
  // BODY-NEXT: octet.select
  // BODY-NEXT: octet.yield %{{.*}} : tensor<2x5xf32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %0 = octet.matmul %a, %b : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  %1 = octet.compare lt %0, %one : (tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xi1>
  %2 = octet.matmul %a, %b : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  %3 = octet.compare lt %2, %one : (tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xi1>
  %4 = octet.select %3, %2, %one : (tensor<2x5xi1>, tensor<2x5xf32>, tensor<f32>) -> tensor<2x5xf32>
  return %1, %4 : tensor<2x5xi1>, tensor<2x5xf32>
}

// The scale and the shift of a norm are part of its kernel.
// BODY-LABEL: func @norm
func.func @norm(%x: tensor<2x4xf32>, %scale: tensor<4xf32>, %shift: tensor<4xf32>) -> tensor<2x4xf32> {
  // BODY: octet.fused %arg0, %arg1, %arg2
  // BODY: octet.layer_norm
  // BODY-NEXT: octet.mul
  // BODY-NEXT: octet.add
  // BODY-NEXT: octet.yield
  %0 = octet.layer_norm %x {epsilon = 1.0e-5 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = octet.mul %0, %scale : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %2 = octet.add %1, %shift : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}
