// What every contraction does around its sums: they start at the bias
// (with the zero point of the activations folded in) or, where f32 is multiplied by s8, at zero,
// and end as f32 or as a requantized u8 that goes through the group's epilogue to memory.

#ifndef OCTET_CODEGEN_MICROKERNEL_ACCUMULATION_H
#define OCTET_CODEGEN_MICROKERNEL_ACCUMULATION_H

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/microkernel/Microkernel.h"

namespace octet::codegen {

/// Where the sums of a tile come from and go to.
class TileSums {
public:
  virtual ~TileSums() = default;
  /// The accumulators that a sum for the channels from `slot` on starts with.
  virtual mlir::Value begin(mlir::Value slot) const = 0;
  /// Finishes the sums of neighbouring vectors of channels, the first at `slot`, and
  /// stores them. `position` has the lanes of all.
  virtual void end(llvm::ArrayRef<mlir::Value> sums, mlir::Value slot,
                   const Position &position) const = 0;
  /// Vectors along `dimension` of the result that are best finished together.
  virtual int64_t getVectorsAtEnd(int64_t dimension) const = 0;
};

class Accumulation : public TileSums {
public:
  /// For the contraction `root` of `x` and `weights`. `slots[i]` is the channel in
  /// place i of the padded order that the emitter counts in, or -1; `sums` are the
  /// sums of the s8 weights of each channel (empty for floats).
  static mlir::FailureOr<Accumulation> create(KernelBuilder &kernel, const Microkernel &row,
                                              mlir::Operation *root, mlir::Value x,
                                              mlir::Value weights, mlir::Value bias,
                                              llvm::ArrayRef<int64_t> slots,
                                              llvm::ArrayRef<int64_t> sums);

  mlir::Value begin(mlir::Value slot) const override;
  void end(llvm::ArrayRef<mlir::Value> sums, mlir::Value slot,
           const Position &position) const override;
  int64_t getVectorsAtEnd(int64_t dimension) const override;
  /// `end` for four vectors in the order of emitSaturatedTurns; slots count in that
  /// order, too.
  void endTurns(llvm::ArrayRef<mlir::Value> sums, mlir::Value slot, const Position &position) const;

private:
  Accumulation(KernelBuilder &kernel, const Microkernel &row) : kernel(&kernel), row(&row) {}
  mlir::Value load(mlir::Value table, mlir::Value slot, mlir::Type element, int64_t lanes) const;

  KernelBuilder *kernel;
  const Microkernel *row;
  mlir::Value start;        // i32 or f32 for each slot; null for zeros
  mlir::Value multiplier;   // f32 for each slot; null where both operands are floats
  mlir::Value addend;       // f32 for each slot, behind the multiplier; null for zeros
  mlir::Value zeroPoint;    // i32; null for 0
  bool isQuantized = false; // the result, to u8
  bool fitsI32 = false;     // the result before it saturates
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_ACCUMULATION_H
