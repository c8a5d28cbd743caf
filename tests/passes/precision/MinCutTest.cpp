// Minimum cuts against all labellings of small networks.

#include "passes/precision/MinCut.h"

#include "gtest/gtest.h"

#include <random>

using octet::MinCut;

namespace {

struct Network {
  std::vector<std::pair<int64_t, int64_t>> costs;
  struct Cut {
    unsigned a, b;
    int64_t cost;
  };
  std::vector<Cut> cuts;

  int64_t getCost(const std::vector<bool> &first) const {
    int64_t total = 0;
    for (size_t n = 0; n < costs.size(); ++n)
      total += first[n] ? costs[n].first : costs[n].second;
    for (const Cut &cut : cuts)
      total += first[cut.a] && !first[cut.b] ? cut.cost : 0;
    return total;
  }

  std::vector<bool> solve() const {
    MinCut problem;
    std::vector<unsigned> nodes;
    for (auto [first, second] : costs) {
      nodes.push_back(problem.addNode());
      problem.addCosts(nodes.back(), first, second);
    }
    for (const Cut &cut : cuts)
      problem.addCut(nodes[cut.a], nodes[cut.b], cut.cost);
    std::vector<bool> all = problem.solve(), first;
    for (unsigned node : nodes)
      first.push_back(all[node]);
    return first;
  }
};

TEST(MinCutTest, EqualsTheBestOfAllLabellings) {
  std::mt19937 random(3);
  auto draw = [&](int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random); };
  for (int round = 0; round < 200; ++round) {
    Network network;
    size_t count = 1 + draw(7);
    for (size_t n = 0; n < count; ++n)
      network.costs.push_back({draw(9), draw(9)});
    for (int64_t i = draw(14); i > 0; --i)
      network.cuts.push_back({unsigned(draw(count - 1)), unsigned(draw(count - 1)), draw(6)});
    std::vector<bool> solution = network.solve();
    int64_t best = MinCut::kNever;
    size_t most = 0;
    for (unsigned bits = 0; bits < 1u << count; ++bits) {
      std::vector<bool> first(count);
      for (size_t n = 0; n < count; ++n)
        first[n] = bits >> n & 1;
      int64_t cost = network.getCost(first);
      size_t size = std::count(first.begin(), first.end(), true);
      if (cost < best || (cost == best && size > most))
        best = cost, most = size;
    }
    EXPECT_EQ(network.getCost(solution), best);
    EXPECT_EQ(size_t(std::count(solution.begin(), solution.end(), true)), most);
  }
}

TEST(MinCutTest, WhatMustNotHappen) {
  // The first node is on the first side, and the second one may not be left behind.
  Network network;
  network.costs = {{0, MinCut::kNever}, {1000, 1}, {MinCut::kNever, 0}};
  network.cuts = {{0, 1, MinCut::kNever}, {1, 2, 50}};
  EXPECT_EQ(network.solve(), (std::vector<bool>{true, true, false}));
}

TEST(MinCutTest, NothingToCut) { EXPECT_EQ(MinCut().solve().size(), 2u); }

} // namespace
