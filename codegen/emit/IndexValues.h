// Indices read from tensors, and the order of elements: what all ops that go by
// data have in common. No index leaves these functions unchecked.

#ifndef OCTET_CODEGEN_EMIT_INDEXVALUES_H
#define OCTET_CODEGEN_EMIT_INDEXVALUES_H

#include "codegen/emit/Memory.h"
#include "dialect/IndexOps.h"

namespace octet::codegen {

/// The element of an i32 or i64 tensor as an index.
mlir::Value loadIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value memref, mlir::Value at);
/// An index as an i64 to store.
mlir::Value toInteger(mlir::ImplicitLocOpBuilder &b, mlir::Value index);
/// A negative index counts from the end of `extent`.
mlir::Value wrapIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value index, int64_t extent);
/// `index` moved into [low, high].
mlir::Value clampIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value index, int64_t low, int64_t high);
/// Whether 0 <= index < extent.
mlir::Value isInside(mlir::ImplicitLocOpBuilder &b, mlir::Value index, int64_t extent);

/// Code that runs where `condition` holds.
void emitIf(mlir::ImplicitLocOpBuilder &b, mlir::Value condition, llvm::function_ref<void()> then);

/// The scalar at a flat index as it is compared: f32 for bf16, else as stored.
mlir::Value loadComparable(mlir::ImplicitLocOpBuilder &b, const FlatView &view, mlir::Value at,
                           mlir::Type element);
/// Whether `x` comes before `y`; NaN comes last. `element` is their type in the tensor.
mlir::Value isBetter(mlir::ImplicitLocOpBuilder &b, Extremum which, mlir::Type element,
                     mlir::Value x, mlir::Value y);

/// A view whose flat index is the coordinate along one of `rank` dimensions.
FlatView getCoordinateView(const FlatView &like, int64_t rank, int64_t dimension);

/// `extents` with dimension `axis` as 1.
llvm::SmallVector<int64_t> withoutAxis(llvm::ArrayRef<int64_t> extents, int64_t axis);

inline bool isUnsignedElement(mlir::Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_INDEXVALUES_H
