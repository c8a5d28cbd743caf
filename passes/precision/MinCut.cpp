// Maximum flow along shortest paths (Edmonds and Karp, 1972). Networks have hundreds of
// nodes, not millions.

#include "passes/precision/MinCut.h"

#include <algorithm>
#include <deque>

namespace octet {

unsigned MinCut::addNode() {
  edges.emplace_back();
  return edges.size() - 1;
}

void MinCut::addEdge(unsigned from, unsigned to, int64_t capacity) {
  edges[from].push_back({to, capacity, static_cast<unsigned>(edges[to].size())});
  edges[to].push_back({from, 0, static_cast<unsigned>(edges[from].size() - 1)});
}

// An edge is cut if its end is on the second side and its start on the first.
void MinCut::addCosts(unsigned n, int64_t first, int64_t second) {
  addEdge(n, kSink, first);
  addEdge(kSource, n, second);
}

void MinCut::addCut(unsigned a, unsigned b, int64_t cost) { addEdge(a, b, cost); }

bool MinCut::augment() {
  struct Step {
    unsigned from = 0, edge = 0;
    bool seen = false;
  };
  std::vector<Step> steps(edges.size());
  std::deque<unsigned> queue{kSource};
  steps[kSource].seen = true;
  while (!queue.empty() && !steps[kSink].seen) {
    unsigned node = queue.front();
    queue.pop_front();
    for (unsigned i = 0; i < edges[node].size(); ++i) {
      const Edge &edge = edges[node][i];
      if (edge.capacity == 0 || steps[edge.to].seen)
        continue;
      steps[edge.to] = {node, i, true};
      queue.push_back(edge.to);
    }
  }
  if (!steps[kSink].seen)
    return false;
  int64_t flow = kNever;
  for (unsigned node = kSink; node != kSource; node = steps[node].from)
    flow = std::min(flow, edges[steps[node].from][steps[node].edge].capacity);
  for (unsigned node = kSink; node != kSource; node = steps[node].from) {
    Edge &edge = edges[steps[node].from][steps[node].edge];
    edge.capacity -= flow;
    edges[node][edge.back].capacity += flow;
  }
  return true;
}

std::vector<bool> MinCut::solve() {
  while (augment())
    ;
  // On the second side is what still reaches the sink.
  std::vector<bool> first(edges.size(), true);
  std::deque<unsigned> queue{kSink};
  first[kSink] = false;
  while (!queue.empty()) {
    unsigned node = queue.front();
    queue.pop_front();
    for (const Edge &edge : edges[node])
      if (first[edge.to] && edges[edge.to][edge.back].capacity > 0) {
        first[edge.to] = false;
        queue.push_back(edge.to);
      }
  }
  return first;
}

} // namespace octet
