// Transcendental functions as vector code: no call into libm, the same bits on
// every ISA. Arguments and results are f32 scalars or vectors.

#ifndef OCTET_CODEGEN_EMIT_POLYNOMIALS_H
#define OCTET_CODEGEN_EMIT_POLYNOMIALS_H

#include "codegen/emit/LaneMath.h"

namespace octet::codegen {

/// The sum of coefficients[i] * x^i, by fused operations in f32.
mlir::Value evaluatePolynomial(const LaneMath &m, mlir::Value x,
                               llvm::ArrayRef<double> coefficients);
/// `magnitude`, which is not negative, with the sign of `sign`.
mlir::Value copySign(const LaneMath &m, mlir::Value magnitude, mlir::Value sign);

mlir::Value emitExp(const LaneMath &m, mlir::Value x);
/// exp(x) / 2, which overflows later.
mlir::Value emitHalfExp(const LaneMath &m, mlir::Value x);
mlir::Value emitLog(const LaneMath &m, mlir::Value x);
mlir::Value emitTanh(const LaneMath &m, mlir::Value x);
mlir::Value emitErf(const LaneMath &m, mlir::Value x);
/// 1 / (1 + exp(-x))
mlir::Value emitSigmoid(const LaneMath &m, mlir::Value x);
mlir::Value emitPow(const LaneMath &m, mlir::Value base, mlir::Value exponent);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_POLYNOMIALS_H
