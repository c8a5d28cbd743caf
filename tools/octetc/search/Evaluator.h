// Scores and times of compiled libraries, from running the very files that are written.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_EVALUATOR_H
#define OCTET_TOOLS_OCTETC_SEARCH_EVALUATOR_H

#include "tools/octetc/search/Metric.h"

namespace octet {

struct Evaluation {
  double score;
  double latency; ///< ms, the median of runs with one thread
};

class Evaluator {
public:
  /// `data` are samples as for calibration, `labels` the array of labels in it; `folder` is
  /// where the outputs of f32 go.
  Evaluator(Metric metric, std::string data, std::string labels, std::string folder)
      : metric(std::move(metric)), data(std::move(data)), labels(std::move(labels)),
        folder(std::move(folder)) {}

  /// The first library, which is compiled in f32: the others are compared with it.
  llvm::Expected<Evaluation> evaluateReference(llvm::StringRef library);
  llvm::Expected<Evaluation> evaluate(llvm::StringRef library);
  const Metric &getMetric() const { return metric; }

private:
  llvm::Expected<double> runProgram(llvm::StringRef library);

  Metric metric;
  std::string data, labels, folder;
  std::string reference; ///< outputs of f32, once they exist
};

/// Medians (ms) of libraries that run in turns, so that what slows the machine down for a
/// while slows all of them down.
llvm::Expected<std::vector<double>> measureInTurns(llvm::ArrayRef<std::string> libraries);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_EVALUATOR_H
