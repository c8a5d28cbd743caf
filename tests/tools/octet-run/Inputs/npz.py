"""npz.py write FILE NAME=EXPRESSION...: stores NumPy expressions.
npz.py show FILE: prints every array with its type and shape.
npz.py equal FILE NAME=EXPRESSION: fails unless the array is exactly that."""

import sys

import numpy as np

command, path, *definitions = sys.argv[1:]
arrays = {}
for definition in definitions:
    name, expression = definition.split("=", 1)
    arrays[name] = eval(expression)
if command == "write":
    np.savez_compressed(path, **arrays)
elif command == "show":
    for name, array in np.load(path).items():
        print(name, array.dtype, array.shape)
else:
    stored = np.load(path)
    for name, array in arrays.items():
        np.testing.assert_array_equal(stored[name], array)
        assert stored[name].dtype == array.dtype
