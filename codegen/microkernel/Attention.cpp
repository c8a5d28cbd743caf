// Attention: for each step, which is a run of queries of one head, the scores (a matrix
// product with the keys), their softmax, and a matrix product with the values, all in scratch
// memory that stays in the cache. Keys and values are packed (AttentionPacking.h) once for the
// steps of a head that a thread computes one after the other.
//
// The heads of queries, keys and values are read where matrix products have put them, with
// strides; nothing else is moved.

#include "codegen/microkernel/Contractions.h"

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Memory.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Polynomials.h"
#include "codegen/emit/Reduction.h"
#include "codegen/emit/Saturation.h"
#include "codegen/microkernel/AttentionPacking.h"
#include "codegen/microkernel/AttentionPlan.h"
#include "codegen/microkernel/ImplicitGemm.h"
#include "codegen/microkernel/StepLoops.h"
#include "dialect/reference/QuantRules.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {

namespace {

/// Which queries a step computes, and of what.
struct Step {
  Value image, head, group, firstQuery;
};

/// Scores on their way to scratch memory: the products times the scale, and the mask.
class ScoreSums : public TileSums {
public:
  ScoreSums(KernelBuilder &kernel, const Microkernel &row, const AttentionPlan &plan,
            const std::optional<FlatView> &mask, Value scale, Value starts, Value scores,
            const Step &step)
      : kernel(kernel), b(kernel.b()), row(row), plan(plan), mask(mask), scale(scale),
        starts(starts), scores(scores), step(step) {}

  Value begin(Value slot) const override {
    VectorType type = row.getAccumulatorType(b.getContext());
    if (starts)
      return vector::LoadOp::create(b, type, starts, ValueRange{slot});
    return arith::ConstantOp::create(b, b.getZeroAttr(type));
  }

  /// `position` is the row within the step and the key.
  void end(ArrayRef<Value> sums, Value, const Position &position) const override {
    Value sum = sums.front();
    LaneMath m(b, b.getLoc(), sum.getType());
    if (plan.isInteger())
      sum = m.fromI32(sum, b.getF32Type());
    Value score = m.mul(sum, m.splat(scale));
    Value local = position.index[0], key = position.index[1];
    if (mask) {
      Value query = arith::AddIOp::create(b, step.firstQuery, local);
      Value at = linearize(b, mask->offset, {step.image, step.head, query, key}, mask->strides);
      score = m.add(score, loadLanes(kernel, mask->memref, at, mask->strides[3],
                                     {row.lanes, position.active}));
    }
    vector::StoreOp::create(b, score, scores,
                            ValueRange{linearize(b, 0, {local, key}, {plan.pitch, 1})});
  }

  int64_t getVectorsAtEnd(int64_t) const override { return 1; }

private:
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  const Microkernel &row;
  const AttentionPlan &plan;
  const std::optional<FlatView> &mask;
  Value scale, starts, scores;
  const Step &step;
};

/// Sums of weighted values on their way to the result: divided by the sum of weights.
class ValueSums : public TileSums {
public:
  ValueSums(KernelBuilder &kernel, const Microkernel &row, const AttentionPlan &plan, Value factors,
            Value shift, const Step &step)
      : kernel(kernel), b(kernel.b()), row(row), plan(plan), factors(factors), shift(shift),
        step(step) {}

  Value begin(Value) const override {
    return arith::ConstantOp::create(b, b.getZeroAttr(row.getAccumulatorType(b.getContext())));
  }

  void end(ArrayRef<Value> sums, Value, const Position &position) const override {
    Value sum = concatLanes(b, sums);
    LaneMath m(b, b.getLoc(), sum.getType());
    if (plan.isInteger())
      sum = m.fromI32(sum, b.getF32Type());
    Value local = arith::SubIOp::create(b, position.index[1], step.firstQuery);
    Value factor = memref::LoadOp::create(b, factors, local);
    Value value = m.mul(sum, m.splat(factor));
    if (shift)
      value = m.add(value, m.splat(shift));
    kernel.storeResult(value, position);
  }

  int64_t getVectorsAtEnd(int64_t dimension) const override {
    // As many as four registers of sums become one of bytes.
    constexpr int64_t kPacked = 4;
    Buffer result = kernel.getResult();
    bool isWhole = row.lanes == kernel.getTarget().getLanes();
    return isWhole && result.getElementType().isInteger(8) ? kPacked : 1;
  }

private:
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  const Microkernel &row;
  const AttentionPlan &plan;
  Value factors, shift;
  const Step &step;
};

class AttentionEmitter : StepLoops {
public:
  AttentionEmitter(KernelBuilder &kernel, AttentionOp op, const AttentionPlan &plan)
      : StepLoops(kernel.b(), plan.getSteps(), plan.getUnits()), kernel(kernel), op(op), plan(plan),
        row(selectMicrokernel(kernel.getTarget(), plan.operands, /*pairSumsFit=*/false)),
        keyTiling(chooseTiling(row, getProblem(plan.keys, plan.getDepthWords()))),
        valueTiling(chooseTiling(row, getProblem(plan.width, plan.getKeyWords()))),
        keyBlocks(plan.keys, row.lanes, keyTiling.vectors),
        valueBlocks(plan.width, row.lanes, valueTiling.vectors),
        q(getFlatView(b, kernel.getBuffer(op.getQ()))),
        k(getFlatView(b, kernel.getBuffer(op.getK()))),
        v(getFlatView(b, kernel.getBuffer(op.getV()))) {
    if (op.getMask()) {
      Buffer buffer = kernel.getBuffer(op.getMask());
      mask = broadcastView(getFlatView(b, buffer), buffer.type.getShape(),
                           {plan.batch, plan.heads, plan.queries, plan.keys});
    }
  }

  void emit() {
    setParameters();
    scratch = kernel.addScratch(plan.getScratchBytes(), b.getI8Type());
    kernel.parallelLoop(plan.getUnits(), [&](Value unit) {
      setViews(mul(kernel.getFirstUnit(), plan.slotBytes));
      loop(getFirstStep(unit), getFirstStep(add(unit, 1)), 1, [&](Value number) {
        SmallVector<Value> place =
            delinearize(b, number, {plan.batch, plan.heads, plan.getChunks()});
        int64_t share = plan.heads / plan.groups;
        Step step{place[0], place[1], arith::DivUIOp::create(b, place[1], constant(share)),
                  mul(place[2], plan.rows)};
        Value ofGroup = arith::RemUIOp::create(b, number, constant(share * plan.getChunks()));
        Value isFirst = equals(number, getFirstStep(kernel.getFirstUnit()));
        auto branch = scf::IfOp::create(
            b, arith::OrIOp::create(b, isFirst, equals(ofGroup, constant(0))), false);
        {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(branch.thenBlock());
          AttentionPacking packing(kernel, plan, row);
          packing.packKeys(k, getHead(k, step), keyBlocks, {packedKeys, keyStarts, startFactor});
          if (plan.hasPackedValues())
            packing.packValues(v, getHead(v, step), valueBlocks, packedValues);
        }
        int64_t full = plan.queries / plan.rows, rest = plan.queries % plan.rows;
        emitBranch(b, full > 0, rest > 0, place[2], full, [&](bool isLast) {
          int64_t count = isLast ? rest : plan.rows;
          emitScores(step, count);
          loop(constant(0), constant(count), 1, [&](Value local) { emitWeights(local); });
          emitValues(step, count);
        });
      });
    });
  }

private:
  TilingProblem getProblem(int64_t channels, int64_t steps) const {
    constexpr int64_t kWord = 4;
    return {{1, 1, plan.rows}, channels, 1, steps, plan.rows * steps * kWord, false};
  }

  void setParameters() {
    float given = op.getScale().convertToFloat();
    if (!plan.isInteger()) {
      scale = kernel.addParameter(given);
      return;
    }
    auto get = [](Value value) {
      return reference::getScale(cast<quant::QuantizedType>(getElementTypeOrSelf(value.getType())));
    };
    reference::Scale sq = get(op.getQ()), sk = get(op.getK()), sv = get(op.getV());
    auto width = static_cast<float>(sv.scale);
    scale = kernel.addParameter(reference::getSumScale(sq.scale, sk.scale) * given);
    startFactor = kernel.addParameter(static_cast<int32_t>(-sq.zeroPoint));
    valueScale = kernel.addParameter(width);
    valueShift = kernel.addParameter(width * static_cast<float>(kAttentionCentre - sv.zeroPoint));
  }

  Value getView(Value start, int64_t at, Type element, int64_t bytes) {
    auto type = MemRefType::get({bytes * 8 / element.getIntOrFloatBitWidth()}, element);
    return memref::ViewOp::create(b, type, scratch, add(start, constant(at)), ValueRange());
  }

  void setViews(Value start) {
    Type f32 = b.getF32Type(), i32 = b.getI32Type();
    Type packed = row.getElementType(b.getContext());
    packedKeys = getView(start, plan.packedKeysAt, packed, plan.keyStartsAt - plan.packedKeysAt);
    scores = getView(start, plan.scoresAt, f32, plan.weightsAt - plan.scoresAt);
    factors = getView(start, plan.factorsAt, f32, plan.slotBytes - plan.factorsAt);
    if (plan.isInteger())
      keyStarts = getView(start, plan.keyStartsAt, i32, plan.packedValuesAt - plan.keyStartsAt);
    if (!plan.hasPackedValues())
      return;
    packedValues = getView(start, plan.packedValuesAt, packed, plan.scoresAt - plan.packedValuesAt);
    weights = getView(start, plan.weightsAt, packed, plan.factorsAt - plan.weightsAt);
  }

  /// Where the keys or values of a head begin.
  Value getHead(const FlatView &view, const Step &step) {
    return linearize(b, view.offset, {step.image, step.group}, {view.strides[0], view.strides[2]});
  }

  void emitScores(const Step &step, int64_t count) {
    ImplicitGemm gemm;
    gemm.row = &row;
    gemm.rows = {1, 1, count};
    gemm.rowStrides = {0, 0, q.strides[1]};
    gemm.reduction = {{plan.getDepthWords(), row.getDot()}};
    gemm.channels = plan.keys;
    gemm.lhs = q.memref;
    gemm.rhs = packedKeys;
    gemm.channelDim = 1;
    Value start = linearize(b, q.offset, {step.image, step.firstQuery, step.head},
                            ArrayRef(q.strides).drop_back());
    gemm.lhsStart = [&](Value) { return Place{start}; };
    gemm.resultIndex = [&](Value, ArrayRef<Value> point, Value key) {
      return SmallVector<Value>{point[2], key};
    };
    ScoreSums sums(kernel, row, plan, mask, scale, keyStarts, scores, step);
    emitGemmOfGroup(kernel, gemm, keyTiling, keyBlocks, sums, constant(0));
  }

  /// Scores of a query become weights: exp(score - highest), as f32, as bf16, or in 255ths.
  void emitWeights(Value local) {
    Type f32 = b.getF32Type();
    LaneMath m(b, b.getLoc(), VectorType::get({kPartials}, f32)), scalar(b, b.getLoc(), f32);
    Value from = mul(local, plan.pitch);
    auto load = [&](Value i) {
      return vector::LoadOp::create(b, cast<VectorType>(m.f32()), scores, ValueRange{add(from, i)});
    };
    // Where all is masked, integers shall not become NaN.
    Value lowest = m.f(plan.isInteger() ? std::numeric_limits<float>::lowest()
                                        : -std::numeric_limits<double>::infinity());
    Value best = emitAccumulation(b, plan.keys, lowest, [&](Value i, int64_t active, Value best) {
      return m.max(best, selectActive(b, load(i), lowest, active));
    });
    Value highest = m.splat(emitHorizontal(
        b, best, [](const LaneMath &part, Value x, Value y) { return part.max(x, y); }));
    Value none = plan.isInteger() ? m.i32(0) : m.f(0);
    Value total = emitAccumulation(b, plan.keys, none, [&](Value i, int64_t active, Value sum) {
      Value weight = emitExp(m, m.sub(load(i), highest));
      if (plan.isInteger())
        weight = m.roundToI32(m.mul(weight, m.f(UINT8_MAX)));
      weight = selectActive(b, weight, none, active);
      Value stored = weight;
      if (plan.isInteger()) {
        stored = arith::TruncIOp::create(b, m.integer(8), weight);
      } else if (plan.operands == DotOperands::BF16) {
        stored = emitToBF16(m, weight, kernel.getTarget());
        weight = emitFromBF16(m, stored);
      }
      vector::StoreOp::create(b, stored, plan.hasPackedValues() ? weights : scores,
                              ValueRange{add(from, i)});
      return m.add(sum, weight);
    });
    Value sum = emitHorizontal(
        b, total, [](const LaneMath &part, Value x, Value y) { return part.add(x, y); });
    Value factor = plan.isInteger() ? scalar.div(valueScale, scalar.fromI32(sum, f32))
                                    : scalar.div(scalar.f(1), sum);
    memref::StoreOp::create(b, factor, factors, local);
  }

  void emitValues(const Step &step, int64_t count) {
    ImplicitGemm gemm;
    gemm.row = &row;
    gemm.rows = {1, 1, count};
    gemm.rowStrides = {0, 0, plan.pitch};
    gemm.reduction = {{plan.getKeyWords(), row.getDot()}};
    gemm.channels = plan.width;
    gemm.channelDim = 3;
    gemm.lhsStart = [&](Value) { return Place{constant(0)}; };
    if (plan.hasPackedValues()) {
      gemm.lhs = weights;
      gemm.rhs = packedValues;
    } else {
      gemm.lhs = scores;
      gemm.rhs = v.memref;
      gemm.rhsStride = v.strides[1];
      gemm.rhsStart = [&](Value) { return getHead(v, step); };
    }
    gemm.resultIndex = [&](Value, ArrayRef<Value> point, Value channel) {
      return SmallVector<Value>{step.image, add(step.firstQuery, point[2]), step.head, channel};
    };
    ValueSums sums(kernel, row, plan, factors, valueShift, step);
    emitGemmOfGroup(kernel, gemm, valueTiling, valueBlocks, sums, constant(0));
  }

  KernelBuilder &kernel;
  AttentionOp op;
  const AttentionPlan &plan;
  const Microkernel &row;
  Tiling keyTiling, valueTiling;
  ChannelBlocks keyBlocks, valueBlocks;
  FlatView q, k, v;
  std::optional<FlatView> mask;
  Value scale, startFactor, valueScale, valueShift; ///< numbers
  Value scratch, packedKeys, keyStarts, packedValues, scores, weights, factors;
};

} // namespace

LogicalResult emitAttention(KernelBuilder &kernel, AttentionOp op) {
  AttentionPlan plan(op);
  if (plan.depth % getDot(plan.operands) != 0)
    return op.emitOpError("expected heads of a multiple of ")
           << getDot(plan.operands) << " numbers, got " << plan.depth;
  AttentionEmitter(kernel, op, plan).emit();
  return success();
}

} // namespace octet::codegen
