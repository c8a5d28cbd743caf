// Shapes, verifiers and folds of ops that hold or move elements.

#include "dialect/Octet.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

static RankedTensorType tensorOf(ArrayRef<int64_t> shape, Type like) {
  return RankedTensorType::get(shape, cast<RankedTensorType>(like).getElementType());
}

// Ops that only move elements keep their type.
static LogicalResult verifySameElements(Operation *op) {
  auto x = cast<RankedTensorType>(op->getOperand(0).getType());
  auto y = cast<RankedTensorType>(op->getResult(0).getType());
  if (x.getElementType() != y.getElementType())
    return op->emitOpError("expected one element type, got ") << x << " and " << y;
  return success();
}

// Element count of `shape`, or nullopt where it is negative somewhere or overflows.
static std::optional<int64_t> countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    if (extent < 0 || llvm::MulOverflow(count, extent, count))
      return std::nullopt;
  return count;
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::verify() {
  auto stored = cast<ShapedType>(getValue().getType());
  auto result = getY().getType();
  if (stored.getShape() != result.getShape() ||
      stored.getElementType() != getStorageElementType(result.getElementType()))
    return emitOpError("expected a value of type ")
           << RankedTensorType::get(result.getShape(),
                                    getStorageElementType(result.getElementType()))
           << ", got " << stored;
  auto resource = dyn_cast<DenseResourceElementsAttr>(getValue());
  if (!resource)
    return success();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return emitOpError("expected a blob '") << resource.getRawHandle().getKey() << "', got none";
  int64_t bytes = stored.getNumElements() * getElementBytes(stored.getElementType());
  if (static_cast<int64_t>(blob->getData().size()) != bytes)
    return emitOpError("expected a blob of ") << bytes << " bytes, got " << blob->getData().size();
  return success();
}

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (countElements(adaptor.getShape()) != x.getNumElements())
    return emitOptionalError(loc, "expected a shape of ", x.getNumElements(), " elements, got [",
                             adaptor.getShape(), "]");
  types.push_back(tensorOf(adaptor.getShape(), x));
  return success();
}
LogicalResult ReshapeOp::verify() { return verifySameElements(*this); }
OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getX().getType() == getY().getType())
    return getX();
  if (auto source = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(source.getX());
    return getY();
  }
  return {};
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<bool> seen(x.getRank(), false);
  SmallVector<int64_t> shape;
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= x.getRank() || seen[axis])
      return emitOptionalError(loc, "expected a permutation of ", x.getRank(), " dimensions, got [",
                               permutation, "]");
    seen[axis] = true;
    shape.push_back(x.getDimSize(axis));
  }
  if (static_cast<int64_t>(shape.size()) != x.getRank())
    return emitOptionalError(loc, "expected a permutation of ", x.getRank(), " dimensions, got [",
                             permutation, "]");
  types.push_back(tensorOf(shape, x));
  return success();
}
LogicalResult TransposeOp::verify() { return verifySameElements(*this); }
OpFoldResult TransposeOp::fold(FoldAdaptor) {
  bool identity = true;
  for (auto [i, axis] : llvm::enumerate(getPermutation()))
    identity &= static_cast<int64_t>(i) == axis;
  return identity && getX().getType() == getY().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "expected operands to concatenate, got none");
  auto first = cast<RankedTensorType>(adaptor.getInputs().front().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= first.getRank())
    return emitOptionalError(loc, "expected an axis of 0 to ", first.getRank() - 1, ", got ", axis);
  SmallVector<int64_t> shape(first.getShape());
  shape[axis] = 0;
  for (Value input : adaptor.getInputs()) {
    auto type = cast<RankedTensorType>(input.getType());
    bool fits =
        type.getRank() == first.getRank() && type.getElementType() == first.getElementType();
    for (int64_t i = 0; fits && i < first.getRank(); ++i)
      fits = i == axis || type.getDimSize(i) == first.getDimSize(i);
    if (!fits || llvm::AddOverflow(shape[axis], type.getDimSize(axis), shape[axis]))
      return emitOptionalError(loc, "expected operands like ", first, " but for axis ", axis,
                               ", got ", type);
  }
  types.push_back(tensorOf(shape, first));
  return success();
}
LogicalResult ConcatOp::verify() {
  // No operands are reported by inference, which MLIR runs after verifiers.
  return getInputs().empty() ? success() : verifySameElements(*this);
}
bool ConcatOp::isInPlace(unsigned operand) {
  auto inPlace = (*this)->getAttrOfType<DenseI64ArrayAttr>("octet.in_place");
  return inPlace && llvm::is_contained(inPlace.asArrayRef(), static_cast<int64_t>(operand));
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 && getInputs()[0].getType() == getY().getType()
             ? OpFoldResult(getInputs()[0])
             : OpFoldResult();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> offsets = adaptor.getOffsets(), sizes = adaptor.getSizes(),
                    steps = adaptor.getSteps();
  size_t rank = x.getRank();
  if (offsets.size() != rank || sizes.size() != rank || steps.size() != rank)
    return emitOptionalError(loc, "expected ", rank, " offsets, sizes and steps, got ",
                             offsets.size(), ", ", sizes.size(), " and ", steps.size());
  for (size_t i = 0; i < rank; ++i) {
    int64_t extent = x.getDimSize(i), last = 0;
    bool fits = sizes[i] >= 0 && sizes[i] <= extent && steps[i] != 0 && offsets[i] >= 0 &&
                offsets[i] <= extent && (offsets[i] < extent || sizes[i] == 0);
    if (fits && sizes[i] > 0)
      fits = !llvm::MulOverflow(sizes[i] - 1, steps[i], last) &&
             !llvm::AddOverflow(last, offsets[i], last) && last >= 0 && last < extent;
    if (!fits)
      return emitOptionalError(loc, "expected a slice inside extent ", extent, " of dimension ", i,
                               ", got offset ", offsets[i], ", size ", sizes[i], ", step ",
                               steps[i]);
  }
  types.push_back(tensorOf(sizes, x));
  return success();
}
LogicalResult SliceOp::verify() { return verifySameElements(*this); }
OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getX().getType() != getY().getType())
    return {};
  bool forward = llvm::all_of(getSteps(), [](int64_t step) { return step == 1; });
  return forward ? OpFoldResult(getX()) : OpFoldResult();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> low = adaptor.getLow(), high = adaptor.getHigh();
  size_t rank = x.getRank();
  if (low.size() != rank || high.size() != rank)
    return emitOptionalError(loc, "expected ", rank, " low and high pads, got ", low.size(),
                             " and ", high.size());
  SmallVector<int64_t> shape;
  for (size_t i = 0; i < rank; ++i) {
    int64_t extent = x.getDimSize(i), padded;
    if (llvm::AddOverflow(extent, low[i], padded) || llvm::AddOverflow(padded, high[i], padded) ||
        padded < 0 || low[i] < -extent || high[i] < -extent)
      return emitOptionalError(loc, "expected pads that fit extent ", extent, " of dimension ", i,
                               ", got ", low[i], " and ", high[i]);
    int64_t reach = std::max(low[i], high[i]);
    if (adaptor.getMode() == PadMode::Reflect && reach >= std::max<int64_t>(extent, 1))
      return emitOptionalError(loc, "expected reflected pads below extent ", extent, ", got ",
                               reach);
    if (adaptor.getMode() == PadMode::Edge && reach > 0 && extent == 0)
      return emitOptionalError(loc, "expected elements to repeat, got none in dimension ", i);
    shape.push_back(padded);
  }
  types.push_back(tensorOf(shape, x));
  return success();
}
LogicalResult PadOp::verify() { return verifySameElements(*this); }

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= x.getRank())
    return emitOptionalError(loc, "expected an axis of 0 to ", x.getRank() - 1, ", got ", axis);
  if (x.getDimSize(axis) == 0 && indices.getNumElements() != 0)
    return emitOptionalError(loc, "expected elements along axis ", axis, ", got ", x);
  SmallVector<int64_t> shape(x.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, x.getShape().drop_front(axis + 1));
  if (!countElements(shape))
    return emitOptionalError(loc, "expected a result that can be counted, got [", shape, "]");
  types.push_back(tensorOf(shape, x));
  return success();
}
LogicalResult GatherOp::verify() { return verifySameElements(*this); }

LogicalResult ExpandOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> shape = adaptor.getShape();
  auto broadcast = broadcastShapes(x.getShape(), shape);
  if (!countElements(shape) || !broadcast || ArrayRef<int64_t>(*broadcast) != shape)
    return emitOptionalError(loc, "expected a shape that ", x, " broadcasts to, got [", shape, "]");
  types.push_back(tensorOf(shape, x));
  return success();
}
LogicalResult ExpandOp::verify() { return verifySameElements(*this); }
OpFoldResult ExpandOp::fold(FoldAdaptor) {
  return getX().getType() == getY().getType() ? OpFoldResult(getX()) : OpFoldResult();
}

LogicalResult DepthToSpaceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                               Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  int64_t block = adaptor.getBlockSize();
  if (x.getRank() != 4)
    return emitOptionalError(loc, "expected x of rank 4, got ", x);
  if (block < 1 || block > (1 << 15) || x.getDimSize(1) % (block * block))
    return emitOptionalError(loc, "expected a block size whose square divides ", x.getDimSize(1),
                             " channels, got ", block);
  types.push_back(tensorOf({x.getDimSize(0), x.getDimSize(1) / (block * block),
                            x.getDimSize(2) * block, x.getDimSize(3) * block},
                           x));
  return success();
}
LogicalResult DepthToSpaceOp::verify() { return verifySameElements(*this); }

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  ArrayRef<int64_t> sizes = adaptor.getSizes();
  if (x.getRank() != 4)
    return emitOptionalError(loc, "expected x of rank 4, got ", x);
  if (sizes.size() != 2 || adaptor.getScales().size() != 2)
    return emitOptionalError(loc, "expected 2 sizes and 2 scales, got ", sizes.size(), " and ",
                             adaptor.getScales().size());
  for (int i = 0; i < 2; ++i) {
    if (x.getDimSize(2 + i) < 1)
      return emitOptionalError(loc, "expected elements to resample, got ", x);
    if (sizes[i] < 1 || sizes[i] > (1 << 24))
      return emitOptionalError(loc, "expected sizes of 1 to ", 1 << 24, ", got ", sizes[i]);
    if (!(adaptor.getScales()[i] > 0))
      return emitOptionalError(loc, "expected positive scales, got ", adaptor.getScales()[i]);
  }
  types.push_back(tensorOf({x.getDimSize(0), x.getDimSize(1), sizes[0], sizes[1]}, x));
  return success();
}
LogicalResult ResizeOp::verify() {
  if (getMode() == ResizeMode::Nearest)
    return verifySameElements(*this);
  if (isa<quant::QuantizedType>(getX().getType().getElementType()) !=
      isa<quant::QuantizedType>(getY().getType().getElementType()))
    return emitOpError("expected operand and result both real or both quantized, got ")
           << getX().getType() << " and " << getY().getType();
  return verifyOneScale(*this);
}

} // namespace octet
