#include "passes/repair/AdaptiveRounding.h"

#include <cmath>

namespace octet {

static Eigen::VectorXf getErrors(llvm::ArrayRef<float> exact, llvm::ArrayRef<int8_t> integers) {
  Eigen::VectorXf errors(exact.size());
  for (size_t i = 0; i < exact.size(); ++i)
    errors[i] = exact[i] - integers[i];
  return errors;
}

double getRoundingCost(const Eigen::MatrixXf &moments, llvm::ArrayRef<float> exact,
                       llvm::ArrayRef<int8_t> integers) {
  Eigen::VectorXd errors = getErrors(exact, integers).cast<double>();
  return errors.dot(moments.cast<double>() * errors);
}

void optimizeRounding(const Eigen::MatrixXf &moments, llvm::ArrayRef<float> exact,
                      llvm::MutableArrayRef<int8_t> integers) {
  // Rounds over all weights; few suffice, as most moves happen in the first.
  constexpr int kMaxRounds = 16;
  constexpr int kLimit = 127;
  // Of the cost of a move by one: what rounding in f32 may feign.
  constexpr float kTolerance = 1e-4f;
  Eigen::VectorXf errors = getErrors(exact, integers);
  Eigen::VectorXf gradient = moments * errors;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool moved = false;
    for (size_t i = 0; i < exact.size(); ++i) {
      // With q + step the error is e - step, and the cost changes by M_ii - 2 * step * (M e)_i.
      int step = gradient[i] > 0 ? 1 : -1;
      float diagonal = moments(i, i), change = diagonal - 2 * std::fabs(gradient[i]);
      if (!(change < -kTolerance * diagonal) || std::abs(integers[i] + step) > kLimit)
        continue;
      integers[i] = static_cast<int8_t>(integers[i] + step);
      gradient -= static_cast<float>(step) * moments.col(i);
      moved = true;
    }
    if (!moved)
      return;
  }
}

} // namespace octet
