// RUN: octet-opt %s -split-input-file -verify-diagnostics -octet-verify-quantized

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>

func.func @good(%x: tensor<1x1x!q>) -> tensor<1x1xf32> {
  %w = octet.constant dense<1> : tensor<1x1xi8> : tensor<1x1x!w>
  %b = octet.constant dense<1> : tensor<1xi32> : tensor<1xi32>
  %y = octet.fused %x, %w, %b : (tensor<1x1x!q>, tensor<1x1x!w>, tensor<1xi32>) -> tensor<1x1xf32> {
  ^bb0(%0: tensor<1x1x!q>, %1: tensor<1x1x!w>, %2: tensor<1xi32>):
    %3 = octet.matmul %0, %1, %2 : (tensor<1x1x!q>, tensor<1x1x!w>, tensor<1xi32>) -> tensor<1x1xf32>
    octet.yield %3 : tensor<1x1xf32>
  }
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>

func.func @overflow(%x: tensor<1x1x!q>) -> tensor<1x1xf32> {
  %w = octet.constant dense<1> : tensor<1x1xi8> : tensor<1x1x!w>
  %b = octet.constant dense<2147483600> : tensor<1xi32> : tensor<1xi32>
  // expected-error @+1 {{expected sums within s32 (rule Q11), got an overflow in channel 0}}
  %y = octet.matmul %x, %w, %b : (tensor<1x1x!q>, tensor<1x1x!w>, tensor<1xi32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>

func.func @weights(%x: tensor<1x1x!q>, %w: tensor<1x1x!w>) -> tensor<1x1xf32> {
  // expected-error @+1 {{expected constant quantized weights}}
  %y = octet.matmul %x, %w : (tensor<1x1x!q>, tensor<1x1x!w>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.1>

func.func @bias(%x: tensor<1x1x!q>, %b: tensor<1xi32>) -> tensor<1x1xf32> {
  %w = octet.constant dense<1> : tensor<1x1xi8> : tensor<1x1x!w>
  // expected-error @+1 {{expected a constant i32 bias}}
  %y = octet.matmul %x, %w, %b : (tensor<1x1x!q>, tensor<1x1x!w>, tensor<1xi32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

func.func @border(%x: tensor<1x1x!q>) -> tensor<1x1xf32> {
  // expected-error @+1 {{expected a place inside a group}}
  %y = octet.dequantize %x : (tensor<1x1x!q>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
