// Pooling, reductions and normalizations.

#ifndef OCTET_WINDOW_OPS_TD
#define OCTET_WINDOW_OPS_TD

include "dialect/OctetOpBase.td"

class Octet_PoolOp<string mnemonic, string role, dag attributes>
    : Octet_TensorOp<mnemonic, role, "ChannelsLast"> {
  let arguments = !con((ins Octet_RealTensor:$x, DenseI64ArrayAttr:$kernel,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                            DenseI64ArrayAttr:$dilations, UnitAttr:$ceil_mode), attributes);
  let results = (outs Octet_RealTensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
}

def Octet_MaxPoolOp : Octet_PoolOp<"max_pool", "Transparent", (ins)> {
  let summary = "Take the maximum of each window";
  let description = [{
    ONNX MaxPool-12 on `x` [N, C, H, W], values only. `pads` are top, left,
    bottom, right and never win. On quantized elements the maximum of the stored
    integers. Operand and result have one element type.
  }];
}

def Octet_AveragePoolOp
    : Octet_PoolOp<"average_pool", "Averaging", (ins UnitAttr:$count_include_pad)> {
  let summary = "Take the average of each window";
  let description = [{
    ONNX AveragePool-19 on `x` [N, C, H, W]. Without `count_include_pad` the
    divisor is the number of elements inside `x`; a window with none gives 0. A
    global average has the kernel [H, W]. On quantized elements: rule Q9 of
    docs/quantization.md. Of bf16 elements the average is f32 (rule B3).
  }];
}

def Octet_ReduceOp : Octet_TensorOp<"reduce", "Float", "RowMajor"> {
  let summary = "Reduce along axes";
  let description = [{
    Mean, sum, product, maximum or minimum over `axes` (sorted, nonnegative);
    reduced axes stay as 1 with `keepdims`.
  }];
  let arguments = (ins Octet_NumberTensor:$x, Octet_ReduceKindAttr:$kind,
                       DenseI64ArrayAttr:$axes, UnitAttr:$keepdims);
  let results = (outs Octet_NumberTensor:$y);
  let assemblyFormat = "$kind $x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let extraClassDeclaration = roleAndLayout # "bool takesBF16() { return true; }";
}

class Octet_SoftmaxLikeOp<string mnemonic> : Octet_TensorOp<mnemonic, "Float", "RowMajor"> {
  let arguments = (ins Octet_FloatTensor:$x, I64Attr:$axis);
  let results = (outs Octet_FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let extraClassDeclaration = roleAndLayout # "bool takesBF16() { return true; }";
}
def Octet_SoftmaxOp : Octet_SoftmaxLikeOp<"softmax"> {
  let summary = "Normalize exponentials along one axis";
  let description = "y = exp(x - max) / sum(exp(x - max)) along `axis` (ONNX Softmax-13).";
}
def Octet_LogSoftmaxOp : Octet_SoftmaxLikeOp<"log_softmax"> {
  let summary = "Normalize exponentials along one axis, in logarithms";
  let description = "y = x - max - ln(sum(exp(x - max))) along `axis` (ONNX LogSoftmax-13).";
}

def Octet_BatchNormOp : Octet_TensorOp<"batch_norm", "Float", "Follow"> {
  let summary = "Scale and shift channels by fixed statistics";
  let description = [{
    ONNX BatchNormalization-15 in inference mode on `x` [N, C, ...]:
    y = (x - mean) / sqrt(variance + epsilon) * scale + bias. FoldBatchNorm
    removes it.
  }];
  let arguments = (ins Octet_F32Tensor:$x, Octet_F32Tensor:$scale, Octet_F32Tensor:$bias,
                       Octet_F32Tensor:$mean, Octet_F32Tensor:$variance, F32Attr:$epsilon);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = [{
    $x `,` $scale `,` $bias `,` $mean `,` $variance attr-dict `:` functional-type(operands, $y)
  }];
  let hasVerifier = 1;
}

#endif // OCTET_WINDOW_OPS_TD
