#!/usr/bin/env python3
"""Models that come quantized, beside ONNX Runtime running the same file.

    quantized.py FILE --bin BUILD/bin --models DIR --data DIR --work DIR
    quantized.py --make LIBRARY --models DIR --data DIR --work DIR

FILE is an entry of quantized.json: a model of the folder, how many samples of its eval split, and the index of the
greatest element of the first output that ONNX Runtime has for each. Ours agrees on 99.5 % of them, and no convolution
or matrix product is left in floats. Without samples the model has stored outputs, which are to be met within `sqnr`
dB. --make runs ONNX Runtime (its shared library) and writes these answers. Exit status 77 means skipped: the models
or a tool are not on this machine."""

import argparse
import json
import pathlib
import subprocess
import sys

SKIPPED = 77
MIN_AGREEMENT = 0.995
ANSWERS = pathlib.Path(__file__).parent / "quantized.json"


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"failed ({result.returncode}): {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def prepare(file, count, arguments):
    try:
        import numpy, PIL  # noqa: F401  prepare.py needs them
    except ImportError as error:
        skip(str(error))
    model = pathlib.Path(file).parts[0]
    path = arguments.work / f"{model}.{count}.npz"
    if not path.exists():
        run(sys.executable, arguments.data / "prepare.py", model, "--split", "eval", "--count", count, "--out", path)
    return path


def find_greatest(outputs):
    return [int(output.argmax()) for output in outputs]


def make(arguments):
    import numpy
    import onnx
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench"))
    from onnxruntime_capi import Runtime, Session
    entries = json.loads(ANSWERS.read_text())
    runtime = Runtime(arguments.make)
    for file, entry in entries.items():
        if "count" not in entry:
            continue
        graph = onnx.load(arguments.models / file).graph
        initializers = {tensor.name for tensor in graph.initializer}
        data = numpy.load(prepare(file, entry["count"], arguments))
        (info,) = [value for value in graph.input if value.name not in initializers]
        samples = data[info.name]
        declared = info.type.tensor_type.shape.dim
        if samples.ndim == len(declared):
            samples = samples[:, None]
        free = [(dim.dim_param, samples.shape[1 + i]) for i, dim in enumerate(declared) if dim.dim_param]
        session = Session(runtime, arguments.models / file, {info.name: samples[0].copy()},
                          [graph.output[0].name], 1, free)
        shape = [dim.dim_value or 1 for dim in graph.output[0].type.tensor_type.shape.dim]
        outputs = []
        for sample in samples:
            session.arrays[info.name][...] = sample
            runtime.check(session.run())
            outputs.append(session.output(0, shape))
        entry["greatest"] = find_greatest(outputs)
        print(file, len(outputs))
    lines = [f"{json.dumps(file)}: {json.dumps(entry)}" for file, entry in entries.items()]
    ANSWERS.write_text("{\n  " + ",\n  ".join(lines) + "\n}\n")


def check(arguments):
    entry = json.loads(ANSWERS.read_text())[arguments.file]
    source = arguments.models / arguments.file
    if not source.exists():
        skip(f"no {source}")
    name = arguments.file.replace("/", "-")
    library = arguments.work / f"{name}.so"
    report = run(arguments.bin / "octetc", source, *entry.get("options", []), "--explain", "-o", library)
    floats = [line for line in report.splitlines() if line.split()[1:3] in (["conv", "f32"], ["matmul", "f32"])]
    assert not floats, f"contractions in f32: {floats}"
    if "sqnr" in entry:
        golden = source.parent / entry["golden"]
        outputs = json.loads(run(arguments.bin / "octet-run", library, "--compare", golden, "--json"))["outputs"]
        for output, scores in outputs.items():
            sqnr = scores["sqnr_db"]  # null where the outputs are equal
            print(f"{name} {output}: {sqnr} dB")
            assert sqnr is None or sqnr >= entry["sqnr"], f"'{output}': expected {entry['sqnr']} dB, got {sqnr}"
        return
    import numpy
    result = arguments.work / f"{name}.npz"
    run(arguments.bin / "octet-run", library, "--input", prepare(arguments.file, entry["count"], arguments), "--output", result)
    outputs = numpy.load(result)
    greatest = find_greatest(outputs[outputs.files[0]])
    same = sum(a == b for a, b in zip(greatest, entry["greatest"], strict=True))
    print(f"{name}: {same} of {len(greatest)} agree")
    assert same >= MIN_AGREEMENT * len(greatest)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?")
    parser.add_argument("--make", type=pathlib.Path)
    for folder in ("bin", "models", "data", "work"):
        parser.add_argument(f"--{folder}", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    make(arguments) if arguments.make else check(arguments)


main()
