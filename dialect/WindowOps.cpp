// Shapes and verifiers of pooling, reductions and normalizations.

#include "dialect/Octet.h"

using namespace mlir;

namespace octet {

template <typename Adaptor>
static LogicalResult inferPool(std::optional<Location> loc, Adaptor adaptor,
                               SmallVectorImpl<Type> &types) {
  constexpr int64_t kLimit = 1 << 24;
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> kernel = adaptor.getKernel(), strides = adaptor.getStrides(),
                    pads = adaptor.getPads(), dilations = adaptor.getDilations();
  if (x.getRank() != 4)
    return emitOptionalError(loc, "expected x of rank 4, got ", x);
  if (kernel.size() != 2 || strides.size() != 2 || pads.size() != 4 || dilations.size() != 2)
    return emitOptionalError(loc,
                             "expected 2 kernel extents, 2 strides, 4 pads and 2 "
                             "dilations, got ",
                             kernel.size(), ", ", strides.size(), ", ", pads.size(), " and ",
                             dilations.size());
  SmallVector<int64_t> shape{x.getDimSize(0), x.getDimSize(1)};
  for (int i = 0; i < 2; ++i) {
    for (int64_t extent : {kernel[i], strides[i], dilations[i]})
      if (extent < 1 || extent > kLimit)
        return emitOptionalError(loc, "expected kernel, strides and dilations of 1 to ", kLimit,
                                 ", got ", extent);
    int64_t window = (kernel[i] - 1) * dilations[i] + 1;
    for (int64_t pad : {pads[i], pads[2 + i]})
      if (pad < 0 || pad >= window)
        return emitOptionalError(loc, "expected pads of 0 to ", window - 1, ", got ", pad);
    int64_t room = x.getDimSize(2 + i) + pads[i] + pads[2 + i] - window;
    if (room < 0)
      return emitOptionalError(loc, "expected a window that fits the padded input, got ", window,
                               " over ", room + window);
    int64_t extent = room / strides[i] + 1;
    // A last, partial window counts if it starts inside the input or its left pad.
    if (adaptor.getCeilMode() && room % strides[i] &&
        extent * strides[i] < x.getDimSize(2 + i) + pads[i])
      ++extent;
    shape.push_back(extent);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult MaxPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferPool(loc, adaptor, types);
}

LogicalResult MaxPoolOp::verify() {
  if (getX().getType().getElementType() != getY().getType().getElementType())
    return emitOpError("expected one element type, got ")
           << getX().getType() << " and " << getY().getType();
  return success();
}

LogicalResult AveragePoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (failed(inferPool(loc, adaptor, types)))
    return failure();
  auto type = cast<RankedTensorType>(types[0]);
  if (type.getElementType().isBF16())
    types[0] = withElementType(type, Float32Type::get(type.getContext()));
  return success();
}

LogicalResult AveragePoolOp::verify() {
  auto x = dyn_cast<quant::QuantizedType>(getX().getType().getElementType());
  auto y = dyn_cast<quant::QuantizedType>(getY().getType().getElementType());
  if (!x != !y)
    return emitOpError("expected operand and result both real or both quantized, got ")
           << getX().getType() << " and " << getY().getType();
  return verifyOneScale(*this);
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  for (auto [i, axis] : llvm::enumerate(axes))
    if (axis < 0 || axis >= x.getRank() || (i && axis <= axes[i - 1]))
      return emitOptionalError(loc, "expected ascending axes below ", x.getRank(), ", got ", axis);
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < x.getRank(); ++i) {
    if (!llvm::is_contained(axes, i))
      shape.push_back(x.getDimSize(i));
    else if (adaptor.getKeepdims())
      shape.push_back(1);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult ReduceOp::verify() {
  if (getX().getType().getNumElements() == 0 && getKind() != ReduceKind::Sum &&
      getKind() != ReduceKind::Prod)
    return emitOpError("expected elements to reduce, got ") << getX().getType();
  return success();
}

static LogicalResult inferSame(Value x, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(x.getType());
  types.push_back(RankedTensorType::get(type.getShape(), type.getElementType()));
  return success();
}

static LogicalResult verifyAxis(Operation *op, RankedTensorType type, int64_t axis) {
  if (axis < 0 || axis >= type.getRank())
    return op->emitOpError("expected an axis of 0 to ") << type.getRank() - 1 << ", got " << axis;
  return success();
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferSame(adaptor.getX(), types);
}
LogicalResult SoftmaxOp::verify() { return verifyAxis(*this, getX().getType(), getAxis()); }

LogicalResult LogSoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferSame(adaptor.getX(), types);
}
LogicalResult LogSoftmaxOp::verify() { return verifyAxis(*this, getX().getType(), getAxis()); }

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferSame(adaptor.getX(), types);
}

LogicalResult BatchNormOp::verify() {
  auto x = getX().getType();
  if (x.getRank() < 2)
    return emitOpError("expected x of rank 2 or more, got ") << x;
  for (Value parameter : {getScale(), getBias(), getMean(), getVariance()})
    if (cast<RankedTensorType>(parameter.getType()).getShape() !=
        ArrayRef<int64_t>{x.getDimSize(1)})
      return emitOpError("expected parameters of shape [")
             << x.getDimSize(1) << "], got " << parameter.getType();
  return success();
}

} // namespace octet
