// Attention as ONNX Runtime's optimizer writes it (com.microsoft): with the projections inside,
// or with their biases. Masks are added, with a finite number where a key is hidden; so a query
// that sees no key has weights by its scores.

#include "frontend/Composition.h"
#include "frontend/importers/Attention.h"

#include "dialect/TransformerOps.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet {

static ArrayRef<int64_t> getShape(Value value) {
  return mlir::cast<RankedTensorType>(value.getType()).getShape();
}

namespace {

/// What both operators are made of.
class PackedAttention {
public:
  PackedAttention(NodeReader &node, NodeBuilder &build) : node(node), build(build), c(build) {
    heads = node.integer("num_heads", 0);
    isCausal = node.flag("unidirectional", false);
    hidden = node.number("mask_filter_value", -10000.0f);
    scale = node.number("scale", 0);
    if (!node.failed() && heads < 1)
      node.error() << "expected num_heads of 1 or more, got " << heads;
  }

  /// `x` [batch, length, heads * size] as [batch, length, heads, size].
  Value splitHeads(Value x) {
    if (!x || node.failed())
      return {};
    ArrayRef<int64_t> shape = getShape(x);
    if (shape.size() == 3 && shape[2] % heads == 0)
      return build.reshape(x, {shape[0], shape[1], heads, shape[2] / heads});
    node.error() << "expected [batch, length, size] with a size that num_heads " << heads
                 << " divides, got " << x.getType();
    return {};
  }

  /// Which keys may be seen, as integers: how many of each image, or which, for all
  /// queries or for each.
  void addKeyMask(Value keys, int64_t batch, int64_t queries, int64_t count) {
    if (!keys)
      return;
    Type element = mlir::cast<RankedTensorType>(keys.getType()).getElementType(),
         i32 = IntegerType::get(node.getContext(), 32);
    ArrayRef<int64_t> shape = getShape(keys);
    if (!element.isSignlessInteger(32)) {
      node.error() << "expected a mask of int32, got " << keys.getType();
      return;
    }
    Value isSeen;
    if (shape == ArrayRef<int64_t>{batch}) {
      if (!build.checkShape({count}) || !build.checkGenerated(count))
        return;
      reference::Tensor numbers(RankedTensorType::get({count}, i32));
      for (int64_t i = 0; i < count; ++i)
        numbers.setInteger(i, i);
      isSeen = c.compare(ComparePredicate::Less, build.constant(numbers.toAttr("keys")),
                         build.reshape(keys, {batch, 1, 1, 1}));
    } else if (shape == ArrayRef<int64_t>{batch, count} ||
               shape == ArrayRef<int64_t>{batch, queries, count}) {
      Value each = build.reshape(keys, {batch, 1, shape.size() == 2 ? 1 : queries, count});
      isSeen = c.compare(ComparePredicate::Greater, each, build.scalar(i32, 0));
    } else {
      node.error() << "expected a mask of [" << batch << "], [" << batch << ", " << count
                   << "] or [" << batch << ", " << queries << ", " << count << "], got "
                   << keys.getType();
      return;
    }
    Type f32 = Float32Type::get(node.getContext());
    addMask(c.select(isSeen, build.scalar(f32, 0), build.scalar(f32, hidden)));
  }
  void addMask(Value other) { mask = mask && other ? c.add(mask, other) : other ? other : mask; }

  /// The result for operands [batch, length, heads, size].
  void finish(Value q, Value k, Value v) {
    if (node.failed() || !q || !k || !v)
      return;
    ArrayRef<int64_t> qs = getShape(q), ks = getShape(k), vs = getShape(v);
    if (isCausal)
      addMask(makeCausalMask(node, build, qs[1], ks[1], std::numeric_limits<float>::lowest()));
    for (unsigned i = 1; i < node.getNumOutputs(); ++i)
      if (!node.output(i).empty())
        node.error() << "expected one output, got '" << node.output(i) << "'";
    if (node.failed())
      return;
    if (scale == 0)
      scale = 1 / std::sqrt(static_cast<float>(qs[3]));
    Value y = build.create<AttentionOp>(q, k, v, mask, llvm::APFloat(scale));
    build.setResult(c.reshape(y, {qs[0], qs[1], heads * vs[3]}));
  }

  int64_t heads;

private:
  NodeReader &node;
  NodeBuilder &build;
  Composition c;
  Value mask;
  bool isCausal;
  float hidden, scale;
};

} // namespace

static void refuseInputs(NodeReader &node, ArrayRef<unsigned> numbers, StringRef what) {
  for (unsigned i : numbers)
    if (node.hasInput(i))
      node.error() << "expected no " << what;
}

// Inputs: x, weights, bias, mask, past, what is added to scores, past length.
void importPackedAttention(NodeReader &node, NodeBuilder &build) {
  PackedAttention attention(node, build);
  Composition c(build);
  Value x = node.input(0), weights = node.input(1), bias = node.optionalInput(2);
  refuseInputs(node, {4, 6}, "past keys and values");
  node.expectInteger("do_rotary", 0);
  node.expectInteger("past_present_share_buffer", 0);
  SmallVector<int64_t> sizes = node.integers("qkv_hidden_sizes");
  if (node.failed())
    return;
  if (getShape(x).size() != 3 || getShape(weights).size() != 2) {
    node.error() << "expected [batch, length, size] and a matrix, got " << x.getType() << " and "
                 << weights.getType();
    return;
  }
  int64_t batch = getShape(x)[0], length = getShape(x)[1], columns = getShape(weights)[1];
  if (sizes.empty())
    sizes.assign(3, columns / 3);
  // Compared before they are summed.
  bool isDivided = sizes.size() == 3 &&
                   llvm::all_of(sizes, [&](int64_t size) { return size > 0 && size <= columns; });
  if (!isDivided || sizes[0] + sizes[1] + sizes[2] != columns) {
    node.error() << "expected three sizes that sum up to " << columns << ", got [" << sizes << "]";
    return;
  }
  Value joined = build.create<MatMulOp>(x, weights, Value());
  if (bias)
    joined = c.add(joined, bias);
  Value q = sliceLast(build, joined, 0, sizes[0]), k = sliceLast(build, joined, sizes[0], sizes[1]),
        v = sliceLast(build, joined, sizes[0] + sizes[1], sizes[2]);
  attention.addKeyMask(node.optionalInput(3), batch, length, length);
  attention.addMask(node.optionalInput(5));
  attention.finish(attention.splitHeads(q), attention.splitHeads(k), attention.splitHeads(v));
}

// Inputs: queries, keys, values, their biases as one, mask, what is added to scores.
void importMultiHeadAttention(NodeReader &node, NodeBuilder &build) {
  PackedAttention attention(node, build);
  Composition c(build);
  Value q = node.input(0), k = node.input(1), v = node.input(2), bias = node.optionalInput(3);
  refuseInputs(node, {6, 7, 8, 9}, "past keys and values");
  if (node.failed())
    return;
  // Keys and values may come as [batch, heads, length, size], which have no bias.
  bool areSplit = getShape(k).size() == 4 && getShape(v).size() == 4;
  if (bias && !areSplit) {
    auto getSize = [](Value value) { return getShape(value).empty() ? 0 : getShape(value).back(); };
    int64_t total = getSize(q) + getSize(k) + getSize(v);
    if (getShape(bias) != ArrayRef<int64_t>{total}) {
      node.error() << "expected a bias of [" << total << "], got " << bias.getType();
      return;
    }
    int64_t sizeQ = getSize(q), sizeK = getSize(k), sizeV = getSize(v);
    q = c.add(q, sliceLast(build, bias, 0, sizeQ));
    k = c.add(k, sliceLast(build, bias, sizeQ, sizeK));
    v = c.add(v, sliceLast(build, bias, sizeQ + sizeK, sizeV));
  } else if (bias) {
    node.error() << "expected no bias beside keys and values of four dimensions";
    return;
  }
  q = attention.splitHeads(q);
  k = areSplit ? build.transpose(k, {0, 2, 1, 3}) : attention.splitHeads(k);
  v = areSplit ? build.transpose(v, {0, 2, 1, 3}) : attention.splitHeads(v);
  if (!q || !k || !v)
    return;
  attention.addKeyMask(node.optionalInput(4), getShape(q)[0], getShape(q)[1], getShape(k)[1]);
  attention.addMask(node.optionalInput(5));
  attention.finish(q, k, v);
}

} // namespace octet
