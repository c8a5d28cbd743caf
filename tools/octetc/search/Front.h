// The trials that no other trial beats: none is at least as accurate, fast and small, and
// better in one of the three (Pareto).

#ifndef OCTET_TOOLS_OCTETC_SEARCH_FRONT_H
#define OCTET_TOOLS_OCTETC_SEARCH_FRONT_H

#include "tools/octetc/search/Metric.h"
#include "tools/octetc/search/Trial.h"

namespace octet {

class Front {
public:
  Front(llvm::ArrayRef<Trial> trials, const Metric &metric);

  /// Of the trials on it, fastest first.
  llvm::ArrayRef<size_t> getIndices() const { return indices; }
  std::string toJson(const SearchSpace &space, double baseline) const;
  /// A table; `latency` (ms) is that of f32.
  void print(llvm::raw_ostream &os, double baseline, double latency) const;

private:
  llvm::ArrayRef<Trial> trials;
  std::vector<size_t> indices;
};

/// Bits of a weight on average, over all weights of the units.
double getAverageBits(const SearchSpace &space, const Assignment &assignment);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_FRONT_H
