// What operators meant before opset 7: operands broadcast only if an attribute asks for it,
// from an axis on that another one names, and inference is a flag. Each is brought into the
// form of opset 7 and given to that handler.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

// Dimensions of the second operand are those of the first from `axis` on, the last ones
// without it.
static void alignOperand(NodeReader &node, NodeBuilder &build) {
  Value a = node.input(0), b = node.input(1);
  bool broadcasts = node.flag("broadcast", false);
  node.integers("consumed_inputs");
  if (node.failed())
    return;
  ArrayRef<int64_t> left = getShape(a), right = getShape(b);
  int64_t rank = left.size(), inner = right.size();
  int64_t axis = node.integer("axis", rank - inner);
  if (!broadcasts && left != right) {
    node.error() << "expected operands of one shape without 'broadcast', got " << a.getType()
                 << " and " << b.getType();
    return;
  }
  if (axis < 0)
    axis += rank;
  if (axis < 0 || axis + inner > rank) {
    node.error() << "expected the second operand to fit behind axis " << axis
                 << " of the first, got " << a.getType() << " and " << b.getType();
    return;
  }
  SmallVector<int64_t> shape(right);
  shape.append(rank - axis - inner, 1);
  node.replaceInputs({a, build.reshape(b, shape)});
}

#define ALIGNED(NAME, CURRENT)                                                                     \
  void NAME(NodeReader &node, NodeBuilder &build) {                                                \
    alignOperand(node, build);                                                                     \
    if (!node.failed())                                                                            \
      CURRENT(node, build);                                                                        \
  }

ALIGNED(importAlignedAdd, importAdd)
ALIGNED(importAlignedAnd, importAnd)
ALIGNED(importAlignedDiv, importDiv)
ALIGNED(importAlignedEqual, importEqual)
ALIGNED(importAlignedGreater, importGreater)
ALIGNED(importAlignedLess, importLess)
ALIGNED(importAlignedMul, importMul)
ALIGNED(importAlignedOr, importOr)
ALIGNED(importAlignedPow, importPow)
ALIGNED(importAlignedSub, importSub)
ALIGNED(importAlignedXor, importXor)

#undef ALIGNED

void importFlaggedGemm(NodeReader &node, NodeBuilder &build) {
  RankedTensorType a = node.inputType(0), b = node.inputType(1), c = node.inputType(2);
  bool broadcasts = node.flag("broadcast", false);
  if (!node.failed() && !broadcasts && a.getRank() == 2 && b.getRank() == 2) {
    int64_t shape[] = {a.getDimSize(node.flag("transA", false)),
                       b.getDimSize(!node.flag("transB", false))};
    if (c.getShape() != ArrayRef<int64_t>(shape))
      node.error() << "expected C of shape " << printShape(shape) << " without 'broadcast', got "
                   << c;
  }
  if (!node.failed())
    importGemm(node, build);
}

// A slope for each channel, or one for all.
void importChannelPRelu(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), slope = node.input(1);
  node.integers("consumed_inputs");
  if (node.failed())
    return;
  ArrayRef<int64_t> shape = getShape(x);
  int64_t slopes = cast<RankedTensorType>(slope.getType()).getNumElements();
  if (slopes != 1 && (shape.size() < 2 || slopes != shape[1])) {
    node.error() << "expected a slope for each channel or one for all, got " << slope.getType()
                 << " for " << x.getType();
    return;
  }
  SmallVector<int64_t> channels(slopes == 1 ? 0 : shape.size() - 1, 1);
  if (slopes != 1)
    channels[0] = slopes;
  node.replaceInputs({x, build.reshape(slope, channels)});
  importPRelu(node, build);
}

void importFlaggedBatchNormalization(NodeReader &node, NodeBuilder &build) {
  if (!node.flag("is_test", false))
    node.error() << "expected attribute 'is_test' to be 1, got 0, which is not supported";
  node.integers("consumed_inputs");
  if (!node.failed())
    importBatchNormalization(node, build);
}

void importFlaggedDropout(NodeReader &node, NodeBuilder &build) {
  if (!node.flag("is_test", false))
    node.error() << "expected attribute 'is_test' to be 1, got 0, which is not supported";
  node.integers("consumed_inputs");
  if (!node.failed())
    importDropout(node, build);
}

} // namespace octet
