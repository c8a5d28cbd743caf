// RUN: octet-opt %s --octet-recognize-activations | FileCheck %s

// CHECK-LABEL: func @silu
func.func @silu(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: octet.silu %arg0
  // CHECK-NEXT: return
  %0 = octet.sigmoid %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %0, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK-LABEL: func @gate_is_not_silu
func.func @gate_is_not_silu(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: octet.sigmoid
  // CHECK: octet.mul
  %0 = octet.sigmoid %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %0, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK-LABEL: func @hard_swish_of_hard_sigmoid
func.func @hard_swish_of_hard_sigmoid(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: octet.hard_swish %arg0
  %0 = octet.hard_sigmoid %x {alpha = 0.166666672 : f32, beta = 0.5 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %x, %0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// A hard sigmoid of slope 0.2, as ONNX defines it by default, is not the one of hard_swish.
// CHECK-LABEL: func @other_slope
func.func @other_slope(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: octet.hard_sigmoid
  // CHECK: octet.mul
  %0 = octet.hard_sigmoid %x {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %x, %0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// x * clip(x + 3, 0, 6) / 6
// CHECK-LABEL: func @hard_swish_divided_last
func.func @hard_swish_divided_last(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  %six = octet.constant dense<6.0> : tensor<1xf32> : tensor<1xf32>
  // CHECK-NEXT: octet.hard_swish %arg0
  // CHECK-NEXT: return
  %0 = octet.add %x, %three : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.clip %0 {low = 0.0 : f32, high = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %x, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.div %2, %six : (tensor<2x3xf32>, tensor<1xf32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}

// x * (relu6(3 + x) * (1 / 6)), the clip as min and max
// CHECK-LABEL: func @hard_swish_scaled_factor
func.func @hard_swish_scaled_factor(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %zero = octet.constant dense<0.0> : tensor<f32> : tensor<f32>
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  %six = octet.constant dense<6.0> : tensor<f32> : tensor<f32>
  %sixth = octet.constant dense<0.16666667> : tensor<f32> : tensor<f32>
  // CHECK-NEXT: octet.hard_swish %arg0
  // CHECK-NEXT: return
  %0 = octet.add %three, %x : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.max %0, %zero : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %2 = octet.min %six, %1 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.mul %2, %sixth : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %4 = octet.mul %3, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %4 : tensor<2x3xf32>
}

// (x / 6) * clip(x + 3, 0, 6)
// CHECK-LABEL: func @hard_swish_divided_first
func.func @hard_swish_divided_first(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  %six = octet.constant dense<6.0> : tensor<f32> : tensor<f32>
  // CHECK-NEXT: octet.hard_swish %arg0
  // CHECK-NEXT: return
  %0 = octet.add %x, %three : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.clip %0 {low = 0.0 : f32, high = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.div %x, %six : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %3 = octet.mul %2, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func @not_divided
func.func @not_divided(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  // CHECK: octet.clip
  // CHECK: octet.mul
  %0 = octet.add %x, %three : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.clip %0 {low = 0.0 : f32, high = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %x, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

// CHECK-LABEL: func @hard_sigmoid
func.func @hard_sigmoid(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %three = octet.constant dense<3.0> : tensor<f32> : tensor<f32>
  %six = octet.constant dense<6.0> : tensor<f32> : tensor<f32>
  // CHECK-NEXT: octet.hard_sigmoid %arg0 {alpha = 0.166666672 : f32, beta = 5.000000e-01 : f32}
  // CHECK-NEXT: return
  %0 = octet.add %x, %three : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.clip %0 {low = 0.0 : f32, high = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.div %1, %six : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

// A constant that broadcasts the value makes no activation of it.
// CHECK-LABEL: func @broadcasting_constant
func.func @broadcasting_constant(%x: tensor<1x3xf32>) -> tensor<2x3xf32> {
  %three = octet.constant dense<3.0> : tensor<2x1xf32> : tensor<2x1xf32>
  // CHECK: octet.add
  // CHECK: octet.clip
  %0 = octet.add %x, %three : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %1 = octet.clip %0 {low = 0.0 : f32, high = 1.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK-LABEL: func @clips
func.func @clips(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  // CHECK-DAG: %[[A:.*]] = octet.relu %arg0
  // CHECK-DAG: %[[B:.*]] = octet.clip %arg0 {high = 6.000000e+00 : f32, low = 0.000000e+00 : f32}
  // CHECK-DAG: %[[C:.*]] = octet.clip %arg0 {high = 2.000000e+00 : f32, low = 2.000000e+00 : f32}
  // CHECK: return %arg0, %[[A]], %[[B]], %[[C]]
  %0 = octet.clip %x {low = -3.40282347E+38 : f32, high = 3.40282347E+38 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %1 = octet.clip %x {low = 0.0 : f32, high = 0x7F800000 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %2 = octet.clip %1 {low = -1.0 : f32, high = 6.0 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %3 = octet.clip %x {low = 0.0 : f32, high = 2.0 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %4 = octet.clip %3 {low = 2.0 : f32, high = 5.0 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  return %0, %1, %2, %4 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func @relu_of_unsigned
func.func @relu_of_unsigned(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK: %[[S:.*]] = octet.sigmoid
  // CHECK: %[[T:.*]] = octet.tanh
  // CHECK: %[[R:.*]] = octet.relu %[[T]]
  // CHECK: return %[[S]], %[[R]]
  %0 = octet.sigmoid %x : (tensor<3xf32>) -> tensor<3xf32>
  %1 = octet.relu %0 : (tensor<3xf32>) -> tensor<3xf32>
  %2 = octet.tanh %x : (tensor<3xf32>) -> tensor<3xf32>
  %3 = octet.relu %2 : (tensor<3xf32>) -> tensor<3xf32>
  return %1, %3 : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func @gelu
func.func @gelu(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: octet.gelu %arg0 :
  // CHECK-NEXT: return
  %root = octet.constant dense<1.41421354> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %0 = octet.div %x, %root : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %1 = octet.erf %0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.add %1, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %3 = octet.mul %x, %2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.mul %3, %half : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %4 : tensor<2x3xf32>
}

// CHECK-LABEL: func @gelu_tanh
func.func @gelu_tanh(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: octet.gelu %arg0 {tanh}
  // CHECK-NEXT: return
  %root = octet.constant dense<0.797884583> : tensor<f32> : tensor<f32>
  %cubic = octet.constant dense<0.044715> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %0 = octet.mul %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %x, %0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %cubic, %1 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.add %x, %2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.mul %root, %3 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = octet.tanh %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = octet.add %one, %5 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = octet.mul %half, %6 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = octet.mul %x, %7 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %8 : tensor<2x3xf32>
}

// The factor of the cube inside of it.
// CHECK-LABEL: func @gelu_tanh_by_steps
func.func @gelu_tanh_by_steps(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: octet.gelu %arg0 {tanh}
  // CHECK-NEXT: return
  %root = octet.constant dense<0.797884583> : tensor<f32> : tensor<f32>
  %cubic = octet.constant dense<0.044715> : tensor<f32> : tensor<f32>
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %0 = octet.mul %cubic, %x : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.mul %x, %0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = octet.mul %x, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.add %x, %2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = octet.mul %root, %3 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = octet.tanh %4 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %6 = octet.add %one, %5 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = octet.mul %half, %6 : (tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %8 = octet.mul %x, %7 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %8 : tensor<2x3xf32>
}

// Another slope in front of erf.
// CHECK-LABEL: func @not_gelu
func.func @not_gelu(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NOT: octet.gelu
  %one = octet.constant dense<1.0> : tensor<f32> : tensor<f32>
  %half = octet.constant dense<0.5> : tensor<f32> : tensor<f32>
  %0 = octet.erf %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = octet.add %0, %one : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %2 = octet.mul %x, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = octet.mul %2, %half : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %3 : tensor<2x3xf32>
}
