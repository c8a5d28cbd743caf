// Models that quantize while they run, against what the standard says of each op.

#include "ModelBuilder.h"
#include "dialect/reference/Evaluate.h"

#include <cmath>

using namespace octet;
using namespace octet::test;
using octet::reference::Tensor;

namespace {

constexpr int kU8 = onnx::TensorProto::UINT8, kS8 = onnx::TensorProto::INT8;

class DynamicModels : public ImportTest {
protected:
  /// The first output for one input of f32.
  Tensor run(const ModelBuilder &model, const std::vector<float> &x) {
    writeFile("model.onnx", model.bytes());
    auto module = importOnnx(context, path("model.onnx"));
    EXPECT_TRUE(succeeded(module));
    if (failed(module))
      return {};
    auto function = (*module)->lookupSymbol<mlir::func::FuncOp>("main");
    Tensor input(mlir::cast<mlir::RankedTensorType>(function.getArgumentTypes()[0]));
    EXPECT_EQ(input.size(), static_cast<int64_t>(x.size()));
    for (auto [i, value] : llvm::enumerate(x))
      input.setFloat(i, value);
    auto results = reference::evaluate(function, {input});
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? results->front() : Tensor();
  }

  struct Quantized {
    std::vector<int> q;
    float scale;
    int zeroPoint;
  };
  static Quantized quantize(const std::vector<float> &x) {
    float low = 0, high = 0;
    for (float value : x) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    Quantized result{{}, (high - low) / 255, 0};
    result.zeroPoint = std::nearbyint(std::clamp(-low / result.scale, 0.0f, 255.0f));
    for (float value : x)
      result.q.push_back(std::clamp<int>(
          static_cast<int>(std::nearbyint(value / result.scale)) + result.zeroPoint, 0, 255));
    return result;
  }

  static std::vector<float> makeInput(int count) {
    std::vector<float> x;
    for (int i = 0; i < count; ++i)
      x.push_back(std::sin(1.7f * static_cast<float>(i)) + 0.25f);
    return x;
  }

  mlir::MLIRContext context;
};

TEST_F(DynamicModels, QuantizeLinear) {
  ModelBuilder model(13);
  model.input("x", "3x4").node("DynamicQuantizeLinear", "x", "y s z").output("y").output("s");
  model.output("z");
  std::vector<float> x = makeInput(12);
  Quantized expected = quantize(x);
  Tensor y = run(model, x);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(y.getInteger(i), expected.q[i]) << i;
}

// Weights of u8 with a zero point for each column.
TEST_F(DynamicModels, MatMulInteger) {
  ModelBuilder model(13);
  std::vector<int32_t> weights{0, 255, 7, 130, 90, 128}, zeros{3, 250};
  model.input("x", "2x3").stored("w", kU8, {3, 2}, weights).stored("wz", kU8, {2}, zeros);
  model.node("DynamicQuantizeLinear", "x", "q s z").node("MatMulInteger", "q w z wz", "y");
  model.output("y");
  std::vector<float> x = makeInput(6);
  Quantized a = quantize(x);
  Tensor y = run(model, x);
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 2; ++column) {
      int sum = 0;
      for (int k = 0; k < 3; ++k)
        sum += (a.q[row * 3 + k] - a.zeroPoint) * (weights[k * 2 + column] - zeros[column]);
      EXPECT_EQ(y.getInteger(row * 2 + column), sum) << row << ", " << column;
    }
}

// Padding counts as the zero point, which is not known before.
TEST_F(DynamicModels, ConvInteger) {
  ModelBuilder model(13);
  std::vector<int32_t> weights;
  for (int i = 0; i < 2 * 1 * 3 * 2; ++i)
    weights.push_back(i * 37 % 256 - 128);
  model.input("x", "1x2x4x5").stored("w", kS8, {2, 1, 3, 2}, weights);
  model.node("DynamicQuantizeLinear", "x", "q s z").node("ConvInteger", "q w z", "i");
  model.integer("group", 2).ints("pads", {1, 0, 1, 1}).ints("strides", {2, 1});
  model.node("Cast", "i", "f").integer("to", onnx::TensorProto::FLOAT);
  model.node("Mul", "f s", "y").output("y");
  std::vector<float> x = makeInput(40);
  Quantized a = quantize(x);
  Tensor y = run(model, x);
  ASSERT_EQ(y.getShape(), (llvm::ArrayRef<int64_t>{1, 2, 2, 5}));
  for (int o = 0; o < 2; ++o)
    for (int row = 0; row < 2; ++row)
      for (int column = 0; column < 5; ++column) {
        int sum = 0;
        for (int ky = 0; ky < 3; ++ky)
          for (int kx = 0; kx < 2; ++kx) {
            int iy = row * 2 + ky - 1, ix = column + kx;
            if (iy >= 0 && iy < 4 && ix < 5)
              sum += (a.q[(o * 4 + iy) * 5 + ix] - a.zeroPoint) * weights[(o * 3 + ky) * 2 + kx];
          }
        EXPECT_EQ(y.getFloat((o * 2 + row) * 5 + column), static_cast<float>(sum) * a.scale)
            << o << ", " << row << ", " << column;
      }
}

TEST_F(DynamicModels, Zeros) {
  ModelBuilder model(13);
  model.input("x", "1x2").stored("w", kS8, {2, 1}, {3, 4});
  model.node("DynamicQuantizeLinear", "x", "q s z").node("MatMulInteger", "q w z", "y").output("y");
  EXPECT_EQ(run(model, {0, 0}).getInteger(0), 0);
}

TEST_F(DynamicModels, Refusals) {
  auto refuse = [&](ModelBuilder model, const std::string &message) {
    model.output("y");
    expectErrors(model, {"model.onnx: node 'n' " + message});
  };
  ModelBuilder base(13);
  base.input("a", "2x3", kU8).stored("w", kS8, {3, 2}, {1, 2, 3, 4, 5, 6});
  base.stored("z2", kU8, {2}, {0, 0}).stored("z3", kS8, {3}, {0, 0, 0});
  auto with = [&](auto change) {
    ModelBuilder model = base;
    change(model);
    return model;
  };
  refuse(with([](auto &m) { m.input("b", "3x2", kS8).node("MatMulInteger", "a b", "y", "n"); }),
         "(MatMulInteger): expected constant weights of int8 or uint8, got 'tensor<3x2xi8>'");
  refuse(with([](auto &m) { m.input("x", "2x3").node("MatMulInteger", "x w", "y", "n"); }),
         "(MatMulInteger): expected integers of int8 or uint8, got 'tensor<2x3xf32>'");
  refuse(with([](auto &m) { m.node("MatMulInteger", "a w z2", "y", "n"); }),
         "(MatMulInteger): expected one zero point of activations, got 'tensor<2xui8>'");
  refuse(with([](auto &m) { m.node("MatMulInteger", "a w - z3", "y", "n"); }),
         "(MatMulInteger): expected 1 or 2 zero points of weights, got 3");
  refuse(with([](auto &m) {
           m.stored("v", kS8, {1, 3, 2}, {1, 2, 3, 4, 5, 6}).node("MatMulInteger", "a v", "y", "n");
         }),
         "(MatMulInteger): expected a matrix of weights, got 'tensor<1x3x2xi8>'");
  refuse(with([](auto &m) {
           m.input("l", "1x1x5", kU8).stored("v", kS8, {1, 1, 2}, {1, 2});
           m.node("ConvInteger", "l v", "y", "n");
         }),
         "(ConvInteger): expected two spatial dimensions, got 'tensor<1x1x5xui8>'");
}

} // namespace
