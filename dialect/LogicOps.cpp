// Shapes, types and scalar meaning of the ops that compare, choose and act on bits.

#include "dialect/LogicOps.h"

#include "dialect/RegisterOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

#include <cmath>

using namespace mlir;

#include "dialect/LogicEnums.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/LogicOps.cpp.inc"

namespace octet {

void registerLogicOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/LogicOps.cpp.inc"
      >(dialect);
}

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

// Appends the broadcast type of `operands` with elements of `element`; the last two
// operands have one element type.
static LogicalResult inferBroadcast(std::optional<Location> loc, ValueRange operands, Type element,
                                    SmallVectorImpl<Type> &types) {
  RankedTensorType a = typeOf(operands.drop_back().back()), b = typeOf(operands.back());
  if (a.getElementType() != b.getElementType())
    return emitOptionalError(loc, "expected operands of one element type, got ", a.getElementType(),
                             " and ", b.getElementType());
  SmallVector<int64_t> shape;
  for (Value operand : operands) {
    auto joined = broadcastShapes(shape, typeOf(operand).getShape());
    if (!joined)
      return emitOptionalError(loc, "expected shapes that broadcast, got ", operands.getTypes());
    shape = *joined;
  }
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

static bool isUnsigned(Type element) { return element.isUnsignedInteger() || element.isInteger(1); }
static int64_t wrap(uint64_t x) { return static_cast<int64_t>(x); }

//===-- compare -----------------------------------------------------------------------===//

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  return inferBroadcast(loc, {adaptor.getA(), adaptor.getB()}, IntegerType::get(context, 1), types);
}

float CompareOp::evaluateScalar(ArrayRef<float> operands) {
  return isRelated(getKind(), operands[0], operands[1]);
}

std::optional<int64_t> CompareOp::evaluateInteger(ArrayRef<int64_t> operands) {
  if (isUnsigned(getA().getType().getElementType()))
    return isRelated<uint64_t>(getKind(), operands[0], operands[1]);
  return isRelated(getKind(), operands[0], operands[1]);
}

//===-- bitwise -----------------------------------------------------------------------===//

LogicalResult BitwiseOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                          Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type element = typeOf(adaptor.getA()).getElementType();
  if (!isa<IntegerType>(element))
    return emitOptionalError(loc, "expected integers or booleans, got ", element);
  return inferBroadcast(loc, {adaptor.getA(), adaptor.getB()}, element, types);
}

float BitwiseOp::evaluateScalar(ArrayRef<float>) { llvm_unreachable("floats have no bits here"); }

std::optional<int64_t> BitwiseOp::evaluateInteger(ArrayRef<int64_t> operands) {
  switch (getKind()) {
  case BitwiseKind::And:
    return operands[0] & operands[1];
  case BitwiseKind::Or:
    return operands[0] | operands[1];
  case BitwiseKind::Xor:
    return operands[0] ^ operands[1];
  }
  llvm_unreachable("unknown function of bits");
}

//===-- shift -------------------------------------------------------------------------===//

LogicalResult ShiftOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                        SmallVectorImpl<Type> &types) {
  Type element = typeOf(adaptor.getA()).getElementType();
  if (!element.isUnsignedInteger())
    return emitOptionalError(loc, "expected unsigned integers, got ", element);
  return inferBroadcast(loc, {adaptor.getA(), adaptor.getB()}, element, types);
}

float ShiftOp::evaluateScalar(ArrayRef<float>) { llvm_unreachable("floats have no bits here"); }

std::optional<int64_t> ShiftOp::evaluateInteger(ArrayRef<int64_t> operands) {
  uint64_t bits = operands[0], places = operands[1];
  if (places >= getA().getType().getElementType().getIntOrFloatBitWidth())
    return 0;
  return wrap(getKind() == ShiftDirection::Left ? bits << places : bits >> places);
}

//===-- mod ---------------------------------------------------------------------------===//

LogicalResult ModOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  Type element = typeOf(adaptor.getA()).getElementType();
  if (element.isInteger(1))
    return emitOptionalError(loc, "expected numbers, got booleans");
  return inferBroadcast(loc, {adaptor.getA(), adaptor.getB()}, element, types);
}

LogicalResult ModOp::verify() {
  if (isa<FloatType>(getA().getType().getElementType()) && getKind() != ModKind::Trunc)
    return emitOpError("expected kind trunc on floats, got ") << stringifyModKind(getKind());
  return success();
}

float ModOp::evaluateScalar(ArrayRef<float> operands) {
  return std::fmod(operands[0], operands[1]);
}

std::optional<int64_t> ModOp::evaluateInteger(ArrayRef<int64_t> operands) {
  int64_t a = operands[0], b = operands[1];
  // A divisor of 0 has no meaning in ONNX; 0 keeps evaluation total.
  if (b == 0)
    return 0;
  if (isUnsigned(getA().getType().getElementType()))
    return wrap(static_cast<uint64_t>(a) % static_cast<uint64_t>(b));
  int64_t rest = b == -1 ? 0 : a % b;
  bool moves = getKind() == ModKind::Floor && rest != 0 && (rest < 0) != (b < 0);
  return moves ? rest + b : rest;
}

//===-- select ------------------------------------------------------------------------===//

LogicalResult SelectOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                         Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Type condition = typeOf(adaptor.getCondition()).getElementType();
  if (!condition.isInteger(1))
    return emitOptionalError(loc, "expected a condition of booleans, got ", condition);
  return inferBroadcast(loc, {adaptor.getCondition(), adaptor.getA(), adaptor.getB()},
                        typeOf(adaptor.getA()).getElementType(), types);
}

float SelectOp::evaluateScalar(ArrayRef<float> operands) {
  return operands[0] != 0 ? operands[1] : operands[2];
}

std::optional<int64_t> SelectOp::evaluateInteger(ArrayRef<int64_t> operands) {
  return operands[0] ? operands[1] : operands[2];
}

} // namespace octet
