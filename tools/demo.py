"""Compiles the models in tests/data with octetc, runs them with octet-run and prints a
table: accuracy, size and speed of each precision."""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, "build", "release", "bin")
OUTPUT = os.path.join(ROOT, "build", "demo")
MODELS = ["mnist-torch", "resnet8-cifar10"]


def run(*command):
    """Runs a tool, showing the command; returns what it printed."""
    print("$", " ".join(os.path.relpath(c, ROOT) if os.path.isabs(c) else c for c in command))
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(result.returncode)
    return result.stdout


def measure(model, precision):
    folder = os.path.join(ROOT, "tests", "data", model)
    library = os.path.join(OUTPUT, f"{model}-{precision}.so")
    options = ["--precision", precision]
    if precision == "int8":
        options += ["--calibrate", os.path.join(folder, "calib.npz")]
    run(os.path.join(TOOLS, "octetc"), os.path.join(folder, "model.onnx"), *options, "-o", library)
    report = json.loads(
        run(os.path.join(TOOLS, "octet-run"), library, "--input",
            os.path.join(folder, "eval.npz"), "--labels", "labels", "--bench", "--seconds", "2",
            "--json"))
    return {
        "top1": report["top1"],
        "samples": report["samples"],
        "bytes": os.path.getsize(library),
        "ms": report["latency_ms"]["median"],
        "target": report["target"],
    }


def main():
    os.makedirs(OUTPUT, exist_ok=True)
    rows = []
    for model in MODELS:
        results = {precision: measure(model, precision) for precision in ("f32", "int8")}
        for precision, result in results.items():
            rows.append((model, precision, f"{100 * result['top1']:.2f} %",
                         f"{result['bytes'] / 1024:.1f} KB", f"{result['ms']:.4f} ms",
                         f"{results['f32']['ms'] / result['ms']:.2f}x"))
    header = ("model", "precision", "top-1", "file size", "median latency", "speed-up")
    widths = [max(len(row[i]) for row in [header] + rows) for i in range(len(header))]
    print(f"\n{result['samples']} test images a model, one thread, {result['target']}:\n")
    for row in [header, tuple("-" * w for w in widths)] + rows:
        print("  ".join(cell.ljust(w) if i < 2 else cell.rjust(w)
                        for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


if __name__ == "__main__":
    main()
