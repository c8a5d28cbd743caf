// A check for kernels that promise the same bits on every ISA and thread count.

#ifndef OCTET_TESTS_NUMERICS_EMISSIONCHECK_H
#define OCTET_TESTS_NUMERICS_EMISSIONCHECK_H

#include "tests/numerics/Native.h"

#include "gtest/gtest.h"

namespace octet::test {

/// Native results for `text` are those of the evaluator (floats up to `bound` of the
/// largest magnitude, integers but for `differences`), and bit-equal on all targets
/// (and, as for all models that tests run, on one thread and three).
inline void expectNative(const std::string &text, double bound = 0, int64_t differences = 0) {
  std::vector<reference::Tensor> first;
  for (const std::string &target : getTestTargets()) {
    SCOPED_TRACE(target + ":\n" + text);
    Comparison result = compareNative(text, target);
    ASSERT_EQ(result.error, "");
    EXPECT_LE(result.differentIntegers, differences);
    EXPECT_LE(result.relativeError, bound);
    if (first.empty())
      first = result.native;
    for (auto [a, b] : llvm::zip_equal(first, result.native))
      EXPECT_TRUE(a.bytes() == b.bytes()) << "bits differ between targets";
  }
}

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_EMISSIONCHECK_H
