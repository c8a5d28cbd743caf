// Runs MLIR text two ways, by the reference evaluator and as machine code, on the
// same random inputs.

#ifndef OCTET_TESTS_NUMERICS_NATIVE_H
#define OCTET_TESTS_NUMERICS_NATIVE_H

#include "dialect/reference/Tensor.h"

#include <random>
#include <string>
#include <vector>

namespace octet::test {

struct Comparison {
  std::string error; ///< diagnostics; empty if both ways ran
  /// Stored integers that differ, and the largest error of floats relative to the
  /// largest magnitude of the expected output.
  int64_t differentIntegers = 0;
  double relativeError = 0;
  std::vector<reference::Tensor> native;
};

/// Values over the whole range of integers, and normal floats.
reference::Tensor makeRandom(mlir::RankedTensorType type, std::mt19937 &random);

/// Evaluates @main of `text` and runs it as machine code for `target`, between guard pages
/// (GuardedModel.h). Text is what octet-assign-layout takes: fused groups and ops, no
/// layouts.
Comparison compareNative(const std::string &text, const std::string &target, unsigned seed = 1);

/// The targets to test on this machine: one with AVX2 and the machine itself.
std::vector<std::string> getTestTargets();
/// One for each row of microkernels that this machine can execute.
std::vector<std::string> getAllTargets();

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_NATIVE_H
