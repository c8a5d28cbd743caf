"""Writes the seeds of the fuzz targets: make_seeds.py FOLDER

FOLDER/model: for each set of operators, the smallest of the ONNX conformance models that has it.
FOLDER/npz:   arrays as NumPy writes them.
FOLDER/json:  files of every kind that octetc reads.
"""

import io
import json
import pathlib
import sys

import numpy as np

TESTDATA = pathlib.Path("/usr/share/libonnx-testdata/data")
LARGEST_MODEL = 4096


def find_op_types(blob):
    """The types of nodes, well enough: names of operators stand in the bytes behind field 4."""
    found = set()
    for i in range(len(blob) - 2):
        length = blob[i + 1]
        if blob[i] == 0x22 and 2 <= length <= 30:
            word = blob[i + 2 : i + 2 + length]
            if len(word) == length and word.isalnum() and word[:1].isupper():
                found.add(word)
    return frozenset(found)


def make_models(folder):
    smallest = {}
    for path in sorted(TESTDATA.rglob("model.onnx")):
        if path.stat().st_size > LARGEST_MODEL:
            continue
        blob = path.read_bytes()
        key = find_op_types(blob)
        if key not in smallest or len(blob) < len(smallest[key][1]):
            smallest[key] = (path.parent.name, blob)
    for name, blob in smallest.values():
        (folder / f"{name}.onnx").write_bytes(blob)
    return len(smallest)


def make_arrays(folder):
    x = np.arange(6, dtype=np.float32).reshape(2, 1, 3)
    for dtype in ("f2", "f4", "f8", "i1", "i8", "u1", "?", "U3", ">f4"):
        np.save(folder / f"{dtype.strip('?>')}{len(dtype)}.npy", x.astype(dtype))
    np.save(folder / "fortran.npy", np.asfortranarray(x[:, 0]))
    np.save(folder / "scalar.npy", np.float32(1))
    np.save(folder / "empty.npy", np.zeros((0, 3), np.float32))
    np.savez(folder / "stored.npz", x=x, labels=np.arange(2))
    np.savez_compressed(folder / "deflated.npz", x=np.zeros((64, 1, 3), np.float32))
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, x, version=(2, 0))
    (folder / "version2.npy").write_bytes(buffer.getvalue())


def make_texts(folder):
    texts = {
        "table": {
            "version": 1,
            "tensors": {
                "x": {
                    "min": -1.5, "max": 3.25, "zeros": 4, "nan": 1, "infinite": 2, "samples": 2,
                    "sum_of_minima": "-12", "sum_of_maxima": "123456789012345678901234567890",
                    "bin_width_log2": -9, "first_bin": -768, "bins": [1, 0, 2],
                },
                "y": {"min": 0, "max": 6},
            },
        },
        "config": {
            "version": 1,
            "precision": "int8",
            "ops": [
                {"names": ["conv"], "precision": "f32"},
                {"types": ["Conv"], "patterns": ["a.*b"], "precision": "bf16"},
                {"subgraphs": ["a..b"], "precision": "int8"},
            ],
        },
        "nni": {"version": 1, "configure_list": [
            {"op_names": ["conv"], "quant_types": ["input", "weight"], "quant_bits": {"input": 8, "weight": 8}},
            {"op_types": ["Relu"], "quant_types": ["output"], "quant_bits": 16},
        ]},
        "nni-ranges": {
            "conv": {"weight_bits": 8, "tracked_min_input": -1.0, "tracked_max_input": 2.0,
                     "output_bits": 8, "tracked_min_output": 0.0, "tracked_max_output": 1.0},
        },
        "aimet": {
            "version": "0.6.1",
            "activation_encodings": {
                "x": [{"bitwidth": 8, "dtype": "int", "is_symmetric": "False", "max": 1.0, "min": -1.0,
                       "offset": -128, "scale": 0.0078}],
            },
            "param_encodings": {"w": [{"bitwidth": 8, "max": 1, "min": -1, "offset": -128, "scale": 0.01}]},
        },
        "aimet1": {
            "version": "1.0.0",
            "activation_encodings": [
                {"name": "x", "bw": 8, "dtype": "INT", "enc_type": "PER_TENSOR", "is_sym": False,
                 "offset": [-128], "scale": [0.01]},
            ],
            "param_encodings": [],
        },
        "tilings": {
            "version": 1,
            "tilings": {"conv": {"rows": [1, 4, 1], "vectors": 2, "outer": "channels"}},
            "microseconds": {"conv": 1.5},
        },
        "layers": {
            "outputs": 1,
            "layers": [
                {"result": 0, "tensor": "x", "node": "n", "op": "conv", "precision": "int8", "stored": "u8",
                 "scale": 0.5, "zero_point": 128, "channel_axis": 1, "inputs": ["a"]},
            ],
        },
    }
    for name, value in texts.items():
        (folder / f"{name}.json").write_text(json.dumps(value))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folders = [pathlib.Path(sys.argv[1]) / kind for kind in ("model", "npz", "json")]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    count = make_models(folders[0])
    if not count:
        sys.exit(f"make_seeds.py: error: expected ONNX models in {TESTDATA}, got none")
    make_arrays(folders[1])
    make_texts(folders[2])
    print(f"{count} models")


if __name__ == "__main__":
    main()
