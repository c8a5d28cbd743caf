// The way from f32 registers to bytes, which ends nearly every kernel: round, add the
// zero point, saturate to u8. Several registers at once are packed, two instructions
// of which narrow and saturate four registers into one.

#ifndef OCTET_CODEGEN_EMIT_SATURATION_H
#define OCTET_CODEGEN_EMIT_SATURATION_H

#include "codegen/emit/LaneMath.h"
#include "codegen/kernel/KernelBuilder.h"

namespace octet::codegen {

/// saturate(round_half_even(real) + zeroPoint) to 0..255, NaN to 0, of a scalar or a
/// vector of any number of lanes. `zeroPoint` is a scalar i32, or null for 0.
/// `fitsI32` says that |real| < 2^31 is known.
mlir::Value emitSaturatedU8(KernelBuilder &kernel, mlir::Value real, mlir::Value zeroPoint,
                            bool fitsI32);

/// The same of four registers of f32, whose 128-bit parts take turns in the result:
/// first those in front, in the order of the registers, then the next ones. It is the
/// order in which bytes come out of two steps of interleaving.
mlir::Value emitSaturatedTurns(KernelBuilder &kernel, llvm::ArrayRef<mlir::Value> reals,
                               mlir::Value zeroPoint, bool fitsI32);

/// Four registers as one vector, with the parts in the same turns.
mlir::Value concatTurns(mlir::ImplicitLocOpBuilder &b, llvm::ArrayRef<mlir::Value> registers);

/// Vectors of one type as a single one.
mlir::Value concatLanes(mlir::ImplicitLocOpBuilder &b, llvm::ArrayRef<mlir::Value> vectors);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_SATURATION_H
