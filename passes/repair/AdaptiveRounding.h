// Which integers the weights of one sum become, by what their errors cost together (the
// objective of Nagel et al., Up or down? Adaptive rounding for post-training quantization,
// 2020, by coordinate descent in place of a relaxation).

#ifndef OCTET_PASSES_REPAIR_ADAPTIVEROUNDING_H
#define OCTET_PASSES_REPAIR_ADAPTIVEROUNDING_H

#include "llvm/ADT/ArrayRef.h"

#include <Eigen/Core>

namespace octet {

/// e' * M * e with e = exact - integers.
double getRoundingCost(const Eigen::MatrixXf &moments, llvm::ArrayRef<float> exact,
                       llvm::ArrayRef<int8_t> integers);

/// Moves integers by one, up or down within [-127, 127], as long as one such move lowers the
/// cost. `moments` is symmetric. Weights that are never excited stay.
void optimizeRounding(const Eigen::MatrixXf &moments, llvm::ArrayRef<float> exact,
                      llvm::MutableArrayRef<int8_t> integers);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_ADAPTIVEROUNDING_H
