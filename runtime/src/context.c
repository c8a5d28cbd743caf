/* Contexts: one caller's arena, threads and times. Everything a run needs is
   allocated when the context is created; a run only checks its arguments, and with
   one thread it makes no system call. */

#define _GNU_SOURCE
#include "cpu_features.h"
#include "octet/runtime.h"
#include "thread_pool.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xmmintrin.h>

enum { MAX_THREADS = 256, MAX_ARENA_ALIGNMENT = 1 << 21, MAX_MODELS = 4096 };

struct octet_context {
  const octet_model *model;   /* the first of its list */
  const octet_model *running; /* the one that runs, or ran last */
  octet_pool *pool;           /* null with one thread */
  void *arena;
  uint64_t *nanoseconds; /* per kernel of all models; null without profile */
  uint64_t *running_nanoseconds;
  void *pointers[]; /* scratch of run: inputs, then outputs */
};

static octet_status check_model(const octet_model *model) {
  /* Nothing but these two fields has a known place until they agree. */
  if (model->abi_version != OCTET_ABI_VERSION || model->struct_bytes != sizeof(octet_model))
    return OCTET_ABI_MISMATCH;
  if (!model->entry || (model->input_count && !model->inputs) ||
      (model->output_count && !model->outputs) ||
      (model->kernel_count && (!model->kernels || !model->texts)))
    return OCTET_NULL_ARGUMENT;
  const uint32_t alignment = model->arena_alignment;
  if (alignment & (alignment - 1) || alignment > MAX_ARENA_ALIGNMENT)
    return OCTET_BAD_OPTION;
  if (octet_missing_cpu_features(model->cpu_features) != 0)
    return OCTET_UNSUPPORTED_CPU;
  return OCTET_OK;
}

/* A list ends, and its models differ in shapes alone. */
static octet_status check_list(const octet_model *first) {
  uint32_t count = 0;
  for (const octet_model *model = first; model; model = model->next) {
    const octet_status status = check_model(model);
    if (status != OCTET_OK)
      return status;
    if (model->input_count != first->input_count || model->output_count != first->output_count)
      return OCTET_WRONG_COUNT;
    if (++count > MAX_MODELS)
      return OCTET_BAD_OPTION;
  }
  return OCTET_OK;
}

static uint64_t count_kernels(const octet_model *first) {
  uint64_t count = 0;
  for (const octet_model *model = first; model; model = model->next)
    count += model->kernel_count;
  return count;
}

static octet_status allocate_arena(octet_context *context) {
  size_t alignment = 64;
  uint64_t bytes = 0;
  for (const octet_model *model = context->model; model; model = model->next) {
    if (model->arena_alignment > alignment)
      alignment = model->arena_alignment;
    if (model->arena_bytes > bytes)
      bytes = model->arena_bytes;
  }
  if (bytes == 0)
    return OCTET_OK;
  if (bytes > SIZE_MAX / 2 || posix_memalign(&context->arena, alignment, (size_t)bytes) != 0) {
    context->arena = NULL;
    return OCTET_OUT_OF_MEMORY;
  }
  /* Also brings the pages in, so that the first run takes as long as the others. */
  memset(context->arena, 0, (size_t)bytes);
  return OCTET_OK;
}

static void destroy(octet_context *context) {
  if (!context)
    return;
  octet_pool_destroy(context->pool);
  free(context->arena);
  free(context->nanoseconds);
  free(context);
}

static octet_status fill_context(octet_context *context, const octet_options *options) {
  const octet_status status = allocate_arena(context);
  if (status != OCTET_OK)
    return status;
  if (options->profile) {
    /* One more, as calloc(0) may return null. */
    context->nanoseconds = calloc((size_t)count_kernels(context->model) + 1, sizeof(uint64_t));
    if (!context->nanoseconds)
      return OCTET_OUT_OF_MEMORY;
    context->running_nanoseconds = context->nanoseconds;
  }
  return options->threads > 1 ? octet_pool_create(options->threads, &context->pool) : OCTET_OK;
}

static octet_status create(const octet_model *model, const octet_options *options,
                           octet_context **result) {
  static const octet_options defaults = {0, 0};
  if (result)
    *result = NULL;
  if (!model || !result)
    return OCTET_NULL_ARGUMENT;
  octet_status status = check_list(model);
  if (status != OCTET_OK)
    return status;
  if (!options)
    options = &defaults;
  if (options->threads > MAX_THREADS)
    return OCTET_BAD_OPTION;

  const size_t io_count = (size_t)model->input_count + model->output_count;
  octet_context *context = calloc(1, sizeof(octet_context) + io_count * sizeof(void *));
  if (!context)
    return OCTET_OUT_OF_MEMORY;
  context->model = model;
  context->running = model;
  status = fill_context(context, options);
  if (status != OCTET_OK) {
    destroy(context);
    return status;
  }
  *result = context;
  return OCTET_OK;
}

static octet_status check_buffers(const octet_buffer *buffers, uint32_t count, const octet_io *io,
                                  uint32_t expected, void **pointers) {
  if (count != expected)
    return OCTET_WRONG_COUNT;
  if (count && !buffers)
    return OCTET_NULL_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i) {
    if (buffers[i].bytes != io[i].bytes)
      return OCTET_WRONG_SIZE;
    if (!buffers[i].data && buffers[i].bytes)
      return OCTET_NULL_ARGUMENT;
    pointers[i] = buffers[i].data;
  }
  return OCTET_OK;
}

/* The first model of the list whose inputs have these bytes; the first of all where none has,
   whose check then says what is wrong. Counts into `kernels` those of the models before it. */
static const octet_model *choose_model(const octet_model *first, const octet_buffer *inputs,
                                       uint32_t input_count, uint64_t *kernels) {
  *kernels = 0;
  if (!first->next || !inputs || input_count != first->input_count)
    return first;
  for (const octet_model *model = first; model; model = model->next) {
    uint32_t i = 0;
    while (i < input_count && inputs[i].bytes == model->inputs[i].bytes)
      ++i;
    if (i == input_count)
      return model;
    *kernels += model->kernel_count;
  }
  *kernels = 0;
  return first;
}

static octet_status run(octet_context *context, const octet_buffer *inputs, uint32_t input_count,
                        const octet_buffer *outputs, uint32_t output_count) {
  if (!context)
    return OCTET_NULL_ARGUMENT;
  uint64_t kernels_before;
  const octet_model *model = choose_model(context->model, inputs, input_count, &kernels_before);
  void **input_pointers = context->pointers;
  void **output_pointers = context->pointers + model->input_count;
  octet_status status =
      check_buffers(inputs, input_count, model->inputs, model->input_count, input_pointers);
  if (status == OCTET_OK)
    status =
        check_buffers(outputs, output_count, model->outputs, model->output_count, output_pointers);
  if (status != OCTET_OK)
    return status;

  context->running = model;
  if (context->nanoseconds)
    context->running_nanoseconds = context->nanoseconds + kernels_before;
  /* Round to nearest, denormals kept, nothing trapped: the caller's settings must
     not change results, nor differ from those of the worker threads. */
  const unsigned previous = _mm_getcsr();
  _mm_setcsr(0x1f80);
  model->entry(context, input_pointers, output_pointers, context->arena);
  _mm_setcsr(previous);
  return OCTET_OK;
}

static octet_status profile(octet_context *context, uint64_t *nanoseconds, uint32_t count,
                            int reset) {
  if (!context)
    return OCTET_NULL_ARGUMENT;
  if (!context->nanoseconds)
    return OCTET_BAD_OPTION;
  if (count != count_kernels(context->model))
    return OCTET_WRONG_COUNT;
  if (count == 0)
    return OCTET_OK;
  if (!nanoseconds)
    return OCTET_NULL_ARGUMENT;
  for (uint32_t i = 0; i < count; ++i) {
    nanoseconds[i] = context->nanoseconds[i];
    if (reset)
      context->nanoseconds[i] = 0;
  }
  return OCTET_OK;
}

static const char *status_message(octet_status status) {
  switch (status) {
  case OCTET_OK:
    return "success";
  case OCTET_NULL_ARGUMENT:
    return "a pointer is null";
  case OCTET_ABI_MISMATCH:
    return "the model was compiled for another version of the runtime";
  case OCTET_UNSUPPORTED_CPU:
    return "this cpu lacks a feature that the model needs";
  case OCTET_WRONG_COUNT:
    return "wrong number of inputs, outputs or kernels";
  case OCTET_WRONG_SIZE:
    return "wrong size of an input or output";
  case OCTET_OUT_OF_MEMORY:
    return "out of memory";
  case OCTET_THREAD_ERROR:
    return "a thread could not be started";
  case OCTET_BAD_OPTION:
    return "an option is out of range";
  }
  return "unknown status";
}

/* Appends what fits of `part` and a final 0. */
static uint64_t append(char *text, uint64_t used, uint64_t bytes, const char *part) {
  for (; *part && used + 1 < bytes; ++used)
    text[used] = *part++;
  if (bytes)
    text[used] = 0;
  return used;
}

static uint32_t missing_features(const octet_model *model, char *text, uint64_t bytes) {
  uint64_t used = 0;
  uint32_t count = 0;
  if (!text)
    bytes = 0;
  if (bytes)
    text[0] = 0;
  if (!model || model->abi_version != OCTET_ABI_VERSION ||
      model->struct_bytes != sizeof(octet_model))
    return 0;
  const uint64_t missing = octet_missing_cpu_features(model->cpu_features);
  for (uint32_t bit = 0; bit < 64; ++bit) {
    if (!(missing >> bit & 1))
      continue;
    _Static_assert(OCTET_CPU_FEATURE_COUNT >= 10, "unknown bits have two digits");
    const char unknown[] = {
        'u', 'n', 'k', 'n', 'o', 'w', 'n', '-', (char)('0' + bit / 10), (char)('0' + bit % 10), 0};
    const char *name = octet_cpu_feature_name(bit);
    if (count++)
      used = append(text, used, bytes, " ");
    used = append(text, used, bytes, name ? name : unknown);
  }
  return count;
}

static uint64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static void launch(octet_context *context, octet_kernel_fn kernel, void *const *buffers,
                   int64_t units) {
  /* A single unit is not worth waking anybody for. */
  if (context->pool && units > 1)
    octet_pool_run(context->pool, kernel, buffers, units);
  else if (units > 0)
    kernel(buffers, 0, units);
}

void octet_launch(octet_context *context, octet_kernel_fn kernel, void *const *buffers,
                  int64_t units, uint32_t index) {
  if (!context->nanoseconds) {
    launch(context, kernel, buffers, units);
    return;
  }
  const uint64_t begin = now_nanoseconds();
  launch(context, kernel, buffers, units);
  if (index < context->running->kernel_count)
    context->running_nanoseconds[index] += now_nanoseconds() - begin;
}

const octet_api octet_runtime_api = {
    .abi_version = OCTET_ABI_VERSION,
    .create = create,
    .destroy = destroy,
    .run = run,
    .profile = profile,
    .status_message = status_message,
    .missing_features = missing_features,
};
