#include "codegen/microkernel/Winograd.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace octet::codegen {

/// The coefficients of the product of (x - p) over all points but `left`, constant first.
static std::vector<double> expand(ArrayRef<double> points, const double *left) {
  std::vector<double> polynomial = {1};
  for (const double &point : points) {
    if (&point == left)
      continue;
    polynomial.push_back(0);
    for (size_t i = polynomial.size(); i-- > 0;)
      polynomial[i] = (i ? polynomial[i - 1] : 0) - point * polynomial[i];
  }
  return polynomial;
}

// The algorithm of Toom and Cook at finite points and at infinity, transposed.
WinogradTransform getWinogradTransform(int64_t outputs) {
  static constexpr double kTwo[] = {0, 1, -1}, kThree[] = {0, 0.75, -0.75, 1.5},
                          kFour[] = {0, 0.75, -0.75, 1.5, -1.5};
  static const ArrayRef<double> kPoints[] = {kTwo, kThree, kFour};
  assert(outputs >= 2 && outputs <= 4 && "no points for this many outputs");
  ArrayRef<double> points = kPoints[outputs - 2];
  int64_t extent = outputs + kWinogradTaps - 1;
  WinogradTransform transform{outputs, Matrix(extent, extent), Matrix(extent, kWinogradTaps),
                              Matrix(outputs, extent)};
  for (auto [i, point] : enumerate(points)) {
    double denominator = 1, power = 1;
    for (const double &other : points)
      if (&other != &points[i])
        denominator *= point - other;
    for (int64_t k = 0; k < extent; ++k, power *= point) {
      if (k < outputs)
        transform.output(k, i) = power;
      if (k < kWinogradTaps)
        transform.weights(i, k) = power / denominator;
    }
    for (auto [k, coefficient] : enumerate(expand(points, &points[i])))
      transform.input(i, k) = coefficient;
  }
  int64_t infinity = extent - 1;
  transform.output(outputs - 1, infinity) = 1;
  transform.weights(infinity, kWinogradTaps - 1) = 1;
  for (auto [k, coefficient] : enumerate(expand(points, nullptr)))
    transform.input(infinity, k) = coefficient;
  return transform;
}

std::vector<float> transformWeights(const WinogradTransform &transform, ArrayRef<float> weights,
                                    int64_t channels) {
  int64_t extent = transform.getExtent();
  std::vector<float> result(transform.getProducts() * channels);
  const Matrix &g = transform.weights;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const float *window = weights.data() + channel * kWinogradTaps * kWinogradTaps;
    for (int64_t i = 0; i < extent; ++i)
      for (int64_t j = 0; j < extent; ++j) {
        double sum = 0;
        for (int64_t y = 0; y < kWinogradTaps; ++y)
          for (int64_t x = 0; x < kWinogradTaps; ++x)
            sum += g(i, y) * g(j, x) * window[y * kWinogradTaps + x];
        result[(i * extent + j) * channels + channel] = static_cast<float>(sum);
      }
  }
  return result;
}

} // namespace octet::codegen
