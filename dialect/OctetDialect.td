// The `octet` dialect: what an ONNX inference graph means once opset
// differences are gone, in f32 and in quantized integers.

#ifndef OCTET_DIALECT_TD
#define OCTET_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Octet_Dialect : Dialect {
  let name = "octet";
  let summary = "ONNX inference graphs in f32 and quantized integers";
  let description = [{
    Ops act on ranked tensors of static shape. Logical shapes keep ONNX's
    order (N, C, H, W); how a tensor lies in memory is the encoding of its type
    (`#octet.channels_last`, or none for row-major). A quantized tensor has a
    `!quant.uniform` element type; real = scale * (q - zero_point), as
    docs/quantization.md defines it.

    The location of an op is `loc("node"("tensor"("OpType")))`: the ONNX node it
    came from, the ONNX name of its result and the node's op type, which may be
    missing. Diagnostics print the first and the last, calibration tables are keyed
    by the second.

    Discardable attributes:
    - `octet.precision` (`#octet.precision<...>`) and `octet.reason` (string) on
      an op: what AssignPrecision decided, and why;
    - `octet.tiling` (`#octet.tiling<...>`) on a contraction or its group: the tile that
      AssignTiling chose, and its kernel has;
    - `octet.winograd` (`#octet.winograd<...>`) on a convolution or its group: it is
      computed on transformed tiles (AssignWinograd);
    - `octet.scratch_bytes` (i64) on an op: memory that its kernel needs while it runs;
      `octet.scratch` (i64, bytes in the arena): where PlanMemory put it;
    - `octet.in_place` (array of i64) on a concat: the operands that lie in its result,
      so that nothing is copied (AssignSlices);
    - `octet.offset` (i64, bytes in the arena), `octet.output` (i64, index of a
      function result; with an offset, bytes in that) or `octet.view` (i64, bytes in
      operand 0) on an op: where PlanMemory put its result; `octet.arena_bytes` (i64)
      on the function;
    - `octet.name` on a function's arguments and results: the ONNX name;
      `octet.observed` on results that InsertObservers added: the same;
    - `octet.role` (`input` or `output`) and `octet.type` on the arguments of the
      function that EmitKernels makes: what the bytes are for the caller.
  }];
  let cppNamespace = "::octet";
  let dependentDialects = ["::mlir::quant::QuantDialect", "::mlir::func::FuncDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
}

#endif // OCTET_DIALECT_TD
