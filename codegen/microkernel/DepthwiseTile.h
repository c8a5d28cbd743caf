// Code for a few neighbours on a line of a depthwise convolution, for one block of
// channels. How many channels a block has, and how taps get into the bytes of a lane,
// differs; the walk over lines and blocks (Depthwise.cpp) does not.

#ifndef OCTET_CODEGEN_MICROKERNEL_DEPTHWISETILE_H
#define OCTET_CODEGEN_MICROKERNEL_DEPTHWISETILE_H

#include "codegen/emit/Memory.h"
#include "codegen/microkernel/Accumulation.h"
#include "codegen/microkernel/PackedWeights.h"

#include <map>
#include <optional>

namespace octet::codegen {

/// A tap of the window, or a pixel relative to a tile: line and column.
using Tap = std::pair<int64_t, int64_t>;

/// What all tiles of a kernel share.
struct DepthwiseProblem {
  KernelBuilder &kernel;
  mutable ConvOp op;
  const Microkernel *row;
  /// The taps of each multiply.
  llvm::SmallVector<llvm::SmallVector<Tap, 4>> steps;
  /// s8, or f32.
  const reference::Tensor &weights;
  FlatView x;

  int64_t getChannels() const { return op.getY().getType().getDimSize(1); }
  /// The element of the weights for factor `i` of a step, or -1.
  int64_t getPlace(int64_t channel, int64_t step, int64_t i) const;
};

class DepthwiseTile {
public:
  virtual ~DepthwiseTile() = default;

  int64_t getFirst() const { return first; }
  int64_t getChannels() const { return channels; }
  int64_t getBlock() const { return block; }
  /// Pixels of a tile on a line of `width`.
  virtual int64_t getTile(int64_t width) const = 0;

  /// Where a tile stands: the result's indices of its first element.
  struct Spot {
    mlir::Value image, line, column, channel;
  };
  /// The first `active` channels of a block, for `pixels` neighbours.
  virtual void emit(const Spot &spot, int64_t pixels, int64_t active) = 0;

protected:
  /// Channels [first, first + channels) in blocks of `block`.
  DepthwiseTile(const DepthwiseProblem &problem, int64_t first, int64_t channels, int64_t block);

  /// Sets `accumulation` and `packed` for an order of channels: `toChannel` maps a
  /// place in `vectors` vectors of each block to a channel of the block.
  llvm::LogicalResult prepare(int64_t vectors, llvm::function_ref<int64_t(int64_t slot)> toChannel);
  /// Sets `start`, from which the taps of the tile's first window are counted.
  void begin(const Spot &spot);
  mlir::Value getAddress(const Tap &pixel) const;
  /// The channel of a spot, counted from `first`.
  mlir::Value getSlot(const Spot &spot) const;
  /// The taps of a step in a window that begins `shift` pixels into the tile.
  llvm::SmallVector<Tap, 4> getPixels(size_t step, int64_t shift) const;
  mlir::Value addConstant(mlir::Value value, int64_t offset) const;

  const DepthwiseProblem &problem;
  mlir::ImplicitLocOpBuilder &b;
  const Microkernel &row;
  int64_t first, channels, block;
  std::optional<Accumulation> accumulation;
  mlir::Value packed, start;
};

/// A vector of lanes for each block, each lane a channel; any element type.
std::unique_ptr<DepthwiseTile> createDepthwiseLanes(const DepthwiseProblem &problem, int64_t first,
                                                    int64_t channels);
/// Four vectors of lanes for each block: a register of u8 holds as many channels; or
/// `pixels` neighbours with that many together.
std::unique_ptr<DepthwiseTile> createDepthwiseBytes(const DepthwiseProblem &problem, int64_t first,
                                                    int64_t channels, int64_t pixels);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_DEPTHWISETILE_H
