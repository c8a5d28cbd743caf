#!/usr/bin/env python3
"""Compiles a trained model and holds it to what the project promises.

    check_model.py MODEL --mode f32|bf16|weights8|int8 --bin BUILD/bin --models DIR --data DIR --work DIR

f32: every output within 90 dB of the stored golden outputs. bf16, and weights8 (--weight-only): within the dB that
models.json gives, weights8 with a library of at most half the size. int8, with 100 calibration samples and default
options: top-1 at most `drop` points (models.json) below f32 on the same samples, a library below 40 % of the f32
one, convolutions as integer dot products, and the same output bytes from AVX2 and AVX-512 code with 1 and 2
threads. Exit status 77 means skipped: the models or a tool are not on this machine."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
MIN_SQNR_DB = 90
MAX_SIZE_RATIO = 0.40
MAX_WEIGHTS8_RATIO = 0.50
CALIBRATION_SAMPLES = 100
EVALUATION_SAMPLES = 900


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"failed ({result.returncode}): {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


class Model:
    def __init__(self, arguments):
        self.name = arguments.model
        self.settings = json.loads((pathlib.Path(__file__).parent / "models.json").read_text())[self.name]
        self.bin, self.data, self.work = arguments.bin, arguments.data, arguments.work / self.name
        self.folder = arguments.models / self.name
        self.work.mkdir(parents=True, exist_ok=True)

    def compile(self, output, *options):
        library = self.work / output
        run(self.bin / "octetc", self.folder / "model.onnx", *self.settings.get("options", []), *options, "-o", library)
        return library

    def prepare(self, split, count):
        try:
            import numpy, PIL  # noqa: F401  prepare.py needs them
        except ImportError as error:
            skip(str(error))
        path = self.work / f"{split}.npz"
        run(sys.executable, self.data / "prepare.py", self.name, "--split", split, "--count", count, "--out", path)
        return path

    def run(self, library, *options):
        return json.loads(run(self.bin / "octet-run", library, *options, "--json"))


def check_f32(model):
    check_outputs(model, model.compile("f32.so"), MIN_SQNR_DB)


def check_bf16(model):
    check_outputs(model, model.compile("bf16.so", "--precision", "bf16"), model.settings["bf16"])


def check_weights8(model):
    library = model.compile("weights8.so", "--weight-only")
    check_outputs(model, library, model.settings["weights8"])
    ratio = library.stat().st_size / model.compile("f32.so").stat().st_size
    assert ratio < MAX_WEIGHTS8_RATIO, f"expected a library below {MAX_WEIGHTS8_RATIO:.0%} of f32, got {ratio:.1%}"


def check_outputs(model, library, least):
    golden = model.folder / "golden.npz"
    outputs = model.run(library, "--input", golden, "--compare", golden)["outputs"]
    for name, scores in outputs.items():
        sqnr = scores["sqnr_db"]  # null where the outputs are equal
        print(f"{model.name} {name}: {sqnr} dB")
        assert sqnr is None or sqnr >= least, f"output '{name}': expected {least} dB, got {sqnr}"


def check_int8(model):
    expected = model.settings["int8"]
    table = model.work / "table.json"
    calibration = model.prepare("calib", CALIBRATION_SAMPLES)
    evaluation = model.prepare("eval", expected.get("count", EVALUATION_SAMPLES))
    f32 = model.compile("f32.so")
    int8 = model.compile("int8.so", "--calibrate", calibration, "--save-calibration", table)

    top1 = [100 * model.run(library, "--input", evaluation, "--labels", "labels")["top1"] for library in (f32, int8)]
    print(f"{model.name}: top-1 {top1[0]:.2f} f32, {top1[1]:.2f} int8")
    assert top1[0] - top1[1] <= expected["drop"], f"expected a drop of at most {expected['drop']}, got {top1}"

    compiled = {}
    for target, dot in (("x86-64-v3", r"\bvpmadd(wd|ubsw)\b"), ("znver4", r"\bvpdpbusd\b")):
        # What is faster in f32 depends on the target.
        options = ("--calibration", table, "--target", target, "--keep-int8")
        assembly = model.compile(f"{target}.s", *options, "--emit=asm").read_text()
        assert re.search(dot, assembly), f"expected {dot} in code for {target}"
        compiled[target] = model.compile(f"{target}.so", *options)
    # Of one target, so that the figure does not depend on the machine.
    sizes = [library.stat().st_size
             for library in (model.compile("znver4.f32.so", "--target", "znver4"), compiled["znver4"])]
    ratio = sizes[1] / sizes[0]
    print(f"{model.name}: {sizes[0]} bytes f32, {sizes[1]} int8 ({ratio:.1%})")
    assert ratio < MAX_SIZE_RATIO, f"expected a library below {MAX_SIZE_RATIO:.0%} of f32, got {ratio:.1%}"

    reference = None
    for target, library in compiled.items():
        for threads in (1, 2):
            output = model.work / f"{target}.{threads}.npz"
            result = subprocess.run([model.bin / "octet-run", library, "--input", model.folder / "golden.npz", "--threads",
                                     str(threads), "--output", output], capture_output=True, text=True)
            if "lacks" in result.stderr:
                print(f"not run here: {result.stderr.strip()}")
                continue
            assert result.returncode == 0, result.stderr
            reference = reference or output.read_bytes()
            assert output.read_bytes() == reference, f"other outputs for {target} with {threads} threads"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--mode", choices=["f32", "bf16", "weights8", "int8"], required=True)
    for folder in ("bin", "models", "data", "work"):
        parser.add_argument(f"--{folder}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    if not (arguments.models / arguments.model / "model.onnx").exists():
        skip(f"no {arguments.models}/{arguments.model}")
    {"f32": check_f32, "bf16": check_bf16, "weights8": check_weights8, "int8": check_int8}[arguments.mode](Model(arguments))


main()
