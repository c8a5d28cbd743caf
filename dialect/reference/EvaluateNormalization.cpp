// Reductions, softmax and batch normalization. Floats are accumulated in f64
// and rounded once.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet::reference {

template <typename T>
static T combine(ReduceKind kind, T a, T b) {
  switch (kind) {
  case ReduceKind::Mean:
  case ReduceKind::Sum:
    return a + b;
  case ReduceKind::Prod:
    return a * b;
  case ReduceKind::Max:
    return std::max(a, b);
  case ReduceKind::Min:
    return std::min(a, b);
  }
  llvm_unreachable("unknown reduction");
}

// Reduces the elements of `x` that `members` lists for one result element.
// Integers wrap; their mean truncates toward zero.
static void reduceInto(Tensor &result, int64_t i, const Tensor &x, const IndexList &members,
                       int64_t base, ReduceKind kind) {
  if (isa<FloatType>(x.getType().getElementType())) {
    double sum = kind == ReduceKind::Prod ? 1.0 : 0.0;
    for (size_t k = 0; k < members.size(); ++k) {
      double value = x.getDouble(base + members[k]);
      bool first = k == 0 && (kind == ReduceKind::Max || kind == ReduceKind::Min);
      sum = first ? value : combine(kind, sum, value);
    }
    result.setDouble(i, kind == ReduceKind::Mean ? sum / members.size() : sum);
    return;
  }
  bool isUnsigned = x.getType().getElementType().isUnsignedInteger();
  uint64_t sum = kind == ReduceKind::Prod ? 1 : 0;
  for (size_t k = 0; k < members.size(); ++k) {
    auto value = static_cast<uint64_t>(x.getInteger(base + members[k]));
    bool picks = kind == ReduceKind::Max || kind == ReduceKind::Min;
    if (picks && k == 0)
      sum = value;
    else if (picks && !isUnsigned)
      sum = combine(kind, static_cast<int64_t>(sum), static_cast<int64_t>(value));
    else
      sum = combine(kind, sum, value);
  }
  auto total = static_cast<int64_t>(sum);
  auto count = static_cast<int64_t>(members.size());
  if (kind == ReduceKind::Mean)
    total = isUnsigned ? static_cast<int64_t>(sum / static_cast<uint64_t>(count)) : total / count;
  result.setInteger(i, total);
}

static FailureOr<Tensor> evaluateReduce(ReduceOp op, Operands operands) {
  const Tensor &x = operands[0];
  SmallVector<int64_t> strides = getStrides(x.getShape());
  SmallVector<int64_t> kept, keptStrides, reduced, reducedStrides;
  for (size_t d = 0; d < strides.size(); ++d) {
    bool reduce = llvm::is_contained(op.getAxes(), static_cast<int64_t>(d));
    (reduce ? reduced : kept).push_back(x.getShape()[d]);
    (reduce ? reducedStrides : keptStrides).push_back(strides[d]);
  }
  IndexList bases = listIndices(kept, keptStrides);
  IndexList members = listIndices(reduced, reducedStrides);
  Tensor result(op.getY().getType());
  for (size_t i = 0; i < bases.size(); ++i)
    reduceInto(result, i, x, members, bases[i], op.getKind());
  return result;
}

// Calls `visit(offsets)` with the elements of each line along `axis`.
static void forEachLine(ArrayRef<int64_t> shape, int64_t axis,
                        llvm::function_ref<void(const IndexList &)> visit) {
  int64_t inner = countElements(shape.drop_front(axis + 1));
  SmallVector<int64_t> others(shape);
  others[axis] = 1;
  for (int64_t start : listIndices(others, getStrides(shape)))
    visit(listIndices({shape[axis]}, {inner}, start));
}

static double sumOfExponentials(const Tensor &x, const IndexList &line, double &highest) {
  highest = -std::numeric_limits<double>::infinity();
  for (int64_t i : line)
    highest = std::max(highest, x.getDouble(i));
  double sum = 0.0;
  for (int64_t i : line)
    sum += std::exp(x.getDouble(i) - highest);
  return sum;
}

static FailureOr<Tensor> evaluateSoftmax(SoftmaxOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  forEachLine(x.getShape(), op.getAxis(), [&](const IndexList &line) {
    double highest, sum = sumOfExponentials(x, line, highest);
    for (int64_t i : line)
      result.setDouble(i, std::exp(x.getDouble(i) - highest) / sum);
  });
  return result;
}

static FailureOr<Tensor> evaluateLogSoftmax(LogSoftmaxOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  forEachLine(x.getShape(), op.getAxis(), [&](const IndexList &line) {
    double highest, sum = sumOfExponentials(x, line, highest);
    for (int64_t i : line)
      result.setDouble(i, x.getDouble(i) - highest - std::log(sum));
  });
  return result;
}

static FailureOr<Tensor> evaluateBatchNorm(BatchNormOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  double epsilon = op.getEpsilon().convertToFloat();
  SmallVector<int64_t> channelStrides(x.getShape().size(), 0);
  channelStrides[1] = 1;
  IndexList channels = listIndices(x.getShape(), channelStrides);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t c = channels[i];
    double scale = operands[1].getDouble(c), bias = operands[2].getDouble(c),
           mean = operands[3].getDouble(c), variance = operands[4].getDouble(c);
    result.setDouble(i, (x.getDouble(i) - mean) / std::sqrt(variance + epsilon) * scale + bias);
  }
  return result;
}

void addNormalizationEvaluations(EvaluationTable &table) {
  table.add<evaluateReduce>();
  table.add<evaluateSoftmax>();
  table.add<evaluateLogSoftmax>();
  table.add<evaluateBatchNorm>();
}

} // namespace octet::reference
