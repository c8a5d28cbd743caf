"""npz.py write FILE NAME=EXPRESSION...: stores NumPy expressions.
npz.py split FILE NAME FOLDER: stores each sample of an array as an .npy file of its own.
npz.py show FILE: prints every array with its type and shape.
npz.py equal FILE NAME=EXPRESSION: fails unless the array is exactly that."""

import sys

import numpy as np

command, path, *definitions = sys.argv[1:]
arrays = {}
for definition in definitions if command != "split" else []:
    name, expression = definition.split("=", 1)
    arrays[name] = eval(expression)
if command == "write":
    np.savez_compressed(path, **arrays)
elif command == "split":
    for i, sample in enumerate(np.load(path)[definitions[0]]):
        np.save(f"{definitions[1]}/{i:04}.npy", sample[None])
elif command == "show":
    for name, array in np.load(path).items():
        print(name, array.dtype, array.shape)
else:
    stored = np.load(path)
    for name, array in arrays.items():
        np.testing.assert_array_equal(stored[name], array)
        assert stored[name].dtype == array.dtype
