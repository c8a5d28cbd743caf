// Ops that sample planes at computed points. A header of its own, because few files need
// these ops.

#ifndef OCTET_DIALECT_SAMPLEOPS_H
#define OCTET_DIALECT_SAMPLEOPS_H

#include "dialect/Octet.h"

#include "dialect/SampleEnums.h.inc"

#define GET_OP_CLASSES
#include "dialect/SampleOps.h.inc"

namespace octet {

/// Points farther than this from a plane are taken as this far.
constexpr float kFarthestPoint = 1 << 30;
/// The factor of cubic weights of `grid_sample`.
constexpr float kGridCubicFactor = -0.75f;

} // namespace octet

#endif // OCTET_DIALECT_SAMPLEOPS_H
