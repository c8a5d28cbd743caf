// Enumerators that the op interfaces of OctetInterfaces.td return.

#ifndef OCTET_DIALECT_INTERFACES_H
#define OCTET_DIALECT_INTERFACES_H

#include "mlir/IR/OpDefinition.h"

namespace octet {

/// What an op does to quantized values.
enum class QuantizationRole {
  /// Sums of products: operand 0 is u8, operand 1 constant s8 weights, an
  /// optional operand 2 the s32 bias.
  Contraction,
  /// Computes in f32 inside a fused group; the group's borders are quantized.
  Real,
  /// Moves or selects stored integers: operands and result share one scale and
  /// zero point.
  Transparent,
  /// Averages stored integers; the result has a scale of its own.
  Averaging,
  /// Transparent or averaging, depending on the mode of interpolation.
  Resampling,
  /// Stays in f32.
  Float,
};

enum class LayoutPreference {
  /// Rank-4 operands and results lie channels last.
  ChannelsLast,
  /// Takes the layout of its operands.
  Follow,
  /// Needs the elements in row-major order.
  RowMajor,
};

} // namespace octet

#include "dialect/OctetInterfaces.h.inc"

#endif // OCTET_DIALECT_INTERFACES_H
