// What octet-run found, as text or as JSON.

#ifndef OCTET_TOOLS_RUN_REPORT_H
#define OCTET_TOOLS_RUN_REPORT_H

#include "tools/run/Bench.h"
#include "tools/run/Scores.h"

#include <optional>

namespace octet::run {

struct Report {
  std::optional<Latency> latency;
  std::vector<std::pair<std::string, Comparison>> outputs;
  std::optional<Accuracy> accuracy;
  std::optional<int64_t> samples;
  uint32_t threads = 1;
  uint64_t arenaBytes = 0;
  std::string target;
};

/// The interface and the sizes of a model.
void printModel(const ModelLibrary &library, llvm::raw_ostream &os);
void printText(const Report &report, llvm::raw_ostream &os);
/// One object; shares are between 0 and 1. JSON has no infinities: decibels end at
/// +-1000, differences at the largest double.
void printJson(const Report &report, llvm::raw_ostream &os);
void printKernels(llvm::ArrayRef<KernelTime> kernels, llvm::raw_ostream &os);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_REPORT_H
