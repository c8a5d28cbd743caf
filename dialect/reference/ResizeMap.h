// Where each row or column of a resized plane comes from. Emitters take the
// same table, so that native code and the evaluator cannot disagree about
// coordinates.

#ifndef OCTET_DIALECT_REFERENCE_RESIZEMAP_H
#define OCTET_DIALECT_REFERENCE_RESIZEMAP_H

#include "dialect/Octet.h"

namespace octet::reference {

/// The value is x[low] * lowWeight + x[high] * highWeight. For nearest, it is
/// x[low], and low == high.
struct ResizeSource {
  int64_t low, high;
  float lowWeight, highWeight;
};

/// The element nearest to a coordinate (ONNX `nearest_mode`).
float roundCoordinate(ResizeRounding rounding, float x);

/// One entry for each output row (`dimension` 0) or column (1).
std::vector<ResizeSource> getResizeSources(ResizeOp op, int dimension);

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_RESIZEMAP_H
