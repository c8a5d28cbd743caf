// The stages of octetc in order, each leaving the module for the next, so that
// --emit can stop after any of them.

#ifndef OCTET_TOOLS_OCTETC_COMPILATION_H
#define OCTET_TOOLS_OCTETC_COMPILATION_H

#include "dialect/Octet.h"
#include "frontend/Import.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Pipeline.h"
#include "passes/repair/Pipeline.h"
#include "tools/octetc/search/Metric.h"
#include "tools/octetc/search/SearchSpace.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace octet {

enum class Emit {
  Import,
  Graph,
  QdqOnnx,
  Quant,
  Kernels,
  LLVM,
  Assembly,
  Object,
  Archive,
  Library
};

struct CalibrationOptions {
  std::string data;      ///< --calibrate: a file or folder of samples
  std::string table;     ///< --calibration: the table instead
  std::string save;      ///< where to write the table; empty: nowhere
  std::string encodings; ///< --encodings: ranges of another tool instead
  std::string saveEncodings;
  unsigned subset = 300; ///< the most samples used
  unsigned threads = 0;  ///< 0: all cores
};

enum class StrategyKind { Sensitivity, Bayesian, Exhaustive };

/// --eval: mixed precision by trial.
struct SearchOptions {
  std::string data, labels;
  Metric metric;
  Criterion criterion;
  unsigned maxTrials = 20; ///< 0: no limit
  double timeout = 0;      ///< seconds; 0: none
  StrategyKind strategy = StrategyKind::Sensitivity;
  Objective objective = Objective::Latency;
  std::vector<Precision> mix;
  std::string folder; ///< of the log and the best trials
};

struct CompilationOptions {
  std::string model;
  std::string output;
  std::string header; ///< empty: none
  std::string name;
  Emit emit = Emit::Library;
  ImportOptions import;
  std::vector<ImportOptions> otherEntries; ///< more shapes, for entries behind the first
  std::string target = "native";
  CalibrationOptions calibration;
  QuantizeOptions quantization; ///< its table comes from `calibration`
  RepairOptions repair;
  std::string runtime; ///< path of liboctet_runtime.a
  std::optional<SearchOptions> search;
  std::vector<std::string> reports; ///< files, by extension JSON or a page
  bool explain = false;
  bool keepLayers = false; ///< beside its outputs the model returns what is between kernels
  bool keepInt8 = false;   ///< no op returns to f32 for its speed
  bool winograd = true;    ///< 3x3 convolutions of f32 may be computed on transformed tiles
  std::string tilingCache; ///< --autotune with this cache; empty: by the cost model

  /// Where words go: not where the output goes.
  llvm::raw_ostream &getReportStream() const { return output == "-" ? llvm::errs() : llvm::outs(); }
};

/// Exit statuses of octetc.
enum ExitStatus { Done = 0, Failed = 1, CriterionUnmet = 2 };

/// Compiles and writes every output, or reports through `context` and writes none. A search
/// whose criterion no trial meets writes and reports.
ExitStatus compile(mlir::MLIRContext &context, const CompilationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_COMPILATION_H
