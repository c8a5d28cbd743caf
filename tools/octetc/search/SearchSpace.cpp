#include "tools/octetc/search/SearchSpace.h"

#include <algorithm>

namespace octet {

double SearchSpace::getCost(size_t unit, Precision precision) const {
  if (objective == Objective::Latency)
    return units[unit].times.at(precision);
  int64_t bytes = precision == Precision::Int8 ? 1 : precision == Precision::BF16 ? 2 : 4;
  return bytes * units[unit].weights;
}

double SearchSpace::getNoise(size_t unit, Precision precision) const {
  // Two operands rounded to 8 bits, an error of up to 2^-9 each, and evenly spread.
  constexpr double kBF16Noise = 2.0 / 3 / (512.0 * 512);
  switch (precision) {
  case Precision::Int8:
    return units[unit].noise;
  case Precision::BF16:
    return std::min(kBF16Noise, units[unit].noise);
  case Precision::F32:
    return 0;
  }
  llvm_unreachable("unknown precision");
}

double SearchSpace::getCost(const Assignment &assignment) const {
  double cost = 0;
  for (auto [unit, precision] : llvm::enumerate(assignment))
    cost += getCost(unit, precision);
  return cost;
}

} // namespace octet
