// From a graph of octet ops to kernels: decide layouts, decide memory, emit, lower.

#ifndef OCTET_CODEGEN_LOWER_PASSES_TD
#define OCTET_CODEGEN_LOWER_PASSES_TD

include "mlir/Pass/PassBase.td"

def AssignLayout : Pass<"octet-assign-layout", "::mlir::func::FuncOp"> {
  let summary = "Choose the memory layout of every tensor";
  let description = [{
    Gives rank-4 tensors around convolutions and pooling the channels-last encoding
    (LayoutOpInterface), with a pitch that is a multiple of 4 for 8-bit elements,
    so that a dot product of 4 bytes never straddles pixels, and the halo that the
    widest reader needs. Where neighbours want different layouts, octet.relayout
    stands between them, or the layout is folded into an elementwise producer.
    Constants are laid out at compile time. Arguments and results stay row-major.

    Precondition: one block of octet ops on tensors. Example:
    tests/codegen/lower/assign-layout.mlir
  }];
}

def AssignTiling : Pass<"octet-assign-tiling", "::mlir::func::FuncOp"> {
  let summary = "Choose the register tile of every contraction";
  let description = [{
    Writes `octet.tiling` on each contraction, or the group around it, whose kernel is
    an implicit matrix multiply. The tile is the one of least time by the cost model of
    codegen/microkernel/Tiling.cpp, or what a measurement found (octetc --autotune). A
    tiling that stands already is kept; EmitKernels checks it.

    Precondition: AssignLayout. Example: tests/codegen/lower/assign-tiling.mlir
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"",
                        "CPU as LLVM names it, or native">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def PlanMemory : Pass<"octet-plan-memory", "::mlir::func::FuncOp"> {
  let summary = "Give every tensor its place";
  let description = [{
    Writes on each op where its result lies: `octet.offset` (bytes in the arena),
    `octet.output` (index of the function result it is written to directly), or
    `octet.view` (a unit: the bytes of operand 0 under another type). Tensors whose
    lives do not overlap share bytes: tensors are placed by descending size at the
    lowest offset that is free throughout their life (greedy by size, Pisarchyk
    and Lee, arXiv 2001.03288). The function gets `octet.arena_bytes`. Returned
    values that no op can write in place get an octet.relayout to copy them.

    Example: tests/codegen/lower/plan-memory.mlir
  }];
}

def EmitKernels : Pass<"octet-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "Turn ops into kernels and the function into launches";
  let description = [{
    Replaces @main by a function @entry over byte buffers (inputs, outputs, arena),
    whose body is a list of octet.launch, and one private function for each
    distinct kernel. Constants go to one global, @weights. The types of inputs and
    outputs stay as `octet.type` on the arguments.

    Precondition: AssignTiling, PlanMemory. Example: tests/codegen/lower/emit-kernels.mlir
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"",
                        "CPU as LLVM names it, or native">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def LowerLaunch : Pass<"octet-lower-launch", "::mlir::ModuleOp"> {
  let summary = "Turn launches into calls of the runtime";
  let description = [{
    octet.launch becomes a call of octet_launch (runtime/include/octet/runtime.h)
    with the addresses of the buffers in an array on the stack; each kernel gets a
    thunk of the runtime's signature that loads them again.

    Example: tests/codegen/lower/lower-launch.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // OCTET_CODEGEN_LOWER_PASSES_TD
