// RUN: octet-opt %s -split-input-file -verify-diagnostics \
// RUN:   "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-fuse-epilogues,octet-quantize-graph{calibration=%S/Inputs/small.json}))" \
// RUN:   | FileCheck %s
// RUN: not octet-opt %s -split-input-file \
// RUN:   "-pass-pipeline=builtin.module(func.func(octet-assign-precision,octet-quantize-graph))" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TABLE
// RUN: not octet-opt %s "-octet-quantize-graph=calibration=%S/Inputs/absent.json" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ABSENT

// RUN: not octet-opt %s "-octet-quantize-graph=calibrator=median" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CALIBRATOR

// RUN: not octet-opt %s "-octet-quantize-graph=calibrator=percentile=50" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PERCENTILE

// PERCENTILE: error: expected a percentile over 50 and at most 100, got '50'
// CALIBRATOR: error: expected calibrator 'minmax', 'moving-average', 'percentile[=P]', 'entropy' or 'mse', got 'median'
// TABLE: error: expected a calibration table for int8
// ABSENT: error: {{.*}}absent.json: No such file or directory

// The argument must be u8 for the convolution; the convolution's result, needed as
// u8 by the next and as f32 by softmax, is stored; the last one stays f32.

// CHECK-LABEL: func.func @mixed_readers
// CHECK: %[[XQ:.+]] = octet.quantize %arg0 : {{.*}}0.0078431377187371254:127>>
// CHECK: %[[XD:.+]] = octet.dequantize %[[XQ]]
// CHECK: %[[C:.+]] = octet.fused %[[XD]]
// CHECK: %[[CQ:.+]] = octet.quantize %[[C]] : {{.*}}0.015686275437474251:127>>
// CHECK: %[[CD:.+]] = octet.dequantize %[[CQ]]
// CHECK: octet.softmax %[[CD]]
// CHECK: %[[L:.+]] = octet.fused %[[CD]]
// CHECK-NOT: octet.quantize
// CHECK: return
func.func @mixed_readers(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %s = octet.softmax %c {axis = 1 : i64} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("Softmax"("s"))
  %d = octet.conv %c, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c2"))
  return %s, %d : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
}

// -----

// A convolution that only f32 ops read gives f32, through a reshape too; its tensor
// needs no range.

// CHECK-LABEL: func.func @f32_tail
// CHECK-COUNT-1: octet.quantize
// CHECK-NOT: octet.quantize
func.func @f32_tail(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x8xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("no_range"))
  %r = octet.relu %c : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("Relu"("no_range_either"))
  %f = octet.reshape %r {shape = array<i64: 1, 8>} : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32> loc("Flatten"("f"))
  %s = octet.softmax %f {axis = 1 : i64} : (tensor<1x8xf32>) -> tensor<1x8xf32> loc("Softmax"("s"))
  return %s : tensor<1x8xf32>
}

// -----

// Values that only a concat reads get its parameters at once, also through an op
// that moves integers; a value with another reader keeps its own.

// CHECK-LABEL: func.func @concat
// CHECK: %[[C1:.+]] = octet.fused
// CHECK: octet.quantize %[[C1]] : {{.*}}0.017647059634327888:85>>
// CHECK: %[[C2:.+]] = octet.fused
// CHECK: octet.quantize %[[C2]] : {{.*}}0.015686275437474251:64>>
// CHECK: octet.max_pool
// CHECK-NEXT: %[[CAT:.+]] = octet.concat
// CHECK: octet.quantize %[[CAT]] : {{.*}}0.017647059634327888:85>>
func.func @concat(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %w4 = octet.constant dense<0.5> : tensor<2x4x1x1xf32> : tensor<2x4x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %d = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c2"))
  %p = octet.max_pool %c {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("Pool"("p"))
  %j = octet.concat %p, %d {axis = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x4x2x2xf32> loc("Concat"("cat"))
  %e = octet.conv %j, %w4 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_3"("c3"))
  %f = octet.conv %d, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_4"("c4"))
  return %e, %f : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
}

// -----

// An average before f32 steps of its group is stored as integers.

// CHECK-LABEL: func.func @average_inside
// CHECK: octet.average_pool
// CHECK-NEXT: octet.quantize {{.*}}0.0068627451546490192:36>>
// CHECK-NEXT: octet.dequantize
// CHECK-NEXT: octet.hard_swish
// CHECK: octet.quantize {{.*}}0.0039215688593685627>>
func.func @average_inside(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x2x1x1xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %p = octet.average_pool %c {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x1x1xf32> loc("Pool"("g"))
  %h = octet.hard_swish %p : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32> loc("HardSwish"("s"))
  %d = octet.conv %h, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x1x1xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x1x1xf32> loc("Conv_2"("c2"))
  return %d : tensor<1x2x1x1xf32>
}

// -----

func.func @missing_range(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x2x2x2xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  // expected-error@unknown {{expected a calibrated range for tensor 'unknown', got none}}
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("unknown"))
  %d = octet.conv %c, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c2"))
  return %d : tensor<1x2x2x2xf32>
}

// -----

// Without int8 ops nothing happens, and no table is asked for.

// CHECK-LABEL: func.func @no_int8
// CHECK-NOT: octet.quantize
func.func @no_int8(%x: tensor<4xf32> {octet.name = "x"}) -> tensor<4xf32> {
  %r = octet.relu %x : (tensor<4xf32>) -> tensor<4xf32> loc("Relu"("unknown"))
  return %r : tensor<4xf32>
}

// -----

// Behind a contraction, a function that takes many instructions reads bytes; their
// range is what is left of -1..1 where hard-swish still changes what is stored.

// CHECK-LABEL: func.func @table
// CHECK: octet.conv
// CHECK-NEXT: octet.quantize
// CHECK-NEXT: octet.dequantize
// CHECK-NEXT: octet.hard_swish
func.func @table(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x2x2x2xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %h = octet.hard_swish %c : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("HardSwish"("c2"))
  %d = octet.conv %h, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c3"))
  return %d : tensor<1x2x2x2xf32>
}

// A leaky relu takes few, and an op with a second operand is no function of one value.

// CHECK-LABEL: func.func @no_table
// CHECK: octet.conv
// CHECK-NEXT: octet.leaky_relu
// CHECK: octet.conv
// CHECK-NEXT: octet.hard_swish
// CHECK-NEXT: octet.add
func.func @no_table(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x2x2x2xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %l = octet.leaky_relu %c {alpha = 0.1 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("LeakyRelu"("c2"))
  %d = octet.conv %l, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c1"))
  %h = octet.hard_swish %d : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("HardSwish"("c1"))
  %a = octet.add %h, %l : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("Add"("c2"))
  %e = octet.conv %a, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_3"("c3"))
  return %e : tensor<1x2x2x2xf32>
}

// Nor is there a table before a depthwise convolution, whose sums are of few values.

// CHECK-LABEL: func.func @depthwise
// CHECK: octet.conv
// CHECK-NEXT: octet.hard_swish
func.func @depthwise(%x: tensor<1x2x2x2xf32> {octet.name = "x"}) -> tensor<1x2x2x2xf32> {
  %w = octet.constant dense<0.5> : tensor<2x2x1x1xf32> : tensor<2x2x1x1xf32>
  %v = octet.constant dense<0.5> : tensor<2x1x1x1xf32> : tensor<2x1x1x1xf32>
  %c = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_1"("c1"))
  %h = octet.hard_swish %c : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("HardSwish"("c2"))
  %d = octet.conv %h, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 2 : i64} : (tensor<1x2x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32> loc("Conv_2"("c3"))
  return %d : tensor<1x2x2x2xf32>
}
