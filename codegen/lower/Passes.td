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

def AssignSlices : Pass<"octet-assign-slices", "::mlir::func::FuncOp"> {
  let summary = "Let concats and slices share memory with their operands";
  let description = [{
    An operand of a concat gets the place that the concat would copy it to, so that
    its kernel writes there, and a slice that of its elements in its operand. Over
    the channels of a channels-last tensor, the types get the pitch and the widest
    halo of all that share the buffer; in row-major order, slices are dense runs of
    it. `octet.in_place` on a concat lists the operands that need no copy: each has
    a kernel of its own, stands in the concat once and in no other in place, and, in
    8-bit channels, begins at a multiple of 4, because readers take words of 4.

    Precondition: AssignLayout. Example: tests/codegen/lower/assign-slices.mlir
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

def AssignScratch : Pass<"octet-assign-scratch", "::mlir::func::FuncOp"> {
  let summary = "Note the memory that kernels need while they run";
  let description = [{
    Writes `octet.scratch_bytes` on each `attention`, or the group around it: the place of packed
    keys and values and of the scores of a step, for each unit of work; and on each
    `non_max_suppression`: lists of boxes.

    Example: tests/codegen/lower/assign-scratch.mlir
  }];
}

def AssignWinograd : Pass<"octet-assign-winograd", "::mlir::func::FuncOp"> {
  let summary = "Choose the 3x3 convolutions of f32 to compute on transformed tiles";
  let description = [{
    Writes `octet.winograd` on each convolution, or the group around it, that takes less
    time so by the cost model of codegen/microkernel/WinogradDecision.cpp, and
    `octet.scratch_bytes`, the memory that its kernel then needs. A decision that stands
    already is kept, and an op that has a tiling stays as it is.

    Precondition: AssignLayout. Example: tests/codegen/lower/assign-winograd.mlir
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
    `octet.output` (index of the function result it is written to directly; a part of
    it that begins later has an `octet.offset` into it), or `octet.view` (the place
    within operand 0, in bytes: the same memory under another type), and for memory
    that a kernel needs (`octet.scratch_bytes`) `octet.scratch`. What a concat
    holds in place lies in the concat's bytes. Tensors whose lives do not overlap
    share bytes: tensors are placed by descending size at the lowest offset that is
    free throughout their life (greedy by size, Pisarchyk and Lee, arXiv 2001.03288).
    An elementwise op, or one behind a contraction whose rows are whole vectors, may
    get the bytes of an operand of its type that nothing reads later. The function gets `octet.arena_bytes`. Returned values that no op can write in
    place get an octet.relayout to copy them.

    Example: tests/codegen/lower/plan-memory.mlir
  }];
}

def ShareTilings : Pass<"octet-share-tilings", "::mlir::ModuleOp"> {
  let summary = "Let entries of other shapes pack weights as @main does";
  let description = [{
    Replaces the tiling of an op of @main.1, @main.2 ... by the best one that has as many vectors
    as that of its counterpart in @main (the op that makes the tensor of the same name), unless
    that takes over 15 % more cycles by the cost model.

    Precondition: AssignTiling. Example: tests/codegen/lower/share-tilings.mlir
  }];
  let options = [Option<"target", "target", "std::string", "\"native\"",
                        "CPU as LLVM names it, or native">];
}

def EmitKernels : Pass<"octet-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "Turn ops into kernels and the function into launches";
  let description = [{
    Replaces @main (and @main.1, ... by @entry.1, ...) by a function @entry over byte buffers (inputs, outputs, arena),
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

def SplitEntries : Pass<"octet-split-entries", "::mlir::ModuleOp"> {
  let summary = "Divide entries of many launches into functions of a few hundred";
  let description = [{
    Launches of an @entry (or @entry.1, ...) that has more than `launches` of them move, in order, to
    private functions @entry.part.0, @entry.part.1 ..., which @entry calls one after the
    other. A part computes the addresses that its launches take from the arguments of @entry that
    it needs; `octet.argument` says which.

    Precondition: EmitKernels. Example: tests/codegen/lower/split-entries.mlir
  }];
  let options = [Option<"launches", "launches", "int64_t", "256", "The most of one function">];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def LowerLaunch : Pass<"octet-lower-launch", "::mlir::ModuleOp"> {
  let summary = "Turn launches into calls of the runtime";
  let description = [{
    octet.launch becomes a call of octet_launch (runtime/include/octet/runtime.h)
    with the addresses of the buffers in an array on the stack; each kernel gets a
    thunk of the runtime's signature that loads them again. Launches are numbered from the
    first of an entry on, through the parts that it calls, which LLVM must not inline. Entries
    and parts get the parameters of the runtime's call (context, inputs, outputs, arena) in
    place of an argument for each tensor.

    Example: tests/codegen/lower/lower-launch.mlir
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // OCTET_CODEGEN_LOWER_PASSES_TD
