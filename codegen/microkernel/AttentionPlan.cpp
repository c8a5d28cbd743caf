#include "codegen/microkernel/AttentionPlan.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

// Registers of AVX-512; other rows have fewer lanes.
constexpr int64_t kMaxLanes = 16, kWordBytes = 4, kLine = 64;

AttentionPlan::AttentionPlan(AttentionOp op) {
  ArrayRef<int64_t> q = op.getQ().getType().getShape(), k = op.getK().getType().getShape(),
                    v = op.getV().getType().getShape();
  batch = q[0], queries = q[1], heads = q[2], depth = q[3];
  keys = k[1], groups = k[2], width = v[3];
  Type element = op.getQ().getType().getElementType();
  operands = getDotOperands(element, element);
  pitch = llvm::alignTo(keys, kMaxLanes);
  // Scores of a step stay in L2 beside keys and values; few rows would read the packed keys
  // too often.
  constexpr int64_t kScores = 16 << 10, kFewRows = 28;
  rows = std::min(std::max(kScores / pitch, kFewRows), std::max<int64_t>(queries, 1));

  int64_t place = 0;
  auto take = [&](int64_t bytes) {
    int64_t at = place;
    place = llvm::alignTo(place + bytes, kLine);
    return at;
  };
  packedKeysAt = take(pitch * getDepthWords() * kWordBytes);
  keyStartsAt = take(isInteger() ? pitch * kWordBytes : 0);
  int64_t valueWords = getKeyWords() * static_cast<int64_t>(llvm::alignTo(width, kMaxLanes));
  packedValuesAt = take(hasPackedValues() ? valueWords * kWordBytes : 0);
  scoresAt = take(rows * pitch * kWordBytes);
  weightsAt = take(hasPackedValues() ? rows * pitch * kWordBytes / getDot(operands) : 0);
  factorsAt = take(rows * kWordBytes);
  slotBytes = place;
}

int64_t AttentionPlan::getUnits() const {
  // Enough for many threads; each has its own scratch memory.
  constexpr int64_t kUnits = 48;
  return std::min(getSteps(), kUnits);
}

int64_t getAttentionScratchBytes(Operation *op) {
  auto group = dyn_cast<FusedOp>(op);
  auto attention = dyn_cast_or_null<AttentionOp>(group ? group.getRoot() : op);
  return attention ? AttentionPlan(attention).getScratchBytes() : 0;
}

} // namespace octet::codegen
