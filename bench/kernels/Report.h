// Results as Markdown for people and JSON for programs.

#ifndef OCTET_BENCH_KERNELS_REPORT_H
#define OCTET_BENCH_KERNELS_REPORT_H

#include "bench/kernels/Layer.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace octet::bench {

/// A row of Microkernels.inc and the target that selects it.
struct Row {
  const codegen::Microkernel *kernel;
  std::string target, peakLoop;
  /// Magnitude of s8 weights that meets what the row must have proven.
  int64_t weightLimit;
};

struct Result {
  Shape shape;
  /// Of one run; `peerSeconds` is 0 without a peer.
  double seconds = 0, peerSeconds = 0;
  /// Billions of operations per second of all threads, measured between the runs.
  double peak = 0;

  double getGops() const { return 1e-9 * shape.getOperations() / seconds; }
  double getShare() const { return getGops() / peak; }
};

/// One network in one precision by one row.
struct Section {
  llvm::StringRef network;
  PrecisionRow precision;
  Row row;
  std::vector<Result> results;

  /// All layers of the network as one: sums over layers and their occurrences.
  struct Total {
    double seconds = 0, peerSeconds = 0, operations = 0, secondsAtPeak = 0;
    double getShare() const { return secondsAtPeak / seconds; }
  };
  Total getTotal() const;
};

void printMarkdown(const Section &section, bool withPeer, llvm::raw_ostream &os);
llvm::json::Value toJson(const Section &section);

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_REPORT_H
