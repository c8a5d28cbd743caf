// Depthwise convolution: vectors run over channels, a tile covers neighbours on a
// line, and everything in a tile is unrolled, so that what neighbours share (loads,
// packed words) is emitted once.
//
// For u8, four taps are packed into the bytes of each lane, and the rows of
// Microkernels.inc multiply them as they would four channels. Taps of a column pack
// together, so that a column serves all output pixels whose windows hold it: with
// stride 1, a 3x3 window costs one packed column and three multiplies per pixel.

#include "codegen/microkernel/Contractions.h"
#include "codegen/microkernel/DepthwiseTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(const DepthwiseProblem &problem,
                   MutableArrayRef<std::unique_ptr<DepthwiseTile>> tiles)
      : problem(problem), b(problem.kernel.b()), yType(problem.op.getY().getType()), tiles(tiles) {}

  /// A unit is one line of the result in a run of channel blocks; what is left of the
  /// channels behind the first tiles' blocks goes with the last run.
  void emit() {
    // Enough units to keep a handful of threads evenly loaded.
    constexpr int64_t kUnits = 32;
    DepthwiseTile &main = *tiles.front();
    int64_t full = main.getChannels() / main.getBlock();
    int64_t lines = yType.getDimSize(0) * yType.getDimSize(2), count = std::max<int64_t>(full, 1);
    int64_t runs = std::min<int64_t>(count, llvm::divideCeil(kUnits, lines));
    int64_t run = llvm::divideCeil(count, runs);
    runs = llvm::divideCeil(count, run);
    problem.kernel.parallelLoop(lines * runs, [&](Value unit) {
      SmallVector<Value> place =
          delinearize(b, unit, {yType.getDimSize(0), yType.getDimSize(2), runs});
      spot.image = place[0];
      spot.line = place[1];
      Value first = arith::MulIOp::create(b, place[2], constantIndex(b, run));
      Value end = arith::MinUIOp::create(b, arith::AddIOp::create(b, first, constantIndex(b, run)),
                                         constantIndex(b, full));
      if (full)
        emitBlocks(main, first, end);
      emitRest(place[2], runs);
    });
  }

private:
  void emitBlocks(DepthwiseTile &tile, Value first, Value end) {
    auto loop = scf::ForOp::create(b, first, end, constantIndex(b, 1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    spot.channel =
        arith::MulIOp::create(b, loop.getInductionVar(), constantIndex(b, tile.getBlock()));
    if (tile.getFirst())
      spot.channel = arith::AddIOp::create(b, spot.channel, constantIndex(b, tile.getFirst()));
    emitLine(tile, tile.getBlock());
  }

  void emitRest(Value run, int64_t runs) {
    DepthwiseTile &main = *tiles.front();
    bool hasRest = tiles.size() > 1 || main.getChannels() % main.getBlock();
    if (!hasRest)
      return;
    OpBuilder::InsertionGuard guard(b);
    if (runs > 1) {
      Value isLast =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, run, constantIndex(b, runs - 1));
      auto last = scf::IfOp::create(b, isLast, /*withElseRegion=*/false);
      b.setInsertionPointToStart(&last.getThenRegion().front());
    }
    for (const auto &tile : tiles) {
      int64_t full = tile->getChannels() / tile->getBlock(),
              rest = tile->getChannels() % tile->getBlock();
      if (tile != tiles.front() && full)
        emitBlocks(*tile, constantIndex(b, 0), constantIndex(b, full));
      if (!rest)
        continue;
      spot.channel = constantIndex(b, tile->getFirst() + full * tile->getBlock());
      emitLine(*tile, rest);
    }
  }

  void emitLine(DepthwiseTile &tile, int64_t active) {
    int64_t width = yType.getDimSize(3), pixels = tile.getTile(width);
    int64_t main = width / pixels * pixels;
    auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, main),
                                   constantIndex(b, pixels));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      spot.column = loop.getInductionVar();
      tile.emit(spot, pixels, active);
    }
    if (main < width) {
      spot.column = constantIndex(b, main);
      tile.emit(spot, width - main, active);
    }
  }

  const DepthwiseProblem &problem;
  ImplicitLocOpBuilder &b;
  RankedTensorType yType;
  MutableArrayRef<std::unique_ptr<DepthwiseTile>> tiles;
  DepthwiseTile::Spot spot;
};

} // namespace

/// The taps of a window by fours: along columns, which neighbours share, and the lines
/// that are left over along the line where that takes fewer multiplies.
static SmallVector<SmallVector<Tap, 4>> getSteps(int64_t height, int64_t width, int64_t dot) {
  SmallVector<SmallVector<Tap, 4>> steps;
  int64_t left = height % dot, byColumn = height - left;
  if (width <= left * static_cast<int64_t>(llvm::divideCeil(width, dot)))
    byColumn = height;
  for (int64_t column = 0; column < width; ++column)
    for (int64_t line = 0; line < byColumn; ++line) {
      if (line % dot == 0)
        steps.emplace_back();
      steps.back().push_back({line, column});
    }
  for (int64_t line = byColumn; line < height; ++line)
    for (int64_t column = 0; column < width; ++column) {
      if (column % dot == 0)
        steps.emplace_back();
      steps.back().push_back({line, column});
    }
  return steps;
}

/// Neighbours on a line that fill a register, where their bytes follow each other in
/// both tensors and nothing but tables comes behind the convolution.
static int64_t getPixelsInRegister(const DepthwiseProblem &problem, int64_t bytes) {
  int64_t channels = problem.getChannels();
  FlatView y = getFlatView(problem.kernel.b(), problem.kernel.getResult());
  bool isDense = problem.x.strides[3] == channels && y.strides[3] == channels;
  if (bytes % channels || !isDense || problem.op.getStrides()[1] != 1)
    return 1;
  bool onlyTables = true;
  if (auto group = dyn_cast<FusedOp>(problem.kernel.getOperation()))
    for (Operation &op : group.getBlock().without_terminator())
      onlyTables &= &op == problem.op || isa<LookupOp>(op);
  bool isStored = isa<quant::QuantizedType>(problem.op.getY().getType().getElementType());
  return onlyTables && isStored ? bytes / channels : 1;
}

LogicalResult emitDepthwise(KernelBuilder &kernel, ConvOp op, const reference::Tensor &weights) {
  bool quantized = isa<quant::QuantizedType>(op.getX().getType().getElementType());
  auto wType = op.getWeights().getType();
  reference::Tensor widened;
  if (wType.getElementType().isBF16()) {
    widened = reference::Tensor(withElementType(wType, Float32Type::get(op.getContext())));
    for (int64_t i = 0; i < widened.size(); ++i)
      widened.setFloat(i, weights.getFloat(i));
  }
  DepthwiseProblem problem{kernel,
                           op,
                           /*row=*/nullptr,
                           getSteps(wType.getDimSize(2), wType.getDimSize(3), quantized ? 4 : 1),
                           widened.getType() ? widened : weights,
                           getFlatView(kernel.b(), kernel.getBuffer(op.getX()))};
  const int64_t channels = wType.getDimSize(0);
  bool pairsFit =
      quantized && pairSumsFit(weights, {1, channels, static_cast<int64_t>(problem.steps.size())},
                               [&](int64_t, int64_t channel, int64_t step, int64_t i) {
                                 return problem.getPlace(channel, step, i);
                               });
  problem.row = &selectMicrokernel(kernel.getTarget(),
                                   quantized ? DotOperands::U8S8 : DotOperands::F32, pairsFit);
  int64_t bytes = 4 * problem.row->lanes, whole = 0, pixels = 1;
  // The words and sums of a register of bytes do not fit 16 registers.
  constexpr int64_t kManyRegisters = 32;
  if (quantized && kernel.getResult().getContiguousDim() == 1 &&
      problem.row->registers >= kManyRegisters) {
    pixels = getPixelsInRegister(problem, bytes);
    // It takes more instructions than two vectors of lanes, fewer than three.
    int64_t rest = channels % bytes;
    whole = pixels > 1 || rest > bytes / 2 ? channels : channels - rest;
  }
  SmallVector<std::unique_ptr<DepthwiseTile>> tiles;
  if (whole)
    tiles.push_back(createDepthwiseBytes(problem, 0, whole, pixels));
  if (whole < channels)
    tiles.push_back(createDepthwiseLanes(problem, whole, channels - whole));
  if (llvm::is_contained(tiles, nullptr))
    return failure();
  DepthwiseEmitter(problem, tiles).emit();
  return success();
}

} // namespace octet::codegen
