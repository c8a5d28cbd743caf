// The arithmetic of quantized integers, rule by rule as docs/quantization.md
// numbers it. Whoever computes on quantized values at compile time (evaluator,
// weight quantization, lookup tables) calls these, so that there is one
// rounding.

#ifndef OCTET_DIALECT_REFERENCE_QUANTRULES_H
#define OCTET_DIALECT_REFERENCE_QUANTRULES_H

#include "dialect/reference/Indexing.h"

namespace octet::reference {

/// Scale, zero point and storage range of one channel.
struct Scale {
  double scale;
  int64_t zeroPoint, low, high;
};

/// The parameters of a channel; `channel` is ignored where one scale serves
/// all.
Scale getScale(mlir::quant::QuantizedType type, int64_t channel = 0);

/// For each element of `type`, the channel its scale belongs to (0 where one
/// scale serves all).
IndexList listChannels(mlir::RankedTensorType type);

/// round_half_even(scaled) + zero point, saturated; NaN becomes the lowest
/// value.
int64_t roundAndSaturate(float scaled, const Scale &to);

/// Q2.
int64_t quantize(float x, const Scale &to);
/// Q3.
float dequantize(int64_t q, const Scale &from);
/// Q5: the multiplier of an exact sum of products that becomes f32.
float getSumScale(double xScale, double wScale);
/// Q6: the multiplier of an exact sum of products that becomes quantized.
float getSumScale(double xScale, double wScale, double yScale);
/// Q10: the multiplier from one scale to another.
float getRatio(const Scale &from, const Scale &to);
/// Q7.
int64_t requantize(int64_t q, const Scale &from, const Scale &to);
/// Q9: the multiplier of a sum of `count` centered integers.
float getAverageScale(double xScale, double yScale, int64_t count);

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_QUANTRULES_H
