// One loop nest for dense and grouped convolution and for matrix multiply: rows are
// points of a box (images, lines, pixels), the reduction walks an input whose address
// is linear in the row and in each axis of the reduction. With a halo in the input a
// convolution is no more than that.
//
// Activations are read a word at a time and broadcast, weights are read as vectors of
// channels, and all accumulators of a tile are loop-carried values, so that LLVM keeps
// them in registers. Every extent is a constant.

#ifndef OCTET_CODEGEN_MICROKERNEL_IMPLICITGEMM_H
#define OCTET_CODEGEN_MICROKERNEL_IMPLICITGEMM_H

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/microkernel/Accumulation.h"
#include "codegen/microkernel/PackedWeights.h"
#include "codegen/microkernel/Tiling.h"

#include <optional>

namespace octet::codegen {

/// An axis of the reduction: `trip` places in the input, `stride` elements apart.
struct ReductionAxis {
  int64_t trip, stride;
};

/// A place in flat memory: a value and a constant that joins it late, so that places
/// of one tile share the value and differ in the displacement of an instruction.
struct Place {
  mlir::Value base;
  int64_t offset = 0;
};

/// The lines that a window covers, of an input with zeros around it: line i of the
/// window for line y of the result is line y * stride + i - pad of the input.
struct WindowLines {
  int64_t window, stride, pad;
  int64_t extent; ///< lines of the input

  int64_t getFirst(int64_t y) const { return std::max<int64_t>(0, pad - y * stride); }
  int64_t getEnd(int64_t y) const { return std::min(window, extent + pad - y * stride); }
};

struct ImplicitGemm {
  const Microkernel *row;
  int64_t groups = 1;
  Rows rows = {1, 1, 1};
  /// Elements between neighbours along each axis of the rows.
  Rows rowStrides = {0, 0, 0};
  /// Outermost first; the innermost walks words.
  llvm::SmallVector<ReductionAxis> reduction;
  /// Offset of one more word after each run of the innermost axis, or -1. It may
  /// overlap the words before it; the weights of what overlaps are zero.
  int64_t tail = -1;
  /// Where the first axis of the reduction walks the lines of a window: those outside
  /// of the input need no products.
  std::optional<WindowLines> lines;
  /// Elements to read of a word where a row has fewer, or 0; the others are 0.
  int64_t shortWord = 0;
  int64_t channels = 1;
  /// Flat activations.
  mlir::Value lhs;
  /// Where a group's activations start.
  std::function<Place(mlir::Value group)> lhsStart;

  /// Packed weights; or, where `rhsStride` is nonzero, floats in memory: rows of the
  /// reduction are that far apart, channels are neighbours, a group begins at
  /// rhsStart.
  mlir::Value rhs;
  int64_t rhsStride = 0;
  std::function<mlir::Value(mlir::Value group)> rhsStart;

  /// The logical index of an element of the result, and the dimension that counts
  /// channels (-1 where there is none: a single channel).
  std::function<llvm::SmallVector<mlir::Value>(mlir::Value group, llvm::ArrayRef<mlir::Value> row,
                                               mlir::Value channel)>
      resultIndex;
  int64_t channelDim = -1;

  int64_t getSteps() const;
  TilingProblem getTilingProblem() const;
};

/// Merges neighbouring axes of a reduction that walk memory without a gap.
void mergeAxes(llvm::SmallVectorImpl<ReductionAxis> &reduction);

/// Emits the kernel's loops. `blocks` and `tiling` are those the weights were packed
/// for.
void emitImplicitGemm(KernelBuilder &kernel, const ImplicitGemm &gemm, const Tiling &tiling,
                      const ChannelBlocks &blocks, const TileSums &sums);

/// Emits the products of one group in place, for emitters with a loop of their own over
/// units. Rows lie along the last axis only.
void emitGemmOfGroup(KernelBuilder &kernel, const ImplicitGemm &gemm, const Tiling &tiling,
                     const ChannelBlocks &blocks, const TileSums &sums, mlir::Value group);

/// Emits `body` for the main case and, where both occur, for the case in which `index`
/// is `lastIndex`.
void emitBranch(mlir::ImplicitLocOpBuilder &b, bool hasMain, bool hasLast, mlir::Value index,
                int64_t lastIndex, llvm::function_ref<void(bool isLast)> body);

/// A buffer as one dimension.
mlir::Value flatten(mlir::ImplicitLocOpBuilder &b, mlir::Value memref);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_IMPLICITGEMM_H
