// Winograd's minimal filtering of 3 taps (Lavin and Gray, arXiv 1509.09308). m results y
// of a window w over m + 2 pixels x are, along one axis,
//
//   y = output * ((weights * w) . (input * x))
//
// with a product for each pixel in place of three for each result. In two dimensions the
// matrices apply to columns, then to lines.
//
// The points at which the polynomials are evaluated decide on the error. With those of most
// implementations (0, 1, -1, 2, -2) that of 4x4 tiles is four times as large as with the
// ones used here, 0, 3/4, -3/4, 3/2, -3/2, whose powers are as exact in f32.

#ifndef OCTET_CODEGEN_MICROKERNEL_WINOGRAD_H
#define OCTET_CODEGEN_MICROKERNEL_WINOGRAD_H

#include "llvm/ADT/ArrayRef.h"

#include <vector>

namespace octet::codegen {

constexpr int64_t kWinogradTaps = 3;

struct Matrix {
  int64_t rows, columns;
  std::vector<double> elements;

  Matrix(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), elements(rows * columns, 0.0) {}
  double &operator()(int64_t row, int64_t column) { return elements[row * columns + column]; }
  double operator()(int64_t row, int64_t column) const { return elements[row * columns + column]; }
};

struct WinogradTransform {
  int64_t outputs; ///< m
  Matrix input;    ///< m + 2 by m + 2
  Matrix weights;  ///< m + 2 by 3
  Matrix output;   ///< m by m + 2

  int64_t getExtent() const { return outputs + kWinogradTaps - 1; }
  /// Products of a tile for each pair of channels.
  int64_t getProducts() const { return getExtent() * getExtent(); }
};

/// For 2 to 4 outputs.
WinogradTransform getWinogradTransform(int64_t outputs);

/// The transformed weights [products][channels], each rounded once, of `channels` windows
/// of 3x3.
std::vector<float> transformWeights(const WinogradTransform &transform,
                                    llvm::ArrayRef<float> weights, int64_t channels);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_WINOGRAD_H
