// Clean-up of imported graphs, and the forming of kernels out of their ops.

#ifndef OCTET_PASSES_GRAPH_PASSES_TD
#define OCTET_PASSES_GRAPH_PASSES_TD

include "mlir/Pass/PassBase.td"

class Octet_GraphPass<string name> : Pass<name, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::octet::OctetDialect"];
}

def FuseEpilogues : Octet_GraphPass<"octet-fuse-epilogues"> {
  let summary = "Group each root with the elementwise ops that follow it";
  let description = [{
    Wraps every op that computes in f32 registers into an `octet.fused` group:
    contractions and average pools (the roots) with the elementwise ops behind
    them, and what elementwise ops then remain, in chains as long as possible.
    Ops that move elements, and softmax and the like, stay as they are.

    An elementwise op joins a group if its result has the shape and element type
    of the root's, if it has the root's `octet.precision`, and if then still only
    one value of the group is used outside: no intermediate value is written to
    memory. Other operands of the op become operands of the group. Where an
    addition joins two roots, it goes to the later one.

    The group keeps the precision and reason of its root, the root's node name and
    the tensor name of its last op.

    Example: tests/passes/graph/fuse-epilogues.mlir
  }];
}

#endif // OCTET_PASSES_GRAPH_PASSES_TD
