// Ops that make indices or go by them. Indices that are constant are checked here,
// computed ones by the kernels.

#include "dialect/IndexOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static Type getElement(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

// Half precision is storage only; each of its values is an f32.
static Value widenHalf(NodeBuilder &build, Value x) {
  return x && getElement(x).isF16() ? build.cast(x, Float32Type::get(x.getContext())) : x;
}

// i32 and i64 as they are, other integers as i64.
static Value toIndices(NodeReader &node, NodeBuilder &build, Value indices) {
  if (!indices)
    return {};
  Type element = getElement(indices);
  if (element.isSignlessInteger(32) || element.isSignlessInteger(64))
    return indices;
  if (!isa<IntegerType>(element) || element.isInteger(1)) {
    node.error() << "expected integers as indices, got " << getElementTypeName(element);
    return {};
  }
  return build.cast(indices, IntegerType::get(node.getContext(), 64));
}

// Reports constant indices outside of `extents`, which repeat.
static void checkIndices(NodeReader &node, Value indices, ArrayRef<int64_t> extents) {
  if (!indices || !getConstantValue(indices))
    return;
  auto tensor = reference::Tensor::fromAttr(getConstantValue(indices),
                                            cast<RankedTensorType>(indices.getType()));
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t extent = extents[i % extents.size()], index = tensor.getInteger(i);
    if (index >= -extent && index < extent)
      continue;
    node.error() << "expected indices of " << -extent << " to " << extent - 1 << ", got " << index;
    return;
  }
}

static Value dropAxis(NodeBuilder &build, Value x, int64_t axis) {
  if (!x)
    return {};
  SmallVector<int64_t> shape(cast<RankedTensorType>(x.getType()).getShape());
  shape.erase(shape.begin() + axis);
  return build.reshape(x, shape);
}

static void importArgExtremum(NodeReader &node, NodeBuilder &build, Extremum which) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 0), type.getRank());
  bool keep = node.flag("keepdims", true), last = node.flag("select_last_index", false);
  if (!axis || node.failed())
    return;
  Value y = build.create<ArgExtremumOp>(which, widenHalf(build, node.input(0)), *axis, last);
  build.setResult(keep ? y : dropAxis(build, y, *axis));
}
void importArgMax(NodeReader &node, NodeBuilder &build) {
  importArgExtremum(node, build, Extremum::Largest);
}
void importArgMin(NodeReader &node, NodeBuilder &build) {
  importArgExtremum(node, build, Extremum::Smallest);
}

// `sorted` 0 leaves the order open; the sorted one is as good as any.
void importTopK(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", -1), type.getRank());
  bool largest = node.flag("largest", true);
  node.flag("sorted", true);
  std::optional<SmallVector<int64_t>> k = SmallVector<int64_t>{node.integer("k", 0)};
  if (!node.has("k"))
    k = node.constantIntegers(1, "k");
  if (!axis || !k || node.failed())
    return;
  if (k->size() != 1) {
    node.error() << "expected one number as k, got " << k->size();
    return;
  }
  Value indices = build.create<TopKIndicesOp>(largest ? Extremum::Largest : Extremum::Smallest,
                                              widenHalf(build, x), k->front(), *axis);
  build.setResults({build.create<GatherElementsOp>(x, indices, *axis), indices});
}

void importGatherElements(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 0), type.getRank());
  Value indices = toIndices(node, build, node.input(1));
  if (!axis || node.failed())
    return;
  checkIndices(node, indices, type.getDimSize(*axis));
  build.setResult(build.create<GatherElementsOp>(node.input(0), indices, *axis));
}

void importGatherND(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0), given = node.inputType(1);
  int64_t batch = node.integer("batch_dims", 0);
  Value indices = toIndices(node, build, node.input(1));
  if (node.failed())
    return;
  int64_t length = given.getRank() ? given.getShape().back() : 0;
  if (batch >= 0 && length >= 1 && batch < type.getRank() && length <= type.getRank() - batch)
    checkIndices(node, indices, type.getShape().slice(batch, length));
  build.setResult(build.create<GatherNDOp>(node.input(0), indices, batch));
}

static std::optional<ScatterKind> readScatterKind(NodeReader &node) {
  StringRef name = node.text("reduction", "none");
  if (name == "none")
    return ScatterKind::Assign;
  if (auto kind = symbolizeScatterKind(name); kind && *kind != ScatterKind::Assign)
    return kind;
  node.error() << "expected the reduction none, add, mul, min or max, got '" << name << "'";
  return std::nullopt;
}

void importScatterElements(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 0), type.getRank());
  auto kind = readScatterKind(node);
  Value indices = toIndices(node, build, node.input(1)), updates = node.input(2);
  if (!axis || !kind || node.failed())
    return;
  checkIndices(node, indices, type.getDimSize(*axis));
  build.setResult(build.create<ScatterElementsOp>(*kind, node.input(0), indices, updates, *axis));
}

void importScatterND(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0), given = node.inputType(1);
  auto kind = readScatterKind(node);
  Value indices = toIndices(node, build, node.input(1)), updates = node.input(2);
  if (!kind || node.failed())
    return;
  int64_t length = given.getRank() ? given.getShape().back() : 0;
  if (length >= 1 && length <= type.getRank())
    checkIndices(node, indices, type.getShape().take_front(length));
  build.setResult(build.create<ScatterNDOp>(*kind, node.input(0), indices, updates));
}

void importOneHot(NodeReader &node, NodeBuilder &build) {
  Value indices = node.input(0), values = node.input(2);
  RankedTensorType type = node.inputType(0);
  auto depth = node.constantNumbers(1, "the depth");
  auto axis = node.axis(node.integer("axis", -1), type.getRank() + 1);
  if (!depth || !axis || node.failed())
    return;
  if (depth->size() != 1 || !(depth->front() >= 1 && depth->front() <= (1 << 24))) {
    node.error() << "expected one depth of 1 to " << (1 << 24) << ", got "
                 << (depth->size() == 1 ? depth->front() : static_cast<float>(depth->size()));
    return;
  }
  // The standard allows indices of any numeric type.
  if (isa<FloatType>(type.getElementType()))
    indices = build.cast(indices, IntegerType::get(node.getContext(), 64));
  indices = toIndices(node, build, indices);
  build.setResult(
      build.create<OneHotOp>(indices, values, static_cast<int64_t>(depth->front()), *axis));
}

void importCumSum(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  auto given = node.constantIntegers(1, "the axis");
  bool exclusive = node.flag("exclusive", false), reverse = node.flag("reverse", false);
  if (!given || node.failed())
    return;
  if (given->size() != 1) {
    node.error() << "expected one axis, got " << given->size();
    return;
  }
  auto axis = node.axis(given->front(), type.getRank());
  if (!axis)
    return;
  bool half = type.getElementType().isF16() || type.getElementType().isBF16();
  if (half)
    x = build.cast(x, Float32Type::get(node.getContext()));
  Value y = build.create<CumulativeSumOp>(x, *axis, exclusive, reverse);
  build.setResult(half ? build.cast(y, type.getElementType()) : y);
}

void importReverseSequence(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto batch = node.axis(node.integer("batch_axis", 1), type.getRank());
  auto time = node.axis(node.integer("time_axis", 0), type.getRank());
  Value lengths = toIndices(node, build, node.input(1));
  if (batch && time && !node.failed())
    build.setResult(build.create<ReverseSequenceOp>(node.input(0), lengths, *batch, *time));
}

} // namespace octet
