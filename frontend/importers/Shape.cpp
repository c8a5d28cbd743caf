// Ops that give the same elements another shape.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

void importReshape(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto shape = node.constantIntegers(1, "the shape");
  bool zeroIsZero = node.flag("allowzero", false);
  if (!shape || node.failed())
    return;
  SmallVector<int64_t> given(*shape);
  int64_t known = 1, wildcard = -1;
  bool overflow = false;
  for (auto [i, extent] : llvm::enumerate(*shape)) {
    if (extent == 0 && !zeroIsZero) {
      if (static_cast<int64_t>(i) >= type.getRank()) {
        node.error() << "expected zeros of the shape at dimensions of " << type << ", got "
                     << printShape(given);
        return;
      }
      extent = type.getDimSize(i);
    }
    if (extent == -1) {
      if (wildcard >= 0) {
        node.error() << "expected at most one -1 in the shape, got " << printShape(given);
        return;
      }
      wildcard = i;
    } else {
      overflow |= extent < 0 || llvm::MulOverflow(known, extent, known);
    }
  }
  if (wildcard >= 0 && !overflow && known > 0 && type.getNumElements() % known == 0)
    (*shape)[wildcard] = type.getNumElements() / known;
  else if (wildcard >= 0 || overflow) {
    node.error() << "expected a shape for " << type.getNumElements() << " elements, got "
                 << printShape(given);
    return;
  }
  build.setResult(build.reshape(node.input(0), *shape));
}

void importFlatten(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  int64_t axis = node.integer("axis", 1), rank = type.getRank();
  if (axis < -rank || axis > rank) {
    node.error() << "expected an axis of " << -rank << " to " << rank << ", got " << axis;
    return;
  }
  if (axis < 0)
    axis += rank;
  auto product = [](ArrayRef<int64_t> shape) {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    return count;
  };
  if (!node.failed())
    build.setResult(build.reshape(node.input(0), {product(type.getShape().take_front(axis)),
                                                  product(type.getShape().drop_front(axis))}));
}

// Axes are an attribute up to opset 12, an input since.
static std::optional<SmallVector<int64_t>> readAxes(NodeReader &node) {
  if (node.hasInput(1))
    return node.constantIntegers(1, "the axes");
  return node.integers("axes");
}

void importSqueeze(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  bool all = !node.hasInput(1) && !node.has("axes");
  auto given = readAxes(node);
  auto axes = given ? node.axes(*given, type.getRank()) : given;
  if (!axes || node.failed())
    return;
  SmallVector<int64_t> shape;
  for (auto [i, extent] : llvm::enumerate(type.getShape())) {
    bool listed = llvm::is_contained(*axes, static_cast<int64_t>(i));
    if (listed && extent != 1) {
      node.error() << "expected extent 1 at axis " << i << ", got " << extent;
      return;
    }
    if (!listed && !(all && extent == 1))
      shape.push_back(extent);
  }
  build.setResult(build.reshape(node.input(0), shape));
}

void importUnsqueeze(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto given = readAxes(node);
  if (!given || node.failed())
    return;
  int64_t rank = type.getRank() + given->size();
  if (!build.checkShape(SmallVector<int64_t>(rank, 1)))
    return;
  auto axes = node.axes(*given, rank);
  if (!axes)
    return;
  SmallVector<int64_t> shape;
  ArrayRef<int64_t> rest = type.getShape();
  for (int64_t i = 0; i < rank; ++i) {
    if (llvm::is_contained(*axes, i)) {
      shape.push_back(1);
    } else {
      shape.push_back(rest.front());
      rest = rest.drop_front();
    }
  }
  if (build.checkShape(shape))
    build.setResult(build.reshape(node.input(0), shape));
}

void importExpand(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto shape = node.constantIntegers(1, "the shape");
  if (!shape || node.failed() || !build.checkShape(*shape))
    return;
  // The shape may have extents of 1 where the operand has more.
  auto result = broadcastShapes(type.getShape(), *shape);
  if (!result) {
    node.error() << "expected a shape that broadcasts with " << type << ", got "
                 << printShape(*shape);
    return;
  }
  if (ArrayRef<int64_t>(*result) == type.getShape())
    return build.setResult(node.input(0));
  build.setResult(build.create<ExpandOp>(node.input(0), *result));
}

// Along one axis after the other: a new dimension in front of it repeats what follows.
void importTile(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  auto repeats = node.constantIntegers(1, "the repeats");
  if (!x || !repeats)
    return;
  auto type = cast<RankedTensorType>(x.getType());
  if (static_cast<int64_t>(repeats->size()) != type.getRank()) {
    node.error() << "expected " << type.getRank() << " repeats, got " << repeats->size();
    return;
  }
  SmallVector<int64_t> shape(type.getShape());
  for (auto [axis, count] : llvm::enumerate(*repeats)) {
    if (count < 0) {
      node.error() << "expected repeats of 0 and more, got " << count;
      return;
    }
    if (count == 1)
      continue;
    int64_t outer = 1, inner = 1;
    for (auto [d, extent] : llvm::enumerate(shape))
      (d < axis ? outer : inner) *= extent;
    Value line = build.reshape(x, {outer, 1, inner});
    x = line ? build.create<ExpandOp>(line, ArrayRef<int64_t>{outer, count, inner}) : Value();
    if (!x)
      return;
    shape[axis] *= count;
    x = build.reshape(x, shape);
  }
  build.setResult(x);
}

} // namespace octet
