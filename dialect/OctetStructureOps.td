// Ops that say how computation is grouped, laid out and launched.

#ifndef OCTET_STRUCTURE_OPS_TD
#define OCTET_STRUCTURE_OPS_TD

include "dialect/OctetOpBase.td"

def Octet_FusedOp : Octet_PureOp<"fused", [
    IsolatedFromAbove, SingleBlock, Octet_LayoutOpInterface]> {
  let summary = "Group ops that become one kernel";
  let description = [{
    The body holds at most one op that is not elementwise (the root, such as a
    convolution), and elementwise ops and quantize/dequantize, whose intermediate
    values never reach memory. Block arguments stand for the operands. The root
    reads its operands from memory, so they are block arguments. One result.

    FuseEpilogues forms groups before quantization, so that only values that
    reach memory are quantized.
  }];
  let arguments = (ins Variadic<Octet_Tensor>:$inputs);
  let results = (outs Octet_Tensor:$y);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $inputs attr-dict `:` functional-type($inputs, $y) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The op of the body that is neither elementwise nor a border, or null.
    ::mlir::Operation *getRoot();
    ::mlir::Block &getBlock() { return getBody().front(); }
    /// Gives the body the types of the operands and the result, which may have got
    /// other layouts.
    void updateBodyTypes();
    ::octet::LayoutPreference getLayoutPreference();
    ::llvm::SmallVector<int64_t, 4> getReadHalo();
  }];
}

def Octet_YieldOp : Octet_PureOp<"yield", [Terminator, HasParent<"FusedOp">, ReturnLike]> {
  let summary = "End the body of a fused group";
  let description = "Gives the group's result.";
  let arguments = (ins Octet_Tensor:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Octet_RelayoutOp : Octet_PureOp<"relayout"> {
  let summary = "Change how a tensor lies in memory";
  let description = "Values and logical shape stay; the encodings of the types differ.";
  let arguments = (ins Octet_Tensor:$x);
  let results = (outs Octet_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Octet_LaunchOp : Octet_Op<"launch"> {
  let summary = "Run a kernel over its units of work";
  let description = [{
    Calls `kernel` with the buffers and a range of units; the runtime splits
    [0, units) over its threads. The kernel is a function of the same buffers
    followed by two `index` arguments, the first unit and the end. `node` is the
    name shown in profiles.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyMemRef>:$buffers,
                       I64Attr:$units, StrAttr:$node);
  let assemblyFormat = [{
    $kernel `(` $buffers `)` `units` `(` $units `)` $node attr-dict `:` type($buffers)
  }];
}

#endif // OCTET_STRUCTURE_OPS_TD
