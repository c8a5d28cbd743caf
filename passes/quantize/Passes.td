// Passes that decide what runs in INT8 or bf16 and make it so. Rules Q1.. are those of
// docs/quantization.md. Alphabetical.

#ifndef OCTET_PASSES_QUANTIZE_PASSES_TD
#define OCTET_PASSES_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def AssignPrecision : Pass<"octet-assign-precision", "::mlir::func::FuncOp"> {
  let summary = "Decide the arithmetic of every op";
  let description = [{
    Sets `octet.precision` and `octet.reason` on every op of the dialect that reads
    or makes f32 tensors. The default holds for ops with such a form; rules of
    the configuration override it, later ones win. An op that cannot run in int8 or
    bf16 gets f32, with the reason.

    Precondition: constants are operands as `octet.constant`. Postcondition: no op
    has int8 that QuantizeContractions would have to refuse for its form.

    Example: tests/passes/quantize/assign-precision.mlir
  }];
  let options = [
    Option<"defaultPrecision", "default", "std::string", "\"int8\"", "int8, bf16 or f32">,
    Option<"configPath", "config", "std::string", "\"\"", "Configuration file (JSON)">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def CompressEmbeddings : Pass<"octet-compress-embeddings", "::mlir::func::FuncOp"> {
  let summary = "Store tables of embeddings in 8 bits";
  let description = [{
    A `gather` of rows of a constant f32 matrix, by computed indices, becomes one of u8 and
    one of a scale for each row, and their product (Q24), which is a part of what reads it. Tables of few elements stay as they are.

    Precondition: `octet.precision` is set; groups are not formed yet.

    Example: tests/passes/quantize/compress-embeddings.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def CompressWeights : Pass<"octet-compress-weights", "::mlir::func::FuncOp"> {
  let summary = "Store weights of f32 contractions as s8";
  let description = [{
    The constant weights of a contraction of f32 become s8 with a scale for each output channel
    (Q14 without a bias, or what `octet.stored_integers` says where the model brings symmetric
    bytes), which its kernel multiplies the sums by (Q23); activations and bias stay
    f32. The reason of the op says `weights in int8`, or why they are not: few weights, those of a
    depthwise convolution, weights computed at run time or with NaN or infinities stay f32. An op
    that the configuration asks to be f32 is left alone, unless it asks for weights of 8 bits
    (`octet.compress_weights`).

    Precondition: groups are formed, precisions applied. Postcondition: constants that nobody reads
    any more are gone.

    Example: tests/passes/quantize/compress-weights.mlir
  }];
  let options = [
    Option<"perTensorWeights", "per-tensor-weights", "bool", "false",
           "One weight scale for a tensor">,
    Option<"all", "all", "bool", "true", "Not only of contractions that bear the attribute">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def FoldRequantize : Pass<"octet-fold-requantize", "::mlir::func::FuncOp"> {
  let summary = "Let contractions give quantized results and drop what saturation does";
  let description = [{
    Removes relu and clip before a quantize where Q17 allows it; gives a
    contraction whose result is only quantized the quantized type (Q6); turns
    dequantize followed by quantize into requantize (Q7).

    Example: tests/passes/quantize/fold-requantize.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def FuseCasts : Pass<"octet-fuse-casts", "::mlir::func::FuncOp"> {
  let summary = "Let ops take bf16 and move casts into groups";
  let description = [{
    A bf16 contraction whose operand 0 was widened takes the bf16 value and bf16
    weights (B2); average pools take it, too; ops that move elements move bf16, and
    ops that compute from memory to memory read and give bf16 (B3). The other casts
    between f32 and bf16 move into the groups that they touch, behind the root, or
    get a group of their own.

    Precondition: NarrowGraph has run. Postcondition: no cast between f32 and bf16
    stands outside a group.

    Example: tests/passes/quantize/fuse-casts.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def FuseQdq : Pass<"octet-fuse-qdq", "::mlir::func::FuncOp"> {
  let summary = "Move borders into the groups that they touch";
  let description = [{
    A dequantize that feeds a group moves into it, unless the group's root needs
    f32 in memory; a quantize that is the only reader of a group moves before its
    yield; int8 average pools and linear resizes between borders take integers (Q9, Q10).
    Remaining borders get groups of their own, as they are kernels too.

    Postcondition: no border stands outside a group.

    Example: tests/passes/quantize/fuse-qdq.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def InsertNoiseProbes : Pass<"octet-insert-noise-probes", "::mlir::func::FuncOp"> {
  let summary = "Return how much noise int8 adds to each contraction";
  let description = [{
    Replaces the results of a function by two scalars for each contraction of precision
    int8: the sum of the squares of its result (`octet.observed` is `signal` and the name of
    the node), and that of its difference to a copy with the operands that int8 would have
    (`noise`). The function computes in f32, precisions are removed. A contraction
    without a calibrated operand has no probes.

    Precondition: `octet.precision` is set; no groups are formed.

    Example: tests/passes/quantize/insert-noise-probes.mlir
  }];
  let options = [
    Option<"calibrationPath", "calibration", "std::string", "\"\"",
           "Calibration table (JSON)">,
    Option<"perTensorWeights", "per-tensor-weights", "bool", "false",
           "One weight scale for a tensor instead of one for each output channel">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def NarrowGraph : Pass<"octet-narrow-graph", "::mlir::func::FuncOp"> {
  let summary = "Decide which values are stored as bf16";
  let description = [{
    Every value that a bf16 contraction reads is stored as bf16; so are values
    between bf16 ops, unless an op in f32 reads them from memory (B4). Such a value
    is followed by a cast to bf16 and one back, and all its readers use the latter.
    An op that gives from memory to memory what it reads stays in f32 where its
    result is not stored as bf16.

    Precondition: `octet.precision` is set; groups are formed; QuantizeGraph has
    run.

    Example: tests/passes/quantize/narrow-graph.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def PropagateQdq : Pass<"octet-propagate-qdq", "::mlir::func::FuncOp"> {
  let summary = "Move integers instead of reals";
  let description = [{
    Transparent ops that read dequantized values, and whose result is not needed in
    f32 more cheaply, act on the stored integers; so pairs of borders meet and
    vanish. Operands of a concat get its parameters (Q16).

    Example: tests/passes/quantize/propagate-qdq.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def QuantizeContractions : Pass<"octet-quantize-contractions", "::mlir::func::FuncOp"> {
  let summary = "Give int8 contractions integer operands";
  let description = [{
    An int8 contraction whose operand 0 is dequantized u8 and whose weights are
    constant takes the u8, s8 weights (Q14) and an i32 bias (Q15), and gives f32 (Q5).
    Where sums might leave s32 (Q11) the op stays in f32 with a reason.

    Example: tests/passes/quantize/quantize-contractions.mlir
  }];
  let options = [
    Option<"perTensorWeights", "per-tensor-weights", "bool", "false",
           "One weight scale for a tensor instead of one for each output channel">,
    Option<"weightRanges", "weight-ranges", "std::string", "\"max\"",
           "How weights become ranges: max or mse">,
    Option<"rounding", "rounding", "std::string", "\"balanced\"",
           "How weights are rounded: nearest, balanced or adaptive">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def QuantizeDynamically : Pass<"octet-quantize-dynamically", "::mlir::func::FuncOp"> {
  let summary = "Quantize the activations of contractions by scales found at run time";
  let description = [{
    The operand of an int8 contraction is divided by its largest magnitude over 127 (over 255
    where it cannot be negative), which is found by reductions over the whole tensor,
    and then quantized with scale 1 and zero point 128 (0); the contraction's result is multiplied
    by what was divided by, and the bias is added in f32. Other ops of precision int8 stay in f32,
    in the contraction's group or alone. No calibration is needed.

    Precondition: `octet.precision` is set; no groups are formed.

    Example: tests/passes/quantize/quantize-dynamically.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def QuantizeGraph : Pass<"octet-quantize-graph", "::mlir::func::FuncOp"> {
  let summary = "Decide which values are stored as integers";
  let description = [{
    Every value that an int8 contraction reads is stored as u8; so are values
    between ops that can follow (Q16). Such a value is followed by
    quantize and dequantize with the type that calibration gives it (Q13), and all
    its readers use the dequantized one. The other passes of the pipeline move
    these borders without changing what is computed.

    Precondition: `octet.precision` is set; groups are formed.

    Example: tests/passes/quantize/quantize-graph.mlir
  }];
  let options = [
    Option<"calibrationPath", "calibration", "std::string", "\"\"",
           "Calibration table (JSON)">,
    Option<"calibratorName", "calibrator", "std::string", "\"minmax\"",
           "How statistics become ranges: minmax, moving-average, percentile[=P], entropy or mse">,
    Option<"symmetric", "symmetric", "bool", "false",
           "Ranges with negative values are symmetric about zero">,
    Option<"realResiduals", "real-residuals", "bool", "false",
           "What an f32 op gives is stored as f32, too, where f32 arithmetic reads it">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def ReturnLayers : Pass<"octet-return-layers", "::mlir::func::FuncOp"> {
  let summary = "Return what memory holds between kernels, as f32";
  let description = [{
    Adds a result for every tensor that an op or group writes: f32 as it is, u8 behind a
    dequantize and bf16 behind a cast, each in a group of its own whose node is named `layer`
    and the tensor. What the model computed before, it computes as before. Of several forms
    of a tensor the one with the least bits is taken; a result that is a layer already is
    not added again.

    Such results have the attribute `octet.layer`, a dictionary: `tensor`, `node`, `op`,
    `precision`, `stored` (u8, bf16 or f32), for u8 `scale` and `zero_point`, `channel_axis`
    unless the tensor is a scalar, `inputs`, the tensors that its op reads, and `added` where
    it was not a result before.

    Precondition: groups are formed; all borders stand in groups. Constants, empty
    tensors, tensors without a name and those of other types are no layers.

    Example: tests/passes/quantize/return-layers.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def TabulateUnary : Pass<"octet-tabulate-unary", "::mlir::func::FuncOp"> {
  let summary = "Replace functions of one 8-bit value by tables";
  let description = [{
    In a group, elementwise ops between borders that depend on one u8 value and
    scalar constants become `octet.lookup` (Q8).

    Example: tests/passes/quantize/tabulate-unary.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def VerifyQuantized : Pass<"octet-verify-quantized", "::mlir::func::FuncOp"> {
  let summary = "Check the rules of quantization";
  let description = [{
    Fails where sums of a contraction may leave s32 (Q11), where its bias or
    weights are not constant, where activations are not u8 of one scale, or where
    a border stands outside a group.

    Example: tests/passes/quantize/verify-quantized.mlir
  }];
}

#endif // OCTET_PASSES_QUANTIZE_PASSES_TD
