// Depthwise convolution: vectors run over channels, a tile covers neighbours on a
// line, and everything in a tile is unrolled, so that what neighbours share (loads,
// packed words) is emitted once.
//
// For u8, four taps of a column are packed into the bytes of each lane, and the rows
// of Microkernels.inc multiply them as they would four channels. A column serves all
// output pixels whose windows hold it: with stride 1, a 3x3 window costs one packed
// column and three multiplies per pixel. Windows of one line pack along the line.
//
// bf16 is widened to f32 in registers, once for all windows that hold the pixel: a
// depthwise convolution is bound by loads, of which this halves the bytes.

#include "codegen/microkernel/Contractions.h"

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Memory.h"
#include "codegen/microkernel/Accumulation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

#include <map>

using namespace mlir;

namespace octet::codegen {

namespace {

/// A tap of the window: line and column.
using Tap = std::pair<int64_t, int64_t>;
/// The taps of one multiply.
using Step = SmallVector<Tap, 4>;

class DepthwiseEmitter {
public:
  DepthwiseEmitter(KernelBuilder &kernel, ConvOp op, const Microkernel &row, ArrayRef<Step> steps)
      : kernel(kernel), b(kernel.b()), op(op), row(row), steps(steps),
        x(kernel.getBuffer(op.getX())), view(getFlatView(b, x)), yType(op.getY().getType()),
        blocks(yType.getDimSize(1), row.lanes, /*vectors=*/1) {}

  LogicalResult emit(const reference::Tensor &weights, const WeightShape &shape,
                     WeightPlace place) {
    SmallVector<int64_t> slots, sums;
    for (int64_t i = 0; i < blocks.getPadded(); ++i)
      slots.push_back(i < blocks.channels ? i : -1);
    if (row.operands == DotOperands::U8S8)
      sums = sumWeights(weights, shape, place);
    auto stage = Accumulation::create(kernel, row, op, op.getX(), op.getWeights(), op.getBias(),
                                      slots, sums);
    if (failed(stage))
      return failure();
    accumulation = &*stage;
    SmallVector<char> bytes = packWeights(row, weights, shape, blocks, place);
    int64_t count = blocks.getPadded() * steps.size() * row.getDot();
    packed = kernel.addConstant(ArrayRef<char>(bytes),
                                MemRefType::get({count}, row.getElementType(b.getContext())));
    emitUnits();
    return success();
  }

private:
  // Enough units to keep a handful of threads evenly loaded.
  static constexpr int64_t kUnits = 32;

  /// A unit is one line of the result in a run of channel blocks.
  void emitUnits() {
    int64_t lines = yType.getDimSize(0) * yType.getDimSize(2);
    int64_t runs = std::min<int64_t>(blocks.getCount(), llvm::divideCeil(kUnits, lines));
    int64_t run = llvm::divideCeil(blocks.getCount(), runs);
    runs = llvm::divideCeil(blocks.getCount(), run);
    kernel.parallelLoop(lines * runs, [&](Value unit) {
      SmallVector<Value> place =
          delinearize(b, unit, {yType.getDimSize(0), yType.getDimSize(2), runs});
      image = place[0];
      line = place[1];
      Value first = arith::MulIOp::create(b, place[2], constantIndex(b, run));
      Value end = arith::AddIOp::create(b, first, constantIndex(b, run));
      Value full = constantIndex(b, blocks.full);
      auto loop =
          scf::ForOp::create(b, first, arith::MinUIOp::create(b, end, full), constantIndex(b, 1));
      {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        emitLine(loop.getInductionVar(), row.lanes);
      }
      if (!blocks.lastVectors)
        return;
      Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, end, full);
      auto last = scf::IfOp::create(b, isLast, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&last.getThenRegion().front());
      emitLine(full, blocks.getActive(/*last=*/true, 0));
    });
  }

  // Accumulators and the weights of a few steps share the registers; long windows get
  // small tiles to bound the code.
  int64_t chooseTile() const {
    constexpr int64_t kMultiplies = 256;
    int64_t most = std::max<int64_t>(
        1, std::min<int64_t>(row.registers / 4, kMultiplies / int64_t(steps.size())));
    int64_t width = yType.getDimSize(3), best = 1;
    auto getTiles = [&](int64_t tile) { return llvm::divideCeil(width, tile); };
    for (int64_t tile = 1; tile <= std::min(most, width); ++tile)
      if (getTiles(tile) < getTiles(best) || (width % tile == 0 && tile * 2 > most))
        best = tile;
    return best;
  }

  void emitLine(Value block, int64_t lanes) {
    active = lanes;
    channel = arith::MulIOp::create(b, block, constantIndex(b, row.lanes));
    int64_t tile = chooseTile(), width = yType.getDimSize(3), main = width / tile * tile;
    auto loop =
        scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, main), constantIndex(b, tile));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      emitTile(loop.getInductionVar(), tile);
    }
    if (main < width)
      emitTile(constantIndex(b, main), width - main);
  }

  void emitTile(Value column, int64_t tile) {
    loads.clear();
    words.clear();
    auto pads = op.getPads(), strides = op.getStrides();
    int64_t offset = view.offset - pads[0] * view.strides[2] - pads[1] * view.strides[3];
    start =
        linearize(b, offset, {image, channel, line, column},
                  {view.strides[0], 1, strides[0] * view.strides[2], strides[1] * view.strides[3]});
    SmallVector<Value> sums(tile, accumulation->begin(channel));
    int64_t vector = row.lanes * row.getDot();
    Value weights =
        arith::MulIOp::create(b, channel, constantIndex(b, steps.size() * row.getDot()));
    for (size_t step = 0; step < steps.size(); ++step) {
      Value at = arith::AddIOp::create(b, weights, constantIndex(b, step * vector));
      DotOperand rhs = row.hooks->rhs(b, packed, at, row.lanes);
      for (int64_t t = 0; t < tile; ++t)
        sums[t] = row.hooks->multiplyAdd(b, sums[t], getWord(steps[step], t * strides[1]), rhs);
    }
    for (int64_t t = 0; t < tile; ++t) {
      Position position;
      Value w = arith::AddIOp::create(b, column, constantIndex(b, t));
      position.index = {image, channel, line, w};
      position.vectorDim = 1;
      position.lanes = row.lanes;
      position.active = active;
      accumulation->end({sums[t]}, channel, position);
    }
  }

  /// The taps of `step` in a window that begins `shift` pixels into the tile.
  const DotOperand &getWord(const Step &step, int64_t shift) {
    SmallVector<Tap, 4> pixels;
    for (auto [line, column] : step)
      pixels.push_back({line * op.getDilations()[0], shift + column * op.getDilations()[1]});
    DotOperand &word = words[{pixels.front(), pixels.back()}];
    if (!word.empty())
      return word;
    Value lanes;
    for (auto [i, pixel] : llvm::enumerate(pixels)) {
      Value tap = getPixel(pixel);
      if (i > 0) {
        Value shiftBy = arith::ConstantOp::create(
            b, DenseElementsAttr::get(cast<VectorType>(tap.getType()), b.getI32IntegerAttr(8 * i)));
        tap = arith::ShLIOp::create(b, tap, shiftBy);
        lanes = arith::OrIOp::create(b, lanes, tap);
      } else {
        lanes = tap;
      }
    }
    return word = row.hooks->lhs(b, lanes);
  }

  /// The channels of a pixel, a 32-bit lane each.
  Value getPixel(const Tap &pixel) {
    Value &value = loads[pixel];
    if (value)
      return value;
    int64_t offset = pixel.first * view.strides[2] + pixel.second * view.strides[3];
    Value at = arith::AddIOp::create(b, start, constantIndex(b, offset));
    value = loadLanes(kernel, view.memref, at, 1, {row.lanes, active});
    if (row.operands == DotOperands::U8S8)
      return value = arith::ExtUIOp::create(b, VectorType::get({row.lanes}, b.getI32Type()), value);
    return value =
               emitLoaded(LaneMath(b, b.getLoc(), value.getType()), value, x.type.getElementType());
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  ConvOp op;
  const Microkernel &row;
  ArrayRef<Step> steps;
  Buffer x;
  FlatView view;
  RankedTensorType yType;
  ChannelBlocks blocks;
  const Accumulation *accumulation = nullptr;
  Value packed;

  // The current unit, block of channels and tile.
  Value image, line, channel, start;
  int64_t active = 0;
  std::map<Tap, Value> loads;
  std::map<std::pair<Tap, Tap>, DotOperand> words;
};

} // namespace

/// The taps of a window by fours, along columns if they are longer than one.
static SmallVector<Step> getSteps(int64_t height, int64_t width, int64_t dot) {
  SmallVector<Step> steps;
  bool alongLine = height == 1;
  for (int64_t outer = 0; outer < (alongLine ? height : width); ++outer)
    for (int64_t inner = 0; inner < (alongLine ? width : height); ++inner) {
      if (inner % dot == 0)
        steps.emplace_back();
      steps.back().push_back(alongLine ? Tap(outer, inner) : Tap(inner, outer));
    }
  return steps;
}

LogicalResult emitDepthwise(KernelBuilder &kernel, ConvOp op, const reference::Tensor &weights) {
  bool quantized = isa<quant::QuantizedType>(op.getX().getType().getElementType());
  auto wType = op.getWeights().getType();
  int64_t height = wType.getDimSize(2), width = wType.getDimSize(3);
  SmallVector<Step> steps = getSteps(height, width, quantized ? 4 : 1);
  WeightShape shape{1, wType.getDimSize(0), static_cast<int64_t>(steps.size())};
  auto place = [&](int64_t, int64_t channel, int64_t step, int64_t i) -> int64_t {
    if (i >= static_cast<int64_t>(steps[step].size()))
      return -1;
    auto [line, column] = steps[step][i];
    return (channel * height + line) * width + column;
  };
  const Microkernel &row =
      selectMicrokernel(kernel.getTarget(), quantized ? DotOperands::U8S8 : DotOperands::F32,
                        quantized && pairSumsFit(weights, shape, place));
  DepthwiseEmitter emitter(kernel, op, row, steps);
  if (!wType.getElementType().isBF16())
    return emitter.emit(weights, shape, place);
  reference::Tensor widened(withElementType(wType, Float32Type::get(op.getContext())));
  for (int64_t i = 0; i < widened.size(); ++i)
    widened.setFloat(i, weights.getFloat(i));
  return emitter.emit(widened, shape, place);
}

} // namespace octet::codegen
