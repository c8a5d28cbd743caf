// Scales and zero points of a tensor, however many they are: one for all of it, one for each
// index of an axis, or one for each block of elements along an axis. Quantized types say the
// first two; what they cannot say is computed here, of constants at once, else by ops.

#ifndef OCTET_FRONTEND_SCALEGRID_H
#define OCTET_FRONTEND_SCALEGRID_H

#include "frontend/NodeBuilder.h"

namespace octet {

/// The inputs of a node that say what integers mean.
struct EncodingInputs {
  unsigned scale, zeroPoint;
  /// Of several scales; the node has checked nothing.
  int64_t axis = 1;
  /// How many elements along the axis share a scale, where there are blocks.
  int64_t block = 0;
};

/// Which scale each element of a tensor has.
struct ScaleGrid {
  enum class Kind { Tensor, Axis, Blocks };

  Kind kind = Kind::Tensor;
  llvm::SmallVector<int64_t> shape; ///< Of the tensor.
  int64_t axis = 0, block = 1;

  /// Calls fn(element, scale) for all elements in row-major order.
  template <typename Fn>
  void forEach(Fn fn) const {
    int64_t outer = 1, inner = 1, extent = 1, perScale = block;
    for (auto [i, size] : llvm::enumerate(shape)) {
      int64_t at = static_cast<int64_t>(i);
      (at < axis ? outer : at == axis ? extent : inner) *= size;
    }
    int64_t blocks = llvm::divideCeil(extent, perScale), element = 0;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t k = 0; k < extent; ++k)
        for (int64_t i = 0; i < inner; ++i, ++element)
          fn(element, kind == Kind::Tensor ? 0
                      : kind == Kind::Axis ? k
                                           : (o * blocks + k / perScale) * inner + i);
  }
};

/// Constant scales and zero points; one zero point may stand for all.
struct Scales {
  ScaleGrid grid;
  std::vector<float> scales;
  std::vector<double> zeroPoints;

  double getZeroPoint(int64_t scale) const {
    return zeroPoints[zeroPoints.size() == 1 ? 0 : scale];
  }
  /// Whether all are positive and neither infinite nor denormal.
  bool arePositive() const;
};

/// The grid of a tensor of this shape that the types of `encoding` describe; nullopt after a
/// report.
std::optional<ScaleGrid> readScaleGrid(NodeReader &node, llvm::ArrayRef<int64_t> shape,
                                       EncodingInputs encoding);

/// The numbers, where both inputs are constant, else nullopt.
std::optional<Scales> readScales(NodeReader &node, const ScaleGrid &grid, EncodingInputs encoding);

/// (x - zero point) * scale, rounded as rule Q3 says.
reference::Tensor dequantizeConstant(const reference::Tensor &x, const Scales &scales);

/// round(x / scale) + zero point within [low, high], by division; NaN gives `low`.
reference::Tensor quantizeConstant(const reference::Tensor &x, const Scales &scales,
                                   mlir::Type element, int64_t low, int64_t high);

/// Scales or zero points in a shape that broadcasts to the tensor.
mlir::Value spreadScales(NodeBuilder &build, mlir::Value numbers, const ScaleGrid &grid);

} // namespace octet

#endif // OCTET_FRONTEND_SCALEGRID_H
