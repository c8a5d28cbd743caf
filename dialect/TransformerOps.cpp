// Shapes, verifiers and scalar meaning of what transformers are made of.

#include "dialect/TransformerOps.h"

#include "dialect/RegisterOps.h"

#include "mlir/IR/OpImplementation.h"

#include <cmath>

using namespace mlir;

#include "dialect/TransformerInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/TransformerOps.cpp.inc"

namespace octet {

void registerTransformerOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/TransformerOps.cpp.inc"
      >(dialect);
}

static void inferRows(Value x, SmallVectorImpl<Type> &types) {
  auto type = cast<RankedTensorType>(x.getType());
  types.push_back(RankedTensorType::get(type.getShape(), Float32Type::get(x.getContext())));
}

static LogicalResult verifyRows(Operation *op, RankedTensorType x) {
  if (x.getRank() == 0 || x.getShape().back() == 0)
    return op->emitOpError("expected x with elements along its last dimension, got ") << x;
  return success();
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  return inferRows(adaptor.getX(), types), success();
}
LogicalResult LayerNormOp::verify() { return verifyRows(*this, getX().getType()); }

LogicalResult RmsNormOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  return inferRows(adaptor.getX(), types), success();
}
LogicalResult RmsNormOp::verify() { return verifyRows(*this, getX().getType()); }

LogicalResult GeluOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  return inferRows(adaptor.getX(), types), success();
}

float GeluOp::evaluateScalar(ArrayRef<float> operands) {
  float x = operands[0];
  if (!getTanh())
    return 0.5f * x * (1.0f + std::erf(x * static_cast<float>(M_SQRT1_2)));
  float inner = static_cast<float>(std::sqrt(M_2_PI)) * (x + 0.044715f * (x * x * x));
  return 0.5f * x * (1.0f + std::tanh(inner));
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                            Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto q = cast<RankedTensorType>(adaptor.getQ().getType());
  auto k = cast<RankedTensorType>(adaptor.getK().getType());
  auto v = cast<RankedTensorType>(adaptor.getV().getType());
  for (RankedTensorType type : {q, k, v})
    if (type.getRank() != 4)
      return emitOptionalError(loc, "expected q, k and v of rank 4, got ", type);
  ArrayRef<int64_t> qs = q.getShape(), ks = k.getShape(), vs = v.getShape();
  if (qs[0] != ks[0] || qs[3] != ks[3])
    return emitOptionalError(loc, "expected q and k of one batch and head size, got ", q, " and ",
                             k);
  if (ks.drop_back() != vs.drop_back())
    return emitOptionalError(loc, "expected k and v of one batch, length and number of heads, got ",
                             k, " and ", v);
  if (ks[1] == 0)
    return emitOptionalError(loc, "expected at least one key, got ", k);
  if (ks[2] == 0 || qs[2] % ks[2] != 0)
    return emitOptionalError(loc, "expected a multiple of ", ks[2], " heads of q, got ", qs[2]);
  if (adaptor.getMask()) {
    auto mask = cast<RankedTensorType>(adaptor.getMask().getType());
    SmallVector<int64_t> scores{qs[0], qs[2], qs[1], ks[1]};
    auto joined = broadcastShapes(mask.getShape(), scores);
    if (!joined || *joined != scores)
      return emitOptionalError(loc, "expected a mask that broadcasts to ",
                               RankedTensorType::get(scores, mask.getElementType()), ", got ",
                               mask);
  }
  types.push_back(
      RankedTensorType::get({qs[0], qs[1], qs[2], vs[3]}, Float32Type::get(q.getContext())));
  return success();
}

unsigned AttentionOp::getIntegerOperandCount() { return 3; }

std::string AttentionOp::refuseIntegers() {
  constexpr int64_t kWord = 4;
  // Sums of products of bytes, with the zero point's part, within s32.
  constexpr int64_t kMostProducts = 32768;
  int64_t depth = getQ().getType().getDimSize(3), keys = getK().getType().getDimSize(1);
  if (depth % kWord != 0)
    return "heads are not a multiple of four numbers";
  if (std::max(depth, keys) > kMostProducts)
    return "sums may leave s32";
  if (getY().getType().getNumElements() == 0)
    return "has no elements";
  return {};
}

LogicalResult AttentionOp::verify() {
  auto isStored = [](Value value) {
    auto type = cast<RankedTensorType>(value.getType()).getElementType();
    auto uniform = dyn_cast<quant::UniformQuantizedType>(type);
    return uniform && !uniform.isSigned() && uniform.getStorageTypeIntegralWidth() == 8;
  };
  auto isReal = [](Value value) { return getElementTypeOrSelf(value.getType()).isF32(); };
  auto isNarrow = [](Value value) { return getElementTypeOrSelf(value.getType()).isBF16(); };
  SmallVector<Value, 3> operands{getQ(), getK(), getV()};
  if (!llvm::all_of(operands, isReal) && !llvm::all_of(operands, isNarrow) &&
      !llvm::all_of(operands, isStored))
    return emitOpError("expected q, k and v all f32, all bf16 or all u8 with one scale, got ")
           << getQ().getType() << ", " << getK().getType() << " and " << getV().getType();
  return success();
}

} // namespace octet
