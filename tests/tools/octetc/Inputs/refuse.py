"""refuse.py FOLDER ARGUMENT...: runs octetc with these arguments and with outputs in FOLDER,
which is made anew, unless there is a -o among them. Fails unless octetc exits with
status 1, says nothing but one-line errors, and leaves FOLDER empty. Prints the errors."""

import os
import shutil
import subprocess
import sys

folder, *arguments = sys.argv[1:]
shutil.rmtree(folder, ignore_errors=True)
os.mkdir(folder)
if "-o" not in arguments:
    arguments += ["-o", f"{folder}/model.so"]
run = subprocess.run(["octetc", *arguments], capture_output=True, text=True)
print(run.stderr, end="")
assert run.returncode == 1, f"exit status {run.returncode}"
assert run.stdout == "", f"output: {run.stdout}"
lines = run.stderr.splitlines()
assert lines, "no error"
for line in lines:
    assert line.startswith(("octetc: error: ", "octetc: for the ")), line
assert not os.listdir(folder), f"left behind: {os.listdir(folder)}"
