#include "codegen/microkernel/DepthwiseTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

int64_t DepthwiseProblem::getPlace(int64_t channel, int64_t step, int64_t i) const {
  if (i >= static_cast<int64_t>(steps[step].size()))
    return -1;
  auto type = op.getWeights().getType();
  auto [line, column] = steps[step][i];
  return (channel * type.getDimSize(2) + line) * type.getDimSize(3) + column;
}

DepthwiseTile::DepthwiseTile(const DepthwiseProblem &problem, int64_t first, int64_t channels,
                             int64_t block)
    : problem(problem), b(problem.kernel.b()), row(*problem.row), first(first), channels(channels),
      block(block) {}

LogicalResult DepthwiseTile::prepare(int64_t vectors, function_ref<int64_t(int64_t)> toChannel) {
  int64_t lanes = vectors * row.lanes, slotCount = llvm::divideCeil(channels, block) * lanes;
  int64_t steps = problem.steps.size();
  auto getChannel = [&](int64_t slot) -> int64_t {
    int64_t channel = slot / lanes * block + toChannel(slot % lanes);
    return channel < channels ? first + channel : -1;
  };
  SmallVector<int64_t> slots, sums;
  for (int64_t slot = 0; slot < slotCount; ++slot)
    slots.push_back(getChannel(slot));
  if (row.operands == DotOperands::U8S8)
    sums = sumWeights(problem.weights, {1, problem.getChannels(), steps},
                      [&](int64_t, int64_t channel, int64_t step, int64_t i) {
                        return problem.getPlace(channel, step, i);
                      });
  auto stage = Accumulation::create(problem.kernel, row, problem.op, problem.op.getX(),
                                    problem.op.getWeights(), problem.op.getBias(), slots, sums);
  if (failed(stage))
    return failure();
  accumulation = *stage;
  ChannelBlocks blocks(slotCount, row.lanes, vectors);
  SmallVector<char> bytes =
      packWeights(row, problem.weights, {1, slotCount, steps}, blocks,
                  [&](int64_t, int64_t slot, int64_t step, int64_t i) {
                    int64_t channel = slots[slot];
                    return channel < 0 ? -1 : problem.getPlace(channel, step, i);
                  });
  int64_t count = slotCount * steps * row.getDot();
  packed = problem.kernel.addConstant(ArrayRef<char>(bytes),
                                      MemRefType::get({count}, row.getElementType(b.getContext())));
  return success();
}

void DepthwiseTile::begin(const Spot &spot) {
  auto pads = problem.op.getPads(), strides = problem.op.getStrides();
  const FlatView &x = problem.x;
  int64_t offset = x.offset - pads[0] * x.strides[2] - pads[1] * x.strides[3];
  start = linearize(b, offset, {spot.image, spot.channel, spot.line, spot.column},
                    {x.strides[0], 1, strides[0] * x.strides[2], strides[1] * x.strides[3]});
}

Value DepthwiseTile::addConstant(Value value, int64_t offset) const {
  return offset == 0 ? value : arith::AddIOp::create(b, value, constantIndex(b, offset));
}

Value DepthwiseTile::getAddress(const Tap &pixel) const {
  const FlatView &x = problem.x;
  return addConstant(start, pixel.first * x.strides[2] + pixel.second * x.strides[3]);
}

Value DepthwiseTile::getSlot(const Spot &spot) const { return addConstant(spot.channel, -first); }

SmallVector<Tap, 4> DepthwiseTile::getPixels(size_t step, int64_t shift) const {
  SmallVector<Tap, 4> pixels;
  auto dilations = problem.op.getDilations();
  for (auto [line, column] : problem.steps[step])
    pixels.push_back({line * dilations[0], shift + column * dilations[1]});
  return pixels;
}

} // namespace octet::codegen
