// A layer to measure: shape, precision and random data, independent of who computes it.

#ifndef OCTET_BENCH_KERNELS_LAYER_H
#define OCTET_BENCH_KERNELS_LAYER_H

#include "codegen/microkernel/Microkernel.h"
#include "dialect/reference/Tensor.h"

#include <string>
#include <vector>

namespace octet::bench {

/// A row of Shapes.inc.
struct Shape {
  llvm::StringRef network;
  int64_t count;
  bool isMatMul;
  /// Of a matrix product `size` counts the rows.
  int64_t channels, size, outputs, kernel, stride, pad, groups;

  /// `256x14x14 -> 256 3x3/2 g32` or `128x768x3072`.
  std::string getName() const;
  int64_t getOutSize() const { return (size + 2 * pad - kernel) / stride + 1; }
  /// Products that one output sums.
  int64_t getReduction() const { return channels / groups * kernel * kernel; }
  /// Additions and multiplications.
  double getOperations() const;
  bool isDepthwise() const { return groups > 1 && groups == channels; }

  llvm::SmallVector<int64_t> getXShape() const;
  llvm::SmallVector<int64_t> getWeightShape() const;
  llvm::SmallVector<int64_t> getYShape() const;
};

llvm::ArrayRef<Shape> getShapes();

/// A row of Precisions.inc.
struct PrecisionRow {
  llvm::StringRef name;
  codegen::DotOperands operands;
  llvm::StringRef x, weights, bias, y;
};

llvm::ArrayRef<PrecisionRow> getPrecisions();

/// y = relu(x * weights + bias), and for quantized types y's saturation as the relu.
struct Layer {
  /// `weightLimit` bounds the magnitude of s8 weights.
  Layer(mlir::MLIRContext &context, const Shape &shape, const PrecisionRow &precision,
        int64_t weightLimit);

  Shape shape;
  PrecisionRow precision;
  int64_t weightLimit;
  mlir::RankedTensorType yType;
  reference::Tensor x, weights, bias;
  /// Factor from s32 sums to u8, for each output channel; 1 for floats.
  std::vector<float> multipliers;
};

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_LAYER_H
