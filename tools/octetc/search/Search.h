// Mixed precision by trial: compile, run and time assignments of precisions until one keeps
// the accuracy asked for at the least cost, and keep all that no other one beats.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_SEARCH_H
#define OCTET_TOOLS_OCTETC_SEARCH_SEARCH_H

#include "tools/octetc/Lowering.h"

namespace octet {

/// How a search ended; in any case the best library is at `options.output`.
struct SearchResult {
  bool isMet;                         ///< the criterion
  std::shared_ptr<const Config> best; ///< what that library was made with
  std::string front;                  ///< Front::toJson
};

/// Searches with `options.search`. `single` is the graph for one sample. Beside the output, the
/// folder of trials holds
///   units.json     what was measured beforehand,
///   log.jsonl      every trial,
///   front.json     those that are not beaten in accuracy, time and size at once,
///   trial-N.so, trial-N.json     their libraries, and their configurations for --config.
mlir::FailureOr<SearchResult> search(mlir::ModuleOp graph, mlir::ModuleOp single,
                                     Lowering &lowering, std::shared_ptr<const Config> config,
                                     std::shared_ptr<const CalibrationTable> table,
                                     const CompilationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_SEARCH_H
