#!/usr/bin/env python3
"""Checks that octet-conformance can fail: a copy of a case with another stored output, one whose
model is cut off, and pages that say less than is true."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RUNNER, DATA = sys.argv[1], pathlib.Path(sys.argv[2])


def run(*arguments):
    done = subprocess.run([RUNNER, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def expect(condition, text):
    if not condition:
        sys.exit("unexpected: " + text)


with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    page = root / "page.md"
    for name in ("test_add", "test_add_bcast", "test_sub"):
        shutil.copytree(DATA / "node" / name, root / "node" / name)
    status, text = run("--data", root, "--write", page)
    expect(status == 0 and "3 of 3 cases pass" in text, text)
    expect(run("--data", root, "--check", page)[0] == 0, "the page just written")

    output = root / "node/test_add/test_data_set_0/output_0.pb"
    content = bytearray(output.read_bytes())
    content[-1] ^= 0x40  # the exponent of the last element
    output.write_bytes(content)
    model = root / "node/test_sub/model.onnx"
    model.write_bytes(model.read_bytes()[:40])
    status, text = run("--data", root, "--check", page)
    expect(status == 1 and re.search("node/test_add: wrong: output 0, element 59: expected", text),
           text)
    expect("node/test_sub: wrong: model.onnx does not parse" in text, text)
    expect("test_add_bcast" not in text, text)

    run("--data", root, "--write", page)
    expect(run("--data", root, "--check", page)[0] == 0, "what the page says does not pass")
    page.write_text("")
    expect(run("--data", root, "--check", page)[0] == 1, "an empty page")
    expect(run("--data", root / "none")[0] == 1, "no cases")
