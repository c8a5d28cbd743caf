// Reductions along memory. The order in which elements are joined is fixed here: lane
// i of sixteen takes elements i, i + 16, ...; then halves are joined until one is
// left. It depends neither on the ISA nor on threads.

#ifndef OCTET_CODEGEN_EMIT_REDUCTION_H
#define OCTET_CODEGEN_EMIT_REDUCTION_H

#include "codegen/emit/LaneMath.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace octet::codegen {

constexpr int64_t kPartials = 16;

/// The sixteen partial results over `extent` elements. `join` gets the first element's
/// index, how many lanes are real, and the partial results so far.
mlir::Value emitAccumulation(
    mlir::ImplicitLocOpBuilder &b, int64_t extent, mlir::Value initial,
    llvm::function_ref<mlir::Value(mlir::Value i, int64_t active, mlir::Value sum)> join);

/// `value` in the first `active` lanes, `other` in the rest.
mlir::Value selectActive(mlir::ImplicitLocOpBuilder &b, mlir::Value value, mlir::Value other,
                         int64_t active);

/// One scalar from all lanes.
mlir::Value emitHorizontal(
    mlir::ImplicitLocOpBuilder &b, mlir::Value partials,
    llvm::function_ref<mlir::Value(const LaneMath &m, mlir::Value p, mlir::Value q)> join);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_REDUCTION_H
