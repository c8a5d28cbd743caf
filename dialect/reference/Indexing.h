// Index arithmetic of the evaluator. An op that moves elements is a list that
// names, for each element of the result in row-major order, the element of the
// operand that goes there.

#ifndef OCTET_DIALECT_REFERENCE_INDEXING_H
#define OCTET_DIALECT_REFERENCE_INDEXING_H

#include "dialect/reference/Tensor.h"

namespace octet::reference {

using IndexList = std::vector<int64_t>;

/// Distance between neighbours along each dimension of a row-major tensor.
llvm::SmallVector<int64_t> getStrides(llvm::ArrayRef<int64_t> shape);

/// Strides that read a tensor of shape `from` as if it had shape `to`, which it
/// broadcasts to: 0 along repeated dimensions.
llvm::SmallVector<int64_t> getBroadcastStrides(llvm::ArrayRef<int64_t> from,
                                               llvm::ArrayRef<int64_t> to);

/// For each index of `shape` in row-major order: offset + sum of index *
/// stride.
IndexList listIndices(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides,
                      int64_t offset = 0);

/// A tensor of `type` whose element i is element from[i] of `x`, whatever its
/// type; entries of -1 stay 0.
Tensor takeElements(const Tensor &x, mlir::RankedTensorType type, const IndexList &from);

/// Product of extents.
int64_t countElements(llvm::ArrayRef<int64_t> shape);

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_INDEXING_H
