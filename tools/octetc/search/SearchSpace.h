// What a search chooses between: a precision for each contraction. All else follows the
// contractions, as it does without a search.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_SEARCHSPACE_H
#define OCTET_TOOLS_OCTETC_SEARCH_SEARCHSPACE_H

#include "dialect/Octet.h"

#include <map>
#include <string>
#include <vector>

namespace octet {

enum class Objective { Latency, Size };

/// A contraction, or several that come from one ONNX node.
struct Unit {
  std::string name; ///< of the ONNX node
  /// Energy of the error of its result relative to the result's, in int8.
  double noise = 0;
  int64_t weights = 0; ///< elements
  /// By precision: measured microseconds, with the kernel's epilogue.
  std::map<Precision, double> times;
};

/// A precision for each unit.
using Assignment = std::vector<Precision>;

struct SearchSpace {
  std::vector<Unit> units;
  std::vector<Precision> mix; ///< without repetition, int8 first if it is there
  Objective objective = Objective::Latency;

  /// What a unit costs by the objective: microseconds or bytes.
  double getCost(size_t unit, Precision precision) const;
  /// Noise of a unit in a precision, relative to its result.
  double getNoise(size_t unit, Precision precision) const;

  /// The units as they were measured for the search `signature`.
  std::string toJson(llvm::StringRef signature) const;
  /// Reads `units` from what toJson wrote; false if it is of another search, or damaged.
  bool readUnits(llvm::StringRef text, llvm::StringRef signature);
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_SEARCHSPACE_H
