/* A model as octetc would emit it, written by hand: y = FACTOR * x + 1 over COUNT
   floats, in two kernels. Built into shared libraries together with the runtime.

   It also exports what only tests want to know. */

#include "octet/runtime.h"

#ifndef FACTOR
#define FACTOR 2.0f
#endif
#ifndef NAME
#define NAME "shared"
#endif
#ifndef FEATURES
#define FEATURES 0
#endif
#ifndef ABI
#define ABI OCTET_ABI_VERSION
#endif
#ifndef BATCH
#define BATCH 1
#endif
enum { COUNT = 12 * BATCH };

static void scale(void *const *buffers, int64_t begin, int64_t end) {
  const float *x = buffers[0];
  float *y = buffers[1];
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[i] * FACTOR;
}

static void increment(void *const *buffers, int64_t begin, int64_t end) {
  const float *x = buffers[0];
  float *y = buffers[1];
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[i] + 1.0f;
}

static void entry(octet_context *context, void *const *inputs, void *const *outputs, void *arena) {
  void *const first[] = {inputs[0], arena};
  void *const second[] = {arena, outputs[0]};
  octet_launch(context, scale, first, COUNT, 0);
  octet_launch(context, increment, second, COUNT, 1);
}

static const int64_t dims[] = {BATCH, 3, 4};
static const octet_io inputs[] = {{"x", dims, COUNT * sizeof(float), 3, OCTET_F32}};
static const octet_io outputs[] = {{"y", dims, COUNT * sizeof(float), 3, OCTET_F32}};
static const char texts[] = "Mul_0\0mul_f32\0Add_1\0add_f32";
static const octet_kernel kernels[] = {{0, 6, COUNT}, {14, 20, COUNT}};

static const octet_model model = {
    .abi_version = ABI,
    .struct_bytes = sizeof(octet_model),
    .api = &octet_runtime_api,
    .name = NAME,
    .target = "x86-64",
    .cpu_features = FEATURES,
    .inputs = inputs,
    .outputs = outputs,
    .kernels = kernels,
    .texts = texts,
    .input_count = 1,
    .output_count = 1,
    .kernel_count = 2,
    .arena_alignment = 64,
    .arena_bytes = COUNT * sizeof(float),
    .weight_bytes = 0,
    .entry = entry,
};

__attribute__((visibility("default"))) const octet_model *octet_get_model(void);
const octet_model *octet_get_model(void) { return &model; }
