// Tensors in memory as flat arrays with one stride for each logical dimension.
// Layout, broadcasting and most ops that only move elements then differ in numbers
// alone, and one loop nest serves them all.

#ifndef OCTET_CODEGEN_EMIT_MEMORY_H
#define OCTET_CODEGEN_EMIT_MEMORY_H

#include "codegen/kernel/KernelBuilder.h"

namespace octet::codegen {

/// Element (i0, i1, ...) lies at offset + sum(i * stride).
struct FlatView {
  mlir::Value memref; ///< one dimension
  int64_t offset = 0;
  llvm::SmallVector<int64_t> strides;

  mlir::Type getElementType() const;
};

FlatView getFlatView(mlir::ImplicitLocOpBuilder &b, const Buffer &buffer);

/// `view` as an operand of a result of shape `shape`: dimensions aligned at the end,
/// stride 0 where it is broadcast.
FlatView broadcastView(FlatView view, llvm::ArrayRef<int64_t> viewShape,
                       llvm::ArrayRef<int64_t> shape);

mlir::Value constantIndex(mlir::ImplicitLocOpBuilder &b, int64_t value);
/// offset + sum(index * stride), without the terms that are 0.
mlir::Value linearize(mlir::ImplicitLocOpBuilder &b, int64_t offset, mlir::ValueRange indices,
                      llvm::ArrayRef<int64_t> strides);
/// The digits of `index` in a mixed radix, most significant first.
llvm::SmallVector<mlir::Value> delinearize(mlir::ImplicitLocOpBuilder &b, mlir::Value index,
                                           llvm::ArrayRef<int64_t> extents);

/// Lanes of a value: 0 for a scalar, else those of a vector whose first `active`
/// are real.
struct Lanes {
  int64_t count = 0, active = 0;
};

/// The elements at index, index + stride, ...; inactive lanes are 0. Stride 0
/// repeats one element.
mlir::Value loadLanes(KernelBuilder &kernel, mlir::Value memref, mlir::Value index, int64_t stride,
                      Lanes lanes);
void storeLanes(KernelBuilder &kernel, mlir::Value value, mlir::Value memref, mlir::Value index,
                int64_t stride, Lanes lanes);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_MEMORY_H
