// RUN: octet-opt %s --octet-llvm | FileCheck %s
// RUN: octet-opt %s --octet-llvm | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM

// CHECK: llvm.func @octet_launch(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i32)

memref.global "private" constant @weights : memref<64xi8> = dense<1> {alignment = 64 : i64}

func.func private @copy(%from: memref<4xf32>, %to: memref<4xf32>, %begin: index, %end: index) {
  %one = arith.constant 1 : index
  scf.for %i = %begin to %end step %one {
    %v = memref.load %from[%i] : memref<4xf32>
    memref.store %v, %to[%i] : memref<4xf32>
  }
  return
}

// The addresses of the buffers go through one array.
// Those of inputs and outputs come from the runtime's arrays.
// CHECK-LABEL: llvm.func @entry(
// CHECK-SAME: %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %[[INPUTS:[a-z0-9]+]]: !llvm.ptr, %[[OUTPUTS:[a-z0-9]+]]: !llvm.ptr, %[[ARENA:[a-z0-9]+]]: !llvm.ptr)
// CHECK: %[[IN:.*]] = llvm.getelementptr %[[INPUTS]][0]
// CHECK: llvm.load %[[IN]]
// CHECK: %[[OUT:.*]] = llvm.getelementptr %[[OUTPUTS]][0]
// CHECK: llvm.load %[[OUT]]
// CHECK: %[[ARRAY:.*]] = llvm.alloca
// CHECK: %[[THUNK:.*]] = llvm.mlir.addressof @copy.thunk
// CHECK: llvm.call @octet_launch(%[[CONTEXT]], %[[THUNK]], %[[ARRAY]]
// CHECK: llvm.call @octet_launch(%[[CONTEXT]]
func.func @entry(%context: !llvm.ptr, %in: memref<16xi8> {octet.role = "input"},
                 %out: memref<16xi8> {octet.role = "output"}, %arena: memref<64xi8>) {
  %zero = arith.constant 0 : index
  %offset = arith.constant 32 : index
  %a = memref.view %in[%zero][] : memref<16xi8> to memref<4xf32>
  %b = memref.view %arena[%offset][] : memref<64xi8> to memref<4xf32>
  %c = memref.view %out[%zero][] : memref<16xi8> to memref<4xf32>
  octet.launch @copy(%a, %b) units(4) "first" : memref<4xf32>, memref<4xf32>
  octet.launch @copy(%b, %c) units(4) "second" : memref<4xf32>, memref<4xf32>
  return
}

// One thunk serves both launches.
// LLVM: define internal void @copy.thunk(ptr %[[BUFFERS:.*]], i64 %[[BEGIN:.*]], i64 %[[END:.*]])
// LLVM: call void @copy(ptr %{{.*}}, ptr %{{.*}}, i64 %[[BEGIN]], i64 %[[END]])
// LLVM-NOT: thunk(
