// Times of a model: whole runs, and kernel by kernel.

#ifndef OCTET_TOOLS_RUN_BENCH_H
#define OCTET_TOOLS_RUN_BENCH_H

#include "tools/run/ModelLibrary.h"

namespace octet::run {

/// Milliseconds of a run.
struct Latency {
  double min, median, p90, p99;
  int64_t runs;
};

/// The value below which `percent` of the (sorted, at least one) values lie: nearest
/// rank, so always one that was measured.
double getPercentile(llvm::ArrayRef<double> sorted, double percent);

/// Warms up, then runs for `seconds` and at least three times.
llvm::Expected<Latency> measureLatency(Instance &instance, double seconds);

struct KernelTime {
  std::string node, kernel;
  double milliseconds; // of a run, on average
};

/// Times of all kernels in order of execution; `instance` was created with profile.
llvm::Expected<std::vector<KernelTime>> measureLaunches(const ModelLibrary &library,
                                                        Instance &instance, double seconds);
/// The same, slowest first.
llvm::Expected<std::vector<KernelTime>> measureKernels(const ModelLibrary &library,
                                                       Instance &instance, double seconds);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_BENCH_H
