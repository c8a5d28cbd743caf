// Attention, rotary positions, and normalization of a sum, as ops or sequences of ops that passes
// know.

#include "frontend/importers/Attention.h"
#include "frontend/Composition.h"

#include "dialect/TransformerOps.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet {

static RankedTensorType getType(Value value) {
  return mlir::cast<RankedTensorType>(value.getType());
}

static Type getF32(NodeReader &node) { return Float32Type::get(node.getContext()); }

/// `x` as [batch, length, heads, size] in f32: from three dimensions by the number of heads,
/// from four by a transpose. Null after a report.
static Value splitHeads(NodeReader &node, NodeBuilder &build, Value x, StringRef attribute) {
  int64_t heads = node.integer(attribute, 0);
  if (node.failed() || !x)
    return {};
  ArrayRef<int64_t> shape = getType(x).getShape();
  Value real = build.cast(x, getF32(node));
  if (shape.size() == 4) {
    if (heads != 0 && heads != shape[1])
      return node.error() << "expected " << attribute << " " << shape[1] << ", got " << heads,
             Value();
    return build.transpose(real, {0, 2, 1, 3});
  }
  if (shape.size() != 3)
    return node.error() << "expected three or four dimensions, got " << x.getType(), Value();
  if (heads < 1 || shape[2] % heads != 0)
    return node.error() << "expected " << attribute << " that divides " << shape[2] << ", got "
                        << heads,
           Value();
  return build.reshape(real, {shape[0], shape[1], heads, shape[2] / heads});
}

Value makeCausalMask(NodeReader &node, NodeBuilder &build, int64_t queries, int64_t keys,
                     float hidden) {
  if (!build.checkShape({queries, keys}) || !build.checkGenerated(queries * keys))
    return {};
  reference::Tensor mask(RankedTensorType::get({queries, keys}, getF32(node)));
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = i + 1; j < keys; ++j)
      mask.setFloat(i * keys + j, hidden);
  return build.constant(mask.toAttr("causal mask"));
}

// Without a cache, and with one output.
void importAttention(NodeReader &node, NodeBuilder &build) {
  constexpr int64_t kFloat = onnx::TensorProto::FLOAT;
  Value x = node.input(0);
  Value q = splitHeads(node, build, x, "q_num_heads"),
        k = splitHeads(node, build, node.input(1), "kv_num_heads"),
        v = splitHeads(node, build, node.input(2), "kv_num_heads");
  Value given = node.optionalInput(3);
  bool isCausal = node.flag("is_causal", false);
  bool hasScale = node.has("scale");
  float scale = node.number("scale", 1);
  if (float softcap = node.number("softcap", 0); softcap != 0)
    node.error() << "expected softcap 0, got " << softcap;
  if (int64_t precision = node.integer("softmax_precision", kFloat); precision != kFloat)
    node.error() << "expected softmax_precision " << kFloat << ", got " << precision;
  node.expectInteger("qk_matmul_output_mode", 0);
  for (unsigned i = 4; i < node.getNumInputs(); ++i)
    if (node.hasInput(i))
      node.error() << "expected no past keys and values";
  for (unsigned i = 1; i < node.getNumOutputs(); ++i)
    if (!node.output(i).empty())
      node.error() << "expected one output, got '" << node.output(i) << "'";
  if (node.failed() || !q || !k || !v)
    return;
  Composition c(build);
  if (!hasScale)
    scale = 1 / std::sqrt(static_cast<float>(getType(q).getDimSize(3)));
  Value mask;
  if (given && getElementTypeOrSelf(given.getType()).isInteger(1)) {
    Value none = build.scalar(getF32(node), 0),
          all = build.scalar(getF32(node), -std::numeric_limits<double>::infinity());
    mask = c.select(given, none, all);
  } else if (given) {
    mask = c.cast(given, getF32(node));
  }
  if (isCausal) {
    Value causal = makeCausalMask(node, build, getType(q).getDimSize(1), getType(k).getDimSize(1),
                                  -std::numeric_limits<float>::infinity());
    mask = mask ? c.add(mask, causal) : causal;
  }
  if (node.failed())
    return;
  Value y = build.create<AttentionOp>(q, k, v, mask, llvm::APFloat(scale));
  if (!y)
    return;
  ArrayRef<int64_t> shape = getType(y).getShape();
  y = getType(x).getRank() == 4 ? build.transpose(y, {0, 2, 1, 3})
                                : build.reshape(y, {shape[0], shape[1], shape[2] * shape[3]});
  build.setResult(c.cast(y, getType(x).getElementType()));
}

Value sliceLast(NodeBuilder &build, Value x, int64_t first, int64_t count) {
  if (!x)
    return {};
  SmallVector<int64_t> sizes(getType(x).getShape()), offsets(sizes.size(), 0),
      steps(sizes.size(), 1);
  offsets.back() = first;
  sizes.back() = count;
  return build.create<SliceOp>(x, offsets, sizes, steps);
}

// Pairs of numbers turn by an angle: halves apart, or side by side.
void importRotaryEmbedding(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0), cosines = node.input(1), sines = node.input(2);
  Value positions = node.optionalInput(3);
  bool isInterleaved = node.flag("interleaved", false);
  int64_t rotated = node.integer("rotary_embedding_dim", 0);
  Value heads = splitHeads(node, build, x, "num_heads"); // [batch, length, heads, size]
  if (node.failed() || !heads)
    return;
  Composition c(build);
  SmallVector<int64_t> shape(getType(heads).getShape());
  int64_t size = shape[3];
  rotated = rotated == 0 ? size : rotated;
  if (rotated < 2 || rotated > size || rotated % 2 != 0) {
    node.error() << "expected an even rotary_embedding_dim of 2 to " << size << ", got " << rotated;
    return;
  }
  int64_t half = rotated / 2;
  auto getAngles = [&](Value cache) -> Value {
    Value angles = c.cast(cache, getF32(node));
    if (positions && angles)
      angles = build.create<GatherOp>(angles, positions, 0);
    if (!angles || getType(angles).getShape() != ArrayRef<int64_t>{shape[0], shape[1], half}) {
      if (angles)
        node.error() << "expected cosines and sines for [" << shape[0] << ", " << shape[1] << ", "
                     << half << "], got " << angles.getType();
      return {};
    }
    return build.reshape(angles, {shape[0], shape[1], 1, half});
  };
  Value cosine = getAngles(cosines), sine = getAngles(sines);
  Value turning = rotated == size ? heads : sliceLast(build, heads, 0, rotated);
  Value a, b;
  SmallVector<int64_t> part{shape[0], shape[1], shape[2], half};
  if (isInterleaved && turning) {
    Value pairs = build.reshape(turning, {shape[0], shape[1], shape[2], half, 2});
    a = c.reshape(sliceLast(build, pairs, 0, 1), part);
    b = c.reshape(sliceLast(build, pairs, 1, 1), part);
  } else {
    a = sliceLast(build, turning, 0, half);
    b = sliceLast(build, turning, half, half);
  }
  Value real = c.sub(c.mul(a, cosine), c.mul(b, sine)),
        imaginary = c.add(c.mul(a, sine), c.mul(b, cosine));
  if (node.failed() || !real || !imaginary)
    return;
  Value y;
  if (isInterleaved) {
    part.push_back(1);
    SmallVector<Value> pair{c.reshape(real, part), c.reshape(imaginary, part)};
    y = c.reshape(build.create<ConcatOp>(ValueRange(pair), 4),
                  {shape[0], shape[1], shape[2], rotated});
  } else {
    SmallVector<Value> pair{real, imaginary};
    y = build.create<ConcatOp>(ValueRange(pair), 3);
  }
  if (rotated < size) {
    SmallVector<Value> parts{y, sliceLast(build, heads, rotated, size - rotated)};
    y = build.create<ConcatOp>(ValueRange(parts), 3);
  }
  if (getType(x).getRank() == 4 && y)
    y = build.transpose(y, {0, 2, 1, 3});
  y = c.reshape(y, getType(x).getShape());
  build.setResult(c.cast(y, getType(x).getElementType()));
}

// norm(x + skip + bias) * scale + shift; output 3 is the sum.
template <typename NormOp>
static void importSkipNorm(NodeReader &node, NodeBuilder &build, bool hasShift) {
  Value x = node.input(0), skip = node.input(1), scale = node.input(2);
  Value shift = hasShift ? node.optionalInput(3) : Value();
  Value bias = node.optionalInput(hasShift ? 4 : 3);
  float epsilon = node.number("epsilon", 1e-12f);
  if (node.failed())
    return;
  Composition c(build);
  Type element = getType(x).getElementType(), f32 = getF32(node);
  Value sum = c.add(c.cast(x, f32), c.cast(skip, f32));
  if (bias)
    sum = c.add(sum, c.cast(bias, f32));
  if (!sum)
    return;
  Value y = build.create<NormOp>(sum, llvm::APFloat(epsilon));
  y = c.mul(y, c.cast(scale, f32));
  if (shift)
    y = c.add(y, c.cast(shift, f32));
  SmallVector<Value> results{c.cast(y, element)};
  if (node.getNumOutputs() > 3)
    results.append({Value(), Value(), c.cast(sum, element)});
  build.setResults(results);
}

void importSkipLayerNormalization(NodeReader &node, NodeBuilder &build) {
  importSkipNorm<LayerNormOp>(node, build, /*hasShift=*/true);
}
void importSkipSimplifiedLayerNormalization(NodeReader &node, NodeBuilder &build) {
  importSkipNorm<RmsNormOp>(node, build, /*hasShift=*/false);
}

} // namespace octet
