#!/usr/bin/env python3
"""Latency, accuracy and bits of all 32-bit, mixed and all 8-bit models: the MNIST CNN and ResNet-18 on CIFAR-10.

    bench/mixed_precision.py --octet BUILD/bin --models MODELS --data DATA [--batch 128] [--samples 9984] [--trials 12]
                              [--no-winograd]

MODELS and DATA are folders with `NAME/model.onnx` and with `prepare.py`, which makes inputs. Prints a Markdown table; times
are medians of runs in turns with one thread, for a whole batch. Mixed models are those of the search (octetc --eval)
that no other trial beats."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

MODELS = ["mnist-torch", "resnet18-cifar10"]


def prepare(data, model, split, count, path):
    subprocess.run([sys.executable, data / "prepare.py", model, "--split", split, "--count", str(count), "--out", path],
                   check=True, stdout=subprocess.DEVNULL)


def search(options, model, folder):
    calibration, evaluation = folder / "calib.npz", folder / "eval.npz"
    prepare(options.data, model, "calib", 100, calibration)
    prepare(options.data, model, "eval", options.samples, evaluation)
    onnx = options.models / model / "model.onnx"
    batch = ["--batch", str(options.batch)] if options.batch > 1 else []
    library = folder / "model.so"
    command = [options.octet / "octetc", onnx, *batch, "--calibrate", calibration, "--eval", evaluation,
               "--accuracy-drop", f"absolute={options.drop}", "--max-trials", str(options.trials), "-o", library]
    command += ["--no-winograd"] if options.no_winograd else []
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode and batch and "symbolic first dimension" in process.stderr:
        # The file says a batch of 1.
        options = argparse.Namespace(**{**vars(options), "batch": 1})
        return search(options, model, folder)
    if process.returncode not in (0, 2):
        sys.exit(process.stderr)
    trials = [json.loads(line) for line in open(f"{library}.trials/log.jsonl")][1:]
    front = json.load(open(f"{library}.trials/front.json"))
    return options.batch, trials, front


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octet", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--samples", type=int, default=9984)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--drop", type=float, default=0.05)
    parser.add_argument("--no-winograd", action="store_true", help="f32 without Winograd's algorithm")
    options = parser.parse_args()
    print("| model | batch | precisions | bits | top-1 % | against f32 | ms | of f32 |")
    print("|---|---|---|---|---|---|---|---|")
    for model in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            batch, trials, front = search(options, model, pathlib.Path(folder))
        points = {}
        # Later readings replace earlier ones: those of the front were taken in turns.
        for point in trials + front["front"]:
            points[tuple(sorted(point["precisions"].items()))] = point
        base = next(point for point in points.values() if set(point["precisions"].values()) == {"f32"})
        kept = {tuple(sorted(point["precisions"].items())) for point in front["front"]}
        for key, point in sorted(points.items(), key=lambda item: item[1]["average_bits"]):
            used = sorted(set(point["precisions"].values()))
            if len(used) > 1 and key not in kept:
                continue
            print(f"| {model} | {batch} | {' + '.join(used)} | {point['average_bits']:.1f} | {point['score']:.2f} | "
                  f"{point['score'] - base['score']:+.2f} | {point['latency_ms']:.3f} | "
                  f"{base['latency_ms'] / point['latency_ms']:.2f}x |", flush=True)


main()
