// Whether a convolution is computed on transformed tiles, and how its work is cut: by a
// cost model beside that of tilings.

#ifndef OCTET_CODEGEN_MICROKERNEL_WINOGRADDECISION_H
#define OCTET_CODEGEN_MICROKERNEL_WINOGRADDECISION_H

#include "codegen/microkernel/Tiling.h"
#include "dialect/Octet.h"

#include <optional>

namespace octet::codegen {

inline constexpr llvm::StringLiteral kWinogradAttr = "octet.winograd";
inline constexpr llvm::StringLiteral kScratchBytesAttr = "octet.scratch_bytes";

/// A convolution by 3x3 windows without strides, dilations and groups.
struct WinogradProblem {
  int64_t images, height, width; ///< of the result
  int64_t inChannels, outChannels;
};

/// The problem of a convolution of f32, or nullopt where it has another window.
std::optional<WinogradProblem> getWinogradProblem(ConvOp op);

/// How a problem is cut, and where its parts lie in scratch memory, in f32: for each
/// range of units that a thread computes, the pixels [products][tiles][in channels] of a
/// step, then its sums [products][tiles][channels].
struct WinogradPlan {
  int64_t outputs, tiles, channels;
  /// A step is a block of tiles with a block of channels, a unit is a run of steps.
  int64_t tileRows, tileColumns, tileCount, tileBlocks, channelBlocks;
  /// In f32: from a tile's pixels to the next; from a product to the next.
  int64_t pixelPitch, pixelStride, sumStride;

  WinogradPlan(const WinogradProblem &problem, WinogradAttr attr);
  WinogradPlan(const WinogradProblem &problem, int64_t outputs, int64_t tiles, int64_t channels);
  WinogradAttr getAttr(mlir::MLIRContext *context) const;

  /// Of a tile, for each pair of channels.
  int64_t getProducts() const { return (outputs + 2) * (outputs + 2); }
  int64_t getSteps() const { return tileBlocks * channelBlocks; }
  int64_t getUnits() const;
  int64_t getSlot() const { return getProducts() * (pixelStride + sumStride); }
  int64_t getScratchBytes() const;
};

/// Why `plan` cannot be had, or empty.
std::string checkWinograd(const Microkernel &row, const WinogradPlan &plan);

/// The model's estimate of the time.
double estimateCycles(const Microkernel &row, const WinogradProblem &problem,
                      const WinogradPlan &plan);

/// The plan of least time, where it is well below the `direct` cycles that walking the
/// windows takes.
std::optional<WinogradPlan> chooseWinograd(const Microkernel &row, const WinogradProblem &problem,
                                           double direct);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_WINOGRADDECISION_H
