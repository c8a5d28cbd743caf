#!/usr/bin/env python3
"""Whole models: our f32, bf16 and INT8 libraries against ONNX Runtime's f32 and INT8, interleaved in one run.

    /usr/bin/python3 bench/models.py --onnxruntime LIBONNXRUNTIME [--peers FOLDER] MODEL.onnx|FOLDER ...

A MODEL's INT8 version for ONNX Runtime is MODEL.qdq.onnx, or MODEL.qdq.onnx.xz, beside it or in the folder of
--peers; where there is a MODEL.dyn.onnx[.xz], too, the faster one counts. Where there is none, the column is empty. A FOLDER holds a model.onnx. Contestants take turns, in rounds;
each turn has its own warm-up runs, and a pause before it, in which the last one's threads come to rest. Times are
medians over all rounds; a ratio is the peer's time by ours. The share of the peak is the time that the model's
multiplications would take at the machine's measured limit for INT8, by our INT8 time."""

import argparse
import ctypes
import json
import lzma
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnx

import octet_model
import onnxruntime_capi

PAUSE = 0.01  # seconds
CALIBRATION_SAMPLES = 16
PRECISIONS = ("f32", "bf16", "int8")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"), help="our build folder")
    parser.add_argument("--onnxruntime", type=pathlib.Path, help="libonnxruntime.so; without it, only ours are measured")
    parser.add_argument("--peers", type=pathlib.Path, help="folder with NAME.qdq.onnx[.xz]")
    parser.add_argument("--precisions", default=",".join(PRECISIONS), help="ours, of f32,bf16,int8")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=1, help="for each contestant")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    return parser.parse_args()


class Case:
    """A model's file, name and INT8 version for the peer."""

    def __init__(self, path, peers, scratch):
        self.model = path / "model.onnx" if path.is_dir() else path
        self.name = path.name if path.is_dir() else path.stem
        self.quantized = {}
        stem = self.model.stem
        for kind in ("qdq", "dyn"):
            for folder in filter(None, (self.model.parent, peers)):
                plain, packed = folder / f"{stem}.{kind}.onnx", folder / f"{stem}.{kind}.onnx.xz"
                if plain.exists():
                    self.quantized[kind] = plain
                elif packed.exists():
                    self.quantized[kind] = scratch / plain.name
                    self.quantized[kind].write_bytes(lzma.decompress(packed.read_bytes()))
                if kind in self.quantized:
                    break

    def symbolic_dimensions(self):
        graph = onnx.load(str(self.model), load_external_data=False).graph
        constants = {constant.name for constant in graph.initializer}
        return sorted({dimension.dim_param for value in graph.input if value.name not in constants
                       for dimension in value.type.tensor_type.shape.dim if dimension.dim_param})


def count_multiplications(path, shapes):
    """Of convolutions and matrix products, for inputs of `shapes`."""
    model = onnx.load(str(path))
    for value in model.graph.input:
        for dimension, extent in zip(value.type.tensor_type.shape.dim, shapes.get(value.name, ())):
            dimension.dim_value = extent
    # Shapes stored in the file may speak of another batch.
    del model.graph.value_info[:]
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    graph = onnx.shape_inference.infer_shapes(model).graph
    known = {constant.name: list(constant.dims) for constant in graph.initializer}
    for value in [*graph.input, *graph.output, *graph.value_info]:
        known.setdefault(value.name, [dimension.dim_value for dimension in value.type.tensor_type.shape.dim])
    total = 0
    for node in graph.node:
        if node.op_type == "Conv":
            total += math.prod(known.get(node.output[0], [0])) * math.prod(known[node.input[1]][1:])
        elif node.op_type in ("MatMul", "Gemm"):
            transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
            depth = known[node.input[0]][-2 if transposed else -1] if known.get(node.input[0]) else 0
            total += math.prod(known.get(node.output[0], [0])) * depth
    return total


def compile_model(build, model, precision, calibration, output):
    command = [build / "bin" / "octetc", model, "-o", output]
    command += ["--calibrate", calibration] if precision == "int8" else ["--precision", precision]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        print(result.stderr.strip(), file=sys.stderr)
        return None
    return octet_model.Model(output)


def measure(contestants, seconds, rounds):
    """Median milliseconds of each contestant; every round gives each a turn."""
    turns = {}
    for name, run in contestants.items():
        begin = time.perf_counter()
        run()
        run()
        each = (time.perf_counter() - begin) / 2
        turns[name] = max(2, round(seconds / rounds / each))
    times = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            time.sleep(PAUSE)
            for _ in range(max(1, turns[name] // 5)):
                run()
            for _ in range(turns[name]):
                begin = time.perf_counter_ns()
                run()
                times[name].append((time.perf_counter_ns() - begin) / 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def measure_peak(build):
    """Billions of INT8 operations in a second on one core."""
    peak = ctypes.CDLL(str((build / "lib" / "liboctet-bench-peak.so").resolve())).octet_peak_gops
    peak.restype = ctypes.c_double
    peak.argtypes = [ctypes.c_int, ctypes.c_double]
    return peak(0, 0.2)


def run_case(case, arguments, runtime, scratch):
    generator = numpy.random.default_rng(0)
    probe = compile_model(arguments.build, case.model, "f32", None, scratch / f"{case.name}.f32.so")
    if not probe:
        return []
    arrays = probe.input_arrays(generator)
    samples = [probe.input_arrays(generator) for _ in range(CALIBRATION_SAMPLES)]
    calibration = scratch / f"{case.name}.npz"
    numpy.savez(calibration, **{name: numpy.stack([sample[name] for sample in samples]) for name in arrays})
    libraries = {"f32": probe}
    for precision in arguments.precisions.split(","):
        if precision != "f32":
            library = compile_model(arguments.build, case.model, precision, calibration,
                                    scratch / f"{case.name}.{precision}.so")
            if library:
                libraries[precision] = library
    outputs = [io.name.decode() for io in probe.outputs]
    multiplications = count_multiplications(case.model, {name: array.shape for name, array in arrays.items()})
    rows = []
    for threads in map(int, arguments.threads.split(",")):
        contestants = {f"octet-{name}": library.session(arrays, threads) for name, library in libraries.items()}
        if runtime:
            dimensions = [(name, 1) for name in case.symbolic_dimensions()]
            for name, path in {"f32": case.model, **case.quantized}.items():
                session = onnxruntime_capi.Session(runtime, path, arrays, outputs, threads, dimensions)
                contestants[f"onnxruntime-{name}"] = session.run
        times = measure(contestants, arguments.seconds, arguments.rounds)
        quantized = [times[name] for name in ("onnxruntime-qdq", "onnxruntime-dyn") if name in times]
        if quantized:
            times["onnxruntime-int8"] = min(quantized)
        row = {"model": case.name, "threads": threads, "median_ms": times, "multiplications": multiplications}
        peak = measure_peak(arguments.build)
        if peak and "octet-int8" in times:
            row["int8_peak_gops"] = peak
            row["int8_peak_share"] = 2e-6 * multiplications / (peak * threads) / times["octet-int8"]
        rows.append(row)
        print(format_row(row), flush=True)
    return rows


COLUMNS = ("model", "threads", "f32", "bf16", "int8", "ORT f32", "ORT int8", "f32 vs ORT", "int8 vs ORT",
           "int8 vs ORT's best", "bf16 vs f32", "int8 vs f32", "int8 peak share")


def format_row(row):
    times = row["median_ms"]

    def milliseconds(name):
        return f"{times[name]:.4g}" if name in times else ""

    def ratio(peer, ours):
        return f"{times[peer] / times[ours]:.2f}" if peer in times and ours in times else ""

    theirs = [name for name in times if name.startswith("onnxruntime")]
    best = min(theirs, key=times.get) if theirs else ""
    share = f"{100 * row['int8_peak_share']:.0f} %" if "int8_peak_share" in row else ""
    cells = [row["model"], str(row["threads"]), *map(milliseconds, (
        "octet-f32", "octet-bf16", "octet-int8", "onnxruntime-f32", "onnxruntime-int8")),
        ratio("onnxruntime-f32", "octet-f32"), ratio("onnxruntime-int8", "octet-int8"), ratio(best, "octet-int8"),
        ratio("octet-f32", "octet-bf16"), ratio("octet-f32", "octet-int8"), share]
    return "| " + " | ".join(cells) + " |"


def main():
    arguments = parse_arguments()
    runtime = onnxruntime_capi.Runtime(arguments.onnxruntime) if arguments.onnxruntime else None
    header = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    print("\n".join(header), flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        for path in arguments.models:
            rows += run_case(Case(path, arguments.peers, scratch), arguments, runtime, scratch)
    if arguments.json:
        version = runtime.version if runtime else None
        arguments.json.write_text(json.dumps({"onnxruntime": version, "results": rows}, indent=2) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(header + [format_row(row) for row in rows]) + "\n")


main()
