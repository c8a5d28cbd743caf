// RUN: octet-opt %s -split-input-file -octet-tabulate-unary | FileCheck %s

!q = !quant.uniform<u8:f32, 1.0:253>
!r = !quant.uniform<u8:f32, 0.5:10>

// min(|x|, 1) + 1: entries for 0, 1, .. and for -1, 0, 1, 2.

// CHECK-LABEL: func.func @unary
// CHECK: ^bb0(%[[A:.+]]: tensor<2x!quant
// CHECK-NEXT: %[[L:.+]] = octet.lookup %[[A]] {table = array<i8: 14, 14, {{.*}}, 14, 12, 14, 14>}
// CHECK-NEXT: octet.yield %[[L]]
func.func @unary(%x: tensor<2x!q>) -> tensor<2x!r> {
  %one = octet.constant dense<1.0> : tensor<1xf32> : tensor<1xf32>
  %0 = octet.fused %x, %one : (tensor<2x!q>, tensor<1xf32>) -> tensor<2x!r> {
  ^bb0(%a: tensor<2x!q>, %c: tensor<1xf32>):
    %d = octet.dequantize %a : (tensor<2x!q>) -> tensor<2xf32>
    %1 = octet.abs %d : (tensor<2xf32>) -> tensor<2xf32>
    %2 = octet.min %1, %c : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
    %3 = octet.add %2, %c : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
    %q = octet.quantize %3 : (tensor<2xf32>) -> tensor<2x!r>
    octet.yield %q : tensor<2x!r>
  }
  return %0 : tensor<2x!r>
}

// -----

!q = !quant.uniform<u8:f32, 1.0:253>

// Two bytes, a constant that differs between elements, one that widens the shape,
// no function at all.

// CHECK-LABEL: func.func @refused
// CHECK-NOT: octet.lookup
// CHECK: return
func.func @refused(%x: tensor<2x!q>, %y: tensor<2x!q>) -> (tensor<2x!q>, tensor<2x!q>, tensor<3x2x!q>, tensor<2x!q>) {
  %c2 = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
  %c32 = octet.constant dense<1.0> : tensor<3x1xf32> : tensor<3x1xf32>
  %0 = octet.fused %x, %y : (tensor<2x!q>, tensor<2x!q>) -> tensor<2x!q> {
  ^bb0(%a: tensor<2x!q>, %b: tensor<2x!q>):
    %d = octet.dequantize %a : (tensor<2x!q>) -> tensor<2xf32>
    %e = octet.dequantize %b : (tensor<2x!q>) -> tensor<2xf32>
    %1 = octet.mul %d, %e : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %q = octet.quantize %1 : (tensor<2xf32>) -> tensor<2x!q>
    octet.yield %q : tensor<2x!q>
  }
  %2 = octet.fused %x, %c2 : (tensor<2x!q>, tensor<2xf32>) -> tensor<2x!q> {
  ^bb0(%a: tensor<2x!q>, %b: tensor<2xf32>):
    %d = octet.dequantize %a : (tensor<2x!q>) -> tensor<2xf32>
    %1 = octet.mul %d, %b : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %q = octet.quantize %1 : (tensor<2xf32>) -> tensor<2x!q>
    octet.yield %q : tensor<2x!q>
  }
  %3 = octet.fused %x, %c32 : (tensor<2x!q>, tensor<3x1xf32>) -> tensor<3x2x!q> {
  ^bb0(%a: tensor<2x!q>, %b: tensor<3x1xf32>):
    %d = octet.dequantize %a : (tensor<2x!q>) -> tensor<2xf32>
    %1 = octet.mul %d, %b : (tensor<2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
    %q = octet.quantize %1 : (tensor<3x2xf32>) -> tensor<3x2x!q>
    octet.yield %q : tensor<3x2x!q>
  }
  %4 = octet.fused %x : (tensor<2x!q>) -> tensor<2x!q> {
  ^bb0(%a: tensor<2x!q>):
    %d = octet.dequantize %a : (tensor<2x!q>) -> tensor<2xf32>
    %q = octet.quantize %d : (tensor<2xf32>) -> tensor<2x!q>
    octet.yield %q : tensor<2x!q>
  }
  return %0, %2, %3, %4 : tensor<2x!q>, tensor<2x!q>, tensor<3x2x!q>, tensor<2x!q>
}
