// Ops that hold or move elements without computing with them.

#ifndef OCTET_SHAPE_OPS_TD
#define OCTET_SHAPE_OPS_TD

include "dialect/OctetOpBase.td"

def Octet_ConstantOp : Octet_PureOp<"constant", [ConstantLike]> {
  let summary = "Hold weights and other fixed tensors";
  let description = [{
    `value` holds the elements, or for a quantized result type the stored
    integers: then its type is the result type with the storage type as element.
    Imported weights are `dense_resource` blobs.
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Octet_Tensor:$y);
  let assemblyFormat = "$value attr-dict `:` type($y)";
  let hasFolder = 1;
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getShapedType(), value);
  }]>];
}

class Octet_MovingOp<string mnemonic, string layout, dag attributes, list<Trait> traits = []>
    : Octet_TensorOp<mnemonic, "Transparent", layout, traits> {
  let arguments = !con((ins Octet_Tensor:$x), attributes);
  let results = (outs Octet_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
}

def Octet_ReshapeOp
    : Octet_MovingOp<"reshape", "RowMajor", (ins DenseI64ArrayAttr:$shape)> {
  let summary = "Give the same elements another shape";
  let description = [{
    The row-major order of the elements stays. Flatten, Squeeze and Unsqueeze are
    imported as this op. `shape` has no 0 or -1 wildcards.
  }];
  let hasFolder = 1;
}

def Octet_TransposeOp
    : Octet_MovingOp<"transpose", "RowMajor", (ins DenseI64ArrayAttr:$permutation)> {
  let summary = "Permute dimensions";
  let description = "Result dimension i is dimension permutation[i] of `x` (ONNX Transpose-13).";
  let hasFolder = 1;
}

def Octet_ConcatOp : Octet_TensorOp<"concat", "Transparent", "Follow"> {
  let summary = "Join tensors along an axis";
  let description = "ONNX Concat-13. All operands and the result have one element type.";
  let arguments = (ins Variadic<Octet_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Octet_Tensor:$y);
  let assemblyFormat = "$inputs attr-dict `:` functional-type($inputs, $y)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = roleAndLayout # [{
    /// Whether an operand's memory is a part of the result's, so that there is nothing
    /// to copy (`octet.in_place`).
    bool isInPlace(unsigned operand);
  }];
}

def Octet_SliceOp : Octet_MovingOp<"slice", "Follow",
    (ins DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$steps)> {
  let summary = "Cut a box out of a tensor";
  let description = [{
    Element i of dimension d is element offsets[d] + i * steps[d] of `x`; steps
    may be negative. One entry for each dimension, all inside `x`. Split is
    imported as slices.
  }];
  let hasFolder = 1;
}

def Octet_PadOp : Octet_MovingOp<"pad", "Follow",
    (ins DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, Octet_PadModeAttr:$mode,
         DefaultValuedAttr<F32Attr, "0.0f">:$value)> {
  let summary = "Add a border";
  let description = [{
    ONNX Pad-13 with `low` and `high` elements before and after each dimension
    (negative ones crop). `value` is the real value of a constant border; in a
    quantized tensor it is quantized by the tensor's type (rule Q2).
  }];
}

def Octet_GatherOp : Octet_TensorOp<"gather", "Transparent", "RowMajor"> {
  let summary = "Pick slices by index";
  let description = [{
    ONNX Gather-13: result shape is x[:axis] + indices + x[axis + 1:]. Negative
    indices count from the end; indices outside are clamped at run time.
  }];
  let arguments = (ins Octet_Tensor:$x, Octet_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs Octet_Tensor:$y);
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, $y)";
  let hasVerifier = 1;
}

def Octet_ExpandOp
    : Octet_MovingOp<"expand", "RowMajor", (ins DenseI64ArrayAttr:$shape)> {
  let summary = "Repeat along dimensions of extent 1";
  let description = "Broadcasts `x` to `shape` as numpy does; `shape` is the result's.";
  let hasFolder = 1;
}

def Octet_DepthToSpaceOp : Octet_MovingOp<"depth_to_space", "Follow",
    (ins I64Attr:$block_size, Octet_DepthToSpaceModeAttr:$mode)> {
  let summary = "Move channels into blocks of the plane";
  let description = "ONNX DepthToSpace-13 on `x` [N, C, H, W].";
}

def Octet_ResizeOp : Octet_TensorOp<"resize", "Resampling", "ChannelsLast"> {
  let summary = "Resample a plane";
  let description = [{
    ONNX Resize-19 over the last two dimensions of `x` [N, C, H, W] to `sizes`
    [OH, OW]. `scales` (output / input as the model gave them) enter the
    coordinate map; extents need not be their exact product. Nearest moves
    quantized elements unchanged; linear on quantized elements is rule Q10.
  }];
  let arguments = (ins Octet_RealTensor:$x, DenseI64ArrayAttr:$sizes,
                       DenseF32ArrayAttr:$scales, Octet_ResizeModeAttr:$mode,
                       Octet_ResizeCoordinatesAttr:$coordinates,
                       Octet_ResizeRoundingAttr:$rounding);
  let results = (outs Octet_RealTensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
}

#endif // OCTET_SHAPE_OPS_TD
