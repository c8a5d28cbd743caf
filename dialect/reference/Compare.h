// How far an output is from what it should be. Plain C++ without MLIR, so that
// octet-run and tests of generated code measure with the same formulas.

#ifndef OCTET_DIALECT_REFERENCE_COMPARE_H
#define OCTET_DIALECT_REFERENCE_COMPARE_H

#include <cmath>
#include <cstddef>
#include <limits>

namespace octet::reference {

/// Signal to quantization noise, in dB: 10 log10(sum want^2 / sum (want - got)^2).
/// +inf where all elements are equal, also all zero; -inf where a reference of
/// zeros is missed or an element is NaN or infinite on one side only.
inline double getSqnr(const float *want, const float *got, std::size_t size) {
  double signal = 0.0, noise = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    if (want[i] == got[i] || (std::isnan(want[i]) && std::isnan(got[i]))) {
      signal += std::isfinite(want[i]) ? double(want[i]) * want[i] : 0.0;
      continue;
    }
    double error = double(want[i]) - got[i];
    if (!std::isfinite(error))
      return -std::numeric_limits<double>::infinity();
    signal += double(want[i]) * want[i];
    noise += error * error;
  }
  if (noise == 0.0)
    return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(signal / noise);
}

/// The largest |want - got|; +inf where one side alone is NaN or infinite.
inline double getMaxAbsError(const float *want, const float *got, std::size_t size) {
  double worst = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    if (want[i] == got[i] || (std::isnan(want[i]) && std::isnan(got[i])))
      continue;
    double error = std::fabs(double(want[i]) - got[i]);
    if (!std::isfinite(error))
      return std::numeric_limits<double>::infinity();
    worst = std::fmax(worst, error);
  }
  return worst;
}

/// The first index of the largest of `size` > 0 elements; NaN never wins.
inline std::size_t getArgmax(const float *x, std::size_t size) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < size; ++i)
    if (x[i] > x[best] || (std::isnan(x[best]) && !std::isnan(x[i])))
      best = i;
  return best;
}

/// The share, 0 to 1, of rows of `rowSize` elements whose largest element is at
/// the same place; 1 where there are no rows.
inline double getArgmaxAgreement(const float *want, const float *got, std::size_t rows,
                                 std::size_t rowSize) {
  if (rows == 0 || rowSize == 0)
    return 1.0;
  std::size_t equal = 0;
  for (std::size_t row = 0; row < rows; ++row)
    equal += getArgmax(want + row * rowSize, rowSize) == getArgmax(got + row * rowSize, rowSize);
  return static_cast<double>(equal) / rows;
}

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_COMPARE_H
