// Resampling of any number of dimensions, one axis after the other.

#ifndef OCTET_FRONTEND_IMPORTERS_RESAMPLE_H
#define OCTET_FRONTEND_IMPORTERS_RESAMPLE_H

#include "frontend/OpTable.h"

namespace octet {

/// The coordinate maps of ONNX Resize; the first ones are those of ResizeCoordinates.
enum class Coordinates {
  HalfPixel = static_cast<int>(ResizeCoordinates::HalfPixel),
  PytorchHalfPixel = static_cast<int>(ResizeCoordinates::PytorchHalfPixel),
  AlignCorners = static_cast<int>(ResizeCoordinates::AlignCorners),
  Asymmetric = static_cast<int>(ResizeCoordinates::Asymmetric),
  HalfPixelSymmetric,
  TfHalfPixelForNN,
  TfCropAndResize
};

/// What a node asks for. Extents, scales (output / input) and the region of interest are one
/// for each dimension.
struct Sampling {
  explicit Sampling(llvm::ArrayRef<int64_t> shape)
      : sizes(shape), scales(shape.size(), 1.0f), begins(shape.size(), 0.0f),
        ends(shape.size(), 1.0f) {}

  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<float> scales, begins, ends;
  Coordinates coordinates = Coordinates::HalfPixel;
  ResizeRounding rounding = ResizeRounding::RoundPreferFloor;
  bool linear = false, cubic = false; ///< nearest without
  bool excludeOutside = false, antialias = false;
  float cubicFactor = -0.75f, extrapolation = 0.0f;
};

/// `x` resampled; null after a report.
mlir::Value resample(NodeReader &node, NodeBuilder &build, mlir::Value x, const Sampling &plan);

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_RESAMPLE_H
