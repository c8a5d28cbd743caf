// The arithmetic of docs/quantization.md that happens at compile time: types from
// ranges, weights and biases as integers, and the proof that sums fit.

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

/// Weights and bias of a contraction in integers.
struct QuantizedWeights {
  mlir::Type elementType; ///< of the weights; per channel or per tensor
  llvm::SmallVector<char> weights;
  llvm::SmallVector<int32_t> bias;
};

/// Q14 and Q15. `bias` may be empty. Fails where Q11 cannot be proved, with the
/// reason.
llvm::Expected<QuantizedWeights> quantizeWeights(mlir::RankedTensorType type,
                                                 llvm::ArrayRef<float> weights,
                                                 llvm::ArrayRef<float> bias, int64_t channelAxis,
                                                 mlir::quant::UniformQuantizedType activation,
                                                 bool perTensor);

/// Q20: weights that are s8 with zero points of 0 already, with a bias of real values. Fails
/// as above.
llvm::Expected<QuantizedWeights> takeWeights(const reference::Tensor &weights,
                                             llvm::ArrayRef<double> bias, int64_t channelAxis,
                                             mlir::quant::UniformQuantizedType activation);

/// Q11: the first channel whose sums may leave s32, or nullopt.
std::optional<int64_t> findOverflow(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int8_t> weights,
                                    llvm::ArrayRef<int32_t> bias, int64_t channelAxis,
                                    int64_t zeroPoint);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_PARAMETERS_H
