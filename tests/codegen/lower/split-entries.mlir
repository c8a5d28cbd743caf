// RUN: octet-opt %s --octet-split-entries=launches=2 | FileCheck %s
// RUN: octet-opt %s --octet-split-entries | FileCheck %s --check-prefix=WHOLE
// RUN: octet-opt %s --octet-split-entries=launches=2 --octet-llvm | FileCheck %s --check-prefix=LLVM

// WHOLE-NOT: part

memref.global "private" constant @weights : memref<64xi8> = dense<1> {alignment = 64 : i64}

func.func private @copy(%from: memref<4xf32>, %to: memref<4xf32>, %begin: index, %end: index) {
  return
}

// What is left is calls, of parts that get the arguments they need.
// CHECK-LABEL: func.func private @entry.part.0(
// CHECK-SAME: %[[CONTEXT:.*]]: !llvm.ptr {octet.argument = 0 : i64}, %[[IN:.*]]: memref<16xi8> {octet.argument = 1 : i64}, %[[ARENA:.*]]: memref<64xi8> {octet.argument = 3 : i64})
// CHECK-DAG: %[[A:.*]] = memref.view %[[IN]]
// CHECK-DAG: %[[B:.*]] = memref.view %[[ARENA]]
// CHECK: octet.launch @copy(%[[A]], %[[B]]) units(4) "first"
// CHECK-NEXT: octet.launch @copy(%[[B]], %[[B]]) units(4) "second"
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @entry.part.1(
// CHECK-SAME: !llvm.ptr {octet.argument = 0 : i64}, %{{.*}}: memref<64xi8> {octet.argument = 3 : i64}, %{{.*}}: memref<16xi8> {octet.argument = 2 : i64})
// CHECK: memref.get_global @weights
// CHECK: units(4) "third"
// CHECK-LABEL: func.func @entry(
// CHECK-SAME: %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %[[IN:[a-z0-9]+]]: memref<16xi8> {octet.role = "input"}, %[[OUT:[a-z0-9]+]]: memref<16xi8> {octet.role = "output"}, %[[ARENA:[a-z0-9]+]]: memref<64xi8>)
// CHECK-NEXT: call @entry.part.0(%[[CONTEXT]], %[[IN]], %[[ARENA]])
// CHECK-NEXT: call @entry.part.1(%[[CONTEXT]], %[[ARENA]], %[[OUT]])
// CHECK-NEXT: return

// Launches are numbered through the parts, and parts read the runtime's arrays themselves.
// LLVM-LABEL: llvm.func @entry.part.0
// LLVM-SAME: (%{{[a-z0-9]+}}: !llvm.ptr, %[[INPUTS:[a-z0-9]+]]: !llvm.ptr, %{{[a-z0-9]+}}: !llvm.ptr, %{{[a-z0-9]+}}: !llvm.ptr) attributes {no_inline, sym_visibility = "private"}
// LLVM: llvm.getelementptr %[[INPUTS]][0]
// LLVM: llvm.mlir.constant(1 : i32)
// LLVM-NEXT: llvm.mlir.addressof @copy.thunk
// LLVM-LABEL: llvm.func @entry.part.1
// LLVM: llvm.mlir.constant(2 : i32)
// LLVM-NEXT: llvm.mlir.addressof @copy.thunk
// LLVM-LABEL: llvm.func @entry(
// LLVM-SAME: %[[C:[a-z0-9]+]]: !llvm.ptr, %[[I:[a-z0-9]+]]: !llvm.ptr, %[[O:[a-z0-9]+]]: !llvm.ptr, %[[A:[a-z0-9]+]]: !llvm.ptr)
// LLVM-NOT: llvm.load
// LLVM: llvm.call @entry.part.0(%[[C]], %[[I]], %[[O]], %[[A]])
// LLVM-NEXT: llvm.call @entry.part.1(%[[C]], %[[I]], %[[O]], %[[A]])
func.func @entry(%context: !llvm.ptr, %in: memref<16xi8> {octet.role = "input"},
                 %out: memref<16xi8> {octet.role = "output"}, %arena: memref<64xi8>) {
  %zero = arith.constant 0 : index
  %weights = memref.get_global @weights : memref<64xi8>
  %w = memref.view %weights[%zero][] : memref<64xi8> to memref<4xf32>
  %a = memref.view %in[%zero][] : memref<16xi8> to memref<4xf32>
  %b = memref.view %arena[%zero][] : memref<64xi8> to memref<4xf32>
  %c = memref.view %out[%zero][] : memref<16xi8> to memref<4xf32>
  octet.launch @copy(%a, %b) units(4) "first" : memref<4xf32>, memref<4xf32>
  octet.launch @copy(%b, %b) units(4) "second" : memref<4xf32>, memref<4xf32>
  octet.launch @copy(%b, %c) units(4) "third" : memref<4xf32>, memref<4xf32>
  octet.launch @copy(%w, %c) units(4) "fourth" : memref<4xf32>, memref<4xf32>
  return
}
