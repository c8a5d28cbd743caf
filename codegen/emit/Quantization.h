// The numbers of quantized types as parameters of a kernel, and rules Q2 and Q3 of
// docs/quantization.md on registers. Scales and zero points never become constants
// in a body, so that layers of one shape share the code.

#ifndef OCTET_CODEGEN_EMIT_QUANTIZATION_H
#define OCTET_CODEGEN_EMIT_QUANTIZATION_H

#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Memory.h"
#include "dialect/reference/QuantRules.h"

namespace octet::codegen {

/// Elements of a one-dimensional constant that runs along a dimension of the
/// kernel's result, at the place that is being emitted.
using AlongFn = llvm::function_ref<mlir::Value(mlir::Value memref, int64_t dimension)>;

/// Parameters of one op, in the order in which its code asks for them: the same
/// order every time that the code is emitted.
class Numbers {
public:
  Numbers(KernelBuilder &kernel, mlir::Operation *op, const LaneMath &m, AlongFn along)
      : kernel(kernel), op(op), m(m), along(along) {}

  template <typename T>
  mlir::Value get(T value) {
    return m.splat(kernel.getOrAdd(op, slot++, [&] { return kernel.addParameter(value); }));
  }
  /// The parameter itself, not in every lane.
  mlir::Value getScalar(int32_t value) {
    return kernel.getOrAdd(op, slot++, [&] { return kernel.addParameter(value); });
  }
  /// fn(scale) for each channel of `type`.
  mlir::Value getFloat(mlir::quant::QuantizedType type,
                       llvm::function_ref<float(const reference::Scale &)> fn);
  mlir::Value getInteger(mlir::quant::QuantizedType type,
                         llvm::function_ref<int32_t(const reference::Scale &)> fn);

  const LaneMath &math() const { return m; }
  KernelBuilder &getKernel() const { return kernel; }

private:
  template <typename T>
  mlir::Value getAny(mlir::quant::QuantizedType type, mlir::Type element,
                     llvm::function_ref<T(const reference::Scale &)> fn);

  KernelBuilder &kernel;
  mlir::Operation *op;
  const LaneMath &m;
  AlongFn along;
  unsigned slot = 0;
};

mlir::quant::QuantizedType getQuantizedElement(mlir::Type tensorType);
/// Whether `type` has one zero point, and stored integers 0..255.
bool isFullByte(mlir::quant::QuantizedType type);

/// Stored integers, widened to i32.
mlir::Value emitWidened(const LaneMath &m, mlir::Value stored, mlir::quant::QuantizedType type);
/// f32(q - zero point).
mlir::Value emitCentered(Numbers &numbers, mlir::Value stored, mlir::quant::QuantizedType type);
/// Rule Q3: f32(q - zero point) * scale.
mlir::Value emitReal(Numbers &numbers, mlir::Value stored, mlir::quant::QuantizedType type);
/// The quotient of rule Q2: `real` by the scale. With `fitsI32` it is known to be small.
mlir::Value emitQuotient(Numbers &numbers, mlir::Value real, mlir::quant::QuantizedType type,
                         bool fitsI32 = false);
/// saturate(round_half_even(real) + zero point), NaN to the lowest, as storage.
/// `fitsI32` says that |real| < 2^31 is known.
mlir::Value emitStored(Numbers &numbers, mlir::Value real, mlir::quant::QuantizedType type,
                       bool fitsI32 = false);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_QUANTIZATION_H
