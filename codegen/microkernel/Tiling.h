// How an implicit matrix multiply is cut into register tiles and units of work. A
// plain cost model: the number of possible tiles is small, so all are tried.

#ifndef OCTET_CODEGEN_MICROKERNEL_TILING_H
#define OCTET_CODEGEN_MICROKERNEL_TILING_H

#include "codegen/microkernel/Microkernel.h"

#include <array>
#include <string>

namespace octet::codegen {

/// Rows of the product are the points of a box (images, lines, pixels of a
/// convolution), columns its channels.
using Rows = std::array<int64_t, 3>;

inline int64_t getCount(const Rows &rows) { return rows[0] * rows[1] * rows[2]; }

struct Tiling {
  /// A box of rows, by vectors of channels.
  Rows tile;
  int64_t vectors;
  /// Whether units that share weights are neighbours.
  bool channelsOuter;

  bool operator==(const Tiling &other) const {
    return tile == other.tile && vectors == other.vectors && channelsOuter == other.channelsOuter;
  }
};

struct TilingProblem {
  Rows rows;
  int64_t channels; // of one group
  int64_t groups;
  int64_t steps;    // multiplies for one accumulator
  int64_t lhsBytes; // of the activations that all channels share
  /// Whether neighbours on a line read the same words in one run of the reduction.
  /// LLVM would keep those in registers, which the accumulators need.
  bool linesShareWords;
  /// The share of the steps that a tile with rows of one line only leaves out.
  double outsideShare = 0;
};

/// The model's estimate of the time that `tiling` takes.
double estimateCycles(const Microkernel &row, const TilingProblem &problem, const Tiling &tiling);

/// The tiling of least estimated time.
Tiling chooseTiling(const Microkernel &row, const TilingProblem &problem);

/// Tilings that are worth measuring: the one that chooseTiling gives, and others that
/// the model holds for little worse. At most `count`.
llvm::SmallVector<Tiling> getTilingCandidates(const Microkernel &row, const TilingProblem &problem,
                                              size_t count);

/// Tiles along rows[2] that one unit of work covers.
int64_t getChunk(const Microkernel &row, const TilingProblem &problem, const Tiling &tiling);

/// Why `tiling` cannot be had, or empty.
std::string checkTiling(const Microkernel &row, const TilingProblem &problem, const Tiling &tiling);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_TILING_H
