// RUN: octet-opt %s --verify-diagnostics --octet-emit-kernels=target=z80
// RUN: not octet-opt %s --octet-emit-kernels=target=x86-64-v2 2>&1 | FileCheck %s

// CHECK: expected a target with AVX2 and FMA (x86-64-v3 or later), got 'x86-64-v2'

// expected-error @below {{expected 'native' or a CPU that LLVM knows as target, got 'z80'}}
module {
  func.func @main() {
    return
  }
}
