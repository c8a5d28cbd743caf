// Constant weights in the order in which the loop nest reads them: one stream per
// block of channels, [group][block][step][vector][lane][factor], padded with zeros to
// whole vectors and words.

#ifndef OCTET_CODEGEN_MICROKERNEL_PACKEDWEIGHTS_H
#define OCTET_CODEGEN_MICROKERNEL_PACKEDWEIGHTS_H

#include "codegen/microkernel/Microkernel.h"
#include "dialect/reference/Tensor.h"

namespace octet::codegen {

/// How the channels of a group are cut: `full` blocks of `vectors` vectors whose
/// lanes are all in use, then perhaps one last block with fewer.
struct ChannelBlocks {
  int64_t channels, lanes, vectors;
  int64_t full, lastVectors;

  ChannelBlocks(int64_t channels, int64_t lanes, int64_t vectors);
  int64_t getCount() const { return full + (lastVectors > 0); }
  /// Channels with the padding of the last block.
  int64_t getPadded() const { return (full * vectors + lastVectors) * lanes; }
  /// Lanes in use in vector `v` of a block.
  int64_t getActive(bool last, int64_t v) const;
};

/// Maps factor `i` of `step` for a channel of a group to an element of the weights,
/// or -1 for zero.
using WeightPlace =
    llvm::function_ref<int64_t(int64_t group, int64_t channel, int64_t step, int64_t i)>;

struct WeightShape {
  int64_t groups, channels, steps;
};

/// Packs `weights` (s8, bf16 or f32) for `row`.
llvm::SmallVector<char> packWeights(const Microkernel &row, const reference::Tensor &weights,
                                    const WeightShape &shape, const ChannelBlocks &blocks,
                                    WeightPlace place);

/// Sum of the s8 weights of each channel, group by group.
llvm::SmallVector<int64_t> sumWeights(const reference::Tensor &weights, const WeightShape &shape,
                                      WeightPlace place);

/// Whether u8 * s8 + u8 * s8 fits s16 for the neighbours of every word: 255 times the
/// weights of one sign must stay within 32767.
bool pairSumsFit(const reference::Tensor &weights, const WeightShape &shape, WeightPlace place);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_PACKEDWEIGHTS_H
