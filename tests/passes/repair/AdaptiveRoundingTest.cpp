// R3: moments are those of what a contraction reads, and moves never cost.

#include "passes/repair/AdaptiveRounding.h"
#include "passes/repair/SecondMoments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace octet;
using namespace mlir;

namespace {

/// Moments of `samples` vectors that share a strong common part.
Eigen::MatrixXf getCorrelatedMoments(int64_t size, int64_t samples, std::mt19937 &random) {
  std::normal_distribution<float> normal;
  Eigen::MatrixXf columns(size, samples);
  for (int64_t s = 0; s < samples; ++s) {
    float common = normal(random);
    for (int64_t i = 0; i < size; ++i)
      columns(i, s) = common + 0.3f * normal(random);
  }
  return columns * columns.transpose() / samples;
}

TEST(AdaptiveRounding, MovesNeverCost) {
  double total = 0, saved = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> weights(-127, 127);
    constexpr int64_t kSize = 40;
    Eigen::MatrixXf moments = getCorrelatedMoments(kSize, 100, random);
    llvm::SmallVector<float> exact;
    llvm::SmallVector<int8_t> nearest, moved;
    for (int64_t i = 0; i < kSize; ++i) {
      exact.push_back(weights(random));
      nearest.push_back(static_cast<int8_t>(std::nearbyint(exact.back())));
    }
    moved = nearest;
    optimizeRounding(moments, exact, moved);
    double before = getRoundingCost(moments, exact, nearest);
    double after = getRoundingCost(moments, exact, moved);
    EXPECT_LE(after, before);
    total += before;
    saved += before - after;
    for (int8_t q : moved)
      EXPECT_GE(q, -127);
  }
  // With inputs this alike, errors that cancel cost a fraction.
  EXPECT_GT(saved, 0.5 * total);
}

TEST(AdaptiveRounding, IndependentInputsWantTheNearest) {
  Eigen::MatrixXf moments = Eigen::MatrixXf::Identity(3, 3);
  llvm::SmallVector<int8_t> integers{1, -3, 127};
  optimizeRounding(moments, {1.4f, -2.6f, 140.0f}, integers);
  EXPECT_EQ(integers, (llvm::SmallVector<int8_t>{1, -3, 127}));
  // What started elsewhere comes back.
  integers = {4, -3, 126};
  optimizeRounding(moments, {1.4f, -2.6f, 140.0f}, integers);
  EXPECT_EQ(integers, (llvm::SmallVector<int8_t>{1, -3, 127}));
}

TEST(AdaptiveRounding, WeightsWithoutInputStay) {
  llvm::SmallVector<int8_t> integers{5};
  optimizeRounding(Eigen::MatrixXf::Zero(1, 1), {1.4f}, integers);
  EXPECT_EQ(integers[0], 5);
}

struct SecondMomentsTest : testing::Test {
  SecondMomentsTest() : builder(&context) {
    context.loadDialect<OctetDialect, func::FuncDialect>();
    module = ModuleOp::create(builder.getUnknownLoc());
    builder.setInsertionPointToStart(module->getBody());
  }
  Value argument(ArrayRef<int64_t> shape) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), "f",
                                         builder.getFunctionType({type}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function.getArgument(0);
  }
  Value constant(ArrayRef<int64_t> shape) {
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    return ConstantOp::create(builder, builder.getUnknownLoc(), type,
                              DenseElementsAttr::get(type, 0.0f));
  }
  MLIRContext context;
  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
};

// Rows 1 2 and 3 5: E[xx'] = [5, 8.5; 8.5, 14.5], means 2 and 3.5.
TEST_F(SecondMomentsTest, OfRows) {
  Value x = argument({2, 2}), w = constant({2, 3});
  auto op = MatMulOp::create(builder, builder.getUnknownLoc(),
                             RankedTensorType::get({2, 3}, builder.getF32Type()), x, w, Value());
  std::optional<SecondMoments> moments = SecondMoments::create(op);
  ASSERT_TRUE(moments);
  moments->add({1, 2, 3, 5}, 100);
  Eigen::MatrixXf raw = moments->get(0, false), centred = moments->get(0, true);
  EXPECT_FLOAT_EQ(raw(0, 0), 5);
  EXPECT_FLOAT_EQ(raw(0, 1), 8.5);
  EXPECT_FLOAT_EQ(raw(1, 0), 8.5);
  EXPECT_FLOAT_EQ(centred(0, 0), 1);
  EXPECT_FLOAT_EQ(centred(1, 1), 14.5f - 12.25f);
}

// Two groups of one channel, two taps, padding on the left: windows (0 a) and (a b).
TEST_F(SecondMomentsTest, OfWindows) {
  Value x = argument({1, 2, 1, 2}), w = constant({2, 1, 1, 2});
  auto op = ConvOp::create(builder, builder.getUnknownLoc(),
                           RankedTensorType::get({1, 2, 1, 2}, builder.getF32Type()), x, w, Value(),
                           ArrayRef<int64_t>{1, 1}, ArrayRef<int64_t>{0, 1, 0, 0},
                           ArrayRef<int64_t>{1, 1}, 2);
  std::optional<SecondMoments> moments = SecondMoments::create(op);
  ASSERT_TRUE(moments);
  ASSERT_EQ(moments->getGroups(), 2);
  ASSERT_EQ(moments->size(), 2);
  moments->add({2, 4, 10, 20}, 100);
  EXPECT_FLOAT_EQ(moments->get(0, false)(0, 0), 2);
  EXPECT_FLOAT_EQ(moments->get(0, false)(1, 1), 10);
  EXPECT_FLOAT_EQ(moments->get(0, false)(0, 1), 4);
  EXPECT_FLOAT_EQ(moments->get(1, false)(1, 1), 250);
}

} // namespace
