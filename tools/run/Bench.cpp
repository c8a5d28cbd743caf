#include "tools/run/Bench.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace llvm;

namespace octet::run {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Runs for `seconds` and at least three times; appends the milliseconds of each run.
Error runFor(Instance &instance, double seconds, std::vector<double> &times) {
  const Clock::time_point begin = Clock::now();
  for (int count = 0; count < 3 || secondsSince(begin) < seconds; ++count) {
    const Clock::time_point start = Clock::now();
    if (Error error = instance.run())
      return error;
    times.push_back(secondsSince(start) * 1e3);
  }
  return Error::success();
}

/// Brings caches, clock speed and branch predictors to where they stay.
Error warmUp(Instance &instance, double seconds) {
  std::vector<double> ignored;
  return runFor(instance, std::min(0.2 * seconds, 0.5), ignored);
}

} // namespace

double getPercentile(ArrayRef<double> sorted, double percent) {
  const auto rank = static_cast<size_t>(std::ceil(percent / 100 * sorted.size()));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

Expected<Latency> measureLatency(Instance &instance, double seconds) {
  if (Error error = warmUp(instance, seconds))
    return error;
  std::vector<double> times;
  if (Error error = runFor(instance, seconds, times))
    return error;
  llvm::sort(times);
  return Latency{times.front(), getPercentile(times, 50), getPercentile(times, 90),
                 getPercentile(times, 99), static_cast<int64_t>(times.size())};
}

Expected<std::vector<KernelTime>> measureLaunches(const ModelLibrary &library, Instance &instance,
                                                  double seconds) {
  const octet_model &model = library.getModel();
  // Kernels of all shapes follow each other; only those of one run.
  uint32_t all = 0, first = 0;
  for (const octet_model *other : library.getModels()) {
    if (other == &model)
      first = all;
    all += other->kernel_count;
  }
  std::vector<uint64_t> nanoseconds(all);
  auto collect = [&] {
    const octet_status status = model.api->profile(instance.getContext(), nanoseconds.data(), all,
                                                   /*reset=*/1);
    return status == OCTET_OK ? Error::success() : library.fail(model.api->status_message(status));
  };
  if (Error error = warmUp(instance, seconds))
    return error;
  if (Error error = collect())
    return error;
  std::vector<double> times;
  if (Error error = runFor(instance, seconds, times))
    return error;
  if (Error error = collect())
    return error;
  std::vector<KernelTime> result;
  for (uint32_t i = 0; i < model.kernel_count; ++i)
    result.push_back({model.texts + model.kernels[i].node, model.texts + model.kernels[i].name,
                      nanoseconds[first + i] * 1e-6 / times.size()});
  return result;
}

Expected<std::vector<KernelTime>> measureKernels(const ModelLibrary &library, Instance &instance,
                                                 double seconds) {
  auto result = measureLaunches(library, instance, seconds);
  if (result)
    llvm::sort(*result, [](const KernelTime &a, const KernelTime &b) {
      return a.milliseconds > b.milliseconds;
    });
  return result;
}

} // namespace octet::run
