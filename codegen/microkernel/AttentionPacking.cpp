#include "codegen/microkernel/AttentionPacking.h"

#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;

namespace octet::codegen {

Value AttentionPacking::centre(Value elements) {
  if (!plan.isInteger())
    return elements;
  LaneMath m(b, b.getLoc(), elements.getType());
  return arith::XOrIOp::create(b, elements, m.i(8, -kAttentionCentre));
}

Value AttentionPacking::shuffle(Value x, Value y, ArrayRef<int64_t> order) {
  return vector::ShuffleOp::create(b, x, y, order);
}

/// Row i of the result holds element i of each row.
SmallVector<Value> AttentionPacking::transpose(SmallVector<Value> rows) {
  int64_t count = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < count / 2; ++i) {
    low.append({i, i + count});
    high.append({i + count / 2, i + count / 2 + count});
  }
  for (int64_t round = 1; round < count; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < count / 2; ++i) {
      next.push_back(shuffle(rows[i], rows[i + count / 2], low));
      next.push_back(shuffle(rows[i], rows[i + count / 2], high));
    }
    rows = next;
  }
  return rows;
}

/// Calls `body` for each vector of a packed operand, with the first channel, the packed
/// place of its first step, the vectors of its block and how many of its lanes are real.
void AttentionPacking::forEachVector(const ChannelBlocks &blocks, int64_t steps,
                                     function_ref<void(Value, Value, int64_t, int64_t)> body) {
  int64_t word = row.getDot(), block = blocks.vectors * row.lanes;
  if (blocks.full > 0)
    loop(constant(0), constant(blocks.full), 1, [&](Value number) {
      loop(constant(0), constant(blocks.vectors), 1, [&](Value vector) {
        Value channel = linearize(b, 0, {number, vector}, {block, row.lanes});
        Value to = linearize(b, 0, {number, vector}, {block * steps * word, row.lanes * word});
        body(channel, to, blocks.vectors, row.lanes);
      });
    });
  for (int64_t i = 0; i < blocks.lastVectors; ++i) {
    int64_t first = blocks.full * block;
    body(constant(first + i * row.lanes), constant((first * steps + i * row.lanes) * word),
         blocks.lastVectors, blocks.getActive(true, i));
  }
}

void AttentionPacking::packKeys(const FlatView &k, Value start, const ChannelBlocks &blocks,
                                const PackedKeys &packed) {
  int64_t words = plan.getDepthWords(), dot = row.getDot();
  forEachVector(blocks, words, [&](Value key, Value to, int64_t vectors, int64_t active) {
    Value from = add(start, mul(key, k.strides[1]));
    int64_t stepSize = vectors * row.lanes * dot;
    auto pack = [&](Value word, int64_t count) {
      SmallVector<Value> rows;
      for (int64_t lane = 0; lane < row.lanes; ++lane)
        rows.push_back(loadWords(k, add(add(from, constant(lane * k.strides[1])), mul(word, dot)),
                                 count, lane < active));
      rows = transpose(rows);
      Value first = add(to, mul(word, stepSize));
      for (int64_t i = 0; i < count; ++i)
        storeWords(rows[i], packed.keys, add(first, constant(i * stepSize)));
    };
    int64_t full = words / row.lanes * row.lanes;
    emitLoop(b, 0, full, row.lanes, [&](Value word) { pack(word, row.lanes); });
    if (full < words)
      pack(constant(full), words - full);
    if (plan.isInteger())
      storeStarts(key, to, stepSize, packed);
  });
}

/// A vector of words of a key, of which `count` are real; zeros for no key.
Value AttentionPacking::loadWords(const FlatView &k, Value from, int64_t count, bool isReal) {
  Type word = plan.hasPackedValues() ? b.getI32Type() : Type(b.getF32Type());
  auto type = VectorType::get({row.lanes}, word);
  if (!isReal)
    return arith::ConstantOp::create(b, b.getZeroAttr(type));
  int64_t dot = row.getDot();
  Value elements = centre(loadLanes(kernel, k.memref, from, 1, {row.lanes * dot, count * dot}));
  if (dot == 1)
    return elements;
  return vector::BitCastOp::create(b, type, elements);
}

/// A vector of words in the order that the row wants.
void AttentionPacking::storeWords(Value words, Value packed, Value to) {
  int64_t dot = row.getDot();
  if (dot > 1) {
    auto type = VectorType::get({row.lanes * dot}, row.getElementType(b.getContext()));
    words = vector::BitCastOp::create(b, type, words);
    SmallVector<int64_t> order(row.lanes * dot);
    for (int64_t lane = 0; lane < row.lanes; ++lane)
      for (int64_t i = 0; i < dot; ++i)
        order[row.hooks->rhsPlace(row.lanes, lane, i)] = lane * dot + i;
    if (!llvm::is_sorted(order))
      words = shuffle(words, words, order);
  }
  vector::StoreOp::create(b, words, packed, ValueRange{to});
}

/// Where sums of u8 start: at the zero point of the queries times the sum of a key.
void AttentionPacking::storeStarts(Value key, Value from, int64_t stepSize,
                                   const PackedKeys &packed) {
  VectorType type = row.getAccumulatorType(b.getContext());
  LaneMath m(b, b.getLoc(), type);
  DotOperand ones = row.hooks->lhs(b, m.i32(0x01010101));
  auto sum = scf::ForOp::create(b, constant(0), constant(plan.getDepthWords()), constant(1),
                                ValueRange{m.i32(0)});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(sum.getBody());
    Value at = add(from, mul(sum.getInductionVar(), stepSize));
    DotOperand bytes = row.hooks->rhs(b, packed.keys, at, row.lanes);
    scf::YieldOp::create(b, row.hooks->multiplyAdd(b, sum.getRegionIterArg(0), ones, bytes));
  }
  Value start = m.mul(sum.getResult(0), m.splat(packed.startFactor));
  vector::StoreOp::create(b, start, packed.starts, ValueRange{key});
}

void AttentionPacking::packValues(const FlatView &v, Value start, const ChannelBlocks &blocks,
                                  Value packed) {
  int64_t words = plan.getKeyWords(), dot = row.getDot();
  SmallVector<int64_t> order(dot * row.lanes);
  for (int64_t lane = 0; lane < row.lanes; ++lane)
    for (int64_t i = 0; i < dot; ++i)
      order[row.hooks->rhsPlace(row.lanes, lane, i)] = i * row.lanes + lane;
  auto join = [&](Value x, Value y) {
    SmallVector<int64_t> both(2 * cast<VectorType>(x.getType()).getDimSize(0));
    std::iota(both.begin(), both.end(), 0);
    return shuffle(x, y, both);
  };
  forEachVector(blocks, words, [&](Value channel, Value to, int64_t vectors, int64_t active) {
    auto pack = [&](Value word, int64_t count) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < dot; ++i) {
        auto type = VectorType::get({row.lanes}, row.getElementType(b.getContext()));
        Value key = add(mul(word, dot), constant(i));
        Value at = add(add(start, channel), mul(key, v.strides[1]));
        rows.push_back(i < count ? centre(loadLanes(kernel, v.memref, at, 1, {row.lanes, active}))
                                 : arith::ConstantOp::create(b, b.getZeroAttr(type)).getResult());
      }
      constexpr int64_t kBytesInWord = 4;
      Value joined = dot == kBytesInWord
                         ? shuffle(join(rows[0], rows[1]), join(rows[2], rows[3]), order)
                         : shuffle(rows[0], rows[1], order);
      vector::StoreOp::create(b, joined, packed,
                              ValueRange{add(to, mul(word, vectors * row.lanes * dot))});
    };
    int64_t full = plan.keys / dot, rest = plan.keys % dot;
    emitLoop(b, 0, full, 1, [&](Value word) { pack(word, dot); });
    if (rest > 0)
      pack(constant(full), rest);
  });
}

} // namespace octet::codegen
