#!/usr/bin/env python3
"""Measures what compiling costs: seconds and peak memory of octetc, in f32 and INT8, and the size of the result.

    bench/compile_cost.py BUILD/bin MODEL.onnx CALIB.npz"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time


def measure(command):
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    binaries, model, calibration = map(pathlib.Path, sys.argv[1:])
    print(f"{'model':24} {'precision':9} {'seconds':>8} {'peak MB':>8} {'library MB':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for precision, options in (("f32", []), ("int8", ["--calibrate", calibration])):
            library = pathlib.Path(folder) / f"{precision}.so"
            seconds, megabytes = measure([binaries / "octetc", model, *options, "-o", library])
            size = library.stat().st_size / 1e6
            print(f"{model.stem:24} {precision:9} {seconds:8.1f} {megabytes:8.0f} {size:11.1f}")


main()
