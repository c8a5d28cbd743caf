#include "frontend/StoredIntegers.h"

#include "frontend/ElementTypes.h"

#include <cmath>

using namespace mlir;

namespace octet {

quant::QuantizedType getQuantizedType(Value value) {
  return value ? dyn_cast<quant::QuantizedType>(
                     cast<RankedTensorType>(value.getType()).getElementType())
               : quant::QuantizedType();
}

IntegerType getNumberType(quant::QuantizedType type) {
  return IntegerType::get(type.getContext(), type.getStorageTypeIntegralWidth(),
                          type.isSigned() ? IntegerType::Signless : IntegerType::Unsigned);
}

static bool isSupportedStorage(Type type) {
  return type.isInteger(8) || type.isUnsignedInteger(8) || type.isSignlessInteger(32);
}

// The elements of an input that gives one value, or one for each of `channels`.
static std::optional<reference::Tensor> readParameters(NodeReader &node, unsigned input,
                                                       StringRef what, int64_t channels) {
  auto tensor = node.constant(input, what);
  if (!tensor)
    return std::nullopt;
  if (tensor->getType().getRank() > 1) {
    node.error() << "expected " << what << " as one number or one for each channel, got "
                 << printShape(tensor->getShape()) << ": blocked quantization is not supported";
    return std::nullopt;
  }
  if (tensor->size() != 1 && tensor->size() != channels) {
    node.error() << "expected " << what << " as one number or " << channels << ", got "
                 << tensor->size();
    return std::nullopt;
  }
  return tensor;
}

quant::QuantizedType readQuantizedType(NodeReader &node, Type storage, ArrayRef<int64_t> shape,
                                       EncodingInputs encoding) {
  MLIRContext *context = node.getContext();
  if (!isSupportedStorage(storage)) {
    node.error() << "expected integers of int8, uint8 or int32, got "
                 << getElementTypeName(storage);
    return {};
  }
  int64_t rank = shape.size(), axis = encoding.axis < 0 ? encoding.axis + rank : encoding.axis;
  int64_t channels = axis >= 0 && axis < rank ? shape[axis] : 1;
  auto scales = readParameters(node, encoding.scale, "the scale", channels);
  if (!scales)
    return {};
  if (!scales->getType().getElementType().isF32()) {
    node.error() << "expected float32 as the scale, got "
                 << getElementTypeName(scales->getType().getElementType());
    return {};
  }
  SmallVector<double> scaleList;
  for (float scale : scales->as<float>()) {
    if (!std::isnormal(scale) || scale < 0) {
      node.error() << "expected positive finite scales, got " << scale;
      return {};
    }
    scaleList.push_back(scale);
  }
  SmallVector<int64_t> zeroPoints(scaleList.size(), 0);
  if (node.hasInput(encoding.zeroPoint)) {
    auto zeros = readParameters(node, encoding.zeroPoint, "the zero point", channels);
    if (!zeros)
      return {};
    if (zeros->getType().getElementType() != storage) {
      node.error() << "expected " << getElementTypeName(storage) << " as the zero point, got "
                   << getElementTypeName(zeros->getType().getElementType());
      return {};
    }
    if (zeros->size() != 1 && zeros->size() != scales->size()) {
      node.error() << "expected as many zero points as scales, got " << zeros->size() << " and "
                   << scales->size();
      return {};
    }
    for (auto [i, zero] : llvm::enumerate(zeroPoints))
      zero = zeros->getInteger(zeros->size() == 1 ? 0 : i);
  }
  bool isSigned = !storage.isUnsignedInteger();
  unsigned flags = isSigned ? quant::QuantizationFlags::Signed : 0,
           width = storage.getIntOrFloatBitWidth();
  int64_t low = quant::QuantizedType::getDefaultMinimumForInteger(isSigned, width);
  int64_t high = quant::QuantizedType::getDefaultMaximumForInteger(isSigned, width);
  Type stored = IntegerType::get(context, width), real = Float32Type::get(context);
  if (scaleList.size() == 1)
    return quant::UniformQuantizedType::get(flags, stored, real, scaleList[0], zeroPoints[0], low,
                                            high);
  return quant::UniformQuantizedPerAxisType::get(flags, stored, real, scaleList, zeroPoints, axis,
                                                 low, high);
}

quant::UniformQuantizedType readResultType(NodeReader &node, EncodingInputs encoding) {
  // Without a zero point, results are uint8.
  Type storage = IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  if (node.hasInput(encoding.zeroPoint))
    storage = node.inputType(encoding.zeroPoint).getElementType();
  if (storage.isSignlessInteger(32)) {
    node.error() << "expected a result of int8 or uint8, got int32";
    return {};
  }
  return dyn_cast_or_null<quant::UniformQuantizedType>(
      readQuantizedType(node, storage, /*shape=*/{}, encoding));
}

// Integers that are computed without a scale get one here. The pair of borders lets readers
// have integers again.
static Value giveScale(NodeReader &node, NodeBuilder &build, Value numbers,
                       quant::QuantizedType type) {
  auto uniform = dyn_cast<quant::UniformQuantizedType>(type);
  if (!uniform) {
    node.error() << "expected one scale for a computed tensor, got one for each channel";
    return {};
  }
  Type f32 = Float32Type::get(node.getContext());
  Value real = build.cast(numbers, f32);
  if (uniform.getZeroPoint() != 0)
    real = build.create<SubOp>(real, build.scalar(f32, uniform.getZeroPoint()));
  real = build.create<MulOp>(real, build.scalar(f32, uniform.getScale()));
  if (uniform.getStorageTypeIntegralWidth() != 8)
    return real;
  return build.dequantize(build.quantize(real, uniform));
}

Value readReal(NodeReader &node, NodeBuilder &build, unsigned x, EncodingInputs encoding) {
  RankedTensorType type = node.inputType(x);
  Value value = node.input(x);
  if (node.failed())
    return {};
  quant::QuantizedType known = getQuantizedType(value);
  Type storage = known ? getNumberType(known) : type.getElementType();
  quant::QuantizedType given = readQuantizedType(node, storage, type.getShape(), encoding);
  if (!given)
    return {};
  if (known == given)
    return build.dequantize(value);
  if (known) {
    value = createNumbers(build.getBuilder(), node.getLoc(), value);
  } else if (ElementsAttr constant = getConstantValue(value)) {
    auto stored = RankedTensorType::get(type.getShape(), given);
    return build.dequantize(
        build.storedConstant(reference::Tensor::fromAttr(constant, type).withType(stored)));
  }
  return giveScale(node, build, value, given);
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
  // The product is within a few units in the last place of an integer below 256.
  real = MulOp::create(builder, loc, real, makeScalar(1.0 / type.getScale()));
  real = RoundOp::create(builder, loc, real);
  if (type.getZeroPoint() != 0)
    real = AddOp::create(builder, loc, real, makeScalar(type.getZeroPoint()));
  return CastOp::create(builder, loc, numbers, real);
}

} // namespace octet
