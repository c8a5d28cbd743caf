#!/usr/bin/env python3
"""What INT8 costs transformers, and what SmoothQuant and `--model-type transformer` win.

    bench/transformers.py --bin build/release/bin --models ../shared/models --data ../shared/data [--markdown OUT.md]

vit-cifar10: top-1. stories260k: mean cross-entropy of the tokens of its own texts. magika: files with the label that
f32 gives. Calibrates on 100 samples, evaluates on all there are (of vit-cifar10 on `--count`). Needs what
data/prepare.py needs: numpy and Pillow."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy

CALIBRATION_SAMPLES = 100
# Title, options; a calibration table is used where there is None of --quantize.
CONFIGURATIONS = [
    ("f32", None),
    ("INT8, dynamic", ["--quantize", "dynamic"]),
    ("INT8", []),
    ("INT8, SmoothQuant 0.3", ["--smooth-quant=0.3"]),
    ("INT8, SmoothQuant 0.5", ["--smooth-quant"]),
    ("INT8, SmoothQuant 0.7", ["--smooth-quant=0.7"]),
    ("INT8, --model-type transformer", ["--model-type", "transformer"]),
]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"failed ({result.returncode}): {' '.join(map(str, command))}\n{result.stderr}")


def rate_labels(outputs, samples, exact):
    top1 = (outputs.reshape(len(outputs), -1).argmax(1) == samples["labels"]).mean()
    return f"{100 * top1:.2f} %"


def rate_texts(outputs, samples, exact):
    tokens = samples["tokens"].reshape(len(outputs), -1).astype(int)
    logits = outputs.reshape(*tokens.shape, -1).astype(numpy.float64)
    logits -= logits.max(-1, keepdims=True)
    logits -= numpy.log(numpy.exp(logits).sum(-1, keepdims=True))
    return f"{-numpy.take_along_axis(logits[:, :-1], tokens[:, 1:, None], -1).mean():.4f}"


def rate_agreement(outputs, samples, exact):
    labels, expected = (array.reshape(len(array), -1).argmax(1) for array in (outputs, exact))
    return f"{(labels == expected).sum()} of {len(labels)}"


MODELS = {"vit-cifar10": rate_labels, "stories260k": rate_texts, "magika": rate_agreement}


class Model:
    def __init__(self, name, arguments, work):
        self.name, self.bin, self.work = name, arguments.bin, work
        self.file = arguments.models / name / "model.onnx"
        self.data = {}
        counts = {"calib": ["--count", CALIBRATION_SAMPLES],
                  "eval": ["--count", arguments.count] if name == "vit-cifar10" else []}
        for split, count in counts.items():
            self.data[split] = work / f"{name}.{split}.npz"
            run(sys.executable, arguments.data / "prepare.py", name, "--split", split, *count, "--out", self.data[split])
        self.samples = numpy.load(self.data["eval"])
        self.exact = None

    def rate(self, options):
        library, results = self.work / f"{self.name}.so", self.work / f"{self.name}.out.npz"
        if options is None:
            options = ["--precision", "f32"]
        elif "--quantize" not in options:
            options = ["--calibrate", self.data["calib"], *options]
        run(self.bin / "octetc", self.file, *options, "-o", library)
        run(self.bin / "octet-run", library, "--input", self.data["eval"], "--output", results)
        stored = numpy.load(results)
        outputs = stored[stored.files[0]]
        self.exact = outputs if self.exact is None else self.exact
        return MODELS[self.name](outputs, self.samples, self.exact)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="MODEL", default=list(MODELS))
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        models = [Model(name, arguments, pathlib.Path(work)) for name in arguments.names]
        lines = ["| | " + " | ".join(arguments.names) + " |", "|---|" + "--:|" * len(models)]
        print("\n".join(lines), flush=True)
        for title, options in CONFIGURATIONS:
            lines.append(f"| {title} | " + " | ".join(model.rate(options) for model in models) + " |")
            print(lines[-1], flush=True)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
