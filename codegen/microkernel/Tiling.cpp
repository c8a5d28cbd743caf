// The cost model. For one step of the reduction, a tile of M rows by V vectors takes
// the longest of, in cycles:
//
//   (M * V * DOT_COST + M * LHS_COST + V * RHS_COST) / 2
//                          two such instructions start in a cycle
//   (M + V) / 2            two loads: a broadcast word per row, a vector of weights
//   kLatency               the accumulators' dependency chains
//   V * BYTES / kStream    weights from L2, when a block of them exceeds L1: 64 bytes for a vector
//                          of AVX-512, 16 where f32 is multiplied by s8
//
// and a tile costs its steps, kEpilogue cycles for each accumulator, and kTile for
// addresses and the pipeline's filling. Each further shape of tile at the borders
// costs kVariant of the whole, and the code of each accumulator kFetch once: a line of
// it has left L1 since the kernel last ran.
//
// Measured on Zen 5 (986 GOPS at vpdpbusd's peak): 14x2 and 6x4 tiles reach 86 % of
// it at 64 products and 97-100 % from 512 on; 9x3 and 28x1 less, for the loads.
//
// The order of units is the one that moves less. With the rows innermost, a block of
// weights stays in L1, the activations are read once for each block of channels, and
// so are the lines of the result and of what is added to it, if a block is narrower
// than a line. With the channels innermost, all weights are read for each tile of
// rows. Bytes cost by where they fit: kStream bytes in a cycle from L2, kFar from
// behind it.

#include "codegen/microkernel/Tiling.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <tuple>

using namespace llvm;

namespace octet::codegen {

// Cycles from an FMA or vpdpbusd to the next one on the same accumulator, as vendors'
// tables give them for Zen 4 (4; 5 for vpdpbusd on Golden Cove); half the line that L2
// gives to L1 in a cycle at best.
constexpr double kLatency = 4, kStream = 32;
// Zen 5, a buffer of 4 MB read and written.
constexpr double kFar = 8;
// Fitted on Zen 5 to the kernels of ResNet-50 and of small CIFAR networks.
constexpr double kEpilogue = 4, kTile = 20, kVariant = 0.02, kFetch = 14;
// L1 of Zen 4, the smallest of the CPUs in mind; half the L2 of a Zen core, since the
// other half holds weights and code.
constexpr int64_t kL1 = 32 << 10, kL2 = 512 << 10;
// More vectors than this leave AVX-512 a single row.
constexpr int64_t kMaxVectors = 8;
// Enough units to keep a handful of threads evenly loaded.
constexpr int64_t kUnits = 64;
// A candidate that the model holds for this much slower than its best is not measured.
constexpr double kHopeless = 1.3;

namespace {
/// Tiles of one extent along an axis.
struct Cut {
  int64_t extent, count;
};
} // namespace

static SmallVector<Cut, 2> cut(int64_t total, int64_t tile) {
  SmallVector<Cut, 2> cuts;
  if (total / tile)
    cuts.push_back({tile, total / tile});
  if (total % tile)
    cuts.push_back({total % tile, 1});
  return cuts;
}

static double getTileCost(const Microkernel &row, const TilingProblem &problem, int64_t rows,
                          int64_t vectors) {
  int64_t bytes = row.lanes * row.getLaneBytes() * vectors;
  int64_t instructions = rows * vectors * row.dotCost + rows * row.lhsCost + vectors * row.rhsCost;
  double step = std::max({double(instructions) / 2, double(rows + vectors) / 2, kLatency});
  if (problem.steps * bytes > kL1)
    step = std::max(step, double(bytes) / kStream);
  return problem.steps * step + kEpilogue * rows * vectors + kTile;
}

double estimateCycles(const Microkernel &row, const TilingProblem &problem, const Tiling &tiling) {
  double cost = 0, fetch = 0;
  int64_t variants = 0;
  auto channelCuts = cut(divideCeil(problem.channels, row.lanes), tiling.vectors);
  // A last vector with idle lanes stores by mask: a shape of its own.
  if (problem.channels % row.lanes && channelCuts.size() == 1 && channelCuts[0].count > 1)
    ++variants;
  for (Cut channels : channelCuts)
    for (Cut a : cut(problem.rows[0], tiling.tile[0]))
      for (Cut b : cut(problem.rows[1], tiling.tile[1]))
        for (Cut c : cut(problem.rows[2], tiling.tile[2])) {
          int64_t tileRows = a.extent * b.extent * c.extent;
          cost += channels.count * a.count * b.count * c.count *
                  getTileCost(row, problem, tileRows, channels.extent);
          fetch += kFetch * tileRows * channels.extent;
          ++variants;
        }
  if (tiling.tile[1] == 1)
    cost *= 1 - problem.outsideShare;
  return (problem.groups * cost + fetch) * (1 + kVariant * (variants - 1));
}

/// Cycles to move `bytes`, `times` times.
static double getMoveCost(int64_t bytes, int64_t times) {
  if (times == 1 || bytes > kL2)
    return times * bytes / (bytes > kL2 ? kFar : kStream);
  return bytes > kL1 ? times * bytes / kStream : 0;
}

/// Whether the outer loop counts channels.
static bool getOrder(const Microkernel &row, const TilingProblem &problem, const Rows &tile,
                     int64_t vectors) {
  constexpr int64_t kWord = 4; // the factors of a lane of activations, whatever their type
  constexpr int64_t kLine = 64;
  int64_t rows = getCount(problem.rows), width = vectors * row.lanes * kWord / row.getDot();
  int64_t weights = problem.channels * problem.steps * row.getLaneBytes();
  int64_t result = problem.groups * rows * problem.channels * kWord / row.getDot();
  int64_t blocks = divideCeil(problem.channels, vectors * row.lanes), tiles = rows / getCount(tile);
  int64_t touches = blocks == 1 ? 1 : std::max<int64_t>(1, kLine / width);
  double outer = getMoveCost(problem.lhsBytes, blocks) + getMoveCost(result, touches);
  double inner = getMoveCost(weights, std::max<int64_t>(tiles, 1)) + getMoveCost(result, 1) +
                 getMoveCost(problem.lhsBytes, 1);
  return outer <= inner;
}

/// Calls `fn` for every tile that fits. Among equals the first is preferred: the
/// longest run along a line, whose pixels are neighbours in memory, or the shortest.
static void forEachTiling(const Microkernel &row, const TilingProblem &problem,
                          function_ref<void(const Tiling &, double)> fn) {
  auto visit = [&](const Rows &tile, int64_t vectors) {
    Tiling tiling{tile, vectors, getOrder(row, problem, tile, vectors)};
    fn(tiling, estimateCycles(row, problem, tiling));
  };
  visit({1, 1, 1}, 1);
  int64_t maxVectors = std::min<int64_t>(kMaxVectors, divideCeil(problem.channels, row.lanes));
  int64_t longest = std::min(problem.rows[2], row.registers);
  for (int64_t vectors = 1; vectors <= maxVectors; ++vectors)
    for (int64_t i = 1; i <= longest; ++i) {
      int64_t c = problem.linesShareWords ? i : longest + 1 - i;
      for (int64_t b = 1; b <= problem.rows[1] && row.fits(b * c, vectors); ++b)
        for (int64_t a = 1; a <= problem.rows[0] && row.fits(a * b * c, vectors); ++a)
          visit({a, b, c}, vectors);
    }
}

Tiling chooseTiling(const Microkernel &row, const TilingProblem &problem) {
  Tiling best;
  double bestCost = std::numeric_limits<double>::infinity();
  forEachTiling(row, problem, [&](const Tiling &tiling, double cost) {
    if (cost < bestCost) {
      bestCost = cost;
      best = tiling;
    }
  });
  return best;
}

SmallVector<Tiling> getTilingCandidates(const Microkernel &row, const TilingProblem &problem,
                                        size_t count) {
  struct Estimate {
    double cost;
    size_t index; // which of equals is preferred
    Tiling tiling;
  };
  SmallVector<Estimate, 0> all;
  forEachTiling(row, problem, [&](const Tiling &tiling, double cost) {
    all.push_back({cost, all.size(), tiling});
  });
  llvm::sort(all, [](const Estimate &a, const Estimate &b) {
    return std::tie(a.cost, a.index) < std::tie(b.cost, b.index);
  });
  while (all.back().cost > kHopeless * all.front().cost)
    all.pop_back();

  SmallVector<Tiling> candidates = {all.front().tiling};
  auto add = [&](const Tiling &tiling) {
    if (candidates.size() < count && !is_contained(candidates, tiling))
      candidates.push_back(tiling);
  };
  // The other order, if more than one unit follows the inner loop either way.
  Tiling swapped = candidates.front();
  swapped.channelsOuter = !swapped.channelsOuter;
  if (problem.groups * problem.channels > swapped.vectors * row.lanes &&
      getCount(problem.rows) > getCount(swapped.tile))
    add(swapped);
  // The model is least sure between numbers of vectors, so each gives its best.
  SmallVector<int64_t, 8> widths = {candidates.front().vectors};
  for (const Estimate &estimate : all)
    if (!is_contained(widths, estimate.tiling.vectors)) {
      widths.push_back(estimate.tiling.vectors);
      add(estimate.tiling);
    }
  for (const Estimate &estimate : all)
    add(estimate.tiling);
  return candidates;
}

int64_t getChunk(const Microkernel &row, const TilingProblem &problem, const Tiling &tiling) {
  int64_t blocks = problem.groups * divideCeil(problem.channels, tiling.vectors * row.lanes) *
                   divideCeil(problem.rows[0], tiling.tile[0]) *
                   divideCeil(problem.rows[1], tiling.tile[1]);
  int64_t tiles = std::max<int64_t>(problem.rows[2] / tiling.tile[2], 1);
  int64_t chunks = std::min<int64_t>(tiles, divideCeil(kUnits, blocks));
  return divideCeil(tiles, chunks);
}

std::string checkTiling(const Microkernel &row, const TilingProblem &problem,
                        const Tiling &tiling) {
  int64_t rows = getCount(tiling.tile);
  if (!row.fits(rows, tiling.vectors) && (rows > 1 || tiling.vectors > 1))
    return ("expected a tile that fits the " + Twine(row.registers) + " registers of " + row.name +
            ", got " + Twine(rows) + " rows by " + Twine(tiling.vectors) + " vectors")
        .str();
  for (size_t axis = 0; axis < tiling.tile.size(); ++axis)
    if (tiling.tile[axis] > problem.rows[axis])
      return ("expected at most " + Twine(problem.rows[axis]) + " rows along axis " + Twine(axis) +
              " of a tile, got " + Twine(tiling.tile[axis]))
          .str();
  if (int64_t most = divideCeil(problem.channels, row.lanes); tiling.vectors > most)
    return ("expected at most " + Twine(most) + " vectors for " + Twine(problem.channels) +
            " channels, got " + Twine(tiling.vectors))
        .str();
  return {};
}

} // namespace octet::codegen
