#!/usr/bin/env python3
"""Weights with one scale per tensor ruin a depthwise network; repairs win most of it back.

    check_repair.py --bin BUILD/bin --models DIR --data DIR --work DIR

On mobilenetv1-025, with 100 calibration and 300 evaluation samples: equalization and bias correction recover at least
80 % of the top-1 that is lost without them. Exit status 77 means skipped: models or data are not on this machine."""

import argparse
import json
import pathlib
import subprocess
import sys

MODEL = "mobilenetv1-025"
LEAST_SHARE = 0.8


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"failed ({result.returncode}): {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "models", "data", "work"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    model = arguments.models / MODEL / "model.onnx"
    try:
        import numpy, PIL  # noqa: F401  prepare.py needs them
    except ImportError as error:
        print("skipped:", error)
        sys.exit(77)
    if not model.exists():
        print("skipped: no", model)
        sys.exit(77)
    arguments.work.mkdir(parents=True, exist_ok=True)
    for split, count in (("calib", 100), ("eval", 300)):
        run(sys.executable, arguments.data / "prepare.py", MODEL, "--split", split, "--count", count,
            "--out", arguments.work / f"{split}.npz")

    def measure(*options):
        library = arguments.work / "model.so"
        run(arguments.bin / "octetc", model, *options, "-o", library)
        return json.loads(run(arguments.bin / "octet-run", library, "--input", arguments.work / "eval.npz",
                              "--labels", "labels", "--json"))["top1"]

    per_tensor = ["--calibrate", arguments.work / "calib.npz", "--weights", "per-tensor"]
    exact = measure()
    ruined = measure(*per_tensor, "--equalize", "off", "--bias-correction", "off")
    repaired = measure(*per_tensor)
    share = (repaired - ruined) / (exact - ruined)
    print(f"top-1: {exact:.2%} f32, {ruined:.2%} per tensor, {repaired:.2%} repaired: {share:.0%} of the loss")
    assert exact - ruined > 0.3, "expected a loss to repair"
    assert share >= LEAST_SHARE, f"expected {LEAST_SHARE:.0%} of the loss back, got {share:.0%}"


if __name__ == "__main__":
    main()
