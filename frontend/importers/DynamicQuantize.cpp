// Models that quantize while they run: DynamicQuantizeLinear finds scale and zero point of a
// tensor, MatMulInteger and ConvInteger multiply its integers. Integers become those of a type
// of scale 1 and zero point 0, that is numbers of 0 to 255; what was multiplied too much
// because the zero point is not known before is subtracted: for each column, the zero point
// times the sum of its weights. Sums stand as f32, into which models cast them anyway.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"

using namespace mlir;

namespace octet {

static quant::UniformQuantizedType getNumberedBytes(MLIRContext *context, bool isSigned) {
  return getNumberedType(context, isSigned, 8);
}

void importDynamicQuantizeLinear(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  if (node.failed())
    return;
  MLIRContext *context = node.getContext();
  Type f32 = Float32Type::get(context);
  // A tensor of zeros has a scale, too.
  constexpr double kSmallest = 0x1p-100;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  Value zero = build.scalar(f32, 0), steps = build.scalar(f32, 255);
  Value low = build.create<MinOp>(build.create<ReduceOp>(x, ReduceKind::Min, axes, false), zero);
  Value high = build.create<MaxOp>(build.create<ReduceOp>(x, ReduceKind::Max, axes, false), zero);
  Value scale = build.create<DivOp>(build.create<SubOp>(high, low), steps);
  scale = build.create<MaxOp>(scale, build.scalar(f32, kSmallest));
  Value zeroPoint = build.create<NegOp>(build.create<DivOp>(low, scale));
  zeroPoint =
      build.create<RoundOp>(build.create<ClipOp>(zeroPoint, APFloat(0.0f), APFloat(255.0f)));
  Value numbers = build.create<RoundOp>(build.create<DivOp>(x, scale));
  numbers = build.create<AddOp>(numbers, zeroPoint);
  Value q = build.quantize(numbers, getNumberedBytes(context, /*isSigned=*/false));
  build.setResults(
      {q, scale, build.cast(zeroPoint, IntegerType::get(context, 8, IntegerType::Unsigned))});
}

// Integers as f32. What this file has made of f32 is taken from there.
static Value toReal(NodeBuilder &build, Value x) {
  if (auto cast = x.getDefiningOp<CastOp>();
      cast && cast.getX().getType().getElementType().isF32() &&
      llvm::is_contained({"DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"},
                         getNodeType(cast.getLoc())))
    return cast.getX();
  return build.cast(x, Float32Type::get(x.getContext()));
}

void importCastOfSum(NodeBuilder &build, Value x, Type element) {
  build.setResult(element.isF32() ? toReal(build, x) : build.cast(x, element));
}

// The numbers of an activation behind a border, so that contractions take them as bytes.
static Value readNumbers(NodeReader &node, NodeBuilder &build, unsigned input) {
  RankedTensorType type = node.inputType(input);
  Value x = node.input(input);
  if (node.failed())
    return {};
  if (quant::QuantizedType stored = getQuantizedType(x)) {
    if (stored == getNumberedBytes(node.getContext(), /*isSigned=*/false))
      return build.dequantize(x);
    x = createNumbers(build.getBuilder(), node.getLoc(), x);
  }
  Type element = cast<RankedTensorType>(x.getType()).getElementType();
  if (!element.isInteger(8) && !element.isUnsignedInteger(8)) {
    node.error() << "expected integers of int8 or uint8, got " << type;
    return {};
  }
  Value real = build.cast(x, Float32Type::get(node.getContext()));
  return build.dequantize(
      build.quantize(real, getNumberedBytes(node.getContext(), element.isSignlessInteger())));
}

// Constant weights less their zero points (one, or one along `axis`): numbers of scale 1.
static Value readWeights(NodeReader &node, NodeBuilder &build, unsigned input, unsigned zeroPoint,
                         int64_t axis, reference::Tensor &numbers) {
  RankedTensorType type = node.inputType(input);
  Value x = node.input(input);
  if (node.failed())
    return {};
  ElementsAttr constant = getConstantValue(x);
  Type element = type.getElementType();
  if (!constant || (!element.isInteger(8) && !element.isUnsignedInteger(8)) ||
      axis >= type.getRank()) {
    node.error() << "expected constant weights of int8 or uint8, got " << type;
    return {};
  }
  bool isSigned = !element.isUnsignedInteger();
  SmallVector<int64_t> zeros(1, 0);
  if (node.hasInput(zeroPoint)) {
    auto given = node.constantNumbers(zeroPoint, "the zero point of the weights");
    if (!given)
      return {};
    zeros.assign(given->begin(), given->end());
    if (zeros.size() != 1 && static_cast<int64_t>(zeros.size()) != type.getDimSize(axis)) {
      node.error() << "expected 1 or " << type.getDimSize(axis) << " zero points of weights, got "
                   << zeros.size();
      return {};
    }
  }
  unsigned flags = isSigned ? quant::QuantizationFlags::Signed : 0;
  Type storage = IntegerType::get(node.getContext(), 8), f32 = Float32Type::get(node.getContext());
  int64_t low = isSigned ? -128 : 0, high = isSigned ? 127 : 255;
  Type stored;
  if (zeros.size() == 1)
    stored = quant::UniformQuantizedType::get(flags, storage, f32, 1, zeros[0], low, high);
  else
    stored = quant::UniformQuantizedPerAxisType::get(
        flags, storage, f32, SmallVector<double>(zeros.size(), 1), zeros, axis, low, high);
  reference::Tensor integers = reference::Tensor::fromAttr(constant, type);
  numbers = reference::Tensor(RankedTensorType::get(type.getShape(), f32));
  int64_t inner = 1;
  for (int64_t extent : type.getShape().drop_front(axis + 1))
    inner *= extent;
  for (int64_t i = 0; i < numbers.size(); ++i)
    numbers.setFloat(i, static_cast<float>(integers.getInteger(i) -
                                           zeros[i / inner % static_cast<int64_t>(zeros.size())]));
  return build.dequantize(
      build.storedConstant(integers.withType(RankedTensorType::get(type.getShape(), stored))));
}

// sum - zeroPoint * weightSums, as i32 for the model.
static void setSum(NodeReader &node, NodeBuilder &build, Value sum, Value zeroPoint,
                   const reference::Tensor &weightSums) {
  if (zeroPoint) {
    Value excess = build.create<MulOp>(toReal(build, zeroPoint),
                                       build.constant(weightSums.toAttr("weight_sums")));
    sum = build.create<SubOp>(sum, excess);
  }
  build.setResult(build.cast(sum, IntegerType::get(node.getContext(), 32)));
}

/// The zero point of input `input`: one element as a scalar; null where it has none.
static Value readZeroPoint(NodeReader &node, NodeBuilder &build, unsigned input) {
  if (!node.hasInput(input))
    return {};
  Value zero = node.input(input);
  if (node.inputType(input).getNumElements() != 1 || getQuantizedType(zero)) {
    node.error() << "expected one zero point of activations, got " << node.inputType(input);
    return {};
  }
  return node.inputType(input).getRank() == 0 ? zero : build.reshape(zero, {});
}

void importMatMulInteger(NodeReader &node, NodeBuilder &build) {
  Value a = readNumbers(node, build, 0), zeroPoint = readZeroPoint(node, build, 2);
  reference::Tensor numbers;
  Value b = readWeights(node, build, 1, 3, /*axis=*/1, numbers);
  if (node.failed())
    return;
  if (numbers.getType().getRank() != 2) {
    node.error() << "expected a matrix of weights, got " << node.inputType(1);
    return;
  }
  int64_t columns = numbers.getShape()[1];
  reference::Tensor sums(RankedTensorType::get({columns}, Float32Type::get(node.getContext())));
  for (int64_t i = 0; i < numbers.size(); ++i)
    sums.setFloat(i % columns, sums.getFloat(i % columns) + numbers.getFloat(i));
  Value product = build.create<MatMulOp>(a, b, Value());
  if (product)
    setSum(node, build, product, zeroPoint, sums);
}

// For each output, the sum of the weights whose taps lie inside the input: all of them, but for
// outputs next to a padded border.
static reference::Tensor sumTaps(ConvOp conv, const reference::Tensor &weights) {
  auto y = cast<RankedTensorType>(conv.getY().getType());
  ArrayRef<int64_t> w = cast<RankedTensorType>(conv.getWeights().getType()).getShape();
  ArrayRef<int64_t> in = cast<RankedTensorType>(conv.getX().getType()).getShape();
  bool isPadded = llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
  int64_t rows = isPadded ? y.getDimSize(2) : 1, columns = isPadded ? y.getDimSize(3) : 1;
  SmallVector<float> taps(w[0] * w[2] * w[3], 0);
  for (int64_t o = 0; o < w[0]; ++o)
    for (int64_t c = 0; c < w[1]; ++c)
      for (int64_t k = 0; k < w[2] * w[3]; ++k)
        taps[o * w[2] * w[3] + k] += weights.getFloat((o * w[1] + c) * w[2] * w[3] + k);
  auto isInside = [&](int dimension, int64_t at, int64_t tap) {
    int64_t position = at * conv.getStrides()[dimension] - conv.getPads()[dimension] +
                       tap * conv.getDilations()[dimension];
    return position >= 0 && position < in[2 + dimension];
  };
  reference::Tensor sums(RankedTensorType::get({1, w[0], rows, columns}, y.getElementType()));
  for (int64_t o = 0, i = 0; o < w[0]; ++o)
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column, ++i)
        for (int64_t k = 0; k < w[2] * w[3]; ++k)
          if (!isPadded || (isInside(0, row, k / w[3]) && isInside(1, column, k % w[3])))
            sums.setFloat(i, sums.getFloat(i) + taps[o * w[2] * w[3] + k]);
  return sums;
}

void importConvInteger(NodeReader &node, NodeBuilder &build) {
  Value x = readNumbers(node, build, 0), zeroPoint = readZeroPoint(node, build, 2);
  reference::Tensor numbers;
  Value weights = readWeights(node, build, 1, 3, /*axis=*/0, numbers);
  if (!node.failed() && node.inputType(0).getRank() != 4)
    node.error() << "expected two spatial dimensions, got " << node.inputType(0);
  if (node.failed())
    return;
  node.replaceInputs({x, weights});
  importConv(node, build);
  if (node.failed())
    return;
  Value sum = build.getResults().front();
  auto conv = sum.getDefiningOp<ConvOp>();
  RankedTensorType type = conv.getWeights().getType();
  // The elements, and what it takes to sum them up.
  int64_t taps = type.getDimSize(2) * type.getDimSize(3);
  if (build.checkGenerated(cast<RankedTensorType>(sum.getType()).getNumElements() * taps))
    setSum(node, build, sum, zeroPoint, sumTaps(conv, numbers));
}

} // namespace octet
