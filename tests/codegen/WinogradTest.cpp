// Transforms of minimal filtering, and the decision for them.

#include "codegen/microkernel/Winograd.h"
#include "codegen/microkernel/WinogradDecision.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace octet::codegen;

namespace {

TEST(WinogradTest, TransformsComputeAConvolution) {
  for (int64_t outputs : {2, 3, 4}) {
    WinogradTransform t = getWinogradTransform(outputs);
    auto pixel = [](int64_t i) { return std::sin(3.0 * i + 1); };
    const double window[] = {0.3, -1.1, 0.7};
    for (int64_t y = 0; y < outputs; ++y) {
      double result = 0, expected = 0;
      for (int64_t p = 0; p < t.getExtent(); ++p) {
        double weight = 0, value = 0;
        for (int64_t k = 0; k < kWinogradTaps; ++k)
          weight += t.weights(p, k) * window[k];
        for (int64_t k = 0; k < t.getExtent(); ++k)
          value += t.input(p, k) * pixel(k);
        result += t.output(y, p) * weight * value;
      }
      for (int64_t k = 0; k < kWinogradTaps; ++k)
        expected += window[k] * pixel(y + k);
      EXPECT_NEAR(result, expected, 1e-13) << outputs << " outputs, " << y;
    }
  }
}

// Else their rounding would be an error of every result.
TEST(WinogradTest, TransformsOfActivationsAreExactInF32) {
  for (int64_t outputs : {2, 3, 4}) {
    WinogradTransform t = getWinogradTransform(outputs);
    for (const Matrix *matrix : {&t.input, &t.output})
      for (double element : matrix->elements)
        EXPECT_EQ(element, static_cast<float>(element));
  }
}

TEST(WinogradTest, WeightsAreRoundedOnce) {
  WinogradTransform t = getWinogradTransform(4);
  std::vector<float> windows;
  for (int i = 0; i < 18; ++i)
    windows.push_back(std::cos(5.0f * i));
  std::vector<float> transformed = transformWeights(t, windows, 2);
  ASSERT_EQ(transformed.size(), 72u);
  for (int64_t channel : {0, 1})
    for (int64_t i = 0; i < 6; ++i)
      for (int64_t j = 0; j < 6; ++j) {
        double expected = 0;
        for (int64_t y = 0; y < 3; ++y)
          for (int64_t x = 0; x < 3; ++x)
            expected += t.weights(i, y) * windows[channel * 9 + y * 3 + x] * t.weights(j, x);
        EXPECT_FLOAT_EQ(transformed[(i * 6 + j) * 2 + channel], static_cast<float>(expected));
      }
}

class WinogradChoice : public testing::TestWithParam<const char *> {
protected:
  const Microkernel &getRow() {
    for (const Microkernel &row : getMicrokernels())
      if (row.name == GetParam())
        return row;
    llvm_unreachable("no such row");
  }
  std::optional<WinogradPlan> choose(const WinogradProblem &problem) {
    const Microkernel &row = getRow();
    TilingProblem walked{{problem.images, problem.height, problem.width},
                         problem.outChannels,
                         /*groups=*/1,
                         9 * problem.inChannels,
                         /*lhsBytes=*/1 << 16,
                         /*linesShareWords=*/false};
    return chooseWinograd(row, problem, estimateCycles(row, walked, chooseTiling(row, walked)));
  }
};

TEST_P(WinogradChoice, CanBeHad) {
  for (WinogradProblem problem : {WinogradProblem{1, 56, 56, 64, 64},
                                  {1, 28, 28, 128, 128},
                                  {1, 14, 14, 256, 256},
                                  {8, 14, 14, 256, 256},
                                  {1, 224, 224, 64, 64},
                                  {1, 13, 13, 48, 192},
                                  {1, 20, 20, 24, 33}}) {
    auto plan = choose(problem);
    ASSERT_TRUE(plan) << problem.inChannels;
    EXPECT_EQ(checkWinograd(getRow(), *plan), "");
    EXPECT_LE(plan->getUnits(), plan->getSteps());
    // Memory of one kernel, beside that of tensors.
    EXPECT_LE(plan->getScratchBytes(), 8 << 20);
  }
}

TEST_P(WinogradChoice, WeightsDecideOnSmallPlanes) {
  EXPECT_FALSE(choose({1, 4, 4, 512, 512}).has_value());
  // Many images use them often enough.
  EXPECT_TRUE(choose({16, 4, 4, 512, 512}).has_value());
}

TEST_P(WinogradChoice, TransformsDecideOnFewChannels) {
  EXPECT_FALSE(choose({1, 32, 32, 3, 8}).has_value());
  EXPECT_FALSE(choose({1, 224, 224, 1, 16}).has_value());
}

TEST_P(WinogradChoice, PlansThatCannotBe) {
  WinogradProblem problem{1, 8, 8, 16, 16};
  EXPECT_NE(checkWinograd(getRow(), {problem, 4, 5, 16}), "");
  EXPECT_NE(checkWinograd(getRow(), {problem, 4, 4, 12}), "");
  EXPECT_EQ(checkWinograd(getRow(), {problem, 4, 4, 16}), "");
}

INSTANTIATE_TEST_SUITE_P(Rows, WinogradChoice,
                         testing::Values("avx2_6x16x1_f32_f32_f32", "avx512f_14x32x1_f32_f32_f32"),
                         [](const auto &info) {
                           return llvm::StringRef(info.param).split('_').first.str();
                         });

} // namespace
