// RUN: split-file %s %t
// RUN: octet-opt %t/ops.mlir -octet-assign-precision | FileCheck %s --check-prefix=INT8
// RUN: octet-opt %t/ops.mlir "-octet-assign-precision=default=f32" | FileCheck %s --check-prefix=F32
// RUN: octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/rules.json" | FileCheck %s --check-prefix=RULES
// RUN: not octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/name.json" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/type.json" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/broken.json" 2>&1 | FileCheck %s --check-prefix=BROKEN
// RUN: not octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/absent.json" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: octet-opt %t/ops.mlir "-octet-assign-precision=default=bf16" | FileCheck %s --check-prefix=BF16
// RUN: octet-opt %t/ops.mlir "-octet-assign-precision=config=%t/mixed.json" | FileCheck %s --check-prefix=MIXED
// RUN: not octet-opt %t/ops.mlir "-octet-assign-precision=default=half" 2>&1 | FileCheck %s --check-prefix=HALF

// An elementwise op follows the op it reads; softmax has no integer form; a
// product of two activations has no constant weights.
// INT8: octet.neg %arg0 {octet.precision = #octet.precision<f32>, octet.reason = "reads f32"}
// INT8: octet.conv {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// INT8: octet.relu {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// INT8: octet.reshape {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// INT8: octet.matmul {{.*}}octet.precision = #octet.precision<int8>, octet.reason = "default"
// INT8: octet.softmax {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "has no integer form"
// INT8: octet.tanh {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "reads f32"
// INT8: octet.matmul {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "weights are not constant"
// INT8: octet.matmul {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "weights are not a matrix"
// INT8: octet.matmul {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "bias is not constant"
// INT8: octet.cast {{.*}}octet.precision = #octet.precision<f32>, octet.reason = "has no integer form"
// INT8-NOT: octet.precision

// F32-COUNT-11: octet.precision = #octet.precision<f32>, octet.reason = "default"
// F32-NOT: int8

// The later rule wins; a rule makes an op int8 that would have followed its
// operand, but not one that cannot.
// RULES: octet.neg {{.*}}#octet.precision<int8>, octet.reason = "configuration"
// RULES: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// RULES: octet.relu {{.*}}#octet.precision<f32>, octet.reason = "reads f32"
// RULES: octet.reshape
// RULES: octet.matmul {{.*}}#octet.precision<int8>, octet.reason = "configuration"
// RULES: octet.softmax {{.*}}#octet.precision<f32>, octet.reason = "has no integer form"

// NAME: error: {{.*}}name.json: ops[0]: unknown op name 'Cnov_1'; did you mean 'Conv_1'?
// TYPE: error: {{.*}}type.json: ops[0]: unknown op type 'Sofmax'; did you mean 'softmax'?
// BROKEN: error: {{.*}}broken.json: malformed JSON
// ABSENT: error: {{.*}}absent.json: No such file or directory
// HALF: error: expected precision 'int8', 'bf16' or 'f32', got 'half'

// Softmax has a form in bf16, and so has a product by what is not constant.
// BF16: octet.neg %arg0 {octet.precision = #octet.precision<bf16>, octet.reason = "default"}
// BF16: octet.conv {{.*}}#octet.precision<bf16>, octet.reason = "default"
// BF16: octet.relu {{.*}}#octet.precision<bf16>
// BF16: octet.reshape {{.*}}#octet.precision<bf16>
// BF16: octet.matmul {{.*}}#octet.precision<bf16>
// BF16: octet.softmax {{.*}}#octet.precision<bf16>
// BF16: octet.tanh {{.*}}#octet.precision<bf16>
// BF16: octet.matmul {{.*}}#octet.precision<bf16>
// BF16: octet.matmul {{.*}}#octet.precision<bf16>
// BF16: octet.matmul {{.*}}#octet.precision<f32>, octet.reason = "bias is not constant"
// BF16: octet.cast {{.*}}#octet.precision<f32>, octet.reason = "has no bf16 form"

// What follows a bf16 op in a model of int8 stays with it.
// MIXED: octet.neg {{.*}}#octet.precision<f32>, octet.reason = "reads f32"
// MIXED: octet.conv {{.*}}#octet.precision<bf16>, octet.reason = "configuration"
// MIXED: octet.relu {{.*}}#octet.precision<bf16>, octet.reason = "reads bf16"
// MIXED: octet.reshape {{.*}}#octet.precision<bf16>, octet.reason = "reads bf16"
// MIXED: octet.matmul {{.*}}#octet.precision<int8>, octet.reason = "default"
// MIXED: octet.softmax {{.*}}#octet.precision<f32>, octet.reason = "configuration"

//--- rules.json
{"version": 1, "ops": [
  {"types": ["Conv", "Neg", "Softmax"], "precision": "int8"},
  {"types": ["Gemm"], "precision": "f32"},
  {"names": ["Conv_1"], "precision": "f32"},
  {"names": ["Gemm_1"], "precision": "int8"}]}
//--- mixed.json
{"version": 1, "ops": [
  {"types": ["Conv"], "precision": "bf16"}, {"types": ["Softmax"], "precision": "f32"}]}
//--- name.json
{"version": 1, "ops": [{"names": ["Cnov_1"], "precision": "f32"}]}
//--- type.json
{"version": 1, "ops": [{"types": ["Sofmax"], "precision": "f32"}]}
//--- broken.json
{"version": 1,
//--- ops.mlir
func.func @main(%x: tensor<1x1x2x2xf32>, %b: tensor<2xf32>, %i: tensor<2xi64>, %y: tensor<4x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x1x2xf32>, tensor<1x2xf32>, tensor<2xf32>, tensor<2xi64>) {
  %w = octet.constant dense<0.5> : tensor<1x1x1x1xf32> : tensor<1x1x1x1xf32>
  %m = octet.constant dense<0.5> : tensor<4x2xf32> : tensor<4x2xf32>
  %m3 = octet.constant dense<0.5> : tensor<1x2x2xf32> : tensor<1x2x2xf32>
  %n = octet.neg %x : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> loc("Neg_1"("n"))
  %c = octet.conv %n, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32> loc("Conv_1"("c"))
  %r = octet.relu %c : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> loc("Relu_1"("r"))
  %f = octet.reshape %r {shape = array<i64: 1, 4>} : (tensor<1x1x2x2xf32>) -> tensor<1x4xf32> loc("Flatten_1"("f"))
  %g = octet.matmul %f, %m : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32> loc("Gemm_1"("g"))
  %s = octet.softmax %g {axis = 1 : i64} : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("Softmax_1"("s"))
  %t = octet.tanh %s : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("Tanh_1"("t"))
  %p = octet.matmul %f, %y : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32> loc("MatMul_1"("p"))
  %q = octet.matmul %s, %m3 : (tensor<1x2xf32>, tensor<1x2x2xf32>) -> tensor<1x1x2xf32> loc("MatMul_2"("q"))
  %u = octet.matmul %f, %m, %b : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("Gemm_2"("u"))
  %d = octet.cast %i : (tensor<2xi64>) -> tensor<2xf32> loc("Cast_1"("d"))
  %e = octet.neg %i : (tensor<2xi64>) -> tensor<2xi64> loc("Neg_2"("e"))
  return %t, %p, %q, %u, %d, %e : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x1x2xf32>, tensor<1x2xf32>, tensor<2xf32>, tensor<2xi64>
}
