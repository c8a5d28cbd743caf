// bf16 in registers: kernels hold it in memory as its bits, i16 (getBufferType), and
// compute in f32 (rule B3 of docs/quantization.md).

#ifndef OCTET_CODEGEN_EMIT_BFLOAT16_H
#define OCTET_CODEGEN_EMIT_BFLOAT16_H

#include "codegen/emit/LaneMath.h"
#include "codegen/target/Target.h"

namespace octet::codegen {

/// The f32 numbers that bits stand for.
mlir::Value emitFromBF16(const LaneMath &m, mlir::Value bits);

/// The bits of f32 numbers, rounded half to even; NaN stays NaN.
mlir::Value emitToBF16(const LaneMath &m, mlir::Value real);
/// The same by the instruction that `target` may have for it, which takes denormal
/// numbers for 0 (rule B1).
mlir::Value emitToBF16(const LaneMath &m, mlir::Value real, const Target &target);

/// `stored` as f32 if `element`, its type in the tensor, is bf16; else unchanged.
mlir::Value emitLoaded(const LaneMath &m, mlir::Value stored, mlir::Type element);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_BFLOAT16_H
