// Ops whose result's extents depend on data. Every shape is static, so that they are
// for what is known at import: Compress by a constant condition is a gather, the
// others are computed here.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace octet {

using reference::Tensor;

// The value of an input, or nullopt and the reason why it must be known.
static std::optional<Tensor> readKnown(NodeReader &node, unsigned i, StringRef what) {
  Value value = node.input(i);
  if (!value)
    return std::nullopt;
  if (!getConstantValue(value)) {
    node.error() << "expected " << what
                 << " to be constant, since the shape of the result depends on it, got a computed "
                    "tensor";
    return std::nullopt;
  }
  return node.constant(i, what);
}

static Value makeIndices(NodeBuilder &build, NodeReader &node, ArrayRef<int64_t> values,
                         ArrayRef<int64_t> shape) {
  Tensor tensor(RankedTensorType::get(shape, IntegerType::get(node.getContext(), 64)),
                ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                               values.size() * sizeof(int64_t)));
  return build.constant(tensor.toAttr(node.output(0)));
}

void importCompress(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  auto condition = readKnown(node, 1, "the condition");
  std::optional<int64_t> axis = 0;
  bool flat = !node.has("axis");
  if (!flat)
    axis = node.axis(node.requiredInteger("axis"), type.getRank());
  if (!condition || !axis || node.failed())
    return;
  int64_t extent = flat ? type.getNumElements() : type.getDimSize(*axis);
  if (condition->getType().getRank() != 1 || condition->size() > extent) {
    node.error() << "expected at most " << extent << " conditions in one dimension, got "
                 << condition->getType();
    return;
  }
  SmallVector<int64_t> taken;
  for (int64_t i = 0; i < condition->size(); ++i)
    if (condition->getInteger(i))
      taken.push_back(i);
  if (flat)
    x = build.reshape(x, {extent});
  build.setResult(build.create<GatherOp>(
      x, makeIndices(build, node, taken, {static_cast<int64_t>(taken.size())}), *axis));
}

static bool isZero(const Tensor &x, int64_t i) {
  return isa<FloatType>(x.getType().getElementType()) ? x.getDouble(i) == 0 : x.getInteger(i) == 0;
}

void importNonZero(NodeReader &node, NodeBuilder &build) {
  auto x = readKnown(node, 0, "the operand");
  if (!x)
    return;
  SmallVector<int64_t> places;
  for (int64_t i = 0; i < x->size(); ++i)
    if (!isZero(*x, i))
      places.push_back(i);
  // One row for each dimension.
  SmallVector<int64_t> rows;
  int64_t rank = x->getType().getRank(), count = places.size();
  for (int64_t d = 0; d < rank; ++d) {
    int64_t stride = 1;
    for (int64_t extent : x->getShape().drop_front(d + 1))
      stride *= extent;
    for (int64_t place : places)
      rows.push_back(place / stride % x->getShape()[d]);
  }
  if (build.checkGenerated(rows.size()))
    build.setResult(makeIndices(build, node, rows, {rank, count}));
}

namespace {

/// The slices of a tensor along an axis, in an order that sorts equal ones together.
class Slices {
public:
  Slices(const Tensor &x, int64_t axis) : x(x), extent(x.getShape()[axis]) {
    for (int64_t e : x.getShape().take_front(axis))
      outer *= e;
    for (int64_t e : x.getShape().drop_front(axis + 1))
      inner *= e;
  }

  int64_t count() const { return extent; }
  int compare(int64_t i, int64_t j) const {
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t k = 0; k < inner; ++k)
        if (int order = compareElements((o * extent + i) * inner + k, (o * extent + j) * inner + k))
          return order;
    return 0;
  }

private:
  int compareElements(int64_t i, int64_t j) const {
    Type element = x.getType().getElementType();
    if (isa<FloatType>(element)) {
      double a = x.getDouble(i), b = x.getDouble(j);
      if (std::isnan(a) || std::isnan(b))
        return std::isnan(a) - std::isnan(b);
      return (a > b) - (a < b);
    }
    int64_t a = x.getInteger(i), b = x.getInteger(j);
    if (element.isUnsignedInteger())
      return (static_cast<uint64_t>(a) > static_cast<uint64_t>(b)) -
             (static_cast<uint64_t>(a) < static_cast<uint64_t>(b));
    return (a > b) - (a < b);
  }

  const Tensor &x;
  int64_t outer = 1, extent, inner = 1;
};

} // namespace

void importUnique(NodeReader &node, NodeBuilder &build) {
  auto x = readKnown(node, 0, "the operand");
  bool sorted = node.flag("sorted", true), flat = !node.has("axis");
  std::optional<int64_t> axis = 0;
  if (!flat && x)
    axis = node.axis(node.requiredInteger("axis"), x->getType().getRank());
  if (!x || !axis || node.failed())
    return;
  Value operand = node.input(0);
  if (flat) {
    x = x->withType(RankedTensorType::get({x->size()}, x->getType().getElementType()));
    operand = build.reshape(operand, {x->size()});
  }
  Slices slices(*x, *axis);
  std::vector<int64_t> order(slices.count());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t i, int64_t j) {
    int known = slices.compare(i, j);
    return known ? known < 0 : i < j;
  });
  // Groups of equal slices, each begun by its first member.
  SmallVector<int64_t> firsts, counts, groupOf(slices.count());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || slices.compare(order[i - 1], order[i]) != 0) {
      firsts.push_back(order[i]);
      counts.push_back(0);
    }
    groupOf[order[i]] = firsts.size() - 1;
    ++counts.back();
  }
  SmallVector<int64_t> groups = llvm::to_vector(llvm::seq<int64_t>(0, firsts.size()));
  if (!sorted)
    llvm::sort(groups, [&](int64_t a, int64_t b) { return firsts[a] < firsts[b]; });
  SmallVector<int64_t> indices, totals, rank(groups.size()), inverse;
  for (auto [i, group] : llvm::enumerate(groups)) {
    rank[group] = i;
    indices.push_back(firsts[group]);
    totals.push_back(counts[group]);
  }
  for (int64_t group : groupOf)
    inverse.push_back(rank[group]);
  auto make = [&](ArrayRef<int64_t> values) {
    return makeIndices(build, node, values, {static_cast<int64_t>(values.size())});
  };
  Value first = make(indices);
  build.setResults(
      {build.create<GatherOp>(operand, first, *axis), first, make(inverse), make(totals)});
}

namespace {

struct Box {
  float top, left, bottom, right;

  float area() const { return (bottom - top) * (right - left); }
  float overlap(const Box &other) const {
    float height = std::min(bottom, other.bottom) - std::max(top, other.top);
    float width = std::min(right, other.right) - std::max(left, other.left);
    float common = std::max(height, 0.0f) * std::max(width, 0.0f);
    return common > 0 ? common / (area() + other.area() - common) : 0.0f;
  }
};

} // namespace

static Box readBox(const Tensor &boxes, int64_t i, bool centered) {
  float a = boxes.getFloat(4 * i), b = boxes.getFloat(4 * i + 1), c = boxes.getFloat(4 * i + 2),
        d = boxes.getFloat(4 * i + 3);
  if (centered)
    return {b - d / 2, a - c / 2, b + d / 2, a + c / 2};
  return {std::min(a, c), std::min(b, d), std::max(a, c), std::max(b, d)};
}

void importNonMaxSuppression(NodeReader &node, NodeBuilder &build) {
  auto boxes = readKnown(node, 0, "the boxes"), scores = readKnown(node, 1, "the scores");
  bool centered = node.flag("center_point_box", false);
  std::optional<SmallVector<int64_t>> most = SmallVector<int64_t>{0};
  std::optional<SmallVector<float>> overlap = SmallVector<float>{0}, least;
  if (node.hasInput(2))
    most = node.constantIntegers(2, "max_output_boxes_per_class");
  if (node.hasInput(3))
    overlap = node.constantNumbers(3, "iou_threshold");
  if (node.hasInput(4))
    least = node.constantNumbers(4, "score_threshold");
  if (!boxes || !scores || !most || !overlap || node.failed())
    return;
  if (most->size() != 1 || overlap->size() != 1 || (least && least->size() != 1)) {
    node.error() << "expected one number as each limit, got several";
    return;
  }
  ArrayRef<int64_t> b = boxes->getShape(), s = scores->getShape();
  bool fits = b.size() == 3 && s.size() == 3 && b[2] == 4 && b[0] == s[0] && b[1] == s[2];
  if (!fits || !boxes->getType().getElementType().isF32() ||
      !scores->getType().getElementType().isF32()) {
    node.error() << "expected float32 boxes [batch, count, 4] and scores [batch, classes, count], "
                    "got "
                 << boxes->getType() << " and " << scores->getType();
    return;
  }
  int64_t count = b[1];
  SmallVector<int64_t> selected;
  for (int64_t batch = 0; batch < s[0]; ++batch)
    for (int64_t kind = 0; kind < s[1]; ++kind) {
      auto score = [&](int64_t i) { return scores->getFloat((batch * s[1] + kind) * count + i); };
      std::vector<int64_t> order;
      for (int64_t i = 0; i < count; ++i)
        if (!std::isnan(score(i)) && (!least || score(i) > least->front()))
          order.push_back(i);
      llvm::sort(order, [&](int64_t i, int64_t j) {
        return score(i) != score(j) ? score(i) > score(j) : i < j;
      });
      SmallVector<Box> kept;
      for (int64_t i : order) {
        if (static_cast<int64_t>(kept.size()) >= most->front())
          break;
        Box box = readBox(*boxes, batch * count + i, centered);
        if (llvm::any_of(kept, [&](const Box &k) { return k.overlap(box) > overlap->front(); }))
          continue;
        kept.push_back(box);
        selected.append({batch, kind, i});
      }
    }
  build.setResult(
      makeIndices(build, node, selected, {static_cast<int64_t>(selected.size()) / 3, 3}));
}

} // namespace octet
