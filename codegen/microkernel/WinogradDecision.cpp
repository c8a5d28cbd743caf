// The cost model. Of the time on transformed tiles,
//
//   products      the model of tiles (Tiling.cpp) for each block of tiles, at least the time
//                 that weights take to arrive: once from memory, at kMemory bytes in a
//                 cycle, and for each further block of tiles from the caches
//   transforms    kTransform cycles for each product of a tile and vector of channels
//
// both times 1 + kUneven / units, since threads wait for the last unit. Transformed
// weights are 4 times as many as those of 3x3 windows with 4x4 results, 2.8 times with 3x3
// and 1.8 times with 2x2: with few tiles in a plane the weights decide.
//
// Measured on Zen 5 with AVX-512, weights in L3, in microseconds (windows walked; on
// transformed tiles; the model's estimate of that): 64x56x56 -> 64 872, 275, 302;
// 128x28x28 -> 128 855, 252, 262; 256x14x14 -> 256 837, 355, 347; 16x32x32 -> 16 19.0, 8.5,
// 11.8. With 512x7x7 -> 512 tiles of 2x2 take 600 for 850, but 680 in a network, whose
// weights come from memory: too little for so many bytes.

#include "codegen/microkernel/WinogradDecision.h"

#include "codegen/microkernel/Winograd.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::alignTo;
using llvm::divideCeil;
using llvm::Twine;

namespace octet::codegen {

// A cache line of f32; no vector is longer.
constexpr int64_t kLine = 16;
constexpr int64_t kFloat = sizeof(float);
// Each unit has scratch memory of its own, so that they are few.
constexpr int64_t kMaxUnits = 8;

// Fitted to the figures above.
constexpr double kTransform = 3.3, kUneven = 0.1;
// Estimates are good for a fifth, which larger weights must be worth.
constexpr double kGain = 0.8;
// Bytes in a cycle: of one core while others read as well; from L3; from L2.
constexpr double kMemory = 6, kFar = 16, kStream = 32;
constexpr int64_t kL2 = 1 << 20;
// Scratch memory of a unit, which need not stay in L2 as a whole: each product of a tile
// is read for many channels. And of all units.
constexpr int64_t kMaxSlot = 3 << 19, kMaxScratch = 8 << 20;
// A block of so many tiles uses weights often enough, and has enough rows for a tile of
// registers.
constexpr int64_t kMostTiles = 64, kLeastTiles = 7, kMaxVectors = 4;

std::optional<WinogradProblem> getWinogradProblem(ConvOp op) {
  auto isOne = [](int64_t value) { return value == 1; };
  auto xType = op.getX().getType(), wType = op.getWeights().getType(), yType = op.getY().getType();
  if (!xType.getElementType().isF32() || !wType.getElementType().isF32() ||
      wType.getDimSize(2) != kWinogradTaps || wType.getDimSize(3) != kWinogradTaps ||
      op.getGroup() != 1 || !llvm::all_of(op.getStrides(), isOne) ||
      !llvm::all_of(op.getDilations(), isOne))
    return std::nullopt;
  return WinogradProblem{yType.getDimSize(0), yType.getDimSize(2), yType.getDimSize(3),
                         xType.getDimSize(1), yType.getDimSize(1)};
}

// An odd number of lines: the same element of all products would else meet in few sets
// of the cache.
static int64_t padStride(int64_t count) { return (divideCeil(count, kLine) | 1) * kLine; }

WinogradPlan::WinogradPlan(const WinogradProblem &problem, int64_t outputs, int64_t tiles,
                           int64_t channels)
    : outputs(outputs), tiles(tiles), channels(channels),
      tileRows(divideCeil(problem.height, outputs)),
      tileColumns(divideCeil(problem.width, outputs)),
      tileCount(problem.images * tileRows * tileColumns), tileBlocks(divideCeil(tileCount, tiles)),
      channelBlocks(divideCeil(problem.outChannels, channels)),
      pixelPitch(alignTo(problem.inChannels, kLine)), pixelStride(padStride(tiles * pixelPitch)),
      sumStride(padStride(tiles * channels)) {}

WinogradPlan::WinogradPlan(const WinogradProblem &problem, WinogradAttr attr)
    : WinogradPlan(problem, attr.getOutputs(), attr.getTiles(), attr.getChannels()) {}

int64_t WinogradPlan::getUnits() const { return std::min(getSteps(), kMaxUnits); }

int64_t WinogradPlan::getScratchBytes() const { return getUnits() * getSlot() * kFloat; }

WinogradAttr WinogradPlan::getAttr(MLIRContext *context) const {
  return WinogradAttr::get(context, outputs, tiles, channels);
}

std::string checkWinograd(const Microkernel &row, const WinogradPlan &plan) {
  if (plan.tiles > plan.tileCount)
    return ("expected at most " + Twine(plan.tileCount) + " tiles of " + Twine(plan.outputs) + "x" +
            Twine(plan.outputs) + " outputs, got " + Twine(plan.tiles))
        .str();
  if (plan.channels % row.lanes)
    return ("expected a multiple of the " + Twine(row.lanes) + " lanes of " + row.name +
            " as channels of a unit, got " + Twine(plan.channels))
        .str();
  return {};
}

double estimateCycles(const Microkernel &row, const WinogradProblem &problem,
                      const WinogradPlan &plan) {
  double products = 0;
  int64_t groups = plan.channelBlocks * plan.getProducts();
  auto addBlocks = [&](int64_t count, int64_t tiles) {
    if (count == 0 || tiles == 0)
      return;
    TilingProblem part{{1, 1, tiles},      plan.channels,  groups,
                       problem.inChannels, /*lhsBytes=*/0, /*linesShareWords=*/false};
    products += count * estimateCycles(row, part, chooseTiling(row, part));
  };
  addBlocks(plan.tileCount / plan.tiles, plan.tiles);
  addBlocks(1, plan.tileCount % plan.tiles);
  double weights = kFloat * groups * problem.inChannels * plan.channels;
  double arrival =
      weights / kMemory + (plan.tileBlocks - 1) * weights / (weights > kL2 ? kFar : kStream);
  double vectors = divideCeil(problem.inChannels, row.lanes) +
                   double(plan.channelBlocks * plan.channels) / row.lanes;
  double transforms = kTransform * plan.getProducts() * plan.tileCount * vectors;
  return (std::max(products, arrival) + transforms) * (1 + kUneven / plan.getUnits());
}

std::optional<WinogradPlan> chooseWinograd(const Microkernel &row, const WinogradProblem &problem,
                                           double direct) {
  double weights =
      kFloat * kWinogradTaps * kWinogradTaps * problem.inChannels * problem.outChannels;
  double best = kGain * std::max(direct, weights / kMemory);
  std::optional<WinogradPlan> choice;
  auto tryPlan = [&](const WinogradPlan &plan) {
    if (plan.getSlot() * kFloat > kMaxSlot || plan.getScratchBytes() > kMaxScratch)
      return;
    double cycles = estimateCycles(row, problem, plan);
    if (cycles < best) {
      best = cycles;
      choice = plan;
    }
  };
  int64_t vectors = divideCeil(problem.outChannels, row.lanes);
  for (int64_t outputs : {4, 3, 2}) {
    int64_t tileCount = WinogradPlan(problem, outputs, 1, row.lanes).tileCount, last = 0;
    for (int64_t most = kMostTiles; most >= kLeastTiles; most = most * 7 / 8) {
      int64_t tiles = divideCeil(tileCount, divideCeil(tileCount, most));
      if (std::exchange(last, tiles) == tiles)
        continue;
      for (int64_t width = 1; width <= std::min(kMaxVectors, vectors); ++width)
        tryPlan(WinogradPlan(problem, outputs, tiles, width * row.lanes));
    }
  }
  return choice;
}

} // namespace octet::codegen
