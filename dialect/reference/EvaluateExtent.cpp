// Ops that find out how many of something there are. Boxes are measured in f32, operation
// by operation as kernels do it, since a rounding decides which of them are kept.

#include "dialect/ExtentOps.h"
#include "dialect/reference/Evaluations.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

static FailureOr<Tensor> evaluateTrueIndices(TrueIndicesOp op, Operands operands) {
  const Tensor &mask = operands[0];
  Tensor result(op.getY().getType());
  int64_t count = 0;
  for (int64_t i = 0; i < mask.size(); ++i)
    if (mask.getInteger(i))
      result.setInteger(++count, i);
  result.setInteger(0, count);
  while (count < mask.size())
    result.setInteger(++count, op.getFill());
  return result;
}

namespace {

struct Box {
  float top, left, bottom, right;

  Box(const Tensor &boxes, int64_t i, bool centered) {
    float a = boxes.getFloat(4 * i), b = boxes.getFloat(4 * i + 1), c = boxes.getFloat(4 * i + 2),
          d = boxes.getFloat(4 * i + 3);
    top = centered ? b - d / 2 : std::min(a, c);
    left = centered ? a - c / 2 : std::min(b, d);
    bottom = centered ? b + d / 2 : std::max(a, c);
    right = centered ? a + c / 2 : std::max(b, d);
  }
  float area() const { return (bottom - top) * (right - left); }
  float overlap(const Box &other) const {
    float height = std::min(bottom, other.bottom) - std::max(top, other.top);
    float width = std::min(right, other.right) - std::max(left, other.left);
    float common = std::max(height, 0.0f) * std::max(width, 0.0f);
    return common > 0 ? common / (area() + other.area() - common) : 0.0f;
  }
};

} // namespace

static FailureOr<Tensor> evaluateNonMaxSuppression(NonMaxSuppressionOp op, Operands operands) {
  const Tensor &boxes = operands[0], &scores = operands[1];
  Tensor result(op.getY().getType());
  float overlap = operands[3].getFloat(0);
  int64_t count = boxes.getShape()[1], classes = scores.getShape()[1];
  int64_t room = result.getShape()[2], most = std::min(operands[2].getInteger(0), room);
  for (int64_t row = 0; row < scores.getShape()[0] * classes; ++row) {
    auto score = [&](int64_t i) { return scores.getFloat(row * count + i); };
    std::vector<int64_t> order;
    for (int64_t i = 0; i < count; ++i)
      if (!std::isnan(score(i)) && (!op.getLeast() || score(i) > operands[4].getFloat(0)))
        order.push_back(i);
    llvm::sort(order, [&](int64_t i, int64_t j) {
      return score(i) != score(j) ? score(i) > score(j) : i < j;
    });
    SmallVector<Box> kept;
    for (int64_t i : order) {
      if (static_cast<int64_t>(kept.size()) >= most)
        break;
      Box box(boxes, row / classes * count + i, op.getCentered());
      if (llvm::any_of(kept, [&](const Box &better) { return better.overlap(box) > overlap; }))
        continue;
      result.setInteger(row * room + static_cast<int64_t>(kept.size()), i);
      kept.push_back(box);
    }
    for (int64_t k = kept.size(); k < room; ++k)
      result.setInteger(row * room + k, -1);
  }
  return result;
}

void addExtentEvaluations(EvaluationTable &table) {
  table.add<evaluateTrueIndices>();
  table.add<evaluateNonMaxSuppression>();
}

} // namespace octet::reference
