// The cost model. For one step of the reduction, a tile of M rows by V vectors takes
// the longest of, in cycles:
//
//   (M * V * DOT_COST + M * LHS_COST + V * RHS_COST) / 2
//                          two such instructions start in a cycle
//   (M + V) / 2            two loads: a broadcast word per row, a vector of weights
//   kLatency               the accumulators' dependency chains
//   V * 64 / kStream       weights from L2, when a block of them exceeds L1
//
// and a tile costs its steps, kEpilogue cycles for each accumulator, and kTile for
// addresses and the pipeline's filling. Each further shape of tile at the borders
// costs kVariant of the whole, and the code of each accumulator kFetch once: a line of
// it has left L1 since the kernel last ran.
//
// Measured on Zen 5 (986 GOPS at vpdpbusd's peak): 14x2 and 6x4 tiles reach 86 % of
// it at 64 products and 97-100 % from 512 on; 9x3 and 28x1 less, for the loads.
//
// Units of work walk the rows innermost when the activations fit L2, so that a block
// of weights stays in L1 while activations stream from L2; with larger activations
// and weights that fit, the channels are innermost.

#include "codegen/microkernel/Tiling.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace octet::codegen {

constexpr double kLatency = 4, kStream = 32, kEpilogue = 4, kTile = 20, kVariant = 0.02,
                 kFetch = 14;
constexpr int64_t kL1 = 32 << 10, kL2 = 512 << 10;
constexpr int64_t kMaxVectors = 8;
// Enough units to keep a handful of threads evenly loaded.
constexpr int64_t kUnits = 64;

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
  int64_t bytes = row.lanes * 4 * vectors;
  int64_t instructions = rows * vectors * row.dotCost + rows * row.lhsCost + vectors * row.rhsCost;
  double step = std::max({double(instructions) / 2, double(rows + vectors) / 2, kLatency});
  if (problem.steps * bytes > kL1)
    step = std::max(step, double(bytes) / kStream);
  return problem.steps * step + kEpilogue * rows * vectors + kTile;
}

static double getCost(const Microkernel &row, const TilingProblem &problem, const Rows &tile,
                      int64_t vectors) {
  double cost = 0;
  int64_t variants = 0;
  auto channelCuts = cut(divideCeil(problem.channels, row.lanes), vectors);
  // A last vector with idle lanes stores by mask: a shape of its own.
  if (problem.channels % row.lanes && channelCuts.size() == 1 && channelCuts[0].count > 1)
    ++variants;
  for (Cut channels : channelCuts)
    for (Cut a : cut(problem.rows[0], tile[0]))
      for (Cut b : cut(problem.rows[1], tile[1]))
        for (Cut c : cut(problem.rows[2], tile[2])) {
          int64_t tileRows = a.extent * b.extent * c.extent;
          cost += channels.count * a.count * b.count * c.count *
                  getTileCost(row, problem, tileRows, channels.extent);
          cost += kFetch * tileRows * channels.extent;
          ++variants;
        }
  return cost * (1 + kVariant * (variants - 1));
}

Tiling chooseTiling(const Microkernel &row, const TilingProblem &problem) {
  Tiling best{{1, 1, 1}, 1, 1, true};
  double bestCost = getCost(row, problem, best.tile, best.vectors);
  int64_t maxVectors = std::min<int64_t>(kMaxVectors, divideCeil(problem.channels, row.lanes));
  // Among equals the first wins: the longest run along a line, whose pixels are
  // neighbours in memory, or the shortest.
  int64_t longest = std::min(problem.rows[2], row.registers);
  for (int64_t vectors = 1; vectors <= maxVectors; ++vectors)
    for (int64_t i = 1; i <= longest; ++i) {
      int64_t c = problem.linesShareWords ? i : longest + 1 - i;
      for (int64_t b = 1; b <= problem.rows[1] && row.fits(b * c, vectors); ++b)
        for (int64_t a = 1; a <= problem.rows[0] && row.fits(a * b * c, vectors); ++a) {
          double cost = getCost(row, problem, {a, b, c}, vectors);
          if (cost < bestCost) {
            bestCost = cost;
            best.tile = {a, b, c};
            best.vectors = vectors;
          }
        }
    }

  constexpr int64_t kWord = 4; // the factors of a lane, whatever their type
  int64_t weights = problem.channels * problem.steps * kWord;
  best.channelsOuter = problem.lhsBytes <= kL2 || weights > kL2;

  int64_t blocks = problem.groups * divideCeil(problem.channels, best.vectors * row.lanes) *
                   divideCeil(problem.rows[0], best.tile[0]) *
                   divideCeil(problem.rows[1], best.tile[1]);
  int64_t tiles = std::max<int64_t>(problem.rows[2] / best.tile[2], 1);
  int64_t chunks = std::min<int64_t>(tiles, divideCeil(kUnits, blocks));
  best.chunk = divideCeil(tiles, chunks);
  return best;
}

} // namespace octet::codegen
