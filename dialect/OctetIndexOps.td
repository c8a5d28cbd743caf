// Ops that make indices, or go by indices that are computed at run time: what they
// read and write depends on data, so each says what an index outside of its tensor
// does.

#ifndef OCTET_INDEX_OPS_TD
#define OCTET_INDEX_OPS_TD

include "dialect/OctetIndexEnums.td"
include "dialect/OctetOpBase.td"

class Octet_IndexingOp<string mnemonic, string role, dag operands>
    : Octet_TensorOp<mnemonic, role, "RowMajor"> {
  let arguments = operands;
  let results = (outs Octet_Tensor:$y);
  let hasVerifier = 1;
}

def Octet_ArgExtremumOp : Octet_IndexingOp<"arg_extremum", "Float",
    (ins Octet_Extremum:$which, Octet_NumberTensor:$x, I64Attr:$axis, UnitAttr:$last)> {
  let summary = "Find where the largest or smallest element along an axis stands";
  let description = [{
    ONNX ArgMax-13 and ArgMin-13 with the axis kept as 1; the result is i64. Of
    equal elements the first counts, with `last` the last. NaN is taken only where
    there is nothing else. Elements are f32, bf16, f64 or integers.
  }];
  let assemblyFormat = "$which $x attr-dict `:` functional-type($x, $y)";
}

def Octet_TopKIndicesOp : Octet_IndexingOp<"top_k_indices", "Float",
    (ins Octet_Extremum:$which, Octet_NumberTensor:$x, I64Attr:$k, I64Attr:$axis)> {
  let summary = "Find where the k best elements along an axis stand";
  let description = [{
    The second result of ONNX TopK-11, best first, as i64; of equal elements the
    one before. NaN is worse than all else. Elements as for `arg_extremum`. The
    values are `gather_elements` with these indices.
  }];
  let assemblyFormat = "$which $x attr-dict `:` functional-type($x, $y)";
}

def Octet_GatherElementsOp : Octet_IndexingOp<"gather_elements", "Float",
    (ins Octet_Tensor:$x, Octet_IndexTensor:$indices, I64Attr:$axis)> {
  let summary = "Pick elements by an index along one axis";
  let description = [{
    ONNX GatherElements-13: the result has the shape of `indices`. Negative
    indices count from the end; indices outside are clamped.
  }];
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, $y)";
}

def Octet_GatherNDOp : Octet_IndexingOp<"gather_nd", "Float",
    (ins Octet_Tensor:$x, Octet_IndexTensor:$indices, I64Attr:$batch_dims)> {
  let summary = "Pick slices by tuples of indices";
  let description = [{
    ONNX GatherND-13. The last dimension of `indices` holds tuples of indices into
    the dimensions of `x` behind the first `batch_dims`, which both share. Negative
    indices count from the end; indices outside are clamped.
  }];
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, $y)";
}

def Octet_ScatterElementsOp : Octet_IndexingOp<"scatter_elements", "Float",
    (ins Octet_ScatterKind:$kind, Octet_NumberTensor:$x, Octet_IndexTensor:$indices,
         Octet_NumberTensor:$updates, I64Attr:$axis)> {
  let summary = "Put elements at indices along one axis";
  let description = [{
    ONNX ScatterElements-18: `x` with `updates` joined to it, one after the other in
    row-major order. Negative indices count from the end; updates with an index
    outside are skipped. f16 and bf16 can only be assigned; max and min keep the
    element of `x` where the update is NaN. i1 adds as "or" and multiplies as "and".
  }];
  let assemblyFormat = "$kind $x `,` $indices `,` $updates attr-dict `:` functional-type(operands, $y)";
}

def Octet_ScatterNDOp : Octet_IndexingOp<"scatter_nd", "Float",
    (ins Octet_ScatterKind:$kind, Octet_NumberTensor:$x, Octet_IndexTensor:$indices,
         Octet_NumberTensor:$updates)> {
  let summary = "Put slices at tuples of indices";
  let description = [{
    ONNX ScatterND-18; kinds, order and indices outside as for `scatter_elements`.
  }];
  let assemblyFormat = "$kind $x `,` $indices `,` $updates attr-dict `:` functional-type(operands, $y)";
}

def Octet_OneHotOp : Octet_IndexingOp<"one_hot", "Float",
    (ins Octet_IndexTensor:$indices, Octet_NumberTensor:$values, I64Attr:$depth, I64Attr:$axis)> {
  let summary = "Mark one place in each row";
  let description = [{
    ONNX OneHot-11: a new dimension of extent `depth` at `axis` of the result holds
    values[1] where the index points and values[0] elsewhere. Negative indices
    count from the end; an index outside marks nothing.
  }];
  let assemblyFormat = "$indices `,` $values attr-dict `:` functional-type(operands, $y)";
}

def Octet_CumulativeSumOp : Octet_IndexingOp<"cumulative_sum", "Float",
    (ins Octet_NumberTensor:$x, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse)> {
  let summary = "Add up along an axis";
  let description = [{
    ONNX CumSum-14: element i is the sum of the elements up to i, without i itself
    if `exclusive`, from the end if `reverse`. Added one by one in the type of the
    elements: f32, f64 or integers, which wrap.
  }];
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
}

def Octet_ReverseSequenceOp : Octet_IndexingOp<"reverse_sequence", "Float",
    (ins Octet_Tensor:$x, Octet_IndexTensor:$lengths, I64Attr:$batch_axis, I64Attr:$time_axis)> {
  let summary = "Reverse the beginning of each sequence";
  let description = [{
    ONNX ReverseSequence-10: the first lengths[b] elements along `time_axis` of
    batch b change their order. Lengths are clamped to the extent of the axis.
  }];
  let assemblyFormat = "$x `,` $lengths attr-dict `:` functional-type(operands, $y)";
}

def Octet_MaxPoolIndicesOp : Octet_IndexingOp<"max_pool_indices", "Float",
    (ins Octet_NumberTensor:$x, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
         DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, UnitAttr:$ceil_mode,
         UnitAttr:$column_major)> {
  let summary = "Find where the maximum of each window stands";
  let description = [{
    The second result of ONNX MaxPool-12 on `x` [N, C, ...] of f32 or 8-bit
    integers with any number of spatial dimensions: the place, as i64, in all of
    `x`, row-major, or with `column_major` with the order of spatial dimensions
    turned around. Of equal elements the first counts. `pads` are all before, then
    all after.
  }];
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
}

#endif // OCTET_INDEX_OPS_TD
