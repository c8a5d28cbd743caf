#include "bench/kernels/Layer.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <random>

using namespace mlir;

namespace octet::bench {

using reference::Tensor;

ArrayRef<Shape> getShapes() {
  static const Shape shapes[] = {
#define OCTET_CONV(NETWORK, COUNT, CHANNELS, SIZE, OUTPUTS, KERNEL, STRIDE, PAD, GROUPS)           \
  {#NETWORK, COUNT, false, CHANNELS, SIZE, OUTPUTS, KERNEL, STRIDE, PAD, GROUPS},
#define OCTET_MATMUL(NETWORK, COUNT, M, K, N) {#NETWORK, COUNT, true, K, M, N, 1, 1, 0, 1},
#include "bench/kernels/Shapes.inc"
  };
  return shapes;
}

ArrayRef<PrecisionRow> getPrecisions() {
  static const PrecisionRow precisions[] = {
#define OCTET_PRECISION(NAME, OPERANDS, X, WEIGHTS, BIAS, Y)                                       \
  {#NAME, codegen::DotOperands::OPERANDS, #X, #WEIGHTS, #BIAS, #Y},
#include "bench/kernels/Precisions.inc"
  };
  return precisions;
}

std::string Shape::getName() const {
  if (isMatMul)
    return llvm::formatv("{0}x{1}x{2}", size, channels, outputs);
  std::string name = llvm::formatv("{0}x{1}x{1} -> {2} {3}x{3}", channels, size, outputs, kernel);
  if (stride > 1)
    name += llvm::formatv("/{0}", stride);
  if (isDepthwise())
    name += " dw";
  else if (groups > 1)
    name += llvm::formatv(" g{0}", groups);
  return name;
}

double Shape::getOperations() const {
  double points = isMatMul ? size : getOutSize() * getOutSize();
  return 2 * points * outputs * getReduction();
}

SmallVector<int64_t> Shape::getXShape() const {
  if (isMatMul)
    return {size, channels};
  return {1, channels, size, size};
}

SmallVector<int64_t> Shape::getWeightShape() const {
  if (isMatMul)
    return {channels, outputs};
  return {outputs, channels / groups, kernel, kernel};
}

SmallVector<int64_t> Shape::getYShape() const {
  if (isMatMul)
    return {size, outputs};
  return {1, outputs, getOutSize(), getOutSize()};
}

static Tensor makeRandom(ArrayRef<int64_t> shape, Type element, int64_t low, int64_t high,
                         std::mt19937 &random) {
  Tensor tensor(RankedTensorType::get(shape, element));
  if (isa<FloatType>(element)) {
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setFloat(i, normal(random));
  } else {
    std::uniform_int_distribution<int64_t> uniform(low, high);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setInteger(i, uniform(random));
  }
  return tensor;
}

Layer::Layer(MLIRContext &context, const Shape &shape, const PrecisionRow &precision,
             int64_t weightLimit)
    : shape(shape), precision(precision), weightLimit(weightLimit),
      multipliers(shape.outputs, 1.0f) {
  Builder b(&context);
  // Sums of uniform u8 by uniform s8 spread so far; results spread over half of u8.
  const double spread = 147 * (weightLimit / 1.73) * std::sqrt(shape.getReduction());
  const double yScale = spread / 64;
  SmallVector<double> weightScales;
  for (int64_t i = 0; i < shape.outputs; ++i)
    weightScales.push_back(1 + 0.125 * (i % 5));
  auto getType = [&](StringRef name) -> Type {
    if (name == "s8") {
      SmallVector<int64_t> zeros(shape.outputs, 0);
      return quant::UniformQuantizedPerAxisType::get(
          quant::QuantizationFlags::Signed, b.getI8Type(), b.getF32Type(), weightScales, zeros,
          /*quantizedDimension=*/shape.isMatMul ? 1 : 0, -127, 127);
    }
    if (name == "u8x" || name == "u8y")
      return quant::UniformQuantizedType::get(0, b.getI8Type(), b.getF32Type(),
                                              name == "u8x" ? 1.0 : yScale, 0, 0, 255);
    if (name == "s32")
      return b.getI32Type();
    return name == "bf16" ? Type(b.getBF16Type()) : Type(b.getF32Type());
  };
  const bool quantized = precision.x == "u8";
  std::mt19937 random(1);
  const auto biasLimit = static_cast<int64_t>(spread);
  x = makeRandom(shape.getXShape(), getType(quantized ? "u8x" : precision.x), 0, 255, random);
  weights = makeRandom(shape.getWeightShape(), getType(precision.weights), -weightLimit,
                       weightLimit, random);
  bias = makeRandom({shape.outputs}, getType(precision.bias), -biasLimit, biasLimit, random);
  yType = RankedTensorType::get(shape.getYShape(), getType(quantized ? "u8y" : precision.y));
  if (quantized)
    for (int64_t i = 0; i < shape.outputs; ++i)
      multipliers[i] = static_cast<float>(weightScales[i] / yScale);
}

} // namespace octet::bench
