// Pooling and resampling: each result element sees a window of its own plane.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"
#include "dialect/reference/QuantRules.h"
#include "dialect/reference/ResizeMap.h"

#include <limits>

using namespace mlir;

namespace octet::reference {

// Calls visit(result element, elements of `x` in the window, taps inside the
// padded input) for each window of a pool.
template <typename PoolOp, typename Visit>
static void forEachWindow(PoolOp op, const Tensor &x, Visit visit) {
  ArrayRef<int64_t> out = op.getY().getType().getShape();
  int64_t h = x.getShape()[2], w = x.getShape()[3];
  ArrayRef<int64_t> pads = op.getPads();
  int64_t i = 0;
  IndexList inside;
  for (int64_t plane = 0; plane < out[0] * out[1]; ++plane)
    for (int64_t oy = 0; oy < out[2]; ++oy)
      for (int64_t ox = 0; ox < out[3]; ++ox, ++i) {
        inside.clear();
        int64_t padded = 0;
        for (int64_t ky = 0; ky < op.getKernel()[0]; ++ky)
          for (int64_t kx = 0; kx < op.getKernel()[1]; ++kx) {
            int64_t iy = oy * op.getStrides()[0] + ky * op.getDilations()[0] - pads[0];
            int64_t ix = ox * op.getStrides()[1] + kx * op.getDilations()[1] - pads[1];
            padded += iy < h + pads[2] && ix < w + pads[3];
            if (iy >= 0 && iy < h && ix >= 0 && ix < w)
              inside.push_back((plane * h + iy) * w + ix);
          }
        visit(i, inside, padded);
      }
}

static FailureOr<Tensor> evaluateMaxPool(MaxPoolOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  auto quantized = dyn_cast<quant::QuantizedType>(x.getType().getElementType());
  forEachWindow(op, x, [&](int64_t i, const IndexList &inside, int64_t) {
    if (quantized) {
      int64_t best = quantized.getStorageTypeMin();
      for (int64_t k : inside)
        best = std::max(best, x.getInteger(k));
      return result.setInteger(i, best);
    }
    float best = -std::numeric_limits<float>::infinity();
    for (int64_t k : inside)
      best = std::max(best, x.getFloat(k));
    result.setFloat(i, best);
  });
  return result;
}

static FailureOr<Tensor> evaluateAveragePool(AveragePoolOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  auto xq = dyn_cast<quant::QuantizedType>(x.getType().getElementType());
  auto yq = dyn_cast<quant::QuantizedType>(result.getType().getElementType());
  forEachWindow(op, x, [&](int64_t i, const IndexList &inside, int64_t padded) {
    // A window that sees nothing has the average 0.
    int64_t seen = op.getCountIncludePad() ? padded : inside.size();
    int64_t count = std::max<int64_t>(seen, 1);
    if (!xq) {
      double sum = 0.0;
      for (int64_t k : inside)
        sum += x.getDouble(k);
      return result.setDouble(i, sum / count);
    }
    Scale from = getScale(xq), to = getScale(yq);
    int64_t sum = 0;
    for (int64_t k : inside)
      sum += x.getInteger(k) - from.zeroPoint;
    float multiplier = getAverageScale(from.scale, to.scale, count);
    result.setInteger(i, roundAndSaturate(static_cast<float>(sum) * multiplier, to));
  });
  return result;
}

static FailureOr<Tensor> evaluateResize(ResizeOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  auto xq = dyn_cast<quant::QuantizedType>(x.getType().getElementType());
  auto yq = dyn_cast<quant::QuantizedType>(result.getType().getElementType());
  int64_t w = x.getShape()[3], plane = x.getShape()[2] * w, i = 0;
  std::vector<ResizeSource> rows = getResizeSources(op, 0), columns = getResizeSources(op, 1);
  if (op.getMode() == ResizeMode::Nearest) {
    IndexList from;
    for (int64_t p = 0; p < x.getShape()[0] * x.getShape()[1]; ++p)
      for (const ResizeSource &row : rows)
        for (const ResizeSource &column : columns)
          from.push_back(p * plane + row.low * w + column.low);
    return takeElements(x, result.getType(), from);
  }
  for (int64_t p = 0; p < x.getShape()[0] * x.getShape()[1]; ++p) {
    auto at = [&](int64_t y, int64_t column) {
      int64_t k = p * plane + y * w + column;
      return xq ? static_cast<float>(x.getInteger(k) - getScale(xq).zeroPoint) : x.getFloat(k);
    };
    for (const ResizeSource &row : rows)
      for (const ResizeSource &column : columns) {
        // Along W, then along H; each product and each sum is rounded to f32.
        float upper = at(row.low, column.low) * column.lowWeight +
                      at(row.low, column.high) * column.highWeight;
        float lower = at(row.high, column.low) * column.lowWeight +
                      at(row.high, column.high) * column.highWeight;
        float value = upper * row.lowWeight + lower * row.highWeight;
        if (xq)
          result.setInteger(
              i++, roundAndSaturate(value * getRatio(getScale(xq), getScale(yq)), getScale(yq)));
        else
          result.setFloat(i++, value);
      }
  }
  return result;
}

void addWindowEvaluations(EvaluationTable &table) {
  table.add<evaluateMaxPool>();
  table.add<evaluateAveragePool>();
  table.add<evaluateResize>();
}

} // namespace octet::reference
