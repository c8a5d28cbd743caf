// The arithmetic of docs/quantization.md on activations that happens at compile time.

#ifndef OCTET_PASSES_QUANTIZE_PARAMETERS_H
#define OCTET_PASSES_QUANTIZE_PARAMETERS_H

#include "dialect/reference/Tensor.h"

namespace octet {

/// Q13: the u8 type for values of a range.
mlir::quant::UniformQuantizedType getActivationType(mlir::MLIRContext *context, double low,
                                                    double high);

/// Q2 and Q3 on one element.
int64_t quantizeElement(float x, mlir::quant::UniformQuantizedType type);
float dequantizeElement(int64_t q, mlir::quant::UniformQuantizedType type);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_PARAMETERS_H
