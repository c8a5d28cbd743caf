// RUN: octet-opt %s | octet-opt | FileCheck %s

// CHECK-LABEL: func @layout_survives
// CHECK-SAME: tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>
func.func @layout_survives(%x: tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>) {
  return
}
