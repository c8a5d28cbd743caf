/* The C interface of compiled models.

   A model is one constant structure. It points at its own copy of the runtime
   (`api`), so that a shared library exports nothing but its model, several models
   with runtimes of different versions live in one process, and a caller needs no
   library besides the model. Object files and archives share the runtime that the
   program links.

   A model is immutable and may be used from any thread. A context holds the arena
   and the threads of one caller; different contexts run at the same time, one
   context runs once at a time. */

#ifndef OCTET_RUNTIME_H
#define OCTET_RUNTIME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OCTET_ABI_VERSION 1u

typedef enum octet_status {
  OCTET_OK = 0,
  OCTET_NULL_ARGUMENT = 1,   /* a pointer that must not be null is */
  OCTET_ABI_MISMATCH = 2,    /* the model was compiled for another ABI version */
  OCTET_UNSUPPORTED_CPU = 3, /* this CPU lacks a feature the code uses */
  OCTET_WRONG_COUNT = 4,     /* number of inputs or outputs */
  OCTET_WRONG_SIZE = 5,      /* bytes of an input or output; no model of a list has such */
  OCTET_OUT_OF_MEMORY = 6,
  OCTET_THREAD_ERROR = 7, /* a thread could not be started */
  OCTET_BAD_OPTION = 8    /* an option outside its range */
} octet_status;

/* Element types, numbered as in ONNX's TensorProto.DataType. */
typedef enum octet_dtype {
  OCTET_F32 = 1,
  OCTET_U8 = 2,
  OCTET_I8 = 3,
  OCTET_U16 = 4,
  OCTET_I16 = 5,
  OCTET_I32 = 6,
  OCTET_I64 = 7,
  OCTET_BOOL = 9,
  OCTET_F16 = 10,
  OCTET_F64 = 11,
  OCTET_U32 = 12,
  OCTET_U64 = 13,
  OCTET_BF16 = 16
} octet_dtype;

/* An input or output: dense row-major elements, no alignment asked for. */
typedef struct octet_io {
  const char *name;
  const int64_t *dims; /* `rank` extents */
  uint64_t bytes;
  uint32_t rank;
  uint32_t dtype; /* octet_dtype */
} octet_io;

/* A launch of a kernel in the model, in order of execution. The texts are offsets into
   octet_model.texts: pointers would have to be relocated one by one. */
typedef struct octet_kernel {
  uint32_t node; /* ONNX node, or what the compiler added and why */
  uint32_t name; /* kernel function; equal kernels share one */
  int64_t units; /* parts the work can be split into */
} octet_kernel;

/* The extent of an output that depends on data is the most that it can be. Along `axis`
   the first places are used, as many as the one i64 of another output says; what
   the others hold means nothing. */
typedef struct octet_extent {
  uint32_t output;
  uint32_t axis;
  uint32_t count; /* the other output */
} octet_extent;

typedef struct octet_context octet_context;

/* Options of a context; zeros are the defaults. */
typedef struct octet_options {
  uint32_t threads; /* 0 or 1: the caller's thread alone; at most 256 */
  uint32_t profile; /* nonzero: time every kernel */
} octet_options;

/* One input or output of a run. */
typedef struct octet_buffer {
  void *data;
  uint64_t bytes;
} octet_buffer;

struct octet_model;

/* The runtime, version OCTET_ABI_VERSION. Every function checks its arguments. */
typedef struct octet_api {
  uint32_t abi_version;
  /* Checks the CPU, allocates the arena (octet_model.arena_bytes, the most of all models of a
     list) and starts threads. The context runs `model` and those behind it. */
  octet_status (*create)(const struct octet_model *model, const octet_options *options,
                         octet_context **context);
  void (*destroy)(octet_context *context);
  /* Allocates nothing. Inputs are only read. Of a list runs the model whose inputs have the
     bytes that are given. */
  octet_status (*run)(octet_context *context, const octet_buffer *inputs, uint32_t input_count,
                      const octet_buffer *outputs, uint32_t output_count);
  /* Nanoseconds spent in each kernel (octet_model.kernel_count entries; of a list those of all
     its models, one after the other) by runs since creation or the last reset.
     OCTET_BAD_OPTION without `profile`. */
  octet_status (*profile)(octet_context *context, uint64_t *nanoseconds, uint32_t count, int reset);
  const char *(*status_message)(octet_status status); /* English, never null */
  /* Names of the features that `model` needs and this CPU lacks, separated by
     spaces, cut to `bytes` with a final 0. Returns how many they are. */
  uint32_t (*missing_features)(const struct octet_model *model, char *text, uint64_t bytes);
} octet_api;

typedef struct octet_model {
  uint32_t abi_version;
  uint32_t struct_bytes; /* sizeof(octet_model) when it was compiled */
  const octet_api *api;
  const char *name;
  const char *target;    /* CPU or level it was compiled for */
  uint64_t cpu_features; /* bits as listed in cpu_features.def */
  const octet_io *inputs;
  const octet_io *outputs;
  const octet_kernel *kernels;
  const char *texts; /* of the kernels, each with a final 0 */
  uint32_t input_count;
  uint32_t output_count;
  uint32_t kernel_count;
  uint32_t arena_alignment; /* bytes */
  uint64_t arena_bytes;
  uint64_t weight_bytes; /* constants in read-only data */
  /* Calls octet_launch for each kernel. Not for users: `api->run` checks first. */
  void (*entry)(octet_context *context, void *const *inputs, void *const *outputs, void *arena);
  /* The same network for other shapes of its inputs, or null. All of such a list have the
     same names, types and numbers of inputs and outputs, and share their weights. */
  const struct octet_model *next;
  const octet_extent *extents;
  uint32_t extent_count;
} octet_model;

/* A shared library exports `const octet_model *octet_get_model(void)`. One that also returns
   its layers (octetc --keep-layers) has outputs behind those of the model, and exports
   `const char octet_layers[]`, a JSON text about them for tools:
     {"outputs": N, "layers": [{"result": INDEX, "tensor": "...", ...}, ...]} */

/* --- Between generated code and the runtime ------------------------------------ */

/* A kernel computes the units [begin, end) of its work on its buffers. */
typedef void (*octet_kernel_fn)(void *const *buffers, int64_t begin, int64_t end);

/* Runs a kernel over [0, units) on the context's threads; `index` counts launches. */
void octet_launch(octet_context *context, octet_kernel_fn kernel, void *const *buffers,
                  int64_t units, uint32_t index);

/* The runtime that generated code links against. */
extern const octet_api octet_runtime_api;

#ifdef __cplusplus
}
#endif

#endif /* OCTET_RUNTIME_H */
