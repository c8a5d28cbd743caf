// What Dropout and Multinomial draw: shares, as there is no right answer, and what is certain for
// any numbers.

#include "tests/numerics/ModelRun.h"

#include <cmath>

using namespace octet;
using namespace octet::test;

namespace {

using Vector = std::vector<double>;

constexpr int kBool = onnx::TensorProto::BOOL, kFloat = onnx::TensorProto::FLOAT;
constexpr int64_t kCount = 5001;

/// Dropout of x, with the mask; "r" and "t" are to be added.
ModelBuilder makeDropout(int64_t seed, int type = kFloat) {
  ModelBuilder model(13);
  model.input("x", std::to_string(kCount), type).output("y").output("m");
  return model.node("Dropout", "x r t", "y m").integer("seed", seed);
}

Vector makeRamp() {
  Vector x(kCount);
  for (int64_t i = 0; i < kCount; ++i)
    x[i] = static_cast<double>(i % 13 + 1) / 4;
  return x;
}

/// About `ratio` of the elements are zeros, as the mask says, and all others are scaled.
void expectDropped(const std::vector<Vector> &outputs, double ratio, double tolerance) {
  ASSERT_EQ(outputs.size(), 2u);
  const Vector x = makeRamp(), &y = outputs[0], &mask = outputs[1];
  double zeros = 0;
  for (int64_t i = 0; i < kCount; ++i) {
    zeros += mask[i] == 0;
    ASSERT_NEAR(y[i], mask[i] ? x[i] / (1 - ratio) : 0, tolerance) << i;
  }
  // Four standard deviations.
  EXPECT_NEAR(zeros / kCount, ratio, 4 * std::sqrt(ratio * (1 - ratio) / kCount));
}

TEST(Dropout, ConstantTraining) {
  Vector first;
  for (auto [seed, ratio] : {std::pair<int64_t, float>(0, 0.25f), {1, 0.25f}, {1, 0.9f}}) {
    ModelBuilder model = makeDropout(seed);
    model.weights("r", {}, {ratio}).stored("t", kBool, {}, {1});
    ModelRun run = runModel(model, {makeRamp()}), again = runModel(model, {makeRamp()});
    ASSERT_EQ(run.error, "");
    EXPECT_EQ(run.native, again.native);
    EXPECT_EQ(run.native[1], run.evaluated[1]);
    EXPECT_NE(run.native[1], first);
    first = run.native[1];
    for (auto *outputs : {&run.evaluated, &run.native})
      expectDropped(*outputs, ratio, 1e-4);
  }
}

TEST(Dropout, DefaultRatio) {
  ModelBuilder model(13);
  model.input("x", std::to_string(kCount)).output("y").output("m");
  model.stored("t", kBool, {}, {1}).node("Dropout", "x - t", "y m");
  ModelRun run = runModel(model, {makeRamp()});
  ASSERT_EQ(run.error, "");
  expectDropped(run.native, 0.5, 1e-5);
}

TEST(Dropout, ComputedTrainingAndRatio) {
  for (bool isTraining : {false, true})
    for (double ratio : {0.0, 0.375}) {
      ModelBuilder model = makeDropout(3);
      model.input("r", "").input("t", "", kBool);
      ModelRun run = runModel(model, {makeRamp(), {ratio}, {double(isTraining)}});
      ASSERT_EQ(run.error, "");
      for (auto *outputs : {&run.evaluated, &run.native})
        expectDropped(*outputs, isTraining ? ratio : 0, 1e-5);
    }
}

TEST(Dropout, OtherFloats) {
  for (auto [type, tolerance] : {std::pair(onnx::TensorProto::DOUBLE, 1e-5),
                                 {onnx::TensorProto::FLOAT16, 5e-3},
                                 {onnx::TensorProto::BFLOAT16, 3e-2}}) {
    ModelBuilder model = makeDropout(3, type);
    model.weights("r", {}, {0.375f}).input("t", "", kBool);
    ModelRun run = runModel(model, {makeRamp(), {1}});
    ASSERT_EQ(run.error, "") << type;
    for (auto *outputs : {&run.evaluated, &run.native})
      expectDropped(*outputs, 0.375, tolerance);
  }
}

// Logarithms that are not normalized, and a class that never happens.
TEST(Multinomial, Shares) {
  constexpr int64_t kSamples = 4001;
  const Vector shares{0.5, 0, 0.125, 0.375, 0.25, 0.25, 0.25, 0.25};
  Vector x;
  for (double share : shares)
    x.push_back(std::log(share) + 3);
  for (int type : {onnx::TensorProto::INT32, onnx::TensorProto::INT64}) {
    ModelBuilder model(13);
    model.input("x", "2x4").output("y").node("Multinomial", "x", "y").number("seed", 5);
    model.integer("sample_size", kSamples).integer("dtype", type);
    ModelRun run = runModel(model, {x});
    ASSERT_EQ(run.error, "");
    EXPECT_EQ(run.evaluated, run.native);
    Vector counts(shares.size());
    ASSERT_EQ(run.native[0].size(), 2u * kSamples);
    for (int64_t i = 0; i < 2 * kSamples; ++i)
      ++counts.at(i / kSamples * 4 + static_cast<int64_t>(run.native[0][i]));
    for (size_t k = 0; k < shares.size(); ++k)
      EXPECT_NEAR(counts[k] / kSamples, shares[k],
                  4 * std::sqrt(shares[k] * (1 - shares[k]) / kSamples))
          << "class " << k;
  }
}

TEST(Multinomial, OneSampleOfOneClass) {
  ModelBuilder model(13);
  model.input("x", "3x1").output("y").node("Multinomial", "x", "y");
  expectOutputs(model, {{-1, 0, 7}}, {{0, 0, 0}});
}

} // namespace
