// Ops whose result's extents depend on data. What is known at import gets its true extents;
// else the result has room for as many elements as there can be, and the importer
// carries along how many of them are used (frontend/DynamicExtents.h).

#include "dialect/ExtentOps.h"
#include "dialect/IndexOps.h"
#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static RankedTensorType getTensor(Value value) { return cast<RankedTensorType>(value.getType()); }

static Value sliceAxis(NodeBuilder &build, Value x, int64_t axis, int64_t begin, int64_t size) {
  if (!x)
    return {};
  SmallVector<int64_t> sizes(getTensor(x).getShape());
  SmallVector<int64_t> offsets(sizes.size(), 0), steps(sizes.size(), 1);
  if (begin == 0 && sizes[axis] == size)
    return x;
  offsets[axis] = begin;
  sizes[axis] = size;
  return build.create<SliceOp>(x, offsets, sizes, steps);
}

namespace {

/// Indices where a mask [N] is set.
class TrueIndices {
public:
  TrueIndices(NodeBuilder &build, Value mask, int64_t fill) : build(build) {
    if (!mask)
      return;
    int64_t room = getTensor(mask).getNumElements();
    Value list = build.create<TrueIndicesOp>(mask, fill);
    if (!list)
      return;
    count = build.reshape(sliceAxis(build, list, 0, 0, 1), {});
    places = sliceAxis(build, list, 0, 1, room);
    if (count && getConstantValue(count))
      known = reference::Tensor::fromAttr(getConstantValue(count), getTensor(count)).getInteger(0);
  }

  /// [N], filled behind those that are used; null after a failure.
  Value getAllPlaces() const { return places; }
  /// Those that are used, where it is known how many.
  Value getPlaces() const {
    return known && places ? sliceAxis(build, places, 0, 0, *known) : places;
  }
  Value getCount() const { return count; }
  /// `x`, of which as many elements along `axis` are used as there are indices.
  Value limit(Value x, int64_t axis) const {
    if (!x || !count)
      return {};
    if (known)
      return sliceAxis(build, x, axis, 0, *known);
    // An operand may be the result.
    build.getExtents().set(x, {axis, count});
    return x;
  }

private:
  NodeBuilder &build;
  Value places, count;
  std::optional<int64_t> known;
};

} // namespace

static Value flatten(NodeBuilder &build, Value x) {
  return x ? build.reshape(x, {getTensor(x).getNumElements()}) : x;
}

static Value makeIota(NodeBuilder &build, int64_t count) {
  return build.constantIntegers(llvm::to_vector(llvm::seq<int64_t>(0, count)));
}

void importCompress(NodeReader &node, NodeBuilder &build) {
  build.foldLargeConstants();
  Value x = node.input(0), condition = node.input(1);
  RankedTensorType type = node.inputType(0), conditions = node.inputType(1);
  std::optional<int64_t> axis = 0;
  bool flat = !node.has("axis");
  if (!flat)
    axis = node.axis(node.requiredInteger("axis"), type.getRank());
  if (!axis || node.failed())
    return;
  int64_t extent = flat ? type.getNumElements() : type.getDimSize(*axis);
  if (conditions.getRank() != 1 || conditions.getNumElements() > extent ||
      !conditions.getElementType().isInteger(1)) {
    node.error() << "expected at most " << extent << " conditions in one dimension, got "
                 << conditions;
    return;
  }
  if (flat)
    x = flatten(build, x);
  TrueIndices taken(build, condition, 0);
  if (Value places = taken.getPlaces())
    build.setResult(taken.limit(build.create<GatherOp>(x, places, *axis), *axis));
}

void importNonZero(NodeReader &node, NodeBuilder &build) {
  build.foldLargeConstants();
  Composition c(build);
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  if (node.failed())
    return;
  Value mask = type.getElementType().isInteger(1)
                   ? x
                   : c.compare(ComparePredicate::NotEqual, x, c.number(x, 0));
  // A scalar has one element and no dimensions to tell where it is.
  TrueIndices found(build, flatten(build, mask), 0);
  Value places = found.getPlaces();
  if (!places)
    return;
  int64_t room = getTensor(places).getNumElements(), stride = type.getNumElements();
  SmallVector<Value> rows;
  for (int64_t extent : type.getShape()) {
    stride /= std::max<int64_t>(extent, 1);
    Value row = stride > 1 ? c.div(places, static_cast<double>(stride)) : places;
    if (!rows.empty() && row)
      row = build.create<ModOp>(row, c.number(row, static_cast<double>(extent)), ModKind::Floor);
    if (!row)
      return;
    rows.push_back(build.reshape(row, {1, room}));
  }
  if (rows.empty()) {
    auto none = RankedTensorType::get({0, room}, IntegerType::get(node.getContext(), 64));
    return build.setResult(
        found.limit(build.constant(reference::Tensor(none).toAttr(node.output(0))), 1));
  }
  Value result = rows.size() == 1 ? rows.front() : build.create<ConcatOp>(rows, 0);
  build.setResult(found.limit(result, 1));
}

// Whether slice i + 1 along `axis` differs from slice i; NaN equals NaN.
static Value compareNeighbours(NodeBuilder &build, Value x, int64_t axis) {
  Composition c(build);
  RankedTensorType type = getTensor(x);
  int64_t extent = type.getDimSize(axis);
  Value before = sliceAxis(build, x, axis, 0, extent - 1);
  Value behind = sliceAxis(build, x, axis, 1, extent - 1);
  Value differs = c.compare(ComparePredicate::NotEqual, before, behind);
  if (isa<FloatType>(type.getElementType())) {
    Value a = c.compare(ComparePredicate::Equal, before, before),
          b = c.compare(ComparePredicate::Equal, behind, behind);
    if (a && b && differs)
      differs = build.create<BitwiseOp>(differs, build.create<BitwiseOp>(a, b, BitwiseKind::Or),
                                        BitwiseKind::And);
  }
  SmallVector<int64_t> axes;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (d != axis)
      axes.push_back(d);
  if (axes.empty() || !differs)
    return differs;
  Value number = c.cast(differs, IntegerType::get(build.getBuilder().getContext(), 32));
  Value most = c.reduce(ReduceKind::Max, number, axes, /*keep=*/false);
  return c.compare(ComparePredicate::NotEqual, most, c.number(most, 0));
}

// y[places[i]] = x[i]
static Value putAt(NodeBuilder &build, Value places, Value x) {
  int64_t count = getTensor(x).getNumElements();
  Value zeros = build.constantIntegers(SmallVector<int64_t>(count, 0));
  return zeros ? build.create<ScatterElementsOp>(ScatterKind::Assign, zeros, places, x, 0)
               : Value();
}

// Slices in order, of which those that begin a group of equal ones are taken.
void importUnique(NodeReader &node, NodeBuilder &build) {
  build.foldLargeConstants();
  Composition c(build);
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  bool sorted = node.flag("sorted", true), flat = !node.has("axis");
  std::optional<int64_t> given = 0;
  if (!flat)
    given = node.axis(node.requiredInteger("axis"), type.getRank());
  if (!given || node.failed())
    return;
  int64_t axis = *given;
  if (flat)
    x = flatten(build, x);
  Value compared = x;
  if (x && getTensor(x).getElementType().isF16())
    compared = build.cast(x, Float32Type::get(node.getContext()));
  if (!compared)
    return;
  int64_t extent = getTensor(x).getDimSize(axis);
  if (!build.checkGenerated(extent))
    return;
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value order = build.create<SliceOrderOp>(compared, axis);
  Value isFirst = build.scalar(IntegerType::get(node.getContext(), 1), 1);
  isFirst = c.reshape(isFirst, {1});
  if (extent == 0)
    isFirst = sliceAxis(build, isFirst, 0, 0, 0);
  if (extent > 1 && order) {
    Value differs = compareNeighbours(build, build.create<GatherOp>(compared, order, axis), axis);
    if (differs)
      isFirst = build.create<ConcatOp>(SmallVector<Value>{isFirst, differs}, 0);
  }
  TrueIndices groups(build, isFirst, extent);
  Value first = groups.getAllPlaces();
  if (!first || node.failed())
    return;
  Value end = build.constantIntegers({extent});
  Value next = extent > 1 ? sliceAxis(build, first, 0, 1, extent - 1) : Value();
  next = next ? build.create<ConcatOp>(SmallVector<Value>{next, end}, 0)
              : sliceAxis(build, end, 0, 0, extent);
  Value counts = c.sub(next, first);
  Value indices = build.create<GatherOp>(order, first, 0);
  Value group = build.create<CumulativeSumOp>(c.cast(isFirst, i64), 0, false, false);
  group = c.add(group, -1);
  Value inverse = group ? putAt(build, order, group) : Value();
  if (!sorted && inverse) {
    // By the place of the first member; groups that are none stay behind.
    Value isGroup = c.compare(ComparePredicate::Less, makeIota(build, extent), groups.getCount());
    Value last = c.number(indices, static_cast<double>(extent));
    Value byPlace = c.select(isGroup, indices, last);
    if (!byPlace)
      return;
    Value given = build.create<SliceOrderOp>(byPlace, 0);
    if (!given)
      return;
    indices = build.create<GatherOp>(indices, given, 0);
    counts = build.create<GatherOp>(counts, given, 0);
    Value rank = putAt(build, given, makeIota(build, extent));
    inverse = rank ? build.create<GatherOp>(rank, inverse, 0) : rank;
  }
  if (node.failed())
    return;
  Value unique = build.create<GatherOp>(x, indices, axis);
  build.setResults(
      {groups.limit(unique, axis), groups.limit(indices, 0), inverse, groups.limit(counts, 0)});
}

// A limit of the suppression: one number.
static Value readLimit(NodeReader &node, NodeBuilder &build, unsigned i, Type element,
                       double fallback) {
  if (!node.hasInput(i))
    return build.scalar(element, fallback);
  if (node.inputType(i).getNumElements() == 1)
    return build.cast(node.input(i), element);
  node.error() << "expected one number as each limit, got several";
  return {};
}

void importNonMaxSuppression(NodeReader &node, NodeBuilder &build) {
  build.foldLargeConstants();
  Composition c(build);
  Value boxes = node.input(0), scores = node.input(1);
  RankedTensorType boxType = node.inputType(0), scoreType = node.inputType(1);
  bool centered = node.flag("center_point_box", false);
  Type f32 = Float32Type::get(node.getContext()), i64 = IntegerType::get(node.getContext(), 64);
  ArrayRef<int64_t> b = boxType.getShape(), s = scoreType.getShape();
  bool fits = b.size() == 3 && s.size() == 3 && b[2] == 4 && b[0] == s[0] && b[1] == s[2];
  if (!node.failed() &&
      (!fits || !boxType.getElementType().isF32() || !scoreType.getElementType().isF32())) {
    node.error() << "expected float32 boxes [batch, count, 4] and scores [batch, classes, count], "
                    "got "
                 << boxType << " and " << scoreType;
    return;
  }
  Value most = readLimit(node, build, 2, i64, 0), overlap = readLimit(node, build, 3, f32, 0);
  Value least = node.hasInput(4) ? readLimit(node, build, 4, f32, 0) : Value();
  if (node.failed())
    return;
  int64_t room = b[1];
  if (auto known = getConstantValue(most)) {
    auto limit = reference::Tensor::fromAttr(known, getTensor(most)).getInteger(0);
    room = std::clamp<int64_t>(limit, 0, room);
  }
  Value kept =
      build.create<NonMaxSuppressionOp>(boxes, scores, most, overlap, least, room, centered);
  if (!kept)
    return;
  // [batch, class, box] for each that is kept.
  Value box = flatten(build, kept);
  int64_t classes = std::max<int64_t>(s[1], 1);
  TrueIndices taken(build, c.compare(ComparePredicate::GreaterOrEqual, box, c.number(box, 0)), 0);
  Value place = taken.getPlaces();
  if (!place)
    return;
  room = std::max<int64_t>(room, 1);
  Value batch = c.div(place, static_cast<double>(room * classes));
  Value kind = c.div(place, static_cast<double>(room));
  if (kind)
    kind = build.create<ModOp>(kind, c.number(kind, static_cast<double>(classes)), ModKind::Floor);
  SmallVector<Value> columns{batch, kind, build.create<GatherOp>(box, place, 0)};
  for (Value &column : columns)
    column = c.reshape(column, {getTensor(place).getNumElements(), 1});
  if (!node.failed())
    build.setResult(taken.limit(build.create<ConcatOp>(columns, 1), 0));
}

} // namespace octet
