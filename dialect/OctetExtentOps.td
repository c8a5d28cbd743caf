// Ops that find out how many of something there are. Shapes are static, so that the
// result has room for as many as there can be, and says how many places of it are used.

#ifndef OCTET_EXTENT_OPS_TD
#define OCTET_EXTENT_OPS_TD

include "dialect/OctetOpBase.td"

class Octet_ExtentOp<string mnemonic, dag operands>
    : Octet_TensorOp<mnemonic, "Float", "RowMajor"> {
  let arguments = operands;
  let results = (outs Octet_IndexTensor:$y);
}

def Octet_TrueIndicesOp : Octet_ExtentOp<"true_indices",
    (ins StaticShapeTensorOf<[I1]>:$mask, I64Attr:$fill)> {
  let summary = "List where a mask is set";
  let description = [{
    `mask` [N] gives i64 [1 + N]: first how many elements are set, then their indices in
    ascending order, then `fill`.
  }];
  let assemblyFormat = "$mask attr-dict `:` functional-type($mask, $y)";
}

def Octet_SliceOrderOp : Octet_ExtentOp<"slice_order",
    (ins Octet_NumberTensor:$x, I64Attr:$axis)> {
  let summary = "Find the ascending order of slices along an axis";
  let description = [{
    The i64 indices along `axis` of `x` so that slices ascend: row-major, the first element
    that differs decides, and of equal slices the one before comes first. NaN comes last,
    and equals NaN. Elements are f32, bf16, f64, integers or booleans.
  }];
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
}

def Octet_NonMaxSuppressionOp : Octet_ExtentOp<"non_max_suppression",
    (ins Octet_F32Tensor:$boxes, Octet_F32Tensor:$scores, Octet_IndexTensor:$most,
         Octet_F32Tensor:$overlap, Optional<Octet_F32Tensor>:$least, I64Attr:$room,
         UnitAttr:$centered)> {
  let summary = "Keep the best of boxes that overlap";
  let description = [{
    ONNX NonMaxSuppression-11 on `boxes` [B, N, 4] and `scores` [B, C, N], for each batch and
    class: i64 [B, C, min(room, N)] with the indices of kept boxes, best first, then -1. The
    best box is kept, of equal ones the first, and all that overlap it by more than
    `overlap` (common area over joint area) are dropped; then the best of the rest, until
    `most` are kept (at most `room`). Boxes with a score of NaN, or no more than `least`,
    are not looked at. Boxes are (y1, x1, y2, x2) with corners in any order, or `centered`
    (x, y, width, height). `most`, `overlap` and `least` hold one number each.
  }];
  let assemblyFormat = [{
    $boxes `,` $scores `most` $most `overlap` $overlap (`least` $least^)? attr-dict `:`
    functional-type(operands, $y)
  }];
}

#endif // OCTET_EXTENT_OPS_TD
