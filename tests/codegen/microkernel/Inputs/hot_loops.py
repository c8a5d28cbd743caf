"""hot_loops.py FOLDER ROWS: compiles six layers for one CPU of each row of ROWS (Microkernels.inc), finds the loop of each kernel
that multiplies most, and holds its instructions to the table EXPECTED. No timing, and no dependence on this machine:
what is checked is the code that octetc emits for a named CPU.

Prints each loop as a line of the table, to copy after a change that is meant; a loop that does not hold is printed in
full on stderr."""

import json
import pathlib
import re
import subprocess
import sys

# Instructions of one hot loop:
#   dots      multiply and accumulate; exactly these
#   embedded  dots that broadcast an operand from memory themselves; exactly these
#   vector    other instructions on vectors, at most: loads, broadcasts, widening, the rest of a multiply
#   scalar    all others, at most: addresses, prefetches, the end of the loop
#   stack     among all of them: accesses to the stack, at most; above 0 it is a known weakness
#
#   row                            layer      dots embedded vector scalar stack
EXPECTED = """
avx512vnni_14x32x4_s32_u8_s8     conv1x1      28        0     16      5     0
avx512vnni_14x32x4_s32_u8_s8     narrow       28        0     29      3     0
avx512vnni_14x32x4_s32_u8_s8     conv3x3      28        0     16      5     0
avx512vnni_14x32x4_s32_u8_s8     depthwise    24        0    132      6     0
avx512vnni_14x32x4_s32_u8_s8     matmul       24        0     11      6     0
avxvnni_6x16x4_s32_u8_s8         conv1x1      24        0     14      8     0
avxvnni_6x16x4_s32_u8_s8         narrow       16        0     12      4     0
avxvnni_6x16x4_s32_u8_s8         conv3x3      24        0     18      7     0
avxvnni_6x16x4_s32_u8_s8         depthwise    12        0     62      4     0
avxvnni_6x16x4_s32_u8_s8         matmul       24        0     14      8     0
avx512bw_13x32x4_s32_u8_s8       conv1x1      28        0     85      4     0
avx512bw_13x32x4_s32_u8_s8       narrow       14        0     43      4     0
avx512bw_13x32x4_s32_u8_s8       conv3x3      28        0     85      4     0
avx512bw_13x32x4_s32_u8_s8       depthwise    24        0    156      8     0
avx512bw_13x32x4_s32_u8_s8       matmul       24        0     59      6     0
avx512bw_12x32x4_s32_u8_s8       conv1x1      32        0     52      7     0
avx512bw_12x32x4_s32_u8_s8       narrow       28        0     72      4     0
avx512bw_12x32x4_s32_u8_s8       conv3x3      32        0     52      8     0
avx512bw_12x32x4_s32_u8_s8       depthwise    24        0    156      8     0
avx512bw_12x32x4_s32_u8_s8       matmul       32        0     52      7     0
avx2_5x16x4_s32_u8_s8            conv1x1       8        0     22      4     0
avx2_5x16x4_s32_u8_s8            narrow        8        0     22      4     0
avx2_5x16x4_s32_u8_s8            conv3x3       8        0     22      5     0
avx2_5x16x4_s32_u8_s8            depthwise    12        0     82      4     0
avx2_5x16x4_s32_u8_s8            matmul        8        0     25      4     0
avx2_4x16x4_s32_u8_s8            conv1x1      16        0     32      4     0
avx2_4x16x4_s32_u8_s8            narrow       16        0     32      4     0
avx2_4x16x4_s32_u8_s8            conv3x3      16        0     32      5     0
avx2_4x16x4_s32_u8_s8            depthwise    12        0     82      4     0
avx2_4x16x4_s32_u8_s8            matmul       16        0     32      4     0
avx512bf16_14x32x2_f32_bf16_bf16 conv1x1      28        0     16      5     0
avx512bf16_14x32x2_f32_bf16_bf16 narrow       28        0     29      3     0
avx512bf16_14x32x2_f32_bf16_bf16 conv3x3      28        0     16      5     0
avx512bf16_14x32x2_f32_bf16_bf16 depthwise    63        0     74      3     0
avx512bf16_14x32x2_f32_bf16_bf16 matmul       24        0     11      6     0
avx512f_12x32x2_f32_bf16_bf16    conv1x1      40        0     27      7     0
avx512f_12x32x2_f32_bf16_bf16    narrow       28        0     45      4     0
avx512f_12x32x2_f32_bf16_bf16    conv3x3      40        0     27      7     0
avx512f_12x32x2_f32_bf16_bf16    depthwise    63        0     74      3     0
avx512f_12x32x2_f32_bf16_bf16    matmul       40        0     27      7     0
avx2_4x16x2_f32_bf16_bf16        conv1x1      16        0     18      5     0
avx2_4x16x2_f32_bf16_bf16        narrow       16        0     18      4     0
avx2_4x16x2_f32_bf16_bf16        conv3x3      24        0     36      7     0
avx2_4x16x2_f32_bf16_bf16        depthwise    36        0     56      4     8
avx2_4x16x2_f32_bf16_bf16        matmul       16        0     18      5     0
avx512f_14x32x1_f32_f32_f32      conv1x1      28        0     16      6     0
avx512f_14x32x1_f32_f32_f32      narrow       28       28      1      3     0
avx512f_14x32x1_f32_f32_f32      conv3x3     100        3     93      3     0
avx512f_14x32x1_f32_f32_f32      conv3x2      28        0     16      5     0
avx512f_14x32x1_f32_f32_f32      depthwise    63        0     42      3     0
avx512f_14x32x1_f32_f32_f32      matmul       24        0     11      6     0
avx2_6x16x1_f32_f32_f32          conv1x1      16        0     12      6     0
avx2_6x16x1_f32_f32_f32          narrow       16        0     12      4     0
avx2_6x16x1_f32_f32_f32          conv3x3     120        0    230      3    54
avx2_6x16x1_f32_f32_f32          conv3x2      16        0     12      8     0
avx2_6x16x1_f32_f32_f32          depthwise    36        0     31      4     6
avx2_6x16x1_f32_f32_f32          matmul       24        0     14      8     0
avx512f_14x32x1_f32_f32_s8       conv1x1      28        0     18      4     0
avx512f_14x32x1_f32_f32_s8       narrow       28       28      2      3     0
avx512f_14x32x1_f32_f32_s8       conv3x3      28        0     18      4     0
avx512f_14x32x1_f32_f32_s8       depthwise    63        0     42      3     0
avx512f_14x32x1_f32_f32_s8       matmul       24        0     14      4     0
avx2_6x16x1_f32_f32_s8           conv1x1      16        0     16      6     0
avx2_6x16x1_f32_f32_s8           narrow       16        0     16      4     0
avx2_6x16x1_f32_f32_s8           conv3x3      24        0     30      7     0
avx2_6x16x1_f32_f32_s8           depthwise    36        0     31      4     6
avx2_6x16x1_f32_f32_s8           matmul       24        0     20      6     0
"""

# Row: target, multiplies, precision, and the weights: `full` use the range of s8, `paired` leave two neighbours a sum
# of 128 at most, which opens the rows that saturate otherwise.
ROWS = {
    "avx512vnni_14x32x4_s32_u8_s8": ("znver4", "vpdpbusd", "int8", "full"),
    "avxvnni_6x16x4_s32_u8_s8": ("alderlake", "vpdpbusd", "int8", "full"),
    "avx512bw_13x32x4_s32_u8_s8": ("skylake-avx512", "vpmaddubsw", "int8", "paired"),
    "avx512bw_12x32x4_s32_u8_s8": ("skylake-avx512", "vpmaddwd", "int8", "full"),
    "avx2_5x16x4_s32_u8_s8": ("x86-64-v3", "vpmaddubsw", "int8", "paired"),
    "avx2_4x16x4_s32_u8_s8": ("x86-64-v3", "vpmaddwd", "int8", "full"),
    # A depthwise convolution of bf16 multiplies in f32.
    "avx512bf16_14x32x2_f32_bf16_bf16": ("znver4", r"(vdpbf16ps|vfmadd\d+ps)", "bf16", "full"),
    "avx512f_12x32x2_f32_bf16_bf16": ("skylake-avx512", r"vfmadd\d+ps", "bf16", "full"),
    "avx2_4x16x2_f32_bf16_bf16": ("x86-64-v3", r"vfmadd\d+ps", "bf16", "full"),
    "avx512f_14x32x1_f32_f32_f32": ("znver4", r"vfmadd\d+ps", "f32", "full"),
    "avx2_6x16x1_f32_f32_f32": ("x86-64-v3", r"vfmadd\d+ps", "f32", "full"),
    "avx512f_14x32x1_f32_f32_s8": ("znver4", r"vfmadd\d+ps", "weights8", "full"),
    "avx2_6x16x1_f32_f32_s8": ("x86-64-v3", r"vfmadd\d+ps", "weights8", "full"),
}

CHANNELS, SIZE, TOKENS, DEPTH = 128, 14, 128, 512
# Layer: kernel's name, ONNX op, shape of the weights, attributes. Output channels differ, so that names do.
LAYERS = {
    "conv1x1": ("conv_1_256_14_14", "Conv", (256, CHANNELS, 1, 1), {"pads": [0] * 4}),
    "narrow": ("conv_1_16_14_14", "Conv", (16, CHANNELS, 1, 1), {"pads": [0] * 4}),
    "conv3x3": ("conv_1_64_14_14", "Conv", (64, CHANNELS, 3, 3), {"pads": [1] * 4}),
    # Of f32, a window of 3x3 is no loop over taps: its hottest loop transforms tiles.
    "conv3x2": ("conv_1_96_14_14", "Conv", (96, CHANNELS, 3, 2), {"pads": [1, 0, 1, 1]}),
    "depthwise": ("conv_1_128_14_14", "Conv", (CHANNELS, 1, 3, 3), {"pads": [1] * 4, "group": CHANNELS}),
    "matmul": ("matmul_128_192", "MatMul", (DEPTH, 192), {}),
}


COLUMNS = ("dots", "embedded", "vector", "scalar", "stack")
EXACT = ("dots", "embedded")


def size(shape):
    result = 1
    for extent in shape:
        result *= extent
    return result


def make_weights(shape, kind):
    """Each output channel has one weight of 127, which makes its scale 1."""
    per_channel = size(shape[1:]) if len(shape) == 4 else shape[0]
    channels = size(shape) // per_channel
    column = [127] + [(i * 37 % 3) - 1 if kind == "paired" else (i * 37 % 255) - 127 for i in range(1, per_channel)]
    if len(shape) == 4:
        return column * channels
    return [value for value in column for _ in range(channels)]


def make_model(kind):
    """The model as protobuf's text: every layer reads an input and is followed by a relu; pools read what convolutions
    give, so that it is stored as u8."""

    def tensor_type(name, shape):
        dims = " ".join(f"dim {{ dim_value: {extent} }}" for extent in shape)
        return f'{{ name: "{name}" type {{ tensor_type {{ elem_type: 1 shape {{ {dims} }} }} }} }}'

    lines = ["ir_version: 8", 'opset_import { domain: "" version: 13 }', 'graph { name: "layers"']
    lines.append(f"input {tensor_type('x', (1, CHANNELS, SIZE, SIZE))}")
    lines.append(f"input {tensor_type('a', (TOKENS, DEPTH))}")
    for name, (_, op, shape, attributes) in LAYERS.items():
        text = f'op_type: "{op}" name: "{name}"'
        for key, value in attributes.items():
            kind_of = f"type: INTS ints: {value}" if isinstance(value, list) else f"type: INT i: {value}"
            text += f' attribute {{ name: "{key}" {kind_of} }}'
        data = "a" if op == "MatMul" else "x"
        lines.append(f'node {{ input: "{data}" input: "{name}.weights" output: "{name}.sum" {text} }}')
        lines.append(f'node {{ input: "{name}.sum" output: "{name}.relu" op_type: "Relu" name: "{name}.relu" }}')
        lines.append(f'initializer {{ name: "{name}.weights" data_type: 1 dims: {list(shape)} '
                     f"float_data: {make_weights(shape, kind)} }}")
        if op == "MatMul":
            lines.append(f"output {tensor_type(name + '.relu', (TOKENS, shape[1]))}")
        else:
            lines.append(f'node {{ input: "{name}.relu" output: "{name}.pool" op_type: "MaxPool" name: "{name}.pool" '
                         'attribute { name: "kernel_shape" type: INTS ints: [2, 2] } '
                         'attribute { name: "strides" type: INTS ints: [2, 2] } }')
            lines.append(f"output {tensor_type(name + '.pool', (1, shape[0], SIZE // 2, SIZE // 2))}")
    return "\n".join(lines + ["}"])


def make_table():
    tensor = {"min": -1, "max": 1, "zeros": 0, "bin_width_log2": 0, "first_bin": -1, "bins": [1, 1]}
    names = ["x", "a"] + [f"{layer}.{part}" for layer in LAYERS for part in ("sum", "relu", "pool")]
    return json.dumps({"version": 1, "tensors": {name: tensor for name in names}})


def compile_models(folder):
    """Assembly for each row."""
    (folder / "table.json").write_text(make_table())
    for kind in ("full", "paired"):
        model = subprocess.run(["protoc", "--encode=onnx.ModelProto", "-I", "/usr/include", "onnx/onnx.proto"],
                               input=make_model(kind).encode(), capture_output=True, check=True)
        (folder / f"{kind}.onnx").write_bytes(model.stdout)
    result, seen = {}, {}
    for row, (target, _, precision, kind) in ROWS.items():
        key = (target, precision, kind)
        if key not in seen:
            int8 = ["--calibration", folder / "table.json", "--keep-int8"]
            options = {"int8": int8, "weights8": ["--weight-only"]}.get(precision, ["--precision", precision])
            command = ["octetc", folder / f"{kind}.onnx", "--target", target, "--emit=asm", "-o", "-", *options]
            seen[key] = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True,
                                       check=True).stdout
        result[row] = seen[key]
    return result


def read_function(assembly, name):
    """Labels and instructions of a function, without directives and comments."""
    match = re.search(rf"^{name}(?:\.thunk)?:(.*?)^\.Lfunc_end", assembly, re.M | re.S)
    assert match, f"expected a function {name}"
    lines = [line.split("#")[0].strip() for line in match.group(1).splitlines()]
    lines = [line.removeprefix("{vex}").strip() for line in lines]
    return [line for line in lines if line and (not line.startswith(".") or line.startswith(".LBB"))]


def find_loops(lines):
    """Innermost loops: from a label to a jump back to it, with no such loop inside."""
    places = {line[:-1]: i for i, line in enumerate(lines) if line.endswith(":")}
    spans = []
    for i, line in enumerate(lines):
        match = re.match(r"j\w+\s+(\.LBB\w+)$", line)
        if match and places[match.group(1)] < i:
            spans.append((places[match.group(1)], i))
    return [lines[start:end + 1] for start, end in spans
            if not any(start <= s and e <= end and (s, e) != (start, end) for s, e in spans)]


def count(loop, dot, has_frame):
    stack = re.compile(r"\(%[re]sp|\(%rbp" if has_frame else r"\(%[re]sp")
    figures = dict.fromkeys(COLUMNS, 0)
    for line in loop:
        if line.endswith(":"):
            continue
        figures["stack"] += bool(stack.search(line))
        if re.match(dot + r"\s", line):
            figures["dots"] += 1
            figures["embedded"] += "{1to" in line
        else:
            figures["vector" if line.startswith("v") else "scalar"] += 1
    return figures


def compare(figures, expected):
    if not expected:
        return ["expected a line in the table"]
    return [f"{name}: expected {limit}, got {figures[name]}" for name, limit in expected.items()
            if (figures[name] != limit if name in EXACT else figures[name] > limit)]


def main():
    folder, rows = map(pathlib.Path, sys.argv[1:])
    declared = set(re.findall(r"^OCTET_MICROKERNEL\((\w+), \w+,", rows.read_text(), re.M))
    if declared != ROWS.keys():
        sys.exit(f"expected ROWS to have the rows of {rows}, differences: {sorted(declared ^ ROWS.keys())}")
    folder.mkdir(parents=True, exist_ok=True)
    table = {}
    for line in EXPECTED.strip().splitlines():
        row, layer, *figures = line.split()
        table[row, layer] = dict(zip(COLUMNS, map(int, figures)))
    wrong = []
    for row, assembly in compile_models(folder).items():
        for layer, (kernel, *_) in LAYERS.items():
            if layer == "conv3x2" and ROWS[row][2] != "f32":
                continue
            lines = read_function(assembly, kernel)
            has_frame = any(re.match(r"movq\s+%rsp, %rbp", line) for line in lines)
            loops = [(count(loop, ROWS[row][1], has_frame), loop) for loop in find_loops(lines)]
            figures, loop = max(loops, key=lambda entry: entry[0]["dots"])
            print(f"{row:<32} {layer:<9} {figures['dots']:>5} {figures['embedded']:>8} {figures['vector']:>6} "
                  f"{figures['scalar']:>6} {figures['stack']:>5}")
            problems = compare(figures, table.get((row, layer)))
            if problems:
                wrong.append("\n".join([f"{row}, {layer}: " + "; ".join(problems), *loop]))
    if wrong:
        sys.exit("\n\n".join(wrong))


main()
