// QuantizeLinear and DequantizeLinear with one scale, one for each channel and one for each
// block, of all types of integers, against the formulas of the standard: of constants and of
// what is computed, by constant scales and by computed ones.

#include "tests/numerics/ModelRun.h"

#include <cmath>
#include <random>

using namespace octet;
using namespace octet::test;

namespace {

using Vector = std::vector<double>;

struct Format {
  const char *name;
  int dataType;
  unsigned width;
  int64_t low, high;
};

constexpr Format kFormats[] = {
    {"int8", 3, 8, -128, 127},   {"uint8", 2, 8, 0, 255}, {"int16", 5, 16, -32768, 32767},
    {"uint16", 4, 16, 0, 65535}, {"int4", 22, 4, -8, 7},  {"uint4", 21, 4, 0, 15},
    {"int2", 26, 2, -2, 1},      {"uint2", 25, 2, 0, 3},
};
constexpr Format kInt32{"int32", 6, 32, -100000, 100000};

/// 3 x 5 x 3 elements: an odd number, blocks of two along the middle, the last of one element.
constexpr int64_t kRows = 3, kExtent = 5, kColumns = 3, kBlock = 2, kBlocks = 3;
constexpr int64_t kCount = kRows * kExtent * kColumns;
enum class Grid { Tensor, Axis, Blocks };
enum class Source { Constant, Computed };

int64_t countScales(Grid grid) {
  return grid == Grid::Tensor ? 1 : grid == Grid::Axis ? kExtent : kRows * kBlocks * kColumns;
}
std::vector<int64_t> getScaleShape(Grid grid) {
  if (grid == Grid::Tensor)
    return {};
  if (grid == Grid::Axis)
    return {kExtent};
  return {kRows, kBlocks, kColumns};
}
/// The scale of element i.
int64_t getScale(Grid grid, int64_t i) {
  int64_t row = i / (kExtent * kColumns), k = i / kColumns % kExtent, column = i % kColumns;
  if (grid == Grid::Tensor)
    return 0;
  return grid == Grid::Axis ? k : (row * kBlocks + k / kBlock) * kColumns + column;
}

Vector makeIntegers(const Format &format, int64_t count, std::mt19937 &random) {
  std::uniform_int_distribution<int64_t> range(format.low, format.high);
  Vector values(count);
  for (double &value : values)
    value = static_cast<double>(range(random));
  return values;
}

Vector makeScales(int64_t count, std::mt19937 &random) {
  std::uniform_real_distribution<float> range(0.01f, 1);
  Vector values(count);
  for (double &value : values)
    value = range(random);
  return values;
}

class Model : public ModelBuilder {
public:
  explicit Model(int64_t opset = 21) : ModelBuilder(opset) {}

  /// A constant of integers, in the bytes that files have; or an input.
  void integers(llvm::StringRef name, const Format &format, const std::vector<int64_t> &shape,
                const Vector &values, Source source = Source::Constant) {
    if (source == Source::Computed)
      return addInput(name, shape, values, format.dataType);
    onnx::TensorProto &tensor = initializer(name, shape, format.dataType);
    std::string bytes;
    unsigned filled = 0, byte = 0;
    for (double value : values) {
      auto bits = static_cast<uint64_t>(static_cast<int64_t>(value));
      if (format.width >= 8) {
        bytes.append(reinterpret_cast<const char *>(&bits), format.width / 8);
        continue;
      }
      byte |= (bits & ((1u << format.width) - 1)) << filled;
      filled += format.width;
      if (filled == 8) {
        bytes.push_back(static_cast<char>(byte));
        filled = byte = 0;
      }
    }
    if (filled)
      bytes.push_back(static_cast<char>(byte));
    // Both forms of the same.
    if (isTyped && format.width < 8)
      for (char part : bytes)
        tensor.add_int32_data(static_cast<uint8_t>(part));
    else
      tensor.set_raw_data(bytes);
  }
  void floats(llvm::StringRef name, const std::vector<int64_t> &shape, const Vector &values,
              Source source) {
    if (source == Source::Computed)
      addInput(name, shape, values, onnx::TensorProto::FLOAT);
    else
      weights(name, shape, std::vector<float>(values.begin(), values.end()));
  }
  Model &along(Grid grid) {
    integer("axis", 1);
    if (grid == Grid::Blocks)
      integer("block_size", kBlock);
    return *this;
  }
  using ModelBuilder::integers;

  std::vector<Vector> inputs;
  bool isTyped = false;

private:
  void addInput(llvm::StringRef name, const std::vector<int64_t> &shape, const Vector &values,
                int dataType) {
    std::string text;
    for (int64_t extent : shape)
      text += (text.empty() ? "" : "x") + std::to_string(extent);
    input(name, text, dataType);
    inputs.push_back(values);
  }
};

Vector dequantize(const Vector &q, const Vector &scales, const Vector &zeros, Grid grid) {
  Vector result;
  for (int64_t i = 0; i < kCount; ++i) {
    int64_t s = getScale(grid, i);
    result.push_back(static_cast<float>(q[i] - zeros[s]) * static_cast<float>(scales[s]));
  }
  return result;
}

Vector quantize(const Vector &x, const Vector &scales, const Vector &zeros, Grid grid,
                const Format &format) {
  Vector result;
  for (int64_t i = 0; i < kCount; ++i) {
    int64_t s = getScale(grid, i);
    float quotient = static_cast<float>(x[i]) / static_cast<float>(scales[s]);
    result.push_back(std::clamp(std::nearbyint(quotient) + zeros[s],
                                static_cast<double>(format.low), static_cast<double>(format.high)));
  }
  return result;
}

TEST(BlockedScales, Dequantize) {
  std::mt19937 random(1);
  for (const Format &format : kFormats)
    for (Grid grid : {Grid::Tensor, Grid::Axis, Grid::Blocks})
      for (Source values : {Source::Constant, Source::Computed})
        for (Source scales : {Source::Constant, Source::Computed}) {
          // Inputs of a model are whole bytes.
          if (format.width < 8 && values == Source::Computed)
            continue;
          SCOPED_TRACE(testing::Message() << format.name << " " << int(grid) << " " << int(values)
                                          << " " << int(scales));
          Model model;
          model.isTyped = grid == Grid::Axis;
          int64_t count = countScales(grid);
          Vector q = makeIntegers(format, kCount, random), s = makeScales(count, random),
                 z = makeIntegers(format, count, random);
          model.integers("q", format, {kRows, kExtent, kColumns}, q, values);
          model.floats("s", getScaleShape(grid), s, scales);
          model.integers("z", format, getScaleShape(grid), z);
          model.node("DequantizeLinear", "q s z", "r");
          model.along(grid);
          // Something that is not constant.
          model.input("x", "1");
          model.inputs.push_back({0});
          model.node("Add", "r x", "y").output("y");
          expectOutputs(model, model.inputs, {dequantize(q, s, z, grid)}, 0);
        }
}

// Back to f32, as what is computed in integers of four bits has no other use.
TEST(BlockedScales, Quantize) {
  std::mt19937 random(2);
  for (const Format &format : kFormats)
    for (Grid grid : {Grid::Tensor, Grid::Axis, Grid::Blocks})
      for (Source values : {Source::Constant, Source::Computed})
        for (Source scales : {Source::Constant, Source::Computed}) {
          SCOPED_TRACE(testing::Message() << format.name << " " << int(grid) << " " << int(values)
                                          << " " << int(scales));
          Model model;
          int64_t count = countScales(grid);
          // Some that saturate at either end.
          double reach = 0.75 * std::ldexp(1, format.width);
          Vector x = makeScales(kCount, random), s = makeScales(count, random),
                 z = makeIntegers(format, count, random);
          for (double &value : x)
            value = static_cast<float>((value - 0.5) * reach);
          model.floats("x", {kRows, kExtent, kColumns}, x, values);
          model.floats("s", getScaleShape(grid), s, scales);
          model.integers("z", format, getScaleShape(grid), z);
          model.node("QuantizeLinear", "x s z", "q");
          model.along(grid);
          model.node("DequantizeLinear", "q s z", "r");
          model.along(grid);
          model.input("o", "1");
          model.inputs.push_back({0});
          model.node("Add", "r o", "y").output("y");
          Vector q = quantize(x, s, z, grid, format);
          expectOutputs(model, model.inputs, {dequantize(q, s, z, grid)}, 0);
        }
}

// The integers themselves, also of a type that the attribute names.
TEST(BlockedScales, QuantizedOutputs) {
  std::mt19937 random(3);
  for (const Format &format : llvm::ArrayRef(kFormats).take_front(4))
    for (Grid grid : {Grid::Tensor, Grid::Axis, Grid::Blocks}) {
      SCOPED_TRACE(testing::Message() << format.name << " " << int(grid));
      Model model(23);
      int64_t count = countScales(grid);
      Vector x = makeScales(kCount, random), s = makeScales(count, random), z(count, 0);
      for (double &value : x)
        value = static_cast<float>((value - 0.5) * 0.75 * std::ldexp(1, format.width));
      model.floats("x", {kRows, kExtent, kColumns}, x, Source::Computed);
      model.floats("s", getScaleShape(grid), s, Source::Constant);
      model.node("QuantizeLinear", "x s", "q").integer("output_dtype", format.dataType);
      model.integer("precision", onnx::TensorProto::FLOAT);
      model.along(grid).output("q");
      expectOutputs(model, model.inputs, {quantize(x, s, z, grid, format)}, 0);
    }
}

TEST(BlockedScales, BiasOfInt32) {
  std::mt19937 random(4);
  Model model;
  Vector q = makeIntegers(kInt32, kCount, random), s = makeScales(kExtent, random), z(kExtent, 0);
  model.integers("q", kInt32, {kRows, kExtent, kColumns}, q);
  model.floats("s", {kExtent}, s, Source::Constant);
  model.node("DequantizeLinear", "q s", "r");
  model.along(Grid::Axis).input("x", "1");
  model.node("Add", "r x", "y").output("y");
  expectOutputs(model, {{0}}, {dequantize(q, s, z, Grid::Axis)}, 0);
}

// Scales of a block of zeros, and negative ones, as other quantizers make them.
TEST(BlockedScales, ScalesThatNoTypeHas) {
  Model model;
  model.integers("q", kFormats[4], {2, 2}, {1, -8, 3, 7});
  model.floats("s", {2}, {0, -0.5}, Source::Constant);
  model.node("DequantizeLinear", "q s", "r").integer("axis", 0).input("x", "1");
  model.node("Add", "r x", "y").output("y");
  expectOutputs(model, {{0}}, {{0, 0, -1.5, -3.5}}, 0);
}

// Weights of a product as language models ship them: int4, blocked along K.
TEST(BlockedScales, WeightsOfProduct) {
  std::mt19937 random(5);
  const Format &format = kFormats[5];
  constexpr int64_t kK = 37, kN = 5, kSize = 16, kGroups = 3;
  Vector q = makeIntegers(format, kK * kN, random), s = makeScales(kGroups * kN, random),
         z = makeIntegers(format, kGroups * kN, random), x = makeScales(2 * kK, random);
  Vector expected(2 * kN, 0);
  for (int64_t m = 0; m < 2; ++m)
    for (int64_t k = 0; k < kK; ++k)
      for (int64_t n = 0; n < kN; ++n) {
        int64_t group = k / kSize * kN + n;
        expected[m * kN + n] += x[m * kK + k] * (q[k * kN + n] - z[group]) * s[group];
      }
  Model model;
  model.floats("x", {2, kK}, x, Source::Computed);
  model.integers("q", format, {kK, kN}, q);
  model.floats("s", {kGroups, kN}, s, Source::Constant);
  model.integers("z", format, {kGroups, kN}, z);
  model.node("DequantizeLinear", "q s z", "w").integer("axis", 0).integer("block_size", kSize);
  model.node("MatMul", "x w", "y").output("y");
  expectOutputs(model, model.inputs, {expected}, 1e-3);
}

// int4 goes through ops that move elements.
TEST(BlockedScales, MovedBefore) {
  Model model;
  model.integers("q", kFormats[4], {2, 3}, {1, -8, 3, 7, 0, -1});
  model.floats("s", {3, 1}, {0.5, 0.25, 2}, Source::Constant);
  model.node("Transpose", "q", "t").ints("perm", {1, 0});
  model.node("DequantizeLinear", "t s", "r").integer("block_size", 2).input("x", "1");
  model.node("Add", "r x", "y").output("y");
  expectOutputs(model, {{0}}, {{0.5, 3.5, -2, 0, 6, -2}}, 0);
}

// What has a scale and what has none join as integers.
TEST(BlockedScales, JoinedBefore) {
  Model model;
  model.integers("q", kFormats[4], {2}, {1, -8});
  model.integers("z", kFormats[4], {}, {-2});
  model.floats("s", {}, {0.5}, Source::Constant);
  model.node("QuantizeLinear", "x s z", "p").node("Concat", "p q", "c").integer("axis", 0);
  model.node("DequantizeLinear", "c s z", "y").input("x", "3").output("y");
  expectOutputs(model, {{1, -100, 100}}, {{1, -3, 4.5, 1.5, -3}}, 0);
}

// f16 in, f16 out; the quotient is f32.
TEST(BlockedScales, HalfScales) {
  for (int type : {onnx::TensorProto::FLOAT16, onnx::TensorProto::BFLOAT16}) {
    SCOPED_TRACE(type);
    Model model;
    model.input("x", "4", type);
    // 0.5, 2
    model.stored("s", type, {2},
                 type == onnx::TensorProto::FLOAT16 ? std::vector<int32_t>{0x3800, 0x4000}
                                                    : std::vector<int32_t>{0x3f00, 0x4000});
    model.integers("z", kFormats[4], {2}, {1, -2});
    model.node("QuantizeLinear", "x s z", "q").integer("axis", 0).integer("block_size", 2);
    model.node("DequantizeLinear", "q s z", "r").integer("axis", 0).integer("block_size", 2);
    model.node("Cast", "r", "y").integer("to", 1).output("y");
    expectOutputs(model, {{0.75, -100, 3, 100}}, {{1, -4.5, 4, 18}}, 0);
  }
}

TEST(BlockedScales, Cast) {
  auto cast = [](int from, const Vector &x, int to, const Vector &expected) {
    SCOPED_TRACE(testing::Message() << from << " to " << to);
    ModelBuilder model(21);
    model.input("x", std::to_string(x.size()), from);
    model.node("Cast", "x", "n").integer("to", to);
    model.node("Cast", "n", "y").integer("to", onnx::TensorProto::INT32).output("y");
    expectOutputs(model, {x}, {expected}, 0);
  };
  constexpr int kInt4 = 22, kUint4 = 21;
  // Toward zero, saturating.
  cast(onnx::TensorProto::FLOAT, {-9.5, -2.75, -0.5, 3.75, 8}, kInt4, {-8, -2, 0, 3, 7});
  cast(onnx::TensorProto::FLOAT, {-3, 15.5, 16}, kUint4, {0, 15, 15});
  // The lowest bits.
  cast(onnx::TensorProto::INT64, {-9, -8, 7, 8, 25}, kInt4, {7, -8, 7, -8, -7});
  cast(onnx::TensorProto::INT32, {-1, 15, 18}, kUint4, {15, 15, 2});
  cast(onnx::TensorProto::UINT8, {250, 9}, kInt4, {-6, -7});
  cast(onnx::TensorProto::BOOL, {0, 1}, kInt4, {0, 1});
}

TEST(BlockedScales, CastOfConstant) {
  Model model;
  model.integers("q", kFormats[4], {3}, {-1, -8, 7});
  model.integers("like", kFormats[5], {1}, {0});
  model.node("CastLike", "q like", "u");
  model.node("Cast", "u", "f").integer("to", 1).input("x", "1");
  model.node("Add", "f x", "y").output("y");
  expectOutputs(model, {{0}}, {{15, 8, 7}}, 0);
}

// MatMulNBits of ONNX Runtime, with and without zero points.
TEST(BlockedScales, MatMulNBits) {
  std::mt19937 random(6);
  constexpr int64_t kK = 37, kN = 3, kSize = 16, kGroups = 3;
  for (unsigned bits : {2u, 4u, 8u})
    for (int zeros : {0, 1, 2}) { // none, packed, floats
      SCOPED_TRACE(testing::Message() << bits << " bits, zero points " << zeros);
      Format format{"", 2, bits, 0, (1 << bits) - 1};
      Vector q = makeIntegers(format, kN * kGroups * kSize, random),
             s = makeScales(kN * kGroups, random), z(kN * kGroups, 1 << (bits - 1)),
             x = makeScales(2 * kK, random), bias{0.5, -1, 2};
      if (zeros)
        z = makeIntegers(format, kN * kGroups, random);
      Vector expected(2 * kN);
      for (int64_t m = 0; m < 2; ++m)
        for (int64_t n = 0; n < kN; ++n) {
          double sum = zeros == 1 ? bias[n] : 0;
          for (int64_t k = 0; k < kK; ++k) {
            int64_t group = n * kGroups + k / kSize;
            sum += x[m * kK + k] * (q[n * kGroups * kSize + k] - z[group]) * s[group];
          }
          expected[m * kN + n] = sum;
        }
      Model model;
      model.floats("x", {2, kK}, x, Source::Computed);
      model.integers("q", format, {kN, kGroups, kSize * bits / 8}, q);
      model.floats("s", {kN * kGroups}, s, Source::Constant);
      model.floats("b", {kN}, bias, Source::Constant);
      if (zeros == 2)
        model.floats("z", {kN, kGroups}, z, Source::Constant);
      // Each row of zero points begins a byte.
      Vector padded;
      for (int64_t n = 0; n < kN; ++n) {
        padded.insert(padded.end(), z.begin() + n * kGroups, z.begin() + (n + 1) * kGroups);
        while (padded.size() * bits % 8)
          padded.push_back(0);
      }
      if (zeros == 1)
        model.integers("z", format, {static_cast<int64_t>(padded.size() * bits / 8)}, padded);
      model.microsoft("MatMulNBits",
                      zeros == 0   ? "x q s"
                      : zeros == 1 ? "x q s z - b"
                                   : "x q s z",
                      "y");
      model.integer("K", kK).integer("N", kN).integer("bits", bits).integer("block_size", kSize);
      model.integer("accuracy_level", 4).output("y");
      expectOutputs(model, model.inputs, {expected}, 1e-3);
    }
}

} // namespace
