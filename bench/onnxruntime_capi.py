"""ONNX Runtime through its C interface, for benchmarks: the library inside the npm package onnxruntime-node is all
that is needed.

    npm install --ignore-scripts onnxruntime-node
    .../node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1

The C interface is a table of functions that only ever grows at its end, so their numbers are fixed. A session is run
over arrays that are bound once: a run costs one foreign call, as one of our own models does."""

import ctypes
import pathlib

import numpy

API_VERSION = 17
FUNCTIONS = {  # number in the table OrtApi
    "GetErrorMessage": 2, "CreateEnv": 3, "CreateSession": 7, "Run": 9, "CreateSessionOptions": 10,
    "SetSessionGraphOptimizationLevel": 23, "SetIntraOpNumThreads": 24, "SetInterOpNumThreads": 25,
    "GetTensorMutableData": 51, "AddFreeDimensionOverrideByName": 124, "CreateTensorWithDataAsOrtValue": 49, "CreateCpuMemoryInfo": 69,
}
ALL_OPTIMIZATIONS = 99
ELEMENT_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}


class Runtime:
    """A loaded library. Every call that fails ends in RuntimeError with the library's message."""

    def __init__(self, library):
        class ApiBase(ctypes.Structure):
            _fields_ = [("GetApi", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)),
                        ("GetVersionString", ctypes.CFUNCTYPE(ctypes.c_char_p))]

        self.library = ctypes.CDLL(str(pathlib.Path(library).resolve()))
        self.library.OrtGetApiBase.restype = ctypes.POINTER(ApiBase)
        base = self.library.OrtGetApiBase().contents
        self.version = base.GetVersionString().decode()
        self.table = ctypes.cast(base.GetApi(API_VERSION), ctypes.POINTER(ctypes.c_void_p))
        if not self.table:
            raise RuntimeError(f"{library}: has no interface of version {API_VERSION}")
        self.message = self.function("GetErrorMessage", ctypes.c_char_p)
        self.environment = self.make("CreateEnv", 3, b"bench")
        self.memory = self.make("CreateCpuMemoryInfo", 1, 0)

    def function(self, name, result=ctypes.c_void_p):
        address = self.table[FUNCTIONS[name]]
        return lambda *arguments: ctypes.CFUNCTYPE(result, *[
            ctypes.c_void_p if argument is None or isinstance(argument, (ctypes.Array, ctypes.c_void_p, bytes))
            else type(argument) for argument in arguments])(address)(*arguments)

    def check(self, status):
        if status:
            raise RuntimeError(self.message(ctypes.c_void_p(status)).decode())

    def call(self, name, *arguments):
        converted = [ctypes.c_int(a) if isinstance(a, int) else a for a in arguments]
        self.check(self.function(name)(*converted))

    def make(self, name, *arguments):
        """Calls a function whose last argument is where it puts what it makes."""
        made = (ctypes.c_void_p * 1)()
        self.call(name, *arguments, made)
        return ctypes.c_void_p(made[0])


class Session:
    """A model, bound to its inputs ({name: array}) and the names of its outputs: `run` is one foreign call."""

    def __init__(self, runtime, model, inputs, outputs, threads, dimensions=()):
        options = runtime.make("CreateSessionOptions")
        runtime.call("SetIntraOpNumThreads", options, threads)
        runtime.call("SetInterOpNumThreads", options, 1)
        runtime.call("SetSessionGraphOptimizationLevel", options, ALL_OPTIMIZATIONS)
        for name, extent in dimensions:
            runtime.call("AddFreeDimensionOverrideByName", options, name.encode(), ctypes.c_int64(extent))
        session = runtime.make("CreateSession", runtime.environment, str(model).encode(), options)
        self.arrays = {name: numpy.ascontiguousarray(array) for name, array in inputs.items()}
        values = [self.bind(runtime, array) for array in self.arrays.values()]
        self.results = (ctypes.c_void_p * len(outputs))()
        arguments = (session, None, self.texts(inputs), (ctypes.c_void_p * len(values))(*values),
                     ctypes.c_size_t(len(values)), self.texts(outputs), ctypes.c_size_t(len(outputs)), self.results)
        native = ctypes.CFUNCTYPE(ctypes.c_void_p, *[ctypes.c_void_p] * 4, ctypes.c_size_t, ctypes.c_void_p,
                                  ctypes.c_size_t, ctypes.c_void_p)(runtime.table[FUNCTIONS["Run"]])
        self.run = lambda: native(*arguments)
        self.runtime = runtime
        runtime.check(self.run())  # allocates the results, which later runs write again

    def output(self, number, shape, dtype="float32"):
        """A copy of an output of the last run."""
        result = numpy.empty(shape, dtype)
        data = self.runtime.make("GetTensorMutableData", ctypes.c_void_p(self.results[number]))
        ctypes.memmove(result.ctypes.data, data, result.nbytes)
        return result

    @staticmethod
    def texts(names):
        return (ctypes.c_char_p * len(names))(*[name.encode() for name in names])

    @staticmethod
    def bind(runtime, array):
        shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
        return runtime.make("CreateTensorWithDataAsOrtValue", runtime.memory, ctypes.c_void_p(array.ctypes.data),
                            ctypes.c_size_t(array.nbytes), shape, ctypes.c_size_t(array.ndim),
                            ELEMENT_TYPES[str(array.dtype)])
