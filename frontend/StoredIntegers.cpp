#include "frontend/StoredIntegers.h"

#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"

using namespace mlir;

namespace octet {

// A type lists its scales; of more than these (the rows of an embedding, say) constants become
// f32.
static constexpr size_t kMaxScales = 1 << 16;

quant::QuantizedType getQuantizedType(Value value) {
  return value ? dyn_cast<quant::QuantizedType>(
                     cast<RankedTensorType>(value.getType()).getElementType())
               : quant::QuantizedType();
}

IntegerType getNumberType(quant::QuantizedType type) {
  return IntegerType::get(type.getContext(), type.getStorageTypeIntegralWidth(),
                          type.isSigned() ? IntegerType::Signless : IntegerType::Unsigned);
}

Type getNumbersType(Type element) {
  auto type = dyn_cast<quant::QuantizedType>(element);
  if (!type)
    return element;
  if (type.getStorageTypeIntegralWidth() == 8)
    for (unsigned width : {2, 4})
      if (auto narrow = getNumberedType(type.getContext(), type.isSigned(), width);
          narrow.getStorageTypeMin() == type.getStorageTypeMin() &&
          narrow.getStorageTypeMax() == type.getStorageTypeMax())
        return narrow;
  return getNumberType(type);
}

namespace {

/// What the integers of a type from getNumbersType may be.
struct IntegerRange {
  unsigned width; ///< As stored.
  bool isSigned;
  int64_t low, high;

  explicit IntegerRange(Type numbers) {
    if (auto narrow = dyn_cast<quant::QuantizedType>(numbers)) {
      width = narrow.getStorageTypeIntegralWidth();
      isSigned = narrow.isSigned();
      low = narrow.getStorageTypeMin();
      high = narrow.getStorageTypeMax();
    } else {
      width = numbers.getIntOrFloatBitWidth();
      isSigned = !numbers.isUnsignedInteger();
      low = quant::QuantizedType::getDefaultMinimumForInteger(isSigned, width);
      high = quant::QuantizedType::getDefaultMaximumForInteger(isSigned, width);
    }
  }
};

} // namespace

static bool isInteger(Type numbers, unsigned maxWidth) {
  auto integer = dyn_cast<IntegerType>(numbers);
  return isa<quant::QuantizedType>(numbers) ||
         (integer && llvm::is_contained({8u, 16u, 32u}, integer.getWidth()) &&
          integer.getWidth() <= maxWidth && !(integer.getWidth() == 32 && integer.isUnsigned()));
}

// The quantized type of these scales; null where there is none that says them.
static quant::QuantizedType getStoredType(Type numbers, const Scales &scales) {
  IntegerRange range(numbers);
  if (scales.grid.kind == ScaleGrid::Kind::Blocks || scales.scales.size() > kMaxScales ||
      range.width == 16 || !scales.arePositive())
    return {};
  MLIRContext *context = numbers.getContext();
  unsigned flags = range.isSigned ? quant::QuantizationFlags::Signed : 0;
  Type stored = IntegerType::get(context, range.width), real = Float32Type::get(context);
  if (scales.grid.kind == ScaleGrid::Kind::Tensor)
    return quant::UniformQuantizedType::get(flags, stored, real, scales.scales[0],
                                            static_cast<int64_t>(scales.zeroPoints[0]), range.low,
                                            range.high);
  SmallVector<double> scaleList(scales.scales.begin(), scales.scales.end());
  SmallVector<int64_t> zeroPoints;
  for (size_t i = 0; i < scaleList.size(); ++i)
    zeroPoints.push_back(static_cast<int64_t>(scales.getZeroPoint(i)));
  return quant::UniformQuantizedPerAxisType::get(flags, stored, real, scaleList, zeroPoints,
                                                 scales.grid.axis, range.low, range.high);
}

// The grid of a tensor of integers, which the zero points are, too.
static std::optional<ScaleGrid> readGridOf(NodeReader &node, Type numbers, ArrayRef<int64_t> shape,
                                           EncodingInputs encoding, unsigned maxWidth) {
  if (!isInteger(numbers, maxWidth)) {
    node.error() << "expected integers of " << maxWidth << " bits or less, got "
                 << getElementTypeName(numbers);
    return std::nullopt;
  }
  if (node.hasInput(encoding.zeroPoint)) {
    Type zero = getNumbersType(node.inputType(encoding.zeroPoint).getElementType());
    if (zero != numbers) {
      node.error() << "expected " << getElementTypeName(numbers) << " as the zero point, got "
                   << getElementTypeName(zero);
      return std::nullopt;
    }
  }
  return readScaleGrid(node, shape, encoding);
}

static bool checkPositive(NodeReader &node, const Scales &scales) {
  if (scales.arePositive())
    return true;
  node.error() << "expected positive finite scales, got "
               << *llvm::find_if(scales.scales,
                                 [](float scale) { return !std::isnormal(scale) || scale < 0; });
  return false;
}

quant::UniformQuantizedType readResultType(NodeReader &node, EncodingInputs encoding) {
  // Without a zero point, results are uint8.
  Type numbers = IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  if (node.hasInput(encoding.zeroPoint))
    numbers = getNumbersType(node.inputType(encoding.zeroPoint).getElementType());
  if (!isInteger(numbers, 8)) {
    node.error() << "expected a result of int8 or uint8, got " << getElementTypeName(numbers);
    return {};
  }
  auto grid = readGridOf(node, numbers, /*shape=*/{}, encoding, 8);
  if (!grid || !node.constant(encoding.scale, "the scale") ||
      (node.hasInput(encoding.zeroPoint) && !node.constant(encoding.zeroPoint, "the zero point")))
    return {};
  auto scales = readScales(node, *grid, encoding);
  if (!scales || !checkPositive(node, *scales))
    return {};
  return dyn_cast<quant::UniformQuantizedType>(getStoredType(numbers, *scales));
}

Value readNumbers(NodeReader &node, NodeBuilder &build, Value x) {
  if (quant::QuantizedType type = getQuantizedType(x)) {
    auto uniform = dyn_cast<quant::UniformQuantizedType>(type);
    if (uniform && uniform.getScale() == 1 && uniform.getZeroPoint() == 0)
      return build.dequantize(x);
    x = createNumbers(build.getBuilder(), node.getLoc(), x);
  }
  return x ? build.cast(x, Float32Type::get(node.getContext())) : x;
}

// (x - zero point) * scale, whatever is computed.
static Value dequantizeByOps(NodeReader &node, NodeBuilder &build, Value x, const ScaleGrid &grid,
                             EncodingInputs encoding) {
  Composition c(build);
  Type f32 = Float32Type::get(node.getContext());
  Value real = readNumbers(node, build, x);
  if (Value zero = node.optionalInput(encoding.zeroPoint))
    real = c.sub(real, spreadScales(build, readNumbers(node, build, zero), grid));
  Value scale = build.cast(node.input(encoding.scale), f32);
  return c.mul(real, spreadScales(build, scale, grid));
}

Value readReal(NodeReader &node, NodeBuilder &build, unsigned input, EncodingInputs encoding) {
  RankedTensorType type = node.inputType(input);
  Value x = node.input(input);
  if (node.failed())
    return {};
  Type numbers = getNumbersType(type.getElementType());
  auto grid = readGridOf(node, numbers, type.getShape(), encoding, 32);
  if (!grid)
    return {};
  auto scales = readScales(node, *grid, encoding);
  if (!scales)
    return dequantizeByOps(node, build, x, *grid, encoding);
  if (!llvm::all_of(scales->scales, [](float scale) { return std::isfinite(scale); })) {
    node.error() << "expected finite scales, got infinities or NaN";
    return {};
  }
  quant::QuantizedType stored = getStoredType(numbers, *scales);
  if (stored && stored == type.getElementType())
    return build.dequantize(x);
  if (ElementsAttr constant = getConstantValue(x)) {
    if (stored)
      return build.dequantize(
          build.storedConstant(reference::Tensor::fromAttr(constant, type)
                                   .withType(RankedTensorType::get(type.getShape(), stored))));
    Unpacking unpacking{x,
                        node.input(encoding.scale),
                        node.optionalInput(encoding.zeroPoint),
                        RankedTensorType::get(type.getShape(), Float32Type::get(node.getContext())),
                        encoding.axis,
                        encoding.block};
    return build.unpack(unpacking, [&] {
      return dequantizeConstant(reference::Tensor::fromAttr(constant, type), *scales);
    });
  }
  Value real = dequantizeByOps(node, build, x, *grid, encoding);
  // Integers that are computed without a scale get one here. The pair of borders lets readers
  // have integers again.
  auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(stored);
  if (!real || !uniform || uniform.getStorageTypeIntegralWidth() != 8)
    return real;
  return build.dequantize(build.quantize(real, uniform));
}

Value readQuantized(NodeReader &node, NodeBuilder &build, unsigned input, Type numbers,
                    EncodingInputs encoding) {
  RankedTensorType type = node.inputType(input);
  Type f32 = Float32Type::get(node.getContext());
  Value x = build.cast(node.input(input), f32);
  if (node.failed())
    return {};
  auto grid = readGridOf(node, numbers, type.getShape(), encoding, 16);
  if (!grid)
    return {};
  IntegerRange range(numbers);
  // Integers that have no type which says their scales.
  Type plain = numbers;
  if (numbers.isIntOrFloat() && range.width == 8)
    plain = getNumberedType(node.getContext(), range.isSigned, 8);
  auto scales = readScales(node, *grid, encoding);
  if (scales) {
    if (!checkPositive(node, *scales))
      return {};
    quant::QuantizedType stored = getStoredType(numbers, *scales);
    if (ElementsAttr constant = getConstantValue(x)) {
      reference::Tensor real =
          reference::Tensor::fromAttr(constant, cast<RankedTensorType>(x.getType()));
      Type element = stored ? Type(stored) : plain;
      Unpacking unpacking{x,
                          node.input(encoding.scale),
                          node.optionalInput(encoding.zeroPoint),
                          RankedTensorType::get(type.getShape(), element),
                          encoding.axis,
                          encoding.block};
      return build.unpack(unpacking, [&] {
        return quantizeConstant(real, *scales, element, range.low, range.high);
      });
    }
    if (isa_and_nonnull<quant::UniformQuantizedType>(stored))
      return build.quantize(x, stored);
  }
  Composition c(build);
  Value scale = build.cast(node.input(encoding.scale), f32);
  Value y = c.unary<RoundOp>(c.div(x, spreadScales(build, scale, *grid)));
  if (Value zero = node.optionalInput(encoding.zeroPoint))
    y = c.add(y, spreadScales(build, readNumbers(node, build, zero), *grid));
  if (!y)
    return {};
  if (auto numbered = dyn_cast<quant::QuantizedType>(plain))
    return build.quantize(y, numbered);
  return build.cast(y, plain);
}

void importCastTo(NodeReader &node, NodeBuilder &build, Value x, Type element) {
  if (quant::QuantizedType type = getQuantizedType(x)) {
    // Exporters cast what they have quantized to the type that it has.
    if (getNumbersType(type) == element)
      return build.setResult(x);
    x = createNumbers(build.getBuilder(), node.getLoc(), x);
  }
  auto narrow = dyn_cast<quant::UniformQuantizedType>(element);
  if (!narrow)
    return importCastOfSum(build, x, element);
  Composition c(build);
  MLIRContext *context = node.getContext();
  Type from = getElementTypeOrSelf(x.getType()), f32 = Float32Type::get(context);
  Value real;
  if (isa<IntegerType>(from) && !from.isInteger(1)) {
    // The lowest bits stay.
    int64_t below = -narrow.getStorageTypeMin(), count = narrow.getStorageTypeMax() + below + 1;
    Value shifted = below ? c.add(x, static_cast<double>(below)) : x;
    Value divisor = c.number(shifted, static_cast<double>(count));
    Value bits = divisor ? build.create<ModOp>(shifted, divisor, ModKind::Floor) : Value();
    real = c.cast(bits, f32);
    if (below)
      real = c.add(real, static_cast<double>(-below));
  } else {
    Value whole = from.isInteger(1) ? x : c.cast(x, IntegerType::get(context, 32));
    real = c.cast(whole, f32);
  }
  build.setResult(real ? build.quantize(real, narrow) : real);
}

Value createNumbers(OpBuilder &builder, Location loc, Value x) {
  auto shape = cast<RankedTensorType>(x.getType()).getShape();
  auto numbers = RankedTensorType::get(shape, getNumberType(getQuantizedType(x)));
  if (ElementsAttr constant = getConstantValue(x))
    return ConstantOp::create(
        builder, loc,
        reference::Tensor::fromAttr(constant, cast<RankedTensorType>(x.getType()))
            .withType(numbers)
            .toAttr(getTensorName(loc)));
  auto type = cast<quant::UniformQuantizedType>(getQuantizedType(x));
  auto makeScalar = [&](double value) -> Value {
    auto scalar = RankedTensorType::get({}, builder.getF32Type());
    return ConstantOp::create(builder, loc,
                              DenseElementsAttr::get(scalar, static_cast<float>(value)));
  };
  auto realType = RankedTensorType::get(shape, builder.getF32Type());
  Value real = DequantizeOp::create(builder, loc, realType, x);
  if (type.getScale() != 1) {
    // The product is within a few units in the last place of an integer below 256.
    real = MulOp::create(builder, loc, real, makeScalar(1.0 / type.getScale()));
    real = RoundOp::create(builder, loc, real);
  }
  if (type.getZeroPoint() != 0)
    real = AddOp::create(builder, loc, real, makeScalar(type.getZeroPoint()));
  return CastOp::create(builder, loc, numbers, real);
}

} // namespace octet
