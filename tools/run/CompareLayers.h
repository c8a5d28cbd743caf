// Layer by layer: two libraries of one model that return their layers, on the same samples.

#ifndef OCTET_TOOLS_RUN_COMPARELAYERS_H
#define OCTET_TOOLS_RUN_COMPARELAYERS_H

#include "tools/run/LayerScore.h"
#include "tools/run/ModelLibrary.h"

#include <limits>

namespace llvm {
class raw_ostream;
namespace json {
class OStream;
}
} // namespace llvm

namespace octet::run {

struct ComparedLayer {
  Layer layer; ///< of the library that is judged
  LayerScore score;
  Diagnosis diagnosis;
};

struct LayerComparison {
  std::vector<ComparedLayer> layers;  ///< that both have, in order of execution
  std::vector<std::string> unmatched; ///< tensors of the judged library that the other lacks
  int64_t samples = 0;                ///< runs of the models
};

/// Compares the layers of `library` with those of `reference` on at most `limit` samples of
/// `path`, evenly spaced. Fails where one of them has none.
llvm::Expected<LayerComparison> compareLayers(const ModelLibrary &library,
                                              const ModelLibrary &reference, llvm::StringRef path,
                                              uint32_t threads,
                                              int64_t limit = std::numeric_limits<int64_t>::max());

/// Fails where `b` cannot run on the inputs of `a`.
llvm::Error checkSameInputs(const ModelLibrary &a, const ModelLibrary &b);

/// Worst first.
void printText(const LayerComparison &comparison, llvm::raw_ostream &os);
void printJson(const LayerComparison &comparison, llvm::raw_ostream &os);
/// The objects of the layers, into an array that is open.
void printLayers(const LayerComparison &comparison, llvm::json::OStream &json);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_COMPARELAYERS_H
