// Shapes and verifiers of convolution and matrix multiply.

#include "dialect/Octet.h"

using namespace mlir;

namespace octet {

// Attribute lists of window ops are checked here before any arithmetic, since
// they come straight from model files.
static LogicalResult checkWindow(std::optional<Location> loc, ArrayRef<int64_t> strides,
                                 ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  constexpr int64_t kLimit = 1 << 24;
  if (strides.size() != 2 || pads.size() != 4 || dilations.size() != 2)
    return emitOptionalError(loc, "expected 2 strides, 4 pads and 2 dilations, got ",
                             strides.size(), ", ", pads.size(), " and ", dilations.size());
  for (int64_t i : strides)
    if (i < 1 || i > kLimit)
      return emitOptionalError(loc, "expected strides of 1 to ", kLimit, ", got ", i);
  for (int64_t i : dilations)
    if (i < 1 || i > kLimit)
      return emitOptionalError(loc, "expected dilations of 1 to ", kLimit, ", got ", i);
  for (int64_t i : pads)
    if (i < 0 || i > kLimit)
      return emitOptionalError(loc, "expected pads of 0 to ", kLimit, ", got ", i);
  return success();
}

// The kernel extents are those of the weights.
static LogicalResult checkOperands(std::optional<Location> loc, RankedTensorType x,
                                   RankedTensorType w) {
  if (x.getRank() != 4 || w.getRank() != 4)
    return emitOptionalError(loc, "expected x and weights of rank 4, got ", x, " and ", w);
  if (w.getDimSize(2) < 1 || w.getDimSize(3) < 1)
    return emitOptionalError(loc, "expected kernel extents of 1 or more, got ", w);
  return success();
}

static Type inferredElement(Type x) {
  // Sums of quantized products are real numbers until a quantized result type
  // says otherwise; those of bf16 are f32.
  return isa<quant::QuantizedType, BFloat16Type>(x) ? Float32Type::get(x.getContext()) : x;
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getWeights().getType());
  if (failed(checkOperands(loc, x, w)) ||
      failed(checkWindow(loc, adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations())))
    return failure();
  int64_t group = adaptor.getGroup();
  if (group < 1 || x.getDimSize(1) % group || w.getDimSize(0) % group)
    return emitOptionalError(loc, "expected a group count that divides ", x.getDimSize(1),
                             " input and ", w.getDimSize(0), " output channels, got ", group);
  if (w.getDimSize(1) != x.getDimSize(1) / group)
    return emitOptionalError(loc, "expected weights of ", x.getDimSize(1) / group,
                             " input channels, got ", w.getDimSize(1));
  SmallVector<int64_t> shape{x.getDimSize(0), w.getDimSize(0)};
  for (int i = 0; i < 2; ++i) {
    int64_t window = (w.getDimSize(2 + i) - 1) * adaptor.getDilations()[i] + 1;
    int64_t room = x.getDimSize(2 + i) + adaptor.getPads()[i] + adaptor.getPads()[2 + i] - window;
    if (room < 0)
      return emitOptionalError(loc, "expected a window that fits the padded input, got ", window,
                               " over ", room + window);
    shape.push_back(room / adaptor.getStrides()[i] + 1);
  }
  types.push_back(RankedTensorType::get(shape, inferredElement(x.getElementType())));
  return success();
}

// Weights of s8, symmetric, with scales of output channels or a single one.
static LogicalResult verifyWeights(Operation *op, quant::QuantizedType wq, int64_t channelAxis) {
  if (!wq.isSigned() || wq.getStorageTypeIntegralWidth() != 8)
    return op->emitOpError("expected s8 weights, got ") << wq;
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(wq)) {
    if (perAxis.getQuantizedDimension() != channelAxis)
      return op->emitOpError("expected weight scales along axis ")
             << channelAxis << ", got axis " << perAxis.getQuantizedDimension();
    if (llvm::any_of(perAxis.getZeroPoints(), [](int64_t z) { return z != 0; }))
      return op->emitOpError("expected weight zero points of 0");
    return success();
  }
  auto uniform = dyn_cast<quant::UniformQuantizedType>(wq);
  if (!uniform || uniform.getZeroPoint() != 0)
    return op->emitOpError("expected symmetric weights, got ") << wq;
  return success();
}

// Element types of contractions: all f32, the same with weights of s8, bf16 by bf16 with an f32
// bias, or u8 by s8 with an i32 bias. MLIR infers
// shapes after verifiers have run, so that here ranks may still be wrong.
static LogicalResult verifyContraction(Operation *op, RankedTensorType x, RankedTensorType w,
                                       Value bias, Type result, int64_t channelAxis) {
  if (channelAxis < 0 || channelAxis >= w.getRank())
    return success();
  auto xq = dyn_cast<quant::QuantizedType>(x.getElementType());
  auto wq = dyn_cast<quant::QuantizedType>(w.getElementType());
  bool isWeightOnly = x.getElementType().isF32() && wq;
  if (!isWeightOnly && (!xq != !wq || (!xq && x.getElementType() != w.getElementType())))
    return op->emitOpError("expected both operands f32, bf16 or quantized, got ")
           << x.getElementType() << " and " << w.getElementType();
  auto biasType = bias ? cast<RankedTensorType>(bias.getType()) : RankedTensorType();
  int64_t channels = w.getDimSize(channelAxis);
  if (biasType && (biasType.getRank() != 1 || biasType.getDimSize(0) != channels))
    return op->emitOpError("expected a bias of shape [") << channels << "], got " << biasType;
  if (wq && failed(verifyWeights(op, wq, channelAxis)))
    return failure();
  if (!xq) {
    if (biasType && !biasType.getElementType().isF32())
      return op->emitOpError("expected an f32 bias, got ") << biasType;
    if (isa<quant::QuantizedType>(result))
      return op->emitOpError("expected an f32 result for operands of floats, got ") << result;
    return success();
  }
  if (!isa<quant::UniformQuantizedType>(xq) || xq.isSigned() ||
      xq.getStorageTypeIntegralWidth() != 8)
    return op->emitOpError("expected u8 activations of one scale, got ") << x.getElementType();
  if (biasType && !biasType.getElementType().isInteger(32))
    return op->emitOpError("expected an i32 bias, got ") << biasType;
  if (auto yq = dyn_cast<quant::QuantizedType>(result); yq && !isa<quant::UniformQuantizedType>(yq))
    return op->emitOpError("expected a result of one scale, got ") << result;
  return success();
}

LogicalResult ConvOp::verify() {
  return verifyContraction(*this, getX().getType(), getWeights().getType(), getBias(),
                           getY().getType().getElementType(), /*channelAxis=*/0);
}

bool ConvOp::isDepthwise() {
  return static_cast<int64_t>(getGroup()) == getX().getType().getDimSize(1) && getGroup() > 1;
}

SmallVector<int64_t, 4> ConvOp::getReadHalo() { return SmallVector<int64_t, 4>(getPads()); }

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto w = cast<RankedTensorType>(adaptor.getWeights().getType());
  if (failed(checkOperands(loc, x, w)) ||
      failed(checkWindow(loc, adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations())))
    return failure();
  ArrayRef<int64_t> extra = adaptor.getOutputPadding();
  if (extra.size() != 2 || extra[0] < 0 || extra[1] < 0)
    return emitOptionalError(loc, "expected 2 nonnegative output paddings, got ", extra.size());
  int64_t group = adaptor.getGroup();
  if (group < 1 || x.getDimSize(1) % group || w.getDimSize(0) != x.getDimSize(1))
    return emitOptionalError(loc, "expected weights of ", x.getDimSize(1),
                             " input channels in whole groups, got ", w, " in ", group, " groups");
  SmallVector<int64_t> shape{x.getDimSize(0), w.getDimSize(1) * group};
  for (int i = 0; i < 2; ++i) {
    int64_t window = (w.getDimSize(2 + i) - 1) * adaptor.getDilations()[i] + 1;
    int64_t extent = (x.getDimSize(2 + i) - 1) * adaptor.getStrides()[i] + extra[i] + window -
                     adaptor.getPads()[i] - adaptor.getPads()[2 + i];
    if (extent < 1)
      return emitOptionalError(loc, "expected pads that leave an output, got extent ", extent);
    shape.push_back(extent);
  }
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult ConvTransposeOp::verify() {
  if (getY().getType().getRank() != 4) // reported by inference, which comes later
    return success();
  int64_t channels = getY().getType().getDimSize(1);
  if (getBias() && getBias().getType().getShape() != ArrayRef<int64_t>{channels})
    return emitOpError("expected a bias of shape [")
           << channels << "], got " << getBias().getType();
  return success();
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto a = cast<RankedTensorType>(adaptor.getA().getType());
  auto b = cast<RankedTensorType>(adaptor.getB().getType());
  if (a.getRank() < 1 || b.getRank() < 1)
    return emitOptionalError(loc, "expected operands of rank 1 or more, got ", a, " and ", b);
  SmallVector<int64_t> as(a.getShape()), bs(b.getShape());
  if (a.getRank() == 1)
    as.insert(as.begin(), 1);
  if (b.getRank() == 1)
    bs.push_back(1);
  if (as.back() != bs[bs.size() - 2])
    return emitOptionalError(loc, "expected equal inner extents, got ", as.back(), " and ",
                             bs[bs.size() - 2]);
  auto batch = broadcastShapes(ArrayRef(as).drop_back(2), ArrayRef(bs).drop_back(2));
  if (!batch)
    return emitOptionalError(loc, "expected batch dimensions that broadcast, got ", a, " and ", b);
  SmallVector<int64_t> shape(*batch);
  if (a.getRank() > 1)
    shape.push_back(as[as.size() - 2]);
  if (b.getRank() > 1)
    shape.push_back(bs.back());
  types.push_back(RankedTensorType::get(shape, inferredElement(a.getElementType())));
  return success();
}

LogicalResult MatMulOp::verify() {
  auto b = getB().getType();
  if (isa<quant::QuantizedType>(b.getElementType()) && b.getRank() != 2)
    return emitOpError("expected quantized weights of rank 2, got ") << b;
  if (getBias() && b.getRank() < 2)
    return emitOpError("expected b of rank 2 or more beside a bias, got ") << b;
  return verifyContraction(*this, getA().getType(), b, getBias(), getY().getType().getElementType(),
                           b.getRank() - 1);
}

} // namespace octet
