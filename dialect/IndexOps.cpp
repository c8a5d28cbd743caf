// Shapes and verifiers of ops that make indices or go by computed ones.

#include "dialect/IndexOps.h"

#include "dialect/RegisterOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

#include "dialect/IndexEnums.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/IndexOps.cpp.inc"

namespace octet {

void registerIndexOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/IndexOps.cpp.inc"
      >(dialect);
}

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

static RankedTensorType tensorOf(ArrayRef<int64_t> shape, Type element) {
  return RankedTensorType::get(shape, element);
}

static LogicalResult checkAxis(std::optional<Location> loc, int64_t axis, RankedTensorType type) {
  if (axis >= 0 && axis < type.getRank())
    return success();
  return emitOptionalError(loc, "expected an axis of 0 to ", type.getRank() - 1, ", got ", axis);
}

static bool canCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  return llvm::none_of(
      shape, [&](int64_t extent) { return extent < 0 || llvm::MulOverflow(count, extent, count); });
}

static LogicalResult verifyComparable(Operation *op) {
  Type element = tensorType(op->getOperand(0)).getElementType();
  if (element.isF16())
    return op->emitOpError("expected f32, bf16, f64 or integers, got ") << element;
  return success();
}

static LogicalResult verifyElement(Operation *op, Type element) {
  auto y = cast<RankedTensorType>(op->getResult(0).getType());
  if (y.getElementType() != element)
    return op->emitOpError("expected a result of ") << element << ", got " << y;
  return success();
}

LogicalResult ArgExtremumOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (failed(checkAxis(loc, adaptor.getAxis(), x)))
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  if (shape[adaptor.getAxis()] == 0)
    return emitOptionalError(loc, "expected elements along axis ", adaptor.getAxis(), ", got ", x);
  shape[adaptor.getAxis()] = 1;
  types.push_back(tensorOf(shape, IntegerType::get(context, 64)));
  return success();
}
LogicalResult ArgExtremumOp::verify() { return verifyComparable(*this); }

LogicalResult TopKIndicesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (failed(checkAxis(loc, adaptor.getAxis(), x)))
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  int64_t &extent = shape[adaptor.getAxis()];
  if (static_cast<int64_t>(adaptor.getK()) < 0 || static_cast<int64_t>(adaptor.getK()) > extent)
    return emitOptionalError(loc, "expected k of 0 to ", extent, ", got ",
                             static_cast<int64_t>(adaptor.getK()));
  extent = adaptor.getK();
  types.push_back(tensorOf(shape, IntegerType::get(context, 64)));
  return success();
}
LogicalResult TopKIndicesOp::verify() { return verifyComparable(*this); }

// Whether `small` has the rank of `large` and no extent beyond, but along `axis`.
static bool fitsBeside(RankedTensorType small, RankedTensorType large, int64_t axis) {
  bool fits = small.getRank() == large.getRank();
  for (int64_t d = 0; fits && d < large.getRank(); ++d)
    fits = d == axis || small.getDimSize(d) <= large.getDimSize(d);
  return fits;
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                 Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), indices = tensorType(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, x)))
    return failure();
  if (!fitsBeside(indices, x, axis))
    return emitOptionalError(loc, "expected indices no larger than ", x, " but for axis ", axis,
                             ", got ", indices);
  if (x.getDimSize(axis) == 0 && indices.getNumElements() != 0)
    return emitOptionalError(loc, "expected elements along axis ", axis, ", got ", x);
  types.push_back(tensorOf(indices.getShape(), x.getElementType()));
  return success();
}
LogicalResult GatherElementsOp::verify() {
  return verifyElement(*this, getX().getType().getElementType());
}

// The length of index tuples, or nullopt after a report.
static std::optional<int64_t> getTupleLength(std::optional<Location> loc, RankedTensorType x,
                                             RankedTensorType indices, int64_t batchDims) {
  int64_t rank = indices.getRank(), length = rank ? indices.getShape().back() : 0;
  if (rank > 0 && length >= 1 && length <= x.getRank() - batchDims)
    return length;
  (void)emitOptionalError(loc, "expected tuples of 1 to ", x.getRank() - batchDims,
                          " indices as the last dimension, got ", indices);
  return std::nullopt;
}

LogicalResult GatherNDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), indices = tensorType(adaptor.getIndices());
  int64_t batch = adaptor.getBatchDims();
  if (batch < 0 || batch >= std::min(x.getRank(), indices.getRank()) ||
      x.getShape().take_front(batch) != indices.getShape().take_front(batch))
    return emitOptionalError(loc, "expected ", batch, " batch dimensions that are equal, got ", x,
                             " and ", indices);
  auto length = getTupleLength(loc, x, indices, batch);
  if (!length)
    return failure();
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(batch + *length));
  if (!canCount(shape))
    return emitOptionalError(loc, "expected a result that can be counted, got [", shape, "]");
  if (x.getNumElements() == 0)
    return emitOptionalError(loc, "expected elements to gather, got ", x);
  types.push_back(tensorOf(shape, x.getElementType()));
  return success();
}
LogicalResult GatherNDOp::verify() {
  return verifyElement(*this, getX().getType().getElementType());
}

static LogicalResult verifyScatter(Operation *op, ScatterKind kind) {
  Type element = tensorType(op->getOperand(0)).getElementType();
  auto updates = tensorType(op->getOperand(2));
  if (updates.getElementType() != element)
    return op->emitOpError("expected updates of ") << element << ", got " << updates;
  if (kind != ScatterKind::Assign && (element.isF16() || element.isBF16()))
    return op->emitOpError("expected f32, f64 or integers where updates are joined, got ")
           << element;
  return verifyElement(op, element);
}

LogicalResult ScatterElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                  Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), indices = tensorType(adaptor.getIndices()),
       updates = tensorType(adaptor.getUpdates());
  if (failed(checkAxis(loc, adaptor.getAxis(), x)))
    return failure();
  if (!fitsBeside(indices, x, adaptor.getAxis()))
    return emitOptionalError(loc, "expected indices no larger than ", x, " but for axis ",
                             adaptor.getAxis(), ", got ", indices);
  if (indices.getShape() != updates.getShape())
    return emitOptionalError(loc, "expected updates of the shape of ", indices, ", got ", updates);
  types.push_back(tensorOf(x.getShape(), x.getElementType()));
  return success();
}
LogicalResult ScatterElementsOp::verify() { return verifyScatter(*this, getKind()); }

LogicalResult ScatterNDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), indices = tensorType(adaptor.getIndices()),
       updates = tensorType(adaptor.getUpdates());
  auto length = getTupleLength(loc, x, indices, 0);
  if (!length)
    return failure();
  SmallVector<int64_t> shape(indices.getShape().drop_back());
  llvm::append_range(shape, x.getShape().drop_front(*length));
  if (updates.getShape() != ArrayRef<int64_t>(shape))
    return emitOptionalError(loc, "expected updates of shape [", shape, "], got ", updates);
  types.push_back(tensorOf(x.getShape(), x.getElementType()));
  return success();
}
LogicalResult ScatterNDOp::verify() { return verifyScatter(*this, getKind()); }

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto indices = tensorType(adaptor.getIndices()), values = tensorType(adaptor.getValues());
  int64_t axis = adaptor.getAxis(), depth = adaptor.getDepth();
  if (axis < 0 || axis > indices.getRank())
    return emitOptionalError(loc, "expected an axis of 0 to ", indices.getRank(), ", got ", axis);
  if (depth < 1)
    return emitOptionalError(loc, "expected a positive depth, got ", depth);
  if (values.getShape() != ArrayRef<int64_t>{2})
    return emitOptionalError(loc, "expected two values, got ", values);
  SmallVector<int64_t> shape(indices.getShape());
  shape.insert(shape.begin() + axis, depth);
  if (!canCount(shape))
    return emitOptionalError(loc, "expected a result that can be counted, got [", shape, "]");
  types.push_back(tensorOf(shape, values.getElementType()));
  return success();
}
LogicalResult OneHotOp::verify() {
  return verifyElement(*this, getValues().getType().getElementType());
}

LogicalResult CumulativeSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX());
  if (failed(checkAxis(loc, adaptor.getAxis(), x)))
    return failure();
  types.push_back(tensorOf(x.getShape(), x.getElementType()));
  return success();
}
LogicalResult CumulativeSumOp::verify() {
  Type element = getX().getType().getElementType();
  if (element.isF16() || element.isBF16() || element.isInteger(1))
    return emitOpError("expected f32, f64 or integers, got ") << element;
  return verifyElement(*this, element);
}

LogicalResult ReverseSequenceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                  Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = tensorType(adaptor.getX()), lengths = tensorType(adaptor.getLengths());
  int64_t batch = adaptor.getBatchAxis(), time = adaptor.getTimeAxis();
  if (failed(checkAxis(loc, batch, x)) || failed(checkAxis(loc, time, x)))
    return failure();
  if (batch == time)
    return emitOptionalError(loc, "expected two axes, got ", batch, " twice");
  if (lengths.getShape() != ArrayRef<int64_t>{x.getDimSize(batch)})
    return emitOptionalError(loc, "expected ", x.getDimSize(batch), " lengths, got ", lengths);
  types.push_back(tensorOf(x.getShape(), x.getElementType()));
  return success();
}
LogicalResult ReverseSequenceOp::verify() {
  return verifyElement(*this, getX().getType().getElementType());
}

LogicalResult MaxPoolIndicesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                                 Adaptor adaptor, SmallVectorImpl<Type> &types) {
  constexpr int64_t kLimit = 1 << 24;
  auto x = tensorType(adaptor.getX());
  ArrayRef<int64_t> kernel = adaptor.getKernel(), strides = adaptor.getStrides(),
                    pads = adaptor.getPads(), dilations = adaptor.getDilations();
  size_t spatial = x.getRank() < 2 ? 0 : x.getRank() - 2;
  if (spatial < 1 || kernel.size() != spatial || strides.size() != spatial ||
      dilations.size() != spatial || pads.size() != 2 * spatial)
    return emitOptionalError(loc,
                             "expected a kernel extent, a stride, a dilation and two pads for "
                             "each spatial dimension of ",
                             x, ", got ", kernel.size(), ", ", strides.size(), ", ",
                             dilations.size(), " and ", pads.size());
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  for (size_t i = 0; i < spatial; ++i) {
    for (int64_t extent : {kernel[i], strides[i], dilations[i]})
      if (extent < 1 || extent > kLimit)
        return emitOptionalError(loc, "expected kernel, strides and dilations of 1 to ", kLimit,
                                 ", got ", extent);
    int64_t window = (kernel[i] - 1) * dilations[i] + 1, in = x.getDimSize(2 + i);
    for (int64_t pad : {pads[i], pads[spatial + i]})
      if (pad < 0 || pad >= window)
        return emitOptionalError(loc, "expected pads of 0 to ", window - 1, ", got ", pad);
    int64_t room = in + pads[i] + pads[spatial + i] - window;
    if (room < 0)
      return emitOptionalError(loc, "expected a window that fits the padded input, got ", window,
                               " over ", room + window);
    int64_t extent = room / strides[i] + 1;
    // As for max_pool.
    if (adaptor.getCeilMode() && room % strides[i] && extent * strides[i] < in + pads[i])
      ++extent;
    shape.push_back(extent);
  }
  types.push_back(tensorOf(shape, IntegerType::get(context, 64)));
  return success();
}
LogicalResult MaxPoolIndicesOp::verify() {
  Type element = getX().getType().getElementType();
  auto integer = dyn_cast<IntegerType>(element);
  if (!element.isF32() && !(integer && integer.getWidth() == 8))
    return emitOpError("expected f32 or 8-bit integers, got ") << element;
  return success();
}

} // namespace octet
