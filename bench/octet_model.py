"""A compiled model in this process, through its C interface (runtime/include/octet/runtime.h)."""

import ctypes
import pathlib

import numpy

ELEMENT_TYPES = {1: numpy.float32, 2: numpy.uint8, 3: numpy.int8, 6: numpy.int32, 7: numpy.int64, 9: numpy.bool_}


class Io(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("dims", ctypes.POINTER(ctypes.c_int64)), ("bytes", ctypes.c_uint64),
                ("rank", ctypes.c_uint32), ("dtype", ctypes.c_uint32)]

    def shape(self):
        return tuple(self.dims[:self.rank])


class Options(ctypes.Structure):
    _fields_ = [("threads", ctypes.c_uint32), ("profile", ctypes.c_uint32)]


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("bytes", ctypes.c_uint64)]


class Api(ctypes.Structure):
    _fields_ = [("abi_version", ctypes.c_uint32),
                ("create", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Options), ctypes.c_void_p)),
                ("destroy", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
                ("run", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32,
                                         ctypes.c_void_p, ctypes.c_uint32))]


class Header(ctypes.Structure):  # the first fields of octet_model
    _fields_ = [("abi_version", ctypes.c_uint32), ("struct_bytes", ctypes.c_uint32), ("api", ctypes.POINTER(Api)),
                ("name", ctypes.c_char_p), ("target", ctypes.c_char_p), ("cpu_features", ctypes.c_uint64),
                ("inputs", ctypes.POINTER(Io)), ("outputs", ctypes.POINTER(Io)), ("kernels", ctypes.c_void_p),
                ("texts", ctypes.c_char_p), ("input_count", ctypes.c_uint32), ("output_count", ctypes.c_uint32),
                ("kernel_count", ctypes.c_uint32), ("arena_alignment", ctypes.c_uint32),
                ("arena_bytes", ctypes.c_uint64), ("weight_bytes", ctypes.c_uint64)]


class Model:
    def __init__(self, library):
        self.library = ctypes.CDLL(str(pathlib.Path(library).resolve()))
        self.library.octet_get_model.restype = ctypes.POINTER(Header)
        self.header = self.library.octet_get_model().contents
        self.inputs = self.header.inputs[:self.header.input_count]
        self.outputs = self.header.outputs[:self.header.output_count]

    def input_arrays(self, generator):
        """Random values for every input: normal for floats, 0 or 1 for integers."""
        return {io.name.decode(): generator.standard_normal(io.shape(), numpy.float32)
                if io.dtype == 1 else generator.integers(0, 2, io.shape()).astype(ELEMENT_TYPES[io.dtype])
                for io in self.inputs}

    def session(self, arrays, threads):
        """A function that runs the model over `arrays` once."""
        api = self.header.api.contents
        context = ctypes.c_void_p()
        options = Options(threads, 0)
        status = api.create(ctypes.byref(self.header), ctypes.byref(options), ctypes.byref(context))
        if status:
            raise RuntimeError(f"{self.header.name.decode()}: no context, status {status}")
        held = [numpy.ascontiguousarray(arrays[io.name.decode()]) for io in self.inputs]
        held += [numpy.empty(io.shape(), ELEMENT_TYPES[io.dtype]) for io in self.outputs]
        buffers = [Buffer(array.ctypes.data, array.nbytes) for array in held]
        count = len(self.inputs)
        inputs = (Buffer * count)(*buffers[:count])
        outputs = (Buffer * (len(held) - count))(*buffers[count:])
        run = api.run

        def once():
            if run(context, inputs, count, outputs, len(outputs)):
                raise RuntimeError("a run failed")

        once.held = held  # as long as the function lives
        return once
