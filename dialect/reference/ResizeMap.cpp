// Coordinates are computed in f32, as ONNX Runtime does: in f64, ties of
// nearest would fall to the other side wherever a scale is no exact f32.

#include "dialect/reference/ResizeMap.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

static float getCoordinate(ResizeCoordinates coordinates, int64_t i, float scale, int64_t in,
                           int64_t out) {
  float position = static_cast<float>(i);
  switch (coordinates) {
  case ResizeCoordinates::HalfPixel:
    return (position + 0.5f) / scale - 0.5f;
  case ResizeCoordinates::PytorchHalfPixel:
    return out > 1 ? (position + 0.5f) / scale - 0.5f : 0.0f;
  case ResizeCoordinates::AlignCorners:
    return out > 1 ? position * static_cast<float>(in - 1) / static_cast<float>(out - 1) : 0.0f;
  case ResizeCoordinates::Asymmetric:
    return position / scale;
  }
  llvm_unreachable("unknown coordinate map");
}

float roundCoordinate(ResizeRounding rounding, float x) {
  switch (rounding) {
  case ResizeRounding::RoundPreferFloor:
    return std::ceil(x - 0.5f);
  case ResizeRounding::RoundPreferCeil:
    return std::floor(x + 0.5f);
  case ResizeRounding::Floor:
    return std::floor(x);
  case ResizeRounding::Ceil:
    return std::ceil(x);
  }
  llvm_unreachable("unknown rounding");
}

std::vector<ResizeSource> getResizeSources(ResizeOp op, int dimension) {
  int64_t in = op.getX().getType().getDimSize(2 + dimension), out = op.getSizes()[dimension];
  std::vector<ResizeSource> sources;
  for (int64_t i = 0; i < out; ++i) {
    float x = getCoordinate(op.getCoordinates(), i, op.getScales()[dimension], in, out);
    float last = static_cast<float>(in - 1);
    if (op.getMode() == ResizeMode::Nearest) {
      float nearest = roundCoordinate(op.getRounding(), x);
      int64_t index = static_cast<int64_t>(std::clamp(nearest, 0.0f, last));
      sources.push_back({index, index, 1.0f, 0.0f});
      continue;
    }
    x = std::clamp(x, 0.0f, last);
    int64_t low = static_cast<int64_t>(x), high = std::min(low + 1, in - 1);
    float fraction = x - static_cast<float>(low);
    sources.push_back({low, high, 1.0f - fraction, fraction});
  }
  return sources;
}

} // namespace octet::reference
