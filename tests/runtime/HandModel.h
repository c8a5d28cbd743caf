// A model written by hand, with the structure that octetc emits: an output that
// depends on every unit of work, through an intermediate buffer in the arena.

#ifndef OCTET_TESTS_RUNTIME_HANDMODEL_H
#define OCTET_TESTS_RUNTIME_HANDMODEL_H

#include "octet/runtime.h"

#include <array>
#include <cstdint>
#include <vector>

namespace octet::test {

/// Odd, so that no thread count divides it.
inline constexpr int64_t kHandCount = 1009;
/// More kernels than one launch, so that launches follow each other closely.
inline constexpr uint32_t kHandKernels = 5;

inline void squareKernel(void *const *buffers, int64_t begin, int64_t end) {
  auto *x = static_cast<const int32_t *>(buffers[0]);
  auto *y = static_cast<int32_t *>(buffers[1]);
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[i] * x[i] + static_cast<int32_t>(i);
}

/// Reads a neighbour: wrong unless the launch before has ended on all threads.
inline void rotateKernel(void *const *buffers, int64_t begin, int64_t end) {
  auto *x = static_cast<const int32_t *>(buffers[0]);
  auto *y = static_cast<int32_t *>(buffers[1]);
  for (int64_t i = begin; i < end; ++i)
    y[i] = x[(i + 500) % kHandCount] + 1;
}

inline void handEntry(octet_context *context, void *const *inputs, void *const *outputs,
                      void *arena) {
  auto *first = static_cast<int32_t *>(arena);
  int32_t *second = first + kHandCount;
  void *const buffers[kHandKernels][2] = {
      {inputs[0], first}, {first, second}, {second, first}, {first, second}, {second, outputs[0]}};
  octet_launch(context, squareKernel, buffers[0], kHandCount, 0);
  for (uint32_t i = 1; i < kHandKernels; ++i)
    octet_launch(context, rotateKernel, buffers[i], kHandCount, i);
}

inline const int64_t kHandDims[] = {kHandCount};
inline const octet_io kHandInput = {"x", kHandDims, kHandCount * 4, 1, OCTET_I32};
inline const octet_io kHandOutput = {"y", kHandDims, kHandCount * 4, 1, OCTET_I32};
inline const char kHandTexts[] = "square\0rotate";
inline const octet_kernel kHandKernelList[kHandKernels] = {{0, 0, kHandCount},
                                                           {7, 7, kHandCount},
                                                           {7, 7, kHandCount},
                                                           {7, 7, kHandCount},
                                                           {7, 7, kHandCount}};

inline octet_model makeHandModel() {
  octet_model model = {};
  model.abi_version = OCTET_ABI_VERSION;
  model.struct_bytes = sizeof(octet_model);
  model.api = &octet_runtime_api;
  model.name = "hand";
  model.target = "x86-64";
  model.inputs = &kHandInput;
  model.outputs = &kHandOutput;
  model.kernels = kHandKernelList;
  model.texts = kHandTexts;
  model.input_count = 1;
  model.output_count = 1;
  model.kernel_count = kHandKernels;
  model.arena_alignment = 64;
  model.arena_bytes = 2 * kHandCount * 4;
  model.entry = handEntry;
  return model;
}

inline std::vector<int32_t> handInput(int32_t seed) {
  std::vector<int32_t> values(kHandCount);
  for (int64_t i = 0; i < kHandCount; ++i)
    values[i] = static_cast<int32_t>((i * 37 + seed) % 211) - 105;
  return values;
}

inline std::vector<int32_t> handExpected(const std::vector<int32_t> &input) {
  std::vector<int32_t> values(kHandCount), next(kHandCount);
  for (int64_t i = 0; i < kHandCount; ++i)
    values[i] = input[i] * input[i] + static_cast<int32_t>(i);
  for (uint32_t k = 1; k < kHandKernels; ++k, values.swap(next))
    for (int64_t i = 0; i < kHandCount; ++i)
      next[i] = values[(i + 500) % kHandCount] + 1;
  return values;
}

} // namespace octet::test

#endif // OCTET_TESTS_RUNTIME_HANDMODEL_H
