// R2: the expected shift is the mean error of sums over rounded weights.

#include "passes/repair/BiasShift.h"
#include "dialect/reference/Evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace octet;
using namespace mlir;

namespace {

struct BiasShiftTest : testing::Test {
  BiasShiftTest() : builder(&context) {
    context.loadDialect<OctetDialect, quant::QuantDialect, func::FuncDialect>();
  }

  RankedTensorType f32(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, builder.getF32Type());
  }
  MLIRContext context;
  OpBuilder builder;
};

// Planes of one value for each channel: the prediction is exact, borders included.
TEST_F(BiasShiftTest, IsTheMeanErrorWhereChannelsAreFlat) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(-1, 1);
  auto module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module.getBody());
  auto xType = f32({1, 4, 6, 5}), wType = f32({6, 2, 3, 3}), yType = f32({1, 6, 3, 3});
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), "main",
                                       builder.getFunctionType({xType, wType}, {yType}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  auto conv = ConvOp::create(builder, builder.getUnknownLoc(), yType, function.getArgument(0),
                             function.getArgument(1), Value(), ArrayRef<int64_t>{2, 2},
                             ArrayRef<int64_t>{1, 1, 0, 1}, ArrayRef<int64_t>{1, 1}, 2);
  func::ReturnOp::create(builder, builder.getUnknownLoc(), conv.getY());
  ASSERT_TRUE(succeeded(module.verify()));

  reference::Tensor x(xType), w(wType), rounded(wType);
  SmallVector<double> means;
  for (int64_t c = 0; c < 4; ++c) {
    means.push_back(values(random));
    for (int64_t i = 0; i < 30; ++i)
      x.setFloat(c * 30 + i, static_cast<float>(means[c]));
    means[c] = static_cast<float>(means[c]);
  }
  for (float &value : w.as<float>())
    value = values(random);
  RealWeights real{wType, w.as<float>(), {}, 0};
  // Coarse scales, so that errors are large.
  DecidedWeights decided{SmallVector<double>(6, 0.25), {}};
  decided.integers = roundWeights(real, decided.scales, WeightRounding::Nearest);
  for (int64_t i = 0; i < w.size(); ++i)
    rounded.setFloat(i, 0.25f * static_cast<int8_t>(decided.integers[i]));

  auto exact = reference::evaluate(function, {x, w});
  auto got = reference::evaluate(function, {x, rounded});
  ASSERT_TRUE(succeeded(exact) && succeeded(got));
  std::optional<Contraction> contraction = Contraction::match(conv);
  ASSERT_TRUE(contraction);
  contraction->weights = SmallVector<float>(w.as<float>());
  SmallVector<double> shift = getExpectedShift(*contraction, decided, means);
  double largest = 0;
  for (int64_t c = 0; c < 6; ++c) {
    double error = 0;
    for (int64_t i = 0; i < 9; ++i)
      error += (*exact)[0].getFloat(c * 9 + i) - (*got)[0].getFloat(c * 9 + i);
    EXPECT_NEAR(shift[c], error / 9, 1e-5);
    largest = std::max(largest, std::fabs(error / 9));
  }
  EXPECT_GT(largest, 0.01);
  module->erase();
}

} // namespace
