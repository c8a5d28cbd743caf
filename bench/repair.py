#!/usr/bin/env python3
"""What each repair wins: top-1 and SQNR of INT8 models with and without it.

    bench/repair.py --bin build/release/bin --models ../shared/models --data ../shared/data [--markdown OUT.md] [MODEL...]

Calibrates on 100 samples, evaluates on `--count` (default 900) and compares with the same model compiled in f32. Needs
what data/prepare.py needs: numpy and Pillow."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

MODELS = ["mobilenetv1-025", "mobilenetv2", "mobilenetv3s-cifar10", "resnet8-cifar10", "kws-dscnn"]
CALIBRATION_SAMPLES = 100
NONE = ["--equalize", "off", "--bias-correction", "off"]
# Title, options.
CONFIGURATIONS = [
    ("no repair, nearest rounding", [*NONE, "--rounding", "nearest"]),
    ("no repair", NONE),
    ("weight ranges by error", [*NONE, "--weight-ranges", "mse"]),
    ("bias correction, fast (default)", ["--equalize", "off"]),
    ("bias correction, full", ["--equalize", "off", "--bias-correction", "full"]),
    ("bias correction, adaptive rounding", ["--equalize", "off", "--rounding", "adaptive"]),
    ("equalization", ["--equalize", "on", "--bias-correction", "off"]),
    ("equalization, bias correction", ["--equalize", "on"]),
    ("per tensor: no repair", ["--weights", "per-tensor", *NONE]),
    ("per tensor: weight ranges by error", ["--weights", "per-tensor", *NONE, "--weight-ranges", "mse"]),
    ("per tensor: bias correction, fast", ["--weights", "per-tensor", "--equalize", "off"]),
    ("per tensor: equalization", ["--weights", "per-tensor", "--bias-correction", "off"]),
    ("per tensor: equalization, bias correction (default)", ["--weights", "per-tensor"]),
    ("per tensor: equalization, bias correction, full", ["--weights", "per-tensor", "--bias-correction", "full"]),
]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"failed ({result.returncode}): {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


class Model:
    def __init__(self, name, arguments, work):
        self.name, self.bin, self.work = name, arguments.bin, work
        self.file = arguments.models / name / "model.onnx"
        self.data = {}
        for split, count in (("calib", CALIBRATION_SAMPLES), ("eval", arguments.count)):
            self.data[split] = work / f"{name}.{split}.npz"
            run(sys.executable, arguments.data / "prepare.py", name, "--split", split, "--count", count,
                "--out", self.data[split])
        self.golden = work / f"{name}.golden.npz"
        self.f32 = self.evaluate("--output", self.golden)

    def evaluate(self, *options, compiler=()):
        library = self.work / f"{self.name}.so"
        run(self.bin / "octetc", self.file, *compiler, "-o", library)
        return json.loads(run(self.bin / "octet-run", library, "--input", self.data["eval"], "--labels", "labels",
                              "--json", *options))

    def measure(self, compiler):
        """Top-1 in percent, and SQNR in dB of the output that fares worst."""
        result = self.evaluate("--compare", self.golden, compiler=["--calibrate", self.data["calib"], *compiler])
        return 100 * result["top1"], min(scores["sqnr_db"] for scores in result["outputs"].values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="MODEL", default=MODELS)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=900)
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        models = [Model(name, arguments, pathlib.Path(work)) for name in arguments.names]
        lines = ["| top-1, SQNR | " + " | ".join(arguments.names) + " |", "|---|" + "--:|" * len(models),
                 "| f32 | " + " | ".join(f"{100 * model.f32['top1']:.2f} %" for model in models) + " |"]
        for title, options in CONFIGURATIONS:
            cells = []
            for model in models:
                top1, sqnr = model.measure(options)
                cells.append(f"{top1:.2f} %, {sqnr:.1f} dB")
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
