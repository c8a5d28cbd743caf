// Trigonometric and hyperbolic functions of f32 values, made for vectors: no branches, no
// tables, no calls.

#ifndef OCTET_CODEGEN_EMIT_TRIGONOMETRY_H
#define OCTET_CODEGEN_EMIT_TRIGONOMETRY_H

#include "codegen/emit/LaneMath.h"

namespace octet::codegen {

mlir::Value emitSin(const LaneMath &m, mlir::Value x);
mlir::Value emitCos(const LaneMath &m, mlir::Value x);
mlir::Value emitTan(const LaneMath &m, mlir::Value x);
mlir::Value emitAsin(const LaneMath &m, mlir::Value x);
mlir::Value emitAcos(const LaneMath &m, mlir::Value x);
mlir::Value emitAtan(const LaneMath &m, mlir::Value x);
mlir::Value emitSinh(const LaneMath &m, mlir::Value x);
mlir::Value emitCosh(const LaneMath &m, mlir::Value x);
mlir::Value emitAsinh(const LaneMath &m, mlir::Value x);
mlir::Value emitAcosh(const LaneMath &m, mlir::Value x);
mlir::Value emitAtanh(const LaneMath &m, mlir::Value x);
/// ln(1 + exp(x)).
mlir::Value emitSoftplus(const LaneMath &m, mlir::Value x);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_TRIGONOMETRY_H
