// Ops that sample planes at points that are computed at run time, and elimination.

#ifndef OCTET_SAMPLE_OPS_TD
#define OCTET_SAMPLE_OPS_TD

include "dialect/OctetSampleEnums.td"
include "dialect/OctetOpBase.td"

class Octet_SampleOp<string mnemonic, dag operands>
    : Octet_TensorOp<mnemonic, "Float", "RowMajor"> {
  let arguments = operands;
  let results = (outs Octet_F32Tensor:$y);
}

def Octet_GridSampleOp : Octet_SampleOp<"grid_sample",
    (ins Octet_GridMode:$mode, Octet_F32Tensor:$x, Octet_F32Tensor:$grid,
         Octet_GridPadding:$padding, UnitAttr:$align_corners)> {
  let summary = "Sample planes at the points of a grid";
  let description = [{
    ONNX GridSample-20 on `x` [N, C, H, W] or [N, C, D, H, W] and `grid` [N, ..., 2 or 3],
    whose points hold (x, y) or (x, y, z) from -1 to 1. Cubic has the factor -0.75 and
    two spatial dimensions; with the border as padding, each of its elements is moved to
    the border, not the point (as in PyTorch and ONNX Runtime). A coordinate that is NaN, or
    farther than 2^30 elements from the plane, is taken as that far before it or behind it;
    no point reads outside of `x`.
  }];
  let assemblyFormat = [{
    $mode $x `,` $grid `padding` $padding attr-dict `:` functional-type(operands, $y)
  }];
}

def Octet_RoiAlignOp : Octet_SampleOp<"roi_align",
    (ins Octet_RoiMode:$mode, Octet_F32Tensor:$x, Octet_F32Tensor:$rois,
         Octet_IndexTensor:$batch_indices, I64Attr:$height, I64Attr:$width,
         I64Attr:$sampling_ratio, F32Attr:$spatial_scale, UnitAttr:$half_pixel)> {
  let summary = "Pool regions of planes into bins";
  let description = [{
    ONNX RoiAlign-16: `x` [N, C, H, W] and regions [R, 4] of (x1, y1, x2, y2) give
    [R, C, height, width]. Each bin joins samples, linear between four elements:
    `sampling_ratio` of them in each direction, or for 0 as many as the bin is long,
    rounded up, at most twice the extent of the plane and at least one. As in ONNX Runtime, the
    maximum is that of the four weighted elements of all samples. A batch index
    outside of `x` is clamped.
  }];
  let assemblyFormat = [{
    $mode $x `,` $rois `,` $batch_indices attr-dict `:` functional-type(operands, $y)
  }];
}

def Octet_TriangularizeOp : Octet_SampleOp<"triangularize", (ins Octet_F32Tensor:$x)> {
  let summary = "Clear square matrices below the diagonal, keeping determinants";
  let description = [{
    Gaussian elimination of the last two dimensions with the largest pivot of each column;
    of two rows that change places one changes its sign. The determinant is the product of
    the diagonal. A column without a pivot is left as it is, with 0 on the diagonal.
  }];
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
}

#endif // OCTET_SAMPLE_OPS_TD
