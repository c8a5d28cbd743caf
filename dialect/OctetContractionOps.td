// Ops that multiply and accumulate: the ones INT8 and bf16 exist for.

#ifndef OCTET_CONTRACTION_OPS_TD
#define OCTET_CONTRACTION_OPS_TD

include "dialect/OctetOpBase.td"

def Octet_ConvOp : Octet_TensorOp<"conv", "Contraction", "ChannelsLast"> {
  let summary = "Convolve in two dimensions";
  let description = [{
    ONNX Conv-11 on `x` [N, C, H, W] with `weights` [O, C / group, KH, KW] and
    an optional `bias` [O]. `pads` are top, left, bottom, right (elements of
    the real value 0, which is the zero point of a quantized `x`).

    All f32, or that but `weights` s8 quantized (rule Q23 of docs/quantization.md); or `x` u8 and
    `weights` s8 quantized, `bias` i32 with scale scale(x) * scale(weights): then sums are exact
    in s32 (rule Q4), and the result is f32 (Q5) or quantized (Q6); or `x` and
    `weights` bf16, `bias` and result f32 (rule B2).
  }];
  let arguments = (ins Octet_RealTensor:$x, Octet_RealTensor:$weights,
                       Optional<Octet_BiasTensor>:$bias, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       I64Attr:$group);
  let results = (outs Octet_F32OrQuantizedTensor:$y);
  let assemblyFormat = [{
    $x `,` $weights (`,` $bias^)? attr-dict `:` functional-type(operands, $y)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = roleAndLayout # [{
    /// Every channel has filters of its own: group = C.
    bool isDepthwise();
    ::llvm::SmallVector<int64_t, 4> getReadHalo();
  }];
}

def Octet_ConvTransposeOp : Octet_TensorOp<"conv_transpose", "Float", "RowMajor"> {
  let summary = "Convolve backwards (transposed) in two dimensions";
  let description = [{
    ONNX ConvTranspose-11 on `x` [N, C, H, W] with `weights` [C, O / group, KH, KW].
    Output extent = (H - 1) * stride + output_padding + (KH - 1) * dilation + 1 -
    top - bottom. DecomposeConvTranspose turns it into conv and depth_to_space.
  }];
  let arguments = (ins Octet_F32Tensor:$x, Octet_F32Tensor:$weights,
                       Optional<Octet_F32Tensor>:$bias, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$output_padding, I64Attr:$group);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = [{
    $x `,` $weights (`,` $bias^)? attr-dict `:` functional-type(operands, $y)
  }];
  let hasVerifier = 1;
}

def Octet_MatMulOp : Octet_TensorOp<"matmul", "Contraction", "RowMajor"> {
  let summary = "Multiply matrices";
  let description = [{
    ONNX MatMul-13: `a` [..., M, K] by `b` [..., K, N], leading dimensions
    broadcast, one-dimensional operands as in numpy; plus an optional `bias` [N].
    Types as for `octet.conv`, with `b` in the place of the weights; a quantized
    `b` has two dimensions.
  }];
  let arguments = (ins Octet_RealTensor:$a, Octet_RealTensor:$b,
                       Optional<Octet_BiasTensor>:$bias);
  let results = (outs Octet_F32OrQuantizedTensor:$y);
  let assemblyFormat = [{
    $a `,` $b (`,` $bias^)? attr-dict `:` functional-type(operands, $y)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = roleAndLayout # [{
    int64_t getWeightChannelAxis() { return 1; }
  }];
}

#endif // OCTET_CONTRACTION_OPS_TD
