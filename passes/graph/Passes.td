// Clean-up of imported graphs, and the forming of kernels out of their ops.

#ifndef OCTET_PASSES_GRAPH_PASSES_TD
#define OCTET_PASSES_GRAPH_PASSES_TD

include "mlir/Pass/PassBase.td"

class Octet_GraphPass<string name> : Pass<name, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::octet::OctetDialect"];
}

def CancelTransposes : Octet_GraphPass<"octet-cancel-transposes"> {
  let summary = "Remove transposes that others undo behind reshapes, slices and products";
  let description = [{
    A transpose and one behind it, with reshapes, slices and matrix products with a matrix between them, are
    dropped where they leave all elements in place, as the first turns the rows of a product and the second
    its result. A product is moved only if that holds for all that reads it. Two transposes with
    reshapes alone between them become one.

    Example: tests/passes/graph/cancel-transposes.mlir
  }];
}

def ConstantFold : Octet_GraphPass<"octet-constant-fold"> {
  let summary = "Evaluate ops whose operands are constants";
  let description = [{
    Replaces an op by constants that the reference evaluator computes. Results beyond
    `max-bytes`, and larger ones that are more than twice their operands, such as
    an expanded scalar, stay ops. So do ops when as much has been evaluated as the model's own
    constants justify (64 steps for a byte that is held, and `least-work`): a few nodes may
    describe large constants and chains of ops on them. Constants without uses are removed. Weights and biases of
    contractions that come as integers (`dequantize` of a constant) stay integers.

    Example: tests/passes/graph/constant-fold.mlir
  }];
  let options = [
    Option<"maxBytes", "max-bytes", "int64_t", "int64_t(64) << 20",
           "bytes that a folded result may have">,
    Option<"leastWork", "least-work", "int64_t", "int64_t(1) << 30",
           "elements or products that may be computed for models without constants">
  ];
}

def DecomposeConvTranspose : Octet_GraphPass<"octet-decompose-conv-transpose"> {
  let summary = "Turn transposed convolutions into convolutions";
  let description = [{
    Replaces a `conv_transpose` with constant weights by a convolution of stride 1 with
    as many times more channels as its strides have phases, and `depth_to_space` (where
    the two strides differ: reshape and transpose); a slice where pads do not crop whole
    blocks. The result is the same up to the order of sums.

    Example: tests/passes/graph/decompose-conv-transpose.mlir
  }];
}

def FoldBatchNorm : Octet_GraphPass<"octet-fold-batch-norm"> {
  let summary = "Fold scales and shifts of channels into contractions";
  let description = [{
    `batch_norm`, and `mul`, `div`, `add` and `sub` by constants of one value for each
    channel, go into the constant weights and the bias of the conv, conv_transpose or
    matmul before them, if nothing else uses its result; a whole run of them is rounded
    to f32 once. A `batch_norm` before a conv or matmul goes into that where no padding
    is read. Any other `batch_norm` becomes `mul` and `add`.

    After it no `batch_norm` with constant parameters is left.

    Example: tests/passes/graph/fold-batch-norm.mlir
  }];
}

def FoldPad : Octet_GraphPass<"octet-fold-pad"> {
  let summary = "Fold borders of zeros into the window op that reads them";
  let description = [{
    A constant `pad` of zeros around the plane becomes pads of the `conv` behind it, or of
    an `average_pool` that then counts its pads.

    Example: tests/passes/graph/fold-pad.mlir
  }];
}

def FuseEpilogues : Octet_GraphPass<"octet-fuse-epilogues"> {
  let summary = "Group each root with the elementwise ops that follow it";
  let description = [{
    Wraps every op that computes in f32 registers into an `octet.fused` group:
    contractions and average pools (the roots) with the elementwise ops behind
    them, and what elementwise ops then remain, in chains as long as possible.
    Ops that move elements, and softmax and the like, stay as they are.

    An elementwise op joins a group if its result has the shape of the root's, if it
    has the root's `octet.precision`, and if then still only one value of the group is
    used outside: no intermediate value is written to memory. Element types may differ
    (a comparison and what it chooses between), but a root's kernel gives elements of the
    root's type. Other operands of the op become operands of the group. Where an
    addition joins two roots, it goes to the later one. A `quantize` with the `dequantize`
    of its result counts as an elementwise op, but a group does not end with it.

    The group keeps the precision and reason of its root, the root's node name and
    the tensor name of its last op.

    Example: tests/passes/graph/fuse-epilogues.mlir
  }];
}

def NormalizeBorders : Octet_GraphPass<"octet-normalize-borders"> {
  let summary = "Give the integers of quantized models the forms that kernels take";
  let description = [{
    Activations of s8 become u8 by adding 128 to values and zero point, those of less than a byte
    by clipping what is quantized to their range; constant bytes become
    their differences to the zero point where these fit s8; transposes and reshapes behind
    the `dequantize` of a constant are applied to its integers; the `dequantize` of i32 that is
    added to a matrix product of stored weights becomes its bias (rule Q20). Values stay what they are.

    Example: tests/passes/graph/normalize-borders.mlir
  }];
}

def RecognizeActivations : Octet_GraphPass<"octet-recognize-activations"> {
  let summary = "Find the activations that exporters write as arithmetic";
  let description = [{
    Forms `hard_swish`, `hard_sigmoid`, `silu`, `gelu` (both forms), `clip` and `relu` from products, sums and
    clips with constants of one value, and drops clips and relus without effect. Constants
    such as 1/6 may be off by 1e-6.

    Example: tests/passes/graph/recognize-activations.mlir
  }];
}

def RecognizeAttention : Octet_GraphPass<"octet-recognize-attention"> {
  let summary = "Find attention in what exporters write as matrix products and a softmax";
  let description = [{
    softmax(scale * q k^T + mask) v becomes `attention` between transposes to its own order, which
    those of the model cancel. Heads of keys and values that are repeated for several heads of queries
    (reshape, expand, reshape) are taken before the repetition. Between the product and the softmax
    may stand, in any order, factors and divisors of one value, masks that are added or subtracted, choices
    of a constant of -1e4 or less, and reshapes that divide or join batch and heads; factors of one value may
    also stand on queries and keys. Zeros in place of weights that are NaN become zeros in place
    of results that are. Both operands of the last product may be transposed.

    A choice of a constant above -1e30 is the addition of the lowest number where nothing is added behind
    it, so that a query that sees no key has equal weights, as in the model; where another mask is added
    behind it, such a query has weights by its scores. Weights that are used for more stay as they are.

    Example: tests/passes/graph/recognize-attention.mlir, tests/passes/graph/recognize-attention-masks.mlir
  }];
}

def RecognizeNormalization : Octet_GraphPass<"octet-recognize-normalization"> {
  let summary = "Find layer norm and RMS norm in what exporters write as reductions and arithmetic";
  let description = [{
    (x - mean(x)) / sqrt(variance(x) + epsilon) becomes `layer_norm`, x / sqrt(mean(x^2) + epsilon)
    `rms_norm`, where means are along the last dimension: divided by the root or multiplied by its reciprocal, with
    the variance from differences or from squares, and a mean as a sum by a constant. A scale and a shift behind it
    stay elementwise ops; a scale that the reciprocal carries becomes one.

    Example: tests/passes/graph/recognize-normalization.mlir
  }];
}

def RecognizePooling : Octet_GraphPass<"octet-recognize-pooling"> {
  let summary = "Turn reductions of a plane into pools";
  let description = [{
    `reduce mean` and `reduce max` over the last two of four dimensions become
    `average_pool` and `max_pool`; pools of single elements are dropped.

    Example: tests/passes/graph/recognize-pooling.mlir
  }];
}

def SimplifyArithmetic : Octet_GraphPass<"octet-simplify-arithmetic"> {
  let summary = "Apply algebra that does not change results";
  let description = [{
    Drops additions of 0, products with 1 and the like, writes powers as products and
    roots, and divisions by powers of two as products. passes/graph/Arithmetic.td lists the
    formulas.

    Example: tests/passes/graph/simplify-arithmetic.mlir
  }];
}

def SimplifyShapes : Octet_GraphPass<"octet-simplify-shapes"> {
  let summary = "Remove and delay ops that only move elements";
  let description = [{
    Composes transposes, reshapes, slices and concats, drops those without effect, and
    moves elementwise ops before a reshape, transpose or depth_to_space, and relu and clip
    before a max_pool, next to the op that computes their operand. Other operands are
    constants or moved alike; `batch_norm` counts as elementwise. Folds of the ops are applied as well.

    Example: tests/passes/graph/simplify-shapes.mlir
  }];
}

def VerifyGraph : Octet_GraphPass<"octet-verify-graph"> {
  let summary = "Check what the stages behind the clean-up rely on";
  let description = [{
    Reports every op that the clean-up should have removed (`batch_norm`,
    `conv_transpose`), ops of other dialects, and types that are not tensors of static
    shape.

    Example: tests/passes/graph/verify-graph.mlir
  }];
}

#endif // OCTET_PASSES_GRAPH_PASSES_TD
