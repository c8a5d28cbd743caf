// Elements of one float type as elements of another.

#ifndef OCTET_CODEGEN_EMIT_FLOATCONVERSION_H
#define OCTET_CODEGEN_EMIT_FLOATCONVERSION_H

#include "codegen/emit/LaneMath.h"

namespace octet::codegen {

/// By way of f32, which is what the evaluator computes in; a bf16 is its 16 bits.
mlir::Value emitFloatToFloat(const LaneMath &m, mlir::Value x, mlir::Type from, mlir::Type to);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_FLOATCONVERSION_H
