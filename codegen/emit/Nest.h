// Loops over boxes of elements. A box has a few accesses (the first is the one
// written), each a stride per dimension; what an op moves or computes is in the
// body. Dimensions that all accesses step through evenly are merged, so that a
// dense tensor is one loop whatever its rank.

#ifndef OCTET_CODEGEN_EMIT_NEST_H
#define OCTET_CODEGEN_EMIT_NEST_H

#include "codegen/emit/Memory.h"

namespace octet::codegen {

/// Called with the flat index of each access for the first lane, and the distance of
/// its lanes.
using NestBody = std::function<void(llvm::ArrayRef<mlir::Value> indices,
                                    llvm::ArrayRef<int64_t> laneStrides, Lanes lanes)>;

struct Nest {
  struct Dim {
    int64_t extent;
    llvm::SmallVector<int64_t> strides; ///< by access
  };
  llvm::SmallVector<int64_t> offsets; ///< by access
  llvm::SmallVector<Dim> dims;
  /// Lanes at most; 0 for scalar code.
  int64_t lanes = 0;
  NestBody body;

  /// All dimensions of `extents` over `accesses` (one stride for each dimension).
  Nest(llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<FlatView> accesses, int64_t lanes,
       NestBody body);

  int64_t getElements() const;
};

/// The kernel's parallel loop, over all nests one after the other.
void emitNests(KernelBuilder &kernel, llvm::ArrayRef<Nest> nests);

/// A nest inside code that stands already in the parallel loop.
void emitSerialNest(KernelBuilder &kernel, Nest nest);

/// Lanes of elements of `bytes` in one vector register.
int64_t getLanesFor(const Target &target, int64_t bytes);

/// The same for copies to `view`, as many as its elements allow.
int64_t getCopyLanes(KernelBuilder &kernel, const FlatView &view);

/// scf.for from `begin` to `end`; a single iteration has no loop.
void emitLoop(mlir::ImplicitLocOpBuilder &b, int64_t begin, int64_t end, int64_t step,
              llvm::function_ref<void(mlir::Value)> body);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_NEST_H
