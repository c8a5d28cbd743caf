// Convolution and matrix multiply, as products of f64 matrices. f32 products
// are exact in f64 and their sums are rounded to f32 once; sums of u8 by s8
// products stay far below 2^53, so that f64 holds them exactly (rule Q4) in any
// order. Products of f32 and s8 (rule Q23) are exact, too.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"
#include "dialect/reference/QuantRules.h"

#include <Eigen/Core>

using namespace mlir;

namespace octet::reference {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Elements as f64: f32 as they are, stored integers less their zero point.
static std::vector<double> getCentered(const Tensor &x) {
  std::vector<double> result(x.size());
  auto quantized = dyn_cast<quant::QuantizedType>(x.getType().getElementType());
  // Weights have the zero point 0 in every channel, so channel 0 speaks for
  // all.
  int64_t zeroPoint = quantized ? getScale(quantized).zeroPoint : 0;
  for (int64_t i = 0; i < x.size(); ++i)
    result[i] = quantized ? static_cast<double>(x.getInteger(i) - zeroPoint) : x.getDouble(i);
  return result;
}

static double getBias(Operands operands, int64_t channel) {
  if (operands.size() < 3)
    return 0.0;
  const Tensor &bias = operands[2];
  return bias.getType().getElementType().isF32() ? bias.getDouble(channel)
                                                 : static_cast<double>(bias.getInteger(channel));
}

namespace {
// Stores sums of products, and the bias, as the result's type asks.
class SumWriter {
public:
  SumWriter(const Tensor &x, const Tensor &w, Tensor &result)
      : xq(dyn_cast<quant::QuantizedType>(x.getType().getElementType())),
        wq(dyn_cast<quant::QuantizedType>(w.getType().getElementType())),
        yq(dyn_cast<quant::QuantizedType>(result.getType().getElementType())), result(result) {}

  void write(int64_t i, double sum, double bias, int64_t channel) {
    if (!xq)
      return result.setDouble(i, wq ? sum * getScale(wq, channel).scale + bias : sum + bias);
    float exact = static_cast<float>(static_cast<int64_t>(sum + bias));
    double sx = getScale(xq).scale, sw = getScale(wq, channel).scale;
    if (!yq)
      return result.setFloat(i, exact * getSumScale(sx, sw));
    Scale y = getScale(yq);
    result.setInteger(i, roundAndSaturate(exact * getSumScale(sx, sw, y.scale), y));
  }

private:
  quant::QuantizedType xq, wq, yq;
  Tensor &result;
};
} // namespace

static FailureOr<Tensor> evaluateConv(ConvOp op, Operands operands) {
  const Tensor &x = operands[0], &w = operands[1];
  Tensor result(op.getY().getType());
  std::vector<double> input = getCentered(x), weights = getCentered(w);
  int64_t group = op.getGroup();
  int64_t inputs = w.getShape()[1], kh = w.getShape()[2], kw = w.getShape()[3];
  int64_t outputs = w.getShape()[0] / group, depth = inputs * kh * kw;
  int64_t h = x.getShape()[2], width = x.getShape()[3];
  int64_t ow = result.getShape()[3], pixels = result.getShape()[2] * ow;
  SumWriter writer(x, w, result);

  // Column p of `columns` holds what output pixel first + p sees; the border
  // holds real zeros. Chunks of pixels bound the memory.
  constexpr int64_t kChunk = 4096;
  for (int64_t n = 0; n < x.getShape()[0]; ++n)
    for (int64_t g = 0; g < group; ++g)
      for (int64_t first = 0; first < pixels; first += kChunk) {
        int64_t count = std::min(kChunk, pixels - first);
        Matrix columns = Matrix::Zero(depth, count);
        for (int64_t k = 0; k < depth; ++k) {
          int64_t channel = n * x.getShape()[1] + g * inputs + k / (kh * kw);
          int64_t dy = k / kw % kh * op.getDilations()[0] - op.getPads()[0];
          int64_t dx = k % kw * op.getDilations()[1] - op.getPads()[1];
          for (int64_t p = 0; p < count; ++p) {
            int64_t iy = (first + p) / ow * op.getStrides()[0] + dy;
            int64_t ix = (first + p) % ow * op.getStrides()[1] + dx;
            if (iy >= 0 && iy < h && ix >= 0 && ix < width)
              columns(k, p) = input[(channel * h + iy) * width + ix];
          }
        }
        Eigen::Map<const Matrix> filters(weights.data() + g * outputs * depth, outputs, depth);
        Matrix sums = filters * columns;
        for (int64_t o = 0; o < outputs; ++o) {
          int64_t channel = g * outputs + o;
          int64_t plane = (n * outputs * group + channel) * pixels;
          for (int64_t p = 0; p < count; ++p)
            writer.write(plane + first + p, sums(o, p), getBias(operands, channel), channel);
        }
      }
  return result;
}

static FailureOr<Tensor> evaluateConvTranspose(ConvTransposeOp op, Operands operands) {
  const Tensor &x = operands[0], &w = operands[1];
  Tensor result(op.getY().getType());
  std::vector<double> input = getCentered(x), weights = getCentered(w);
  int64_t group = op.getGroup(), inputs = x.getShape()[1] / group;
  int64_t h = x.getShape()[2], width = x.getShape()[3];
  int64_t outputs = w.getShape()[1], kh = w.getShape()[2], kw = w.getShape()[3];
  int64_t oh = result.getShape()[2], ow = result.getShape()[3];
  for (int64_t n = 0; n < x.getShape()[0]; ++n)
    for (int64_t g = 0; g < group; ++g) {
      // Row (o, ky, kx) of `products` is what each input pixel adds to channel
      // o at that tap.
      Eigen::Map<const Matrix> pixels(input.data() + (n * group + g) * inputs * h * width, inputs,
                                      h * width);
      Eigen::Map<const Matrix> filters(weights.data() + g * inputs * outputs * kh * kw, inputs,
                                       outputs * kh * kw);
      Matrix products = filters.transpose() * pixels;
      for (int64_t o = 0; o < outputs; ++o) {
        int64_t channel = g * outputs + o;
        std::vector<double> plane(oh * ow, getBias(operands, channel));
        for (int64_t tap = 0; tap < kh * kw; ++tap)
          for (int64_t p = 0; p < h * width; ++p) {
            int64_t y =
                p / width * op.getStrides()[0] + tap / kw * op.getDilations()[0] - op.getPads()[0];
            int64_t xPos =
                p % width * op.getStrides()[1] + tap % kw * op.getDilations()[1] - op.getPads()[1];
            if (y >= 0 && y < oh && xPos >= 0 && xPos < ow)
              plane[y * ow + xPos] += products(o * kh * kw + tap, p);
          }
        for (int64_t p = 0; p < oh * ow; ++p)
          result.setDouble((n * outputs * group + channel) * oh * ow + p, plane[p]);
      }
    }
  return result;
}

static FailureOr<Tensor> evaluateMatMul(MatMulOp op, Operands operands) {
  const Tensor &a = operands[0], &b = operands[1];
  Tensor result(op.getY().getType());
  std::vector<double> left = getCentered(a), right = getCentered(b);
  SmallVector<int64_t> as(a.getShape()), bs(b.getShape());
  if (as.size() == 1)
    as.insert(as.begin(), 1);
  if (bs.size() == 1)
    bs.push_back(1);
  int64_t m = as[as.size() - 2], depth = as.back(), n = bs.back();
  ArrayRef<int64_t> aBatch = ArrayRef(as).drop_back(2), bBatch = ArrayRef(bs).drop_back(2);
  SmallVector<int64_t> batch = *broadcastShapes(aBatch, bBatch);
  IndexList lefts = listIndices(batch, getBroadcastStrides(aBatch, batch));
  IndexList rights = listIndices(batch, getBroadcastStrides(bBatch, batch));
  SumWriter writer(a, b, result);
  for (size_t i = 0; i < lefts.size(); ++i) {
    Eigen::Map<const Matrix> l(left.data() + lefts[i] * m * depth, m, depth);
    Eigen::Map<const Matrix> r(right.data() + rights[i] * depth * n, depth, n);
    Matrix sums = l * r;
    for (int64_t row = 0; row < m; ++row)
      for (int64_t column = 0; column < n; ++column)
        writer.write((i * m + row) * n + column, sums(row, column), getBias(operands, column),
                     column);
  }
  return result;
}

void addContractionEvaluations(EvaluationTable &table) {
  table.add<evaluateConv>();
  table.add<evaluateConvTranspose>();
  table.add<evaluateMatMul>();
}

} // namespace octet::reference
