// The measures of a layer and the causes they lead to, on values made for each.

#include "tools/run/LayerScore.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace octet::run;

namespace {

Layer makeLayer(double scale, int64_t zeroPoint) {
  Layer layer;
  layer.tensor = "y";
  layer.precision = "int8";
  layer.stored = "u8";
  layer.scale = scale;
  layer.zeroPoint = zeroPoint;
  layer.channelAxis = 1;
  return layer;
}

/// What a tensor of u8 keeps of `values`.
std::vector<float> store(const Layer &layer, const std::vector<float> &values) {
  std::vector<float> stored;
  for (float value : values) {
    double q = std::nearbyint(value / *layer.scale) + layer.zeroPoint;
    stored.push_back((std::clamp(q, 0.0, 255.0) - layer.zeroPoint) * *layer.scale);
  }
  return stored;
}

std::vector<float> makeUniform(size_t count, float low, float high) {
  std::mt19937 generator(1);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i)
    values.push_back(low + (high - low) * (generator() % 65536) / 65536.0f);
  return values;
}

Cause findCause(const Layer &layer, const LayerScore &score,
                llvm::ArrayRef<std::pair<std::string, const LayerScore *>> inputs = {}) {
  return diagnose(layer, score, inputs).cause;
}

TEST(LayerScore, Measures) {
  Layer layer = makeLayer(0.5, 2); // from -1 to 126.5
  LayerScore score(layer, {1, 2, 2});
  score.add({3, 4, 0, 0}, {3, 4.5, 0, 0});
  EXPECT_DOUBLE_EQ(score.getSqnr(), 20);
  EXPECT_EQ(score.getMaxAbs(), 0.5);
  EXPECT_EQ(score.getClippedShare(), 0);
  EXPECT_DOUBLE_EQ(*score.getNoiseInRoundings(), 0.25 / (0.25 / 12 * 4));
  // Half a step beyond an end is what rounding makes of the end.
  score.add({-1.25f, -1.5f, 126.75f, 130}, {-1, -1, 126.5, 126.5});
  EXPECT_DOUBLE_EQ(score.getClippedShare(), 0.25);
  EXPECT_DOUBLE_EQ(score.getSaturatedShare(), 0.25);
  EXPECT_EQ(score.getMin(), -1.5);
  EXPECT_EQ(score.getLargest(), 130);
  EXPECT_NEAR(score.getClippedNoise(), (0.25 + 12.25) / (0.25 + 0.0625 * 2 + 0.25 + 12.25), 1e-12);
}

TEST(LayerScore, NotFiniteAndZero) {
  LayerScore score(makeLayer(1, 0), {1, 1, 2});
  EXPECT_EQ(score.getSqnr(), 1000) << "no value, no noise";
  score.add({INFINITY, 1}, {1, NAN});
  EXPECT_EQ(score.getMaxAbs(), 0);
  EXPECT_EQ(score.getBulk(), 0);
  score.add({0, 0}, {0, 1});
  EXPECT_EQ(score.getSqnr(), -1000);
}

TEST(LayerScore, Bulk) {
  LayerScore score(makeLayer(1, 0), {1, 1, 2000});
  std::vector<float> values(2000, 1.0f);
  values[3] = 100;
  values[4] = -200;
  score.add(values, values);
  EXPECT_NEAR(score.getBulk(), 1, 0.1) << "two in two thousand are left out";
  values[5] = 50;
  score.add(values, values);
  EXPECT_NEAR(score.getBulk(), 50, 5) << "five in four thousand are not";
}

TEST(LayerScore, Causes) {
  Layer layer = makeLayer(1 / 255.0, 0);
  std::vector<float> bulk = makeUniform(8000, 0, 1);
  auto scoreOf = [](const Layer &layer, const std::vector<float> &values,
                    std::vector<float> actual = {}) {
    LayerScore score(layer, {1, 8, 1000});
    score.add(values, actual.empty() ? store(layer, values) : actual);
    return score;
  };
  LayerScore rounded = scoreOf(layer, bulk);
  EXPECT_EQ(findCause(layer, rounded), Cause::Rounding);
  EXPECT_NEAR(*rounded.getNoiseInRoundings(), 1, 0.1);
  EXPECT_EQ(findCause(layer, scoreOf(layer, bulk, bulk)), Cause::Exact);
  EXPECT_EQ(findCause(layer, rounded, {{"x", &rounded}}), Cause::Inherited);

  std::vector<float> noisy = bulk;
  for (size_t i = 0; i < noisy.size(); ++i)
    noisy[i] += i % 2 ? 0.01f : -0.01f;
  LayerScore own = scoreOf(layer, bulk, noisy);
  EXPECT_EQ(findCause(layer, own), Cause::Arithmetic);
  Layer input = layer;
  input.op = "quantize";
  EXPECT_EQ(findCause(input, own), Cause::Rounding) << "it has no weights";
  EXPECT_EQ(findCause(layer, own, {{"x", &rounded}}), Cause::Arithmetic);

  std::vector<float> beyond = bulk;
  for (size_t i = 0; i < beyond.size(); i += 100)
    beyond[i] = 2;
  EXPECT_EQ(findCause(layer, scoreOf(layer, beyond)), Cause::Clipped);

  Layer wide = makeLayer(20 / 255.0, 0);
  std::vector<float> outlier = bulk;
  outlier[17] = 20;
  EXPECT_EQ(findCause(wide, scoreOf(wide, outlier)), Cause::RangeOutlier);

  std::vector<float> uneven = bulk;
  for (size_t i = 0; i < uneven.size(); ++i)
    uneven[i] *= i / 1000 == 3 ? 1 : 0.02f;
  EXPECT_EQ(findCause(layer, scoreOf(layer, uneven)), Cause::ChannelSpread);

  std::vector<float> ends = bulk;
  for (size_t i = 0; i < ends.size(); i += 4)
    ends[i] = 1;
  EXPECT_EQ(findCause(layer, scoreOf(layer, ends)), Cause::Saturating);

  Layer half;
  half.stored = half.precision = "bf16";
  std::vector<float> narrow = bulk;
  for (float &value : narrow)
    value *= 1 + 0x1p-10f;
  EXPECT_EQ(findCause(half, scoreOf(half, bulk, narrow)), Cause::BFloat16);
}

TEST(Layers, Text) {
  auto parsed = parseLayers(R"({"outputs": 1, "layers": [{"result": 1, "tensor": "t", "node": "n",
      "op": "conv", "precision": "int8", "stored": "u8", "scale": 0.5, "zero_point": 3,
      "channel_axis": 1, "inputs": ["x"]}]})",
                            2);
  ASSERT_TRUE(!!parsed);
  EXPECT_EQ(parsed->outputs, 1u);
  const Layer &layer = parsed->layers.front();
  EXPECT_EQ(layer.getLow(), -1.5);
  EXPECT_EQ(layer.getHigh(), 126);
  EXPECT_EQ(layer.inputs, std::vector<std::string>{"x"});
  for (llvm::StringRef text : {"", "[]", R"({"outputs": 3, "layers": []})",
                               R"({"outputs": 1, "layers": [{"result": 0}]})"}) {
    auto bad = parseLayers(text, 2);
    EXPECT_FALSE(!!bad) << text.str();
    llvm::consumeError(bad.takeError());
  }
}

} // namespace
