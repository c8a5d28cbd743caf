// What transformers are made of besides matrix products: one op for what exporters write as
// five to twelve.

#ifndef OCTET_TRANSFORMER_OPS_TD
#define OCTET_TRANSFORMER_OPS_TD

include "dialect/OctetOpBase.td"

// Elementwise ops behind such an op can be part of its kernel, as of a contraction's.
def Octet_TakesEpilogue : NativeOpTrait<"TakesEpilogue"> {
  let cppNamespace = "::octet";
}

def Octet_IntegerActivationsOpInterface : OpInterface<"IntegerActivationsOpInterface"> {
  let cppNamespace = "::octet";
  let description = [{
    An op that can read its first operands as u8 (or as bf16, if it takes that), all or none of
    them, where none is a constant weight; its result is f32.
  }];
  let methods = [
    InterfaceMethod<"How many operands that is", "unsigned", "getIntegerOperandCount">,
    InterfaceMethod<"Why the op has to read f32, or empty", "std::string", "refuseIntegers">
  ];
}

// Without scale and shift, which follow as `mul` and `add` in the op's group.
class Octet_RowNormOp<string mnemonic>
    : Octet_TensorOp<mnemonic, "Float", "RowMajor", [Octet_TakesEpilogue]> {
  let arguments = (ins Octet_FloatTensor:$x, F32Attr:$epsilon);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let extraClassDeclaration = roleAndLayout # "bool takesBF16() { return true; }";
}

def Octet_LayerNormOp : Octet_RowNormOp<"layer_norm"> {
  let summary = "Standardize along the last dimension";
  let description = [{
    y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon), means along the last dimension:
    ONNX LayerNormalization-17 with `axis` -1, a scale of 1 and no bias.

    Example: tests/dialect/ops-transformer.mlir
  }];
}

def Octet_RmsNormOp : Octet_RowNormOp<"rms_norm"> {
  let summary = "Divide by the root mean square along the last dimension";
  let description = [{
    y = x / sqrt(mean(x^2) + epsilon), the mean along the last dimension: ONNX
    RMSNormalization-23 with `axis` -1 and a scale of 1.

    Example: tests/dialect/ops-transformer.mlir
  }];
}

def Octet_GeluOp : Octet_TensorOp<"gelu", "Real", "Follow", [
    DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface, ["evaluateScalar"]>]> {
  let summary = "Compute x * P(X <= x) for each element, X of the standard normal distribution";
  let description = [{
    y = x / 2 * (1 + erf(x / sqrt(2))); with `tanh`
    y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) (ONNX Gelu-20). The result has the shape
    of `x`.

    Example: tests/dialect/ops-transformer.mlir
  }];
  let arguments = (ins Octet_F32Tensor:$x, UnitAttr:$tanh);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let extraClassDeclaration = roleAndLayout # "int64_t getInstructionCount() { return 24; }";
}

def Octet_AttentionOp : Octet_TensorOp<"attention", "Float", "RowMajor", [
    Octet_TakesEpilogue, DeclareOpInterfaceMethods<Octet_IntegerActivationsOpInterface>]> {
  let summary = "Average values by how well their keys match queries";
  let description = [{
    On queries `q` [B, L, H, D], keys `k` [B, M, G, D] and values `v` [B, M, G, E], H a multiple of
    G: query head h goes with head h * G / H of keys and values. `mask` broadcasts to
    [B, H, L, M]. With w[b, h, i, j] = softmax over j of scale * sum_d q[b, i, h, d] * k[b, j, g, d] +
    mask[b, h, i, j], the result [B, L, H, E] is y[b, i, h, e] = sum_j w[b, h, i, j] * v[b, j, g, e].
    Heads are the second but last dimension, as matrix products give them, so that nothing has to be transposed.

    All of `q`, `k`, `v` are f32, or all are bf16, where rule B5 of docs/quantization.md holds, or all are
    u8, where A1 does.

    Example: tests/dialect/ops-transformer.mlir
  }];
  let arguments = (ins Octet_RealTensor:$q, Octet_RealTensor:$k, Octet_RealTensor:$v,
                       Optional<Octet_F32Tensor>:$mask, F32Attr:$scale);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`,` $mask^)? attr-dict `:` functional-type(operands, $y)
  }];
  // Products of pairs.
  let extraClassDeclaration = roleAndLayout # [{
    bool takesBF16() { return getQ().getType().getDimSize(3) % 2 == 0; }
  }];
  let hasVerifier = 1;
}

#endif // OCTET_TRANSFORMER_OPS_TD
