#!/usr/bin/env python3
"""Writes docs/operators.md: which ONNX operators compile.

Operators and opsets are the rows of frontend/OpTable.inc. What an importer refuses
beyond that is the column of limits below, written by hand: a row without an entry
there, or an entry without a row, is an error.

    list_operators.py            writes the page
    list_operators.py --check    fails if the page is not what would be written
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = ROOT / "frontend" / "OpTable.inc"
PAGE = ROOT / "docs" / "operators.md"

F32 = "f32"
NUMBER = "numbers"
ANY = "any"
BOOL = "booleans"
INTEGER = "integers"
FLOAT = "f32, f64, f16, bf16"

PLANE = "one or two spatial dimensions"
SPACE = "one to three spatial dimensions"
USED = "room for as many as there can be, and how many are used as another output"
OUTSIDE = "computed indices outside of the tensor are "
ORDERED = "f32, f64, f16, bf16, integers"
BROADCAST = "operands of one type"
AXES = "axes are constant"
REDUCIBLE = "f32, f64, integers"
STORED = "u8, i8"
SCALES = "one scale, and constant, for the result"
PACKED = "integers of 2, 4, 8 and 16 bits"
UNROLLED = "unrolled"
STEPS = UNROLLED + "; at most 8192 steps of all directions, each of which counts as four unrolled nodes"

# Operator: element types, limits.
LIMITS = {
    "Abs": (NUMBER, ""),
    "Acos": (FLOAT, ""),
    "Acosh": (FLOAT, ""),
    "Add": (NUMBER, BROADCAST),
    "AffineGrid": ("f32, f16, bf16", "the size is constant"),
    "And": (BOOL, ""),
    "ArgMax": (ORDERED, ""),
    "ArgMin": (ORDERED, ""),
    "Attention": (FLOAT, "no past keys and values; one output; `softcap` 0, `softmax_precision` f32"),
    "Asin": (FLOAT, ""),
    "Asinh": (FLOAT, ""),
    "Atan": (FLOAT, ""),
    "Atanh": (FLOAT, ""),
    "AveragePool": ("f32, f16", SPACE),
    "BatchNormalization": (FLOAT, "`spatial` 1; before opset 14 inference only"),
    "Bernoulli": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "BitShift": ("unsigned integers", ""),
    "BitwiseAnd": (INTEGER, ""),
    "BitwiseNot": (INTEGER, ""),
    "BitwiseOr": (INTEGER, ""),
    "BitwiseXor": (INTEGER, ""),
    "BlackmanWindow": (FLOAT, "the size is constant"),
    "Cast": (ANY + ", integers of 2 and 4 bits", "not to or from strings and 8-bit or smaller floating point"),
    "CastLike": (ANY + ", integers of 2 and 4 bits", "as Cast"),
    "Ceil": (FLOAT, ""),
    "Celu": (FLOAT, "positive `alpha`"),
    "CenterCropPad": (ANY, "the shape is constant"),
    "Clip": (NUMBER, "a computed bound becomes `Min` and `Max`"),
    "Col2Im": ("f32, f16, bf16", "the shapes are constant; one or two dimensions"),
    "Compress": (ANY, USED),
    "Concat": (ANY, ""),
    "Constant": (ANY, "no strings, no sparse tensors"),
    "ConstantOfShape": (ANY, "the shape is constant"),
    "Conv": (FLOAT, SPACE),
    "ConvInteger": (STORED, "two spatial dimensions; weights and their zero points are constant"),
    "ConvTranspose": (FLOAT, SPACE + "; constant weights"),
    "Cos": (FLOAT, ""),
    "Cosh": (FLOAT, ""),
    "CumSum": (ORDERED, "the axis is constant"),
    "DFT": (FLOAT, "computed in f32; length and axis are constant; one-sided only forward and of real samples"),
    "DepthToSpace": (ANY, ""),
    "DequantizeLinear": (PACKED + ", i32", "not from 8-bit or smaller floating point"),
    "Det": (FLOAT, ""),
    "Div": (NUMBER, BROADCAST + "; integers round toward zero"),
    "Dropout": (ANY, "before opset 12 inference only; what is dropped in training is drawn when the model is compiled"),
    "DynamicQuantizeLinear": (F32, ""),
    "Einsum": (NUMBER, BROADCAST),
    "Elu": (FLOAT, ""),
    "Equal": (ANY, BROADCAST),
    "Erf": (FLOAT, ""),
    "Exp": (FLOAT, ""),
    "Expand": (ANY, "the shape is constant"),
    "EyeLike": (ANY, ""),
    "Flatten": (ANY, ""),
    "Floor": (FLOAT, ""),
    "Gather": (ANY, "i32 or i64 indices; computed ones outside of the tensor are clamped"),
    "GatherElements": (ANY, OUTSIDE + "clamped"),
    "GatherND": (ANY, OUTSIDE + "clamped"),
    "Gelu": (FLOAT, ""),
    "Gemm": (FLOAT, ""),
    "GlobalAveragePool": (FLOAT, ""),
    "GRU": (FLOAT, STEPS),
    "GlobalLpPool": ("f32, f16", "`p` 1 to 64"),
    "GlobalMaxPool": (FLOAT, ""),
    "Greater": (NUMBER, BROADCAST),
    "GreaterOrEqual": (NUMBER, BROADCAST),
    "GridSample": ("f32, f16, bf16", "two or three spatial dimensions; two for `cubic`"),
    "GroupNormalization": (FLOAT, "`stash_type` 1"),
    "HammingWindow": (FLOAT, "the size is constant"),
    "HannWindow": (FLOAT, "the size is constant"),
    "HardSigmoid": (FLOAT, ""),
    "HardSwish": (FLOAT, ""),
    "Hardmax": (FLOAT, ""),
    "Identity": (ANY, ""),
    "InstanceNormalization": (FLOAT, ""),
    "IsInf": (FLOAT, ""),
    "IsNaN": (FLOAT, ""),
    "LRN": (FLOAT, ""),
    "RotaryEmbedding": (FLOAT, ""),
    "com.microsoft.SkipLayerNormalization": (FLOAT, "outputs 0 and 3"),
    "com.microsoft.SkipSimplifiedLayerNormalization": (FLOAT, "outputs 0 and 3"),
    "LayerNormalization": (FLOAT, "`stash_type` 1"),
    "If": (ANY, "with a computed condition both branches are computed, and give one type"),
    "LeakyRelu": (FLOAT, ""),
    "LSTM": (FLOAT, STEPS),
    "Less": (NUMBER, BROADCAST),
    "LessOrEqual": (NUMBER, BROADCAST),
    "Log": (FLOAT, ""),
    "LogSoftmax": (FLOAT, ""),
    "LpPool": ("f32, f16", SPACE + "; `p` 1 to 64"),
    "Loop": (ANY, UNROLLED + "; constant trip count or condition; a computed condition needs a constant "
                  "trip count and no scan outputs"),
    "MatMul": (FLOAT, ""),
    "MatMulInteger": (STORED, "the weights are a constant matrix, and so are their zero points"),
    "Max": (NUMBER, BROADCAST),
    "MaxPool": ("f32, f16, u8, i8", SPACE),
    "MaxUnpool": (NUMBER, SPACE + "; the output shape is constant; " + OUTSIDE + "skipped"),
    "Mean": (F32, BROADCAST),
    "MeanVarianceNormalization": (FLOAT, ""),
    "MelWeightMatrix": (FLOAT, "all inputs are constant"),
    "Min": (NUMBER, BROADCAST),
    "Mish": (FLOAT, ""),
    "Mod": (NUMBER, BROADCAST + "; `fmod` 1 for floating point; quotients of f64 below 2^1023"),
    "Mul": (NUMBER, BROADCAST),
    "Multinomial": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "Neg": (NUMBER, ""),
    "NegativeLogLikelihoodLoss": (FLOAT, ""),
    "NonMaxSuppression": (F32, USED),
    "NonZero": (ANY, USED),
    "Not": (BOOL, ""),
    "OneHot": (ANY, "the depth is constant; " + OUTSIDE + "no place at all"),
    "Or": (BOOL, ""),
    "PRelu": (NUMBER, BROADCAST),
    "Pad": (ANY, "modes `constant`, `reflect`, `edge`, `wrap`; pads and value are constant"),
    "Pow": (NUMBER, "the exponent is cast to the type of the base"),
    "QLinearConv": (STORED, SCALES + "; the bias is constant"),
    "QLinearMatMul": (STORED, SCALES),
    "QuantizeLinear": ("f32, f16, bf16, to " + PACKED, "not to 8-bit or smaller floating point; computed in f32"),
    "RMSNormalization": (FLOAT, "`stash_type` 1"),
    "RandomNormal": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "RandomNormalLike": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "RandomUniform": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "RandomUniformLike": (FLOAT, "the numbers are drawn when the model is compiled: the same in every run; not those of other runtimes"),
    "RNN": (FLOAT, STEPS),
    "Range": (NUMBER, "start, limit and delta are constant; at most 2^24 elements"),
    "Reciprocal": (FLOAT, ""),
    "ReduceL1": (REDUCIBLE, AXES),
    "ReduceL2": (NUMBER, AXES + "; computed in f32"),
    "ReduceLogSum": (NUMBER, AXES + "; computed in f32"),
    "ReduceLogSumExp": (NUMBER, AXES + "; computed in f32"),
    "ReduceMax": (REDUCIBLE, AXES),
    "ReduceMean": (REDUCIBLE, AXES),
    "ReduceMin": (REDUCIBLE, AXES),
    "ReduceProd": (REDUCIBLE, AXES),
    "ReduceSum": (REDUCIBLE, AXES),
    "ReduceSumSquare": (REDUCIBLE, AXES),
    "Relu": (NUMBER, ""),
    "Reshape": (ANY, "the shape is constant"),
    "Resize": (NUMBER, "constant scales or sizes, and a constant region of interest"),
    "ReverseSequence": (ANY, "computed lengths are clamped"),
    "RoiAlign": ("f32, f16, bf16", "at most twice as many samples as the plane has elements; computed batch indices are clamped"),
    "Round": (FLOAT, ""),
    "STFT": (FLOAT, "computed in f32; step and length are constant; one-sided only of real samples"),
    "Scatter": (ANY, OUTSIDE + "skipped"),
    "ScatterElements": (ANY, OUTSIDE + "skipped; `reduction` not of f16 and bf16"),
    "ScatterND": (ANY, OUTSIDE + "skipped; `reduction` not of f16 and bf16"),
    "Selu": (FLOAT, ""),
    "Scan": (ANY, UNROLLED),
    "Shape": (ANY, "becomes a constant"),
    "Shrink": (FLOAT, ""),
    "Sigmoid": (FLOAT, ""),
    "Sign": (NUMBER, ""),
    "Sin": (FLOAT, ""),
    "Sinh": (FLOAT, ""),
    "Size": (ANY, "becomes a constant"),
    "Slice": (ANY, "starts, ends, axes and steps are constant"),
    "Softmax": (FLOAT, ""),
    "SoftmaxCrossEntropyLoss": (FLOAT, ""),
    "Softplus": (FLOAT, ""),
    "Softsign": (FLOAT, ""),
    "SpaceToDepth": (ANY, ""),
    "Split": (ANY, "sizes are constant"),
    "Sqrt": (FLOAT, ""),
    "Squeeze": (ANY, AXES),
    "Sub": (NUMBER, BROADCAST),
    "Sum": (NUMBER, BROADCAST),
    "Swish": (FLOAT, ""),
    "Tan": (FLOAT, ""),
    "Tanh": (FLOAT, ""),
    "TfIdfVectorizer": ("i32, i64", "grams of at most 16 elements, at most 64 skips"),
    "ThresholdedRelu": (FLOAT, ""),
    "Tile": (ANY, "repeats are constant"),
    "TopK": (ORDERED, "k is constant"),
    "Transpose": (ANY, ""),
    "Trilu": (ANY, "`k` is constant"),
    "Unique": (ANY, USED),
    "Unsqueeze": (ANY, AXES),
    "Upsample": (NUMBER, "as Resize; constant scales that all grow or all shrink where `nearest`"),
    "Where": (ANY, ""),
    "Xor": (BOOL, ""),
    "com.microsoft.Attention": (FLOAT, "no past keys and values; one output; a mask of lengths, of keys, or of queries and keys; `do_rotary` 0"),
    "com.microsoft.BiasGelu": (FLOAT, ""),
    "com.microsoft.DequantizeLinear": (PACKED + ", i32", ""),
    "com.microsoft.FastGelu": (FLOAT, ""),
    "com.microsoft.Gelu": (FLOAT, ""),
    "com.microsoft.MatMulNBits": (FLOAT, "weights, scales and zero points are constant; no `g_idx`; weights become f32"),
    "com.microsoft.MultiHeadAttention": (FLOAT, "no past keys and values; one output; queries of three dimensions; a mask of lengths, of keys, or of queries and keys"),
    "com.microsoft.QGemm": (STORED, SCALES + "; `alpha` 1; the bias is constant"),
    "com.microsoft.QLinearAdd": (STORED, SCALES),
    "com.microsoft.QLinearAveragePool": (STORED, SCALES + "; " + PLANE + "; `channels_last` 0"),
    "com.microsoft.QLinearConcat": (STORED, SCALES),
    "com.microsoft.QLinearGlobalAveragePool": (STORED, SCALES + "; `channels_last` 0"),
    "com.microsoft.QLinearLeakyRelu": (STORED, SCALES),
    "com.microsoft.QLinearMul": (STORED, SCALES),
    "com.microsoft.QLinearReduceMean": (STORED, SCALES),
    "com.microsoft.QLinearSigmoid": (STORED, SCALES),
    "com.microsoft.QLinearSoftmax": (STORED, SCALES),
    "com.microsoft.QLinearWhere": (STORED, SCALES),
    "com.microsoft.QuantizeLinear": ("f32, f16, bf16, to " + PACKED, "computed in f32"),
    "com.microsoft.QuickGelu": (FLOAT, ""),
}

HEAD = """\
# Operators

Written by `tools/scripts/list_operators.py` from the rows of `frontend/OpTable.inc`; edit the script, not this page.

The {count} operators that compile, of ONNX's default domain where no other stands before the name. A node takes the newest meaning that is not newer than the
opset of its model: in a model of opset 13, an operator that is listed for 7, 11 and 18 means what it does since 11.
Models of opset {oldest} to {newest} are read. An operator, attribute, input or element type that is not understood is
an error at the node; all of them are reported in one run.

- *Types* are those of the operands that are computed with. Integers are 8 to 64 bits, signed or unsigned. "numbers"
  are f32, f64, f16, bf16 and integers. "any" is all of these and booleans. f64 is computed in f64 by plain arithmetic, comparisons,
  remainders and reductions, in f32 by all else; f16 and bf16 are computed in f32, and not rounded between operators
  where the model has no `Cast`.
- A limit that says "constant" means: an initializer, a `Constant`, or what follows from those and from shapes by
  operators of this page.
- All shapes are static: open extents get numbers by `--shape` and `--batch`. A result whose extent depends on data has
  room for the most there can be; as an output of the graph it has another one, `NAME.count`, that says how much is used.
- Models that come quantized run with the integers and scales that they bring. Integers that operators of type "any"
  move (`MaxPool`, `Reshape`, ...) keep their scale.
- Integers of 2 and 4 bits (`int4`, `uint4`, ...) may be constants and what nodes compute, but no inputs and outputs of a
  model. Operators of type "any" move them.
- Graphs in nodes (`If`, `Loop`, `Scan`) and functions that a model brings become part of the one graph: at most 16 deep,
  and 65,536 nodes when unrolled.

| operator | opsets | types | attributes | limits |
|---|---|---|---|---|
"""


def read_constant(name):
    return re.search(rf"{name} = (\d+);", (ROOT / "frontend" / "OnnxModel.h").read_text()).group(1)


def read_rows():
    text = re.sub(r"//.*", "", ROWS.read_text())
    row = re.compile(r'ONNX_(?:OP|F32|TYPED|MOVE|MOVE_F32|QUANTIZED)\("([^"]*)"\s*,\s*(\w+)\s*,\s*(\d+)\s*,\s*\w+\s*,\s*'
                     r'((?:"[^"]*"\s*)+)\)')
    rows = {}
    for domain, op, since, attributes in row.findall(text):
        op = f"{domain}.{op}" if domain else op
        names = " ".join(re.findall(r'"([^"]*)"', attributes)).split()
        rows.setdefault(op, []).append((int(since), names))
    if sum(map(len, rows.values())) != text.count("ONNX_"):
        sys.exit(f"{ROWS}: a row has a form that this script does not read")
    return rows


def write_page(rows):
    if rows.keys() != LIMITS.keys():
        sys.exit(f"expected limits for the rows, got none for {sorted(rows.keys() - LIMITS.keys())} "
                 f"and no rows for {sorted(LIMITS.keys() - rows.keys())}")
    lines = []
    for op, versions in sorted(rows.items()):
        versions.sort()
        opsets = ", ".join(str(since) for since, _ in versions)
        # Attributes of all versions: those that became inputs stay listed.
        names = sorted({name for _, attributes in versions for name in attributes})
        types, limits = LIMITS[op]
        attributes = " ".join(f"`{name}`" for name in names)
        lines.append(f"| {op} | {opsets} | {types} | {attributes} | {limits} |\n")
    return HEAD.format(
        count=len(rows), oldest=read_constant("kOldestOpset"), newest=read_constant("kNewestOpset")
    ) + "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    arguments = parser.parse_args()
    page = write_page(read_rows())
    if not arguments.check:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        sys.exit(f"{PAGE} is not up to date: run tools/scripts/list_operators.py")


if __name__ == "__main__":
    main()
