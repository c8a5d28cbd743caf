// RUN: split-file %s %t
// RUN: octet-opt %t/graph.mlir "-octet-assign-precision=config=%t/pattern.json" | FileCheck %s --check-prefix=PATTERN
// RUN: octet-opt %t/graph.mlir "-octet-assign-precision=config=%t/subgraph.json" | FileCheck %s --check-prefix=SUBGRAPH
// RUN: octet-opt %t/graph.mlir "-octet-assign-precision=config=%t/types.json" | FileCheck %s --check-prefix=TYPES
// RUN: not octet-opt %t/graph.mlir "-octet-assign-precision=config=%t/mistakes.json" 2>&1 | FileCheck %s --check-prefix=MISTAKES

// A pattern matches whole names: "b" is not "b2".
// PATTERN: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// PATTERN: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// PATTERN: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"
// PATTERN: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"
// PATTERN: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"

// From a to c there are two ways; d lies on neither.
// SUBGRAPH: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// SUBGRAPH: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// SUBGRAPH: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"
// SUBGRAPH: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"
// SUBGRAPH: octet.conv {{.*}}#octet.precision<f32>, octet.reason = "configuration"

// The type that the file has is a type, too.
// TYPES: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"
// TYPES: octet.conv {{.*}}#octet.precision<bf16>, octet.reason = "configuration"
// TYPES-COUNT-3: octet.conv {{.*}}#octet.precision<int8>, octet.reason = "default"

// MISTAKES: error: {{.*}}mistakes.json: ops[0]: unknown op name 'b3'; did you mean 'b'?
// MISTAKES: error: {{.*}}mistakes.json: ops[1]: unknown op type 'Covn'; did you mean 'Conv'?
// MISTAKES: error: {{.*}}mistakes.json: ops[2]: expected a regular expression, got '(' (parentheses not balanced)
// MISTAKES: error: {{.*}}mistakes.json: ops[3]: expected a pattern of op names, got 'b[7-9]', which matches none
// MISTAKES: error: {{.*}}mistakes.json: ops[4]: expected a path from 'c' to 'a', got none
// MISTAKES: error: {{.*}}mistakes.json: ops[5]: unknown op name 'elsewhere'
// MISTAKES-NOT: error

//--- pattern.json
{"version": 1, "ops": [{"patterns": ["a", "b"], "precision": "f32"}]}
//--- subgraph.json
{"version": 1, "ops": [{"subgraphs": ["a..c"], "precision": "f32"}]}
//--- types.json
{"version": 1, "ops": [{"types": ["FusedConv"], "precision": "bf16"}]}
//--- mistakes.json
{"version": 1, "ops": [
  {"names": ["b3"], "precision": "f32"},
  {"types": ["Covn"], "precision": "f32"},
  {"patterns": ["("], "precision": "f32"},
  {"patterns": ["b[7-9]"], "precision": "f32"},
  {"subgraphs": ["c..a"], "precision": "f32"},
  {"subgraphs": ["a..elsewhere"], "precision": "f32"}]}
//--- graph.mlir
func.func @main(%x: tensor<1x4x2x2xf32>) -> (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) {
  %w = octet.constant dense<1.0> : tensor<4x4x1x1xf32> : tensor<4x4x1x1xf32>
  %a = octet.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32> loc("a"("ta"("Conv")))
  %b = octet.conv %a, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32> loc("b"("tb"("FusedConv")))
  %b2 = octet.conv %a, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32> loc("b2"("tb2"("Conv")))
  %d = octet.conv %b2, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32> loc("d"("td"("Conv")))
  %s = octet.add %b, %b2 : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("s"("ts"("Add")))
  %c = octet.conv %s, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x2x2xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x2x2xf32> loc("c"("tc"("Conv")))
  return %c, %d : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>
}
