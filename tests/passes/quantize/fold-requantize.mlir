// RUN: octet-opt %s -split-input-file -octet-fold-requantize | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>
!z = !quant.uniform<u8:f32, 0.1:0>

// A zero point of 0 does what relu does; then Q6 in one step.

// CHECK-LABEL: func.func @relu
// CHECK: %[[Y:.+]] = octet.matmul {{.*}} -> tensor<1x1x!quant.uniform<u8:f32, 1.000000e-01>>
// CHECK-NEXT: octet.yield %[[Y]]
func.func @relu(%x: tensor<1x1x!q>, %w: tensor<1x1x!w>) -> tensor<1x1x!z> {
  %y = octet.fused %x, %w : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1x!z> {
  ^bb0(%a: tensor<1x1x!q>, %b: tensor<1x1x!w>):
    %0 = octet.matmul %a, %b : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1xf32>
    %1 = octet.relu %0 : (tensor<1x1xf32>) -> tensor<1x1xf32>
    %2 = octet.quantize %1 : (tensor<1x1xf32>) -> tensor<1x1x!z>
    octet.yield %2 : tensor<1x1x!z>
  }
  return %y : tensor<1x1x!z>
}

// -----

!z = !quant.uniform<u8:f32, 0.1:0>

// 25.5 is the largest value of the type: a clip there is saturation, one below is
// not, and neither is one above 0.

// CHECK-LABEL: func.func @clip
// CHECK: %[[Q:.+]] = octet.quantize %arg
// CHECK-NEXT: octet.yield %[[Q]]
// CHECK: octet.clip
// CHECK-NEXT: octet.quantize
// CHECK: octet.clip
// CHECK-NEXT: octet.quantize
func.func @clip(%x: tensor<1xf32>) -> (tensor<1x!z>, tensor<1x!z>, tensor<1x!z>) {
  %0 = octet.fused %x : (tensor<1xf32>) -> tensor<1x!z> {
  ^bb0(%a: tensor<1xf32>):
    %r = octet.relu %a : (tensor<1xf32>) -> tensor<1xf32>
    %c = octet.clip %r {low = -1.0 : f32, high = 25.5 : f32} : (tensor<1xf32>) -> tensor<1xf32>
    %q = octet.quantize %c : (tensor<1xf32>) -> tensor<1x!z>
    octet.yield %q : tensor<1x!z>
  }
  %1 = octet.fused %x : (tensor<1xf32>) -> tensor<1x!z> {
  ^bb0(%a: tensor<1xf32>):
    %c = octet.clip %a {low = 0.0 : f32, high = 25.4 : f32} : (tensor<1xf32>) -> tensor<1xf32>
    %q = octet.quantize %c : (tensor<1xf32>) -> tensor<1x!z>
    octet.yield %q : tensor<1x!z>
  }
  %2 = octet.fused %x : (tensor<1xf32>) -> tensor<1x!z> {
  ^bb0(%a: tensor<1xf32>):
    %c = octet.clip %a {low = 0.1 : f32, high = 26.0 : f32} : (tensor<1xf32>) -> tensor<1xf32>
    %q = octet.quantize %c : (tensor<1xf32>) -> tensor<1x!z>
    octet.yield %q : tensor<1x!z>
  }
  return %0, %1, %2 : tensor<1x!z>, tensor<1x!z>, tensor<1x!z>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>

// A relu above the zero point stays; a result that is also used in f32 keeps Q5.

// CHECK-LABEL: func.func @kept
// CHECK: octet.matmul {{.*}} -> tensor<1x1xf32>
// CHECK-NEXT: octet.relu
// CHECK-NEXT: octet.quantize
// CHECK: octet.matmul {{.*}} -> tensor<1x1xf32>
// CHECK-NEXT: octet.sigmoid
// CHECK-NEXT: octet.mul
// CHECK-NEXT: octet.quantize
func.func @kept(%x: tensor<1x1x!q>, %w: tensor<1x1x!w>) -> (tensor<1x1x!q>, tensor<1x1x!q>) {
  %y = octet.fused %x, %w : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1x!q> {
  ^bb0(%a: tensor<1x1x!q>, %b: tensor<1x1x!w>):
    %0 = octet.matmul %a, %b : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1xf32>
    %1 = octet.relu %0 : (tensor<1x1xf32>) -> tensor<1x1xf32>
    %2 = octet.quantize %1 : (tensor<1x1xf32>) -> tensor<1x1x!q>
    octet.yield %2 : tensor<1x1x!q>
  }
  %z = octet.fused %x, %w : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1x!q> {
  ^bb0(%a: tensor<1x1x!q>, %b: tensor<1x1x!w>):
    %0 = octet.matmul %a, %b : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1xf32>
    %1 = octet.sigmoid %0 : (tensor<1x1xf32>) -> tensor<1x1xf32>
    %2 = octet.mul %0, %1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    %3 = octet.quantize %2 : (tensor<1x1xf32>) -> tensor<1x1x!q>
    octet.yield %3 : tensor<1x1x!q>
  }
  return %y, %z : tensor<1x1x!q>, tensor<1x1x!q>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.25:0>

// CHECK-LABEL: func.func @requantize
// CHECK: ^bb0(%[[A:.+]]: tensor<1x!quant
// CHECK-NEXT: %[[R:.+]] = octet.requantize %[[A]]
// CHECK-NEXT: octet.yield %[[R]]
func.func @requantize(%x: tensor<1x!q>) -> tensor<1x!r> {
  %0 = octet.fused %x : (tensor<1x!q>) -> tensor<1x!r> {
  ^bb0(%a: tensor<1x!q>):
    %d = octet.dequantize %a : (tensor<1x!q>) -> tensor<1xf32>
    %c = octet.relu %d : (tensor<1xf32>) -> tensor<1xf32>
    %q = octet.quantize %c : (tensor<1xf32>) -> tensor<1x!r>
    octet.yield %q : tensor<1x!r>
  }
  return %0 : tensor<1x!r>
}
