// Convolutions as implicit matrix multiplies over channels-last activations. Borders
// are in the input's halo, so a window is three nested walks through memory; axes that
// touch (a 1x1 window, or pixels without padding) become one.

#include "codegen/microkernel/Contractions.h"

#include "codegen/microkernel/ImplicitGemm.h"
#include "codegen/microkernel/TilingDecision.h"
#include "codegen/microkernel/WinogradDecision.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

namespace {

/// How a run of elements that a window reads on a line (a group's channels, or the
/// channels of several columns) is cut into words.
struct Words {
  int64_t count = 0;
  /// Offset of a last word that overlaps the one before, or -1.
  int64_t tail = -1;
  /// Elements to read where a run is shorter than a word, or 0.
  int64_t shortWord = 0;
  /// A group's word starts no later than this channel.
  int64_t lastStart = INT64_MAX;

  int64_t getSteps() const { return count + (tail >= 0); }
};

} // namespace

// A word of integers may reach beyond the group's channels (their weights are zero), but
// not beyond what surely belongs to the pixel. A word of floats may not: zero times an
// infinity or a NaN, which memory may hold there, is NaN.
static Words cutWords(DotOperands operands, int64_t channels, int64_t groups, int64_t pitch) {
  Words words;
  int64_t dot = getDot(operands);
  words.count = llvm::divideCeil(channels, dot);
  if (channels % dot == 0)
    return words;
  bool isInteger = operands == DotOperands::U8S8;
  if (isInteger && groups == 1 && pitch == words.count * dot)
    return words;
  int64_t total = channels * groups;
  if (channels > dot) {
    words.count = channels / dot;
    words.tail = channels - dot;
  } else if (isInteger && total >= dot) {
    words.lastStart = total - dot;
  } else {
    words.shortWord = channels;
  }
  return words;
}

LogicalResult emitConvolution(KernelBuilder &kernel, ConvOp op) {
  std::optional<reference::Tensor> weights = kernel.getConstant(op.getWeights());
  if (!weights)
    return op.emitOpError("expected constant weights, got weights computed at run time");
  Buffer x = kernel.getBuffer(op.getX());
  ChannelsLastAttr layout = getLayout(x.type);
  ArrayRef<int64_t> pads = op.getPads();
  if (!layout || kernel.getResult().getContiguousDim() != 1)
    return op.emitOpError("expected channels-last activations, got ") << x.type;
  for (auto [halo, pad] : llvm::zip(layout.getHalo(), pads))
    if (halo < pad)
      return op.emitOpError("expected a halo of at least the pads, got ") << layout;
  DotOperands operands =
      getDotOperands(x.type.getElementType(), op.getWeights().getType().getElementType());
  // Weights of s8 beside f32 are few where each channel has its own: no emitter is worth it.
  if (op.isDepthwise() && op.getY().getType().getDimSize(1) == x.type.getDimSize(1) &&
      operands != DotOperands::F32S8)
    return emitDepthwise(kernel, op, *weights);
  if (auto attr = kernel.getOperation()->getAttrOfType<WinogradAttr>(kWinogradAttr))
    return emitWinograd(kernel, op, attr, *weights);

  bool quantized = operands == DotOperands::U8S8;
  int64_t dot = getDot(operands);
  auto yType = op.getY().getType();
  auto wType = op.getWeights().getType();
  int64_t groups = op.getGroup(), kh = wType.getDimSize(2), kw = wType.getDimSize(3);
  int64_t inChannels = wType.getDimSize(1), outChannels = yType.getDimSize(1) / groups;
  SmallVector<int64_t, 4> physical = getPhysicalShape(x.type);
  int64_t pixel = layout.getPitch(), line = physical[2] * pixel, image = physical[1] * line;
  int64_t nextLine = op.getDilations()[0] * line;

  // Few channels without padding: the columns of a window are one run of elements.
  bool fold = kw > 1 && groups == 1 && inChannels % dot != 0 && pixel == inChannels &&
              op.getDilations()[1] == 1;
  int64_t columns = fold ? 1 : kw, run = fold ? kw * inChannels : inChannels;
  Words words = cutWords(operands, run, groups, fold ? run : pixel);
  // A word that exceeds the run reads into the next line, on the last line from bytes
  // before.
  bool shiftLast = quantized && words.shortWord && kh > 1 && columns == 1 && nextLine >= dot - run;
  if (shiftLast)
    words.shortWord = 0;
  WeightShape shape{groups, outChannels, kh * columns * words.getSteps()};

  auto getStart = [&](int64_t group) { return std::min(group * inChannels, words.lastStart); };
  auto place = [&](int64_t group, int64_t channel, int64_t step, int64_t i) -> int64_t {
    int64_t word = step % words.getSteps(), tap = step / words.getSteps();
    int64_t c = word * dot + i;
    if (word == words.count) {
      c = words.tail + i;
      if (c < words.count * dot)
        return -1; // counted by the words before
    }
    c -= group * inChannels - getStart(group);
    if (shiftLast && tap == kh - 1)
      c -= dot - run;
    if (c < 0 || c >= run)
      return -1;
    // Of a fold there is one column, whose run holds the pixels.
    int64_t column = tap % columns + c / inChannels;
    return ((group * outChannels + channel) * inChannels + c % inChannels) * kh * kw +
           tap / columns * kw + column;
  };

  const Microkernel &row = selectMicrokernel(kernel.getTarget(), operands,
                                             quantized && pairSumsFit(*weights, shape, place));
  ImplicitLocOpBuilder &b = kernel.b();
  ImplicitGemm gemm;
  gemm.row = &row;
  gemm.groups = groups;
  gemm.rows = {yType.getDimSize(0), yType.getDimSize(2), yType.getDimSize(3)};
  gemm.rowStrides = {image, op.getStrides()[0] * line, op.getStrides()[1] * pixel};
  gemm.reduction = {{kh, nextLine}, {columns, op.getDilations()[1] * pixel}, {words.count, dot}};
  gemm.tail = words.tail;
  if (shiftLast) {
    gemm.reduction = {{kh - 1, nextLine}};
    gemm.tail = (kh - 1) * nextLine - (dot - run);
  }
  gemm.shortWord = words.shortWord;
  if (gemm.tail < 0)
    mergeAxes(gemm.reduction);
  // A zero point of 0 makes the halo zeros.
  auto xType = dyn_cast<quant::UniformQuantizedType>(x.type.getElementType());
  if (gemm.reduction.size() > 1 && gemm.reduction.front().trip == kh && kh > 1 &&
      op.getDilations()[0] == 1 && (!xType || xType.getZeroPoint() == 0))
    gemm.lines = {kh, op.getStrides()[0], pads[0], x.type.getDimSize(2)};
  gemm.channels = outChannels;
  gemm.lhs = flatten(b, x.memref);
  gemm.lhsStart = [&](Value group) {
    Value start = arith::MulIOp::create(b, group, arith::ConstantIndexOp::create(b, inChannels));
    if (words.lastStart < (groups - 1) * inChannels)
      start = arith::MinUIOp::create(b, start, arith::ConstantIndexOp::create(b, words.lastStart));
    return Place{start, (layout.top() - pads[0]) * line + (layout.left() - pads[1]) * pixel};
  };
  gemm.channelDim = 1;
  gemm.resultIndex = [&](Value group, ArrayRef<Value> point, Value channel) {
    Value first = arith::MulIOp::create(b, group, arith::ConstantIndexOp::create(b, outChannels));
    channel = arith::AddIOp::create(b, first, channel);
    return SmallVector<Value>{point[0], channel, point[1], point[2]};
  };

  return emitPacked(kernel, gemm, op, op.getX(), op.getWeights(), op.getBias(), *weights, shape,
                    place);
}

LogicalResult emitPacked(KernelBuilder &kernel, ImplicitGemm &gemm, Operation *root, Value x,
                         Value weights, Value bias, const reference::Tensor &values,
                         const WeightShape &shape, WeightPlace place) {
  const Microkernel &row = *gemm.row;
  FailureOr<Tiling> tiling = takeTiling(kernel, gemm);
  if (failed(tiling))
    return failure();
  ChannelBlocks blocks(shape.channels, row.lanes, tiling->vectors);
  SmallVector<int64_t> slots, sums;
  for (int64_t group = 0; group < shape.groups; ++group)
    for (int64_t i = 0; i < blocks.getPadded(); ++i)
      slots.push_back(i < shape.channels ? group * shape.channels + i : -1);
  if (row.operands == DotOperands::U8S8)
    sums = sumWeights(values, shape, place);
  auto accumulation = Accumulation::create(kernel, row, root, x, weights, bias, slots, sums);
  if (failed(accumulation))
    return failure();

  SmallVector<char> packed = packWeights(row, values, shape, blocks, place);
  Type element = row.getElementType(kernel.b().getContext());
  int64_t count = packed.size() * 8 / element.getIntOrFloatBitWidth();
  gemm.rhs = kernel.addConstant(ArrayRef<char>(packed), MemRefType::get({count}, element));
  emitImplicitGemm(kernel, gemm, *tiling, blocks, *accumulation);
  return success();
}

} // namespace octet::codegen
