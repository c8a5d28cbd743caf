// Ops that make indices, or go by computed ones.

#include "dialect/ExtentOps.h"
#include "dialect/IndexOps.h"
#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace octet::reference {

static bool isUnsignedElement(Type element) {
  return element.isUnsignedInteger() || element.isInteger(1);
}

// Whether element i comes before element j of `x` in the order; NaN comes last.
static bool isBetter(const Tensor &x, Extremum which, int64_t i, int64_t j) {
  Type element = x.getType().getElementType();
  bool largest = which == Extremum::Largest;
  if (isa<FloatType>(element)) {
    double a = x.getDouble(i), b = x.getDouble(j);
    if (std::isnan(a) || std::isnan(b))
      return !std::isnan(a) && std::isnan(b);
    return largest ? a > b : a < b;
  }
  int64_t a = x.getInteger(i), b = x.getInteger(j);
  if (!largest)
    std::swap(a, b);
  return isUnsignedElement(element) ? static_cast<uint64_t>(a) > static_cast<uint64_t>(b) : a > b;
}

// Lines along an axis of a row-major tensor.
namespace {
struct Lines {
  int64_t outer, extent, inner;

  Lines(ArrayRef<int64_t> shape, int64_t axis)
      : outer(countElements(shape.take_front(axis))), extent(shape[axis]),
        inner(countElements(shape.drop_front(axis + 1))) {}
  int64_t count() const { return outer * inner; }
  int64_t at(int64_t line, int64_t i) const {
    return (line / inner * extent + i) * inner + line % inner;
  }
};
} // namespace

static FailureOr<Tensor> evaluateArgExtremum(ArgExtremumOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  Lines lines(x.getShape(), op.getAxis());
  for (int64_t line = 0; line < lines.count(); ++line) {
    int64_t best = 0;
    for (int64_t i = 1; i < lines.extent; ++i) {
      int64_t candidate = lines.at(line, i), known = lines.at(line, best);
      bool wins = op.getLast() ? !isBetter(x, op.getWhich(), known, candidate)
                               : isBetter(x, op.getWhich(), candidate, known);
      best = wins ? i : best;
    }
    result.setInteger(line, best);
  }
  return result;
}

static FailureOr<Tensor> evaluateTopKIndices(TopKIndicesOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  Lines lines(x.getShape(), op.getAxis()), best(result.getShape(), op.getAxis());
  std::vector<int64_t> order(lines.extent);
  for (int64_t line = 0; line < lines.count(); ++line) {
    std::iota(order.begin(), order.end(), 0);
    llvm::sort(order, [&](int64_t i, int64_t j) {
      int64_t a = lines.at(line, i), b = lines.at(line, j);
      bool better = isBetter(x, op.getWhich(), a, b);
      return better || (!isBetter(x, op.getWhich(), b, a) && i < j);
    });
    for (int64_t i = 0; i < best.extent; ++i)
      result.setInteger(best.at(line, i), order[i]);
  }
  return result;
}

// By the first element that differs, else by index.
static FailureOr<Tensor> evaluateSliceOrder(SliceOrderOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  Lines lines(x.getShape(), op.getAxis());
  std::vector<int64_t> order(lines.extent);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t i, int64_t j) {
    for (int64_t line = 0; line < lines.count(); ++line) {
      int64_t a = lines.at(line, i), b = lines.at(line, j);
      bool isBefore = isBetter(x, Extremum::Smallest, a, b);
      if (isBefore || isBetter(x, Extremum::Smallest, b, a))
        return isBefore;
    }
    return i < j;
  });
  for (int64_t i = 0; i < lines.extent; ++i)
    result.setInteger(i, order[i]);
  return result;
}

// Negative indices count from the end.
static int64_t wrapIndex(int64_t index, int64_t extent) {
  return index < 0 ? index + extent : index;
}

static int64_t clampIndex(int64_t index, int64_t extent) {
  return std::clamp<int64_t>(wrapIndex(index, extent), 0, extent - 1);
}

static FailureOr<Tensor> evaluateGatherElements(GatherElementsOp op, Operands operands) {
  const Tensor &x = operands[0], &indices = operands[1];
  SmallVector<int64_t> strides = getStrides(x.getShape());
  int64_t stride = strides[op.getAxis()], extent = x.getShape()[op.getAxis()];
  strides[op.getAxis()] = 0;
  IndexList from = listIndices(indices.getShape(), strides);
  for (int64_t i = 0; i < indices.size(); ++i)
    from[i] += clampIndex(indices.getInteger(i), extent) * stride;
  return takeElements(x, op.getY().getType(), from);
}

static FailureOr<Tensor> evaluateGatherND(GatherNDOp op, Operands operands) {
  const Tensor &x = operands[0], &indices = operands[1];
  int64_t batch = op.getBatchDims(), length = indices.getShape().back();
  SmallVector<int64_t> strides = getStrides(x.getShape());
  int64_t slice = countElements(x.getShape().drop_front(batch + length));
  int64_t batches = countElements(x.getShape().take_front(batch));
  int64_t tuples = indices.size() / length;
  IndexList from;
  for (int64_t t = 0; t < tuples; ++t) {
    int64_t base = t / (tuples / batches) * (x.size() / batches);
    for (int64_t d = 0; d < length; ++d)
      base += clampIndex(indices.getInteger(t * length + d), x.getShape()[batch + d]) *
              strides[batch + d];
    for (int64_t i = 0; i < slice; ++i)
      from.push_back(base + i);
  }
  return takeElements(x, op.getY().getType(), from);
}

// Joins element j of `updates` to element i of `result`.
static void join(ScatterKind kind, Tensor &result, int64_t i, const Tensor &updates, int64_t j) {
  Type element = result.getType().getElementType();
  if (kind == ScatterKind::Assign) {
    int64_t bytes = getElementBytes(element);
    memcpy(result.bytes().data() + i * bytes, updates.bytes().data() + j * bytes, bytes);
    return;
  }
  if (isa<FloatType>(element)) {
    double a = result.getDouble(i), b = updates.getDouble(j);
    bool isUpdate = kind == ScatterKind::Min ? b < a : a < b;
    // The sum and the product of two f32 are rounded once from their exact value, or
    // from one that f64 holds.
    double joined = kind == ScatterKind::Add   ? a + b
                    : kind == ScatterKind::Mul ? a * b
                    : isUpdate                 ? b
                                               : a;
    return result.setDouble(i, joined);
  }
  uint64_t a = result.getInteger(i), b = updates.getInteger(j);
  bool less =
      isUnsignedElement(element) ? b < a : static_cast<int64_t>(b) < static_cast<int64_t>(a);
  bool bit = element.isInteger(1);
  uint64_t joined = kind == ScatterKind::Add   ? (bit ? a | b : a + b)
                    : kind == ScatterKind::Mul ? a * b
                    : kind == ScatterKind::Min ? (less ? b : a)
                                               : (less ? a : b);
  result.setInteger(i, static_cast<int64_t>(joined));
}

static FailureOr<Tensor> evaluateScatterElements(ScatterElementsOp op, Operands operands) {
  const Tensor &indices = operands[1];
  Tensor result(operands[0].getType(), operands[0].bytes());
  SmallVector<int64_t> strides = getStrides(result.getShape());
  int64_t stride = strides[op.getAxis()], extent = result.getShape()[op.getAxis()];
  strides[op.getAxis()] = 0;
  IndexList to = listIndices(indices.getShape(), strides);
  for (int64_t i = 0; i < indices.size(); ++i) {
    int64_t index = wrapIndex(indices.getInteger(i), extent);
    if (index >= 0 && index < extent)
      join(op.getKind(), result, to[i] + index * stride, operands[2], i);
  }
  return result.withType(op.getY().getType());
}

static FailureOr<Tensor> evaluateScatterND(ScatterNDOp op, Operands operands) {
  const Tensor &indices = operands[1];
  Tensor result(operands[0].getType(), operands[0].bytes());
  int64_t length = indices.getShape().back();
  SmallVector<int64_t> strides = getStrides(result.getShape());
  int64_t slice = countElements(result.getShape().drop_front(length));
  for (int64_t t = 0; t < indices.size() / length; ++t) {
    int64_t base = 0;
    bool inside = true;
    for (int64_t d = 0; d < length; ++d) {
      int64_t extent = result.getShape()[d];
      int64_t index = wrapIndex(indices.getInteger(t * length + d), extent);
      inside &= index >= 0 && index < extent;
      base += inside ? index * strides[d] : 0;
    }
    for (int64_t i = 0; inside && i < slice; ++i)
      join(op.getKind(), result, base + i, operands[2], t * slice + i);
  }
  return result.withType(op.getY().getType());
}

static FailureOr<Tensor> evaluateOneHot(OneHotOp op, Operands operands) {
  const Tensor &indices = operands[0], &values = operands[1];
  auto type = op.getY().getType();
  Lines lines(type.getShape(), op.getAxis());
  IndexList from(type.getNumElements(), 0);
  for (int64_t line = 0; line < lines.count(); ++line) {
    int64_t index = wrapIndex(indices.getInteger(line), lines.extent);
    if (index >= 0 && index < lines.extent)
      from[lines.at(line, index)] = 1;
  }
  return takeElements(values, type, from);
}

static FailureOr<Tensor> evaluateCumulativeSum(CumulativeSumOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  Lines lines(x.getShape(), op.getAxis());
  bool real = isa<FloatType>(x.getType().getElementType());
  bool narrow = x.getType().getElementType().isF32();
  for (int64_t line = 0; line < lines.count(); ++line) {
    double sum = 0;
    uint64_t total = 0;
    for (int64_t k = 0; k < lines.extent; ++k) {
      int64_t i = lines.at(line, op.getReverse() ? lines.extent - 1 - k : k);
      double before = sum;
      uint64_t totalBefore = total;
      if (real)
        sum = narrow ? static_cast<float>(sum + x.getDouble(i)) : sum + x.getDouble(i);
      else
        total += static_cast<uint64_t>(x.getInteger(i));
      if (real)
        result.setDouble(i, op.getExclusive() ? before : sum);
      else
        result.setInteger(i, static_cast<int64_t>(op.getExclusive() ? totalBefore : total));
    }
  }
  return result;
}

static FailureOr<Tensor> evaluateReverseSequence(ReverseSequenceOp op, Operands operands) {
  const Tensor &x = operands[0], &lengths = operands[1];
  auto type = op.getY().getType();
  SmallVector<int64_t> strides = getStrides(x.getShape());
  int64_t batch = op.getBatchAxis(), time = op.getTimeAxis();
  int64_t extent = x.getShape()[time];
  IndexList from;
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t b = i / strides[batch] % x.getShape()[batch], t = i / strides[time] % extent;
    int64_t length = std::clamp<int64_t>(lengths.getInteger(b), 0, extent);
    from.push_back(t < length ? i + (length - 1 - 2 * t) * strides[time] : i);
  }
  return takeElements(x, type, from);
}

static FailureOr<Tensor> evaluateMaxPoolIndices(MaxPoolIndicesOp op, Operands operands) {
  const Tensor &x = operands[0];
  Tensor result(op.getY().getType());
  int64_t spatial = x.getType().getRank() - 2;
  ArrayRef<int64_t> in = x.getShape().drop_front(2), out = result.getShape().drop_front(2);
  int64_t plane = countElements(in), windows = countElements(out),
          taps = countElements(op.getKernel());
  SmallVector<int64_t> outStrides = getStrides(out), tapStrides = getStrides(op.getKernel());
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t base = i / windows * plane, best = -1, place = 0;
    for (int64_t t = 0; t < taps; ++t) {
      int64_t at = 0, turned = 0, step = 1;
      bool inside = true;
      for (int64_t d = 0; d < spatial; ++d) {
        int64_t p = i % windows / outStrides[d] % out[d] * op.getStrides()[d] +
                    t / tapStrides[d] % op.getKernel()[d] * op.getDilations()[d] - op.getPads()[d];
        inside &= p >= 0 && p < in[d];
        at = at * in[d] + p;
        turned += p * step;
        step *= in[d];
      }
      if (!inside || (best >= 0 && !isBetter(x, Extremum::Largest, base + at, best)))
        continue;
      best = base + at;
      place = base + (op.getColumnMajor() ? turned : at);
    }
    result.setInteger(i, place);
  }
  return result;
}

void addIndexEvaluations(EvaluationTable &table) {
  table.add<evaluateArgExtremum>();
  table.add<evaluateTopKIndices>();
  table.add<evaluateSliceOrder>();
  table.add<evaluateGatherElements>();
  table.add<evaluateGatherND>();
  table.add<evaluateScatterElements>();
  table.add<evaluateScatterND>();
  table.add<evaluateOneHot>();
  table.add<evaluateCumulativeSum>();
  table.add<evaluateReverseSequence>();
  table.add<evaluateMaxPoolIndices>();
}

} // namespace octet::reference
