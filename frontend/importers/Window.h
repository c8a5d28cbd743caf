// The window of a convolution or pool, as its node describes it.

#ifndef OCTET_FRONTEND_IMPORTERS_WINDOW_H
#define OCTET_FRONTEND_IMPORTERS_WINDOW_H

#include "frontend/OpTable.h"

namespace octet {

/// Over one to three spatial dimensions. Pads are all before, then all after.
struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations, pads, outputPadding;

  /// One dimension as a row of a plane; others as they are.
  Window toPlane() const;
  /// Of three dimensions, the last two.
  Window withoutDepth() const;
};

/// Reads the attributes of a window over the spatial dimensions of `x`; nullopt after a
/// report.
std::optional<Window> readWindow(NodeReader &node, mlir::RankedTensorType x,
                                 llvm::ArrayRef<int64_t> kernel, bool transposed);

/// A tensor of rank 3 as one of planes of one row, and back; others as they are.
mlir::Value toPlane(NodeBuilder &build, mlir::Value x);
mlir::Value fromPlane(NodeBuilder &build, mlir::Value plane, int64_t rank);

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_WINDOW_H
