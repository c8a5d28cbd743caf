// Shapes of ops that find out how many of something there are.

#include "dialect/ExtentOps.h"

#include "dialect/RegisterOps.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "dialect/ExtentOps.cpp.inc"

namespace octet {

void registerExtentOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/ExtentOps.cpp.inc"
      >(dialect);
}

static RankedTensorType getTensor(Value value) { return cast<RankedTensorType>(value.getType()); }

static RankedTensorType getIndices(MLIRContext *context, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, IntegerType::get(context, 64));
}

LogicalResult TrueIndicesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                              Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto mask = getTensor(adaptor.getMask());
  if (mask.getRank() != 1)
    return emitOptionalError(loc, "expected a mask of one dimension, got ", mask);
  types.push_back(getIndices(context, {mask.getDimSize(0) + 1}));
  return success();
}

LogicalResult SliceOrderOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = getTensor(adaptor.getX());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= x.getRank())
    return emitOptionalError(loc, "expected an axis of 0 to ", x.getRank() - 1, ", got ", axis);
  types.push_back(getIndices(context, {x.getDimSize(axis)}));
  return success();
}

LogicalResult SliceOrderOp::verify() {
  Type element = getX().getType().getElementType();
  if (element.isF16())
    return emitOpError("expected f32, bf16, f64 or integers, got ") << element;
  return success();
}

LogicalResult NonMaxSuppressionOp::inferReturnTypes(MLIRContext *context,
                                                    std::optional<Location> loc, Adaptor adaptor,
                                                    SmallVectorImpl<Type> &types) {
  auto boxes = getTensor(adaptor.getBoxes()), scores = getTensor(adaptor.getScores());
  ArrayRef<int64_t> b = boxes.getShape(), s = scores.getShape();
  if (b.size() != 3 || s.size() != 3 || b[2] != 4 || b[0] != s[0] || b[1] != s[2])
    return emitOptionalError(loc, "expected boxes [batch, count, 4] and scores [batch, classes, ",
                             "count], got ", boxes, " and ", scores);
  for (Value limit : {adaptor.getMost(), adaptor.getOverlap(), adaptor.getLeast()})
    if (limit && getTensor(limit).getNumElements() != 1)
      return emitOptionalError(loc, "expected one number as each limit, got ", limit.getType());
  if (static_cast<int64_t>(adaptor.getRoom()) < 0)
    return emitOptionalError(loc, "expected room for 0 or more boxes, got ",
                             static_cast<int64_t>(adaptor.getRoom()));
  int64_t room = std::min<int64_t>(adaptor.getRoom(), b[1]);
  types.push_back(getIndices(context, {s[0], s[1], room}));
  return success();
}

} // namespace octet
