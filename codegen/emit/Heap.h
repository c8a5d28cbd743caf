// A binary heap in memory, for kernels that need elements in order, all of them or the
// first few. What the places hold and which of two belongs above the other is the
// kernel's.

#ifndef OCTET_CODEGEN_EMIT_HEAP_H
#define OCTET_CODEGEN_EMIT_HEAP_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace octet::codegen {

struct Heap {
  /// The element at a place.
  std::function<mlir::Value(mlir::Value place)> load;
  std::function<void(mlir::Value element, mlir::Value place)> store;
  /// An i1. Of two different elements one is above the other.
  std::function<mlir::Value(mlir::Value, mlir::Value)> isAbove;

  /// The element at `start` goes down as long as one of its children is above it, where the
  /// heap has places [0, end).
  void sink(mlir::ImplicitLocOpBuilder &b, mlir::Value start, mlir::Value end) const;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_HEAP_H
