#include "codegen/microkernel/PackedWeights.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace octet::codegen {

ChannelBlocks::ChannelBlocks(int64_t channels, int64_t lanes, int64_t vectors)
    : channels(channels), lanes(lanes), vectors(vectors), full(channels / (lanes * vectors)),
      lastVectors(divideCeil(channels - full * lanes * vectors, lanes)) {}

int64_t ChannelBlocks::getActive(bool last, int64_t v) const {
  if (!last)
    return lanes;
  return std::min(lanes, channels - (full * vectors + v) * lanes);
}

template <typename T>
static void pack(const Microkernel &row, ArrayRef<T> weights, const WeightShape &shape,
                 const ChannelBlocks &blocks, WeightPlace place, T *out) {
  int64_t dot = row.getDot();
  for (int64_t group = 0; group < shape.groups; ++group)
    for (int64_t block = 0; block < blocks.getCount(); ++block) {
      int64_t vectors = block < blocks.full ? blocks.vectors : blocks.lastVectors;
      for (int64_t step = 0; step < shape.steps; ++step)
        for (int64_t v = 0; v < vectors; ++v, out += row.lanes * dot)
          for (int64_t lane = 0; lane < row.lanes; ++lane) {
            int64_t channel = (block * blocks.vectors + v) * row.lanes + lane;
            if (channel >= shape.channels)
              break;
            for (int64_t i = 0; i < dot; ++i)
              if (int64_t from = place(group, channel, step, i); from >= 0)
                out[row.hooks->rhsPlace(row.lanes, lane, i)] = weights[from];
          }
    }
}

SmallVector<char> packWeights(const Microkernel &row, const reference::Tensor &weights,
                              const WeightShape &shape, const ChannelBlocks &blocks,
                              WeightPlace place) {
  int64_t count = shape.groups * blocks.getPadded() * shape.steps * row.getDot();
  auto packAs = [&](auto zero) {
    using T = decltype(zero);
    SmallVector<char> bytes(count * sizeof(T));
    pack(row, weights.as<T>(), shape, blocks, place, reinterpret_cast<T *>(bytes.data()));
    return bytes;
  };
  switch (row.operands) {
  case DotOperands::U8S8:
  case DotOperands::F32S8:
    return packAs(int8_t(0));
  case DotOperands::BF16:
    return packAs(uint16_t(0));
  case DotOperands::F32:
    return packAs(0.0f);
  }
  llvm_unreachable("unknown operands");
}

constexpr int64_t kWord = 4;

SmallVector<int64_t> sumWeights(const reference::Tensor &weights, const WeightShape &shape,
                                WeightPlace place) {
  SmallVector<int64_t> sums;
  ArrayRef<int8_t> elements = weights.as<int8_t>();
  for (int64_t group = 0; group < shape.groups; ++group)
    for (int64_t channel = 0; channel < shape.channels; ++channel) {
      int64_t sum = 0;
      for (int64_t step = 0; step < shape.steps; ++step)
        for (int64_t i = 0; i < kWord; ++i)
          if (int64_t from = place(group, channel, step, i); from >= 0)
            sum += elements[from];
      sums.push_back(sum);
    }
  return sums;
}

bool pairSumsFit(const reference::Tensor &weights, const WeightShape &shape, WeightPlace place) {
  constexpr int64_t kLimit = INT16_MAX / UINT8_MAX;
  ArrayRef<int8_t> elements = weights.as<int8_t>();
  for (int64_t group = 0; group < shape.groups; ++group)
    for (int64_t channel = 0; channel < shape.channels; ++channel)
      for (int64_t step = 0; step < shape.steps; ++step)
        for (int64_t i = 0; i < kWord; i += 2) {
          int64_t positive = 0, negative = 0;
          for (int64_t j = i; j < i + 2; ++j)
            if (int64_t from = place(group, channel, step, j); from >= 0)
              (elements[from] > 0 ? positive : negative) += elements[from];
          if (positive > kLimit || -negative > kLimit)
            return false;
        }
  return true;
}

} // namespace octet::codegen
