// Normalization of rows, and attention. Floats are accumulated in f64 and rounded once;
// attention on integers is rule A1 of docs/quantization.md, on bf16 rule B5, step by step.

#include "dialect/TransformerOps.h"
#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"
#include "dialect/reference/QuantRules.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet::reference {

static Tensor normalizeRows(const Tensor &x, RankedTensorType type, double epsilon, bool centered) {
  Tensor result(type);
  int64_t extent = x.getShape().back();
  for (int64_t row = 0; row < x.size(); row += extent) {
    double mean = 0, square = 0;
    for (int64_t i = 0; centered && i < extent; ++i)
      mean += x.getDouble(row + i) / extent;
    for (int64_t i = 0; i < extent; ++i)
      square += (x.getDouble(row + i) - mean) * (x.getDouble(row + i) - mean);
    double deviation = std::sqrt(square / extent + epsilon);
    for (int64_t i = 0; i < extent; ++i)
      result.setDouble(row + i, (x.getDouble(row + i) - mean) / deviation);
  }
  return result;
}

static FailureOr<Tensor> evaluateLayerNorm(LayerNormOp op, Operands operands) {
  return normalizeRows(operands[0], op.getY().getType(), op.getEpsilon().convertToFloat(), true);
}
static FailureOr<Tensor> evaluateRmsNorm(RmsNormOp op, Operands operands) {
  return normalizeRows(operands[0], op.getY().getType(), op.getEpsilon().convertToFloat(), false);
}

static float roundToBF16(float x) {
  bool losesInfo;
  llvm::APFloat rounded(x);
  rounded.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  rounded.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return rounded.convertToFloat();
}

namespace {

/// The scores of one query in f64, or of integers in f32 as A1 says, become weights.
class AttentionEvaluator {
public:
  AttentionEvaluator(AttentionOp op, Operands operands)
      : q(operands[0]), k(operands[1]), v(operands[2]),
        mask(operands.size() > 3 ? &operands[3] : nullptr), scale(op.getScale().convertToFloat()),
        result(op.getY().getType()), keys(k.getShape()[1]), depth(k.getShape()[3]),
        width(v.getShape()[3]), isInteger(isa<quant::QuantizedType>(q.getType().getElementType())),
        isNarrow(q.getType().getElementType().isBF16()) {
    ArrayRef<int64_t> shape = q.getShape();
    if (mask)
      maskStrides = getBroadcastStrides(mask->getShape(), {shape[0], shape[2], shape[1], keys});
  }

  Tensor evaluate() {
    ArrayRef<int64_t> shape = q.getShape();
    for (int64_t b = 0; b < shape[0]; ++b)
      for (int64_t i = 0; i < shape[1]; ++i)
        for (int64_t h = 0; h < shape[2]; ++h) {
          int64_t group = h * k.getShape()[2] / shape[2];
          if (isInteger)
            attendIntegers(b, i, h, group);
          else
            attend(b, i, h, group);
        }
    return result;
  }

private:
  static int64_t at(const Tensor &x, int64_t b, int64_t i, int64_t h) {
    ArrayRef<int64_t> shape = x.getShape();
    return ((b * shape[1] + i) * shape[2] + h) * shape[3];
  }
  double getMask(int64_t b, int64_t h, int64_t i, int64_t j) const {
    return mask->getDouble(b * maskStrides[0] + h * maskStrides[1] + i * maskStrides[2] +
                           j * maskStrides[3]);
  }

  void attend(int64_t b, int64_t i, int64_t h, int64_t group) {
    std::vector<double> scores(keys);
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int64_t j = 0; j < keys; ++j) {
      double dot = 0;
      for (int64_t d = 0; d < depth; ++d)
        dot += q.getDouble(at(q, b, i, h) + d) * k.getDouble(at(k, b, j, group) + d);
      // A mask of large numbers swallows scores in f32, and must here.
      auto score = static_cast<float>(dot * scale);
      scores[j] = score + (mask ? static_cast<float>(getMask(b, h, i, j)) : 0.0f);
      highest = std::max(highest, scores[j]);
    }
    for (double &score : scores) {
      score = std::exp(score - highest);
      if (isNarrow)
        score = roundToBF16(static_cast<float>(score));
      sum += score;
    }
    for (int64_t e = 0; e < width; ++e) {
      double y = 0;
      for (int64_t j = 0; j < keys; ++j)
        y += scores[j] * v.getDouble(at(v, b, j, group) + e);
      result.setDouble(at(result, b, i, h) + e, y / sum);
    }
  }

  void attendIntegers(int64_t b, int64_t i, int64_t h, int64_t group) {
    constexpr int64_t kCentre = 128;
    Scale sq = getScale(cast<quant::QuantizedType>(q.getType().getElementType()));
    Scale sk = getScale(cast<quant::QuantizedType>(k.getType().getElementType()));
    Scale sv = getScale(cast<quant::QuantizedType>(v.getType().getElementType()));
    float unit = getSumScale(sq.scale, sk.scale) * scale;
    std::vector<float> scores(keys);
    // Where all is masked by infinities, weights are 0.
    float highest = std::numeric_limits<float>::lowest();
    for (int64_t j = 0; j < keys; ++j) {
      int64_t dot = 0;
      for (int64_t d = 0; d < depth; ++d)
        dot += (q.getInteger(at(q, b, i, h) + d) - sq.zeroPoint) *
               (k.getInteger(at(k, b, j, group) + d) - kCentre);
      scores[j] = static_cast<float>(dot) * unit;
      if (mask)
        scores[j] += static_cast<float>(getMask(b, h, i, j));
      highest = std::max(highest, scores[j]);
    }
    std::vector<int64_t> weights(keys);
    int64_t total = 0;
    for (int64_t j = 0; j < keys; ++j)
      total += weights[j] =
          static_cast<int64_t>(std::nearbyint(std::exp(scores[j] - highest) * 255.0f));
    float factor = static_cast<float>(sv.scale) / static_cast<float>(total);
    float shift = static_cast<float>(sv.scale) * static_cast<float>(kCentre - sv.zeroPoint);
    for (int64_t e = 0; e < width; ++e) {
      int64_t y = 0;
      for (int64_t j = 0; j < keys; ++j)
        y += weights[j] * (v.getInteger(at(v, b, j, group) + e) - kCentre);
      result.setFloat(at(result, b, i, h) + e, static_cast<float>(y) * factor + shift);
    }
  }

  const Tensor &q, &k, &v, *mask;
  float scale;
  Tensor result;
  int64_t keys, depth, width;
  bool isInteger, isNarrow;
  SmallVector<int64_t> maskStrides;
};

} // namespace

static FailureOr<Tensor> evaluateAttention(AttentionOp op, Operands operands) {
  return AttentionEvaluator(op, operands).evaluate();
}

void addTransformerEvaluations(EvaluationTable &table) {
  table.add<evaluateLayerNorm>();
  table.add<evaluateRmsNorm>();
  table.add<evaluateAttention>();
}

} // namespace octet::reference
