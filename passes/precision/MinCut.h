// The cheapest way to give each of many things one of two labels, where a label has a
// cost and so has a disagreement.

#ifndef OCTET_PASSES_PRECISION_MINCUT_H
#define OCTET_PASSES_PRECISION_MINCUT_H

#include <cstdint>
#include <limits>
#include <vector>

namespace octet {

class MinCut {
public:
  /// More than any sum of costs: what must not happen.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 4;

  /// A new node; returns its number.
  unsigned addNode();
  /// The cost of node `n` on the first side, and on the second.
  void addCosts(unsigned n, int64_t first, int64_t second);
  /// The cost of having `a` on the first side and `b` on the second.
  void addCut(unsigned a, unsigned b, int64_t cost);

  /// For each node whether it stands on the first side in a cut of least cost. Of several
  /// such cuts the one with most nodes on the first side.
  std::vector<bool> solve();

private:
  struct Edge {
    unsigned to;
    int64_t capacity;
    unsigned back; ///< index of the opposite edge at `to`
  };
  static constexpr unsigned kSource = 0, kSink = 1;

  void addEdge(unsigned from, unsigned to, int64_t capacity);
  /// Pushes along a shortest path; false if there is none.
  bool augment();

  std::vector<std::vector<Edge>> edges{2};
};

} // namespace octet

#endif // OCTET_PASSES_PRECISION_MINCUT_H
