#include "codegen/microkernel/ImplicitGemm.h"

#include "codegen/emit/Memory.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t ImplicitGemm::getSteps() const {
  int64_t outer = 1;
  for (const ReductionAxis &axis : ArrayRef(reduction).drop_back())
    outer *= axis.trip;
  return outer * (reduction.back().trip + (tail >= 0));
}

TilingProblem ImplicitGemm::getTilingProblem() const {
  auto lhsType = cast<MemRefType>(lhs.getType());
  int64_t bytes = lhsType.getNumElements() * lhsType.getElementTypeBitWidth() / 8;
  const ReductionAxis &inner = reduction.back();
  constexpr int64_t kShortRun = 16;
  bool linesShareWords = inner.trip <= kShortRun && rowStrides[2] > 0 &&
                         inner.trip * inner.stride > rowStrides[2] &&
                         rowStrides[2] % inner.stride == 0;
  double outside = 0;
  if (lines)
    for (int64_t y = 0; y < rows[1]; ++y)
      outside += lines->window - std::max<int64_t>(0, lines->getEnd(y) - lines->getFirst(y));
  double share = lines ? outside / (rows[1] * lines->window) : 0;
  return {rows, channels, groups, getSteps(), bytes, linesShareWords, share};
}

void mergeAxes(SmallVectorImpl<ReductionAxis> &reduction) {
  for (int64_t i = static_cast<int64_t>(reduction.size()) - 2; i >= 0; --i) {
    ReductionAxis &outer = reduction[i], &inner = reduction[i + 1];
    if (outer.trip != 1 && inner.trip != 1 && outer.stride != inner.trip * inner.stride)
      continue;
    // The walk of a single step has any stride.
    ReductionAxis merged{outer.trip * inner.trip, inner.trip == 1 ? outer.stride : inner.stride};
    reduction.erase(reduction.begin() + i);
    reduction[i] = merged;
  }
}

Value flatten(ImplicitLocOpBuilder &b, Value memref) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank == 1)
    return memref;
  if (rank == 0)
    return memref::ExpandShapeOp::create(b, ArrayRef<int64_t>{1}, memref,
                                         ArrayRef<ReassociationIndices>{});
  ReassociationIndices all(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  return memref::CollapseShapeOp::create(b, memref, ArrayRef<ReassociationIndices>{all});
}

void emitBranch(ImplicitLocOpBuilder &b, bool hasMain, bool hasLast, Value index, int64_t lastIndex,
                function_ref<void(bool)> body) {
  if (!hasMain || !hasLast)
    return body(hasLast);
  Value last = arith::ConstantIndexOp::create(b, lastIndex);
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index, last);
  auto choice = scf::IfOp::create(b, isLast, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&choice.getThenRegion().front());
  body(true);
  b.setInsertionPointToStart(&choice.getElseRegion().front());
  body(false);
}

namespace {

/// Emits one kernel. A unit of work is one block of channels by one tile of rows[0]
/// and rows[1] by a chunk of tiles along rows[2].
class Emitter {
public:
  Emitter(KernelBuilder &kernel, const ImplicitGemm &gemm, const Tiling &tiling,
          const ChannelBlocks &blocks, const TileSums &ends)
      : kernel(kernel), b(kernel.b()), gemm(gemm), row(*gemm.row), tiling(tiling), blocks(blocks),
        ends(ends), steps(gemm.getSteps()),
        chunkTiles(getChunk(row, gemm.getTilingProblem(), tiling)) {}

  void emit() {
    int64_t tiles = std::max<int64_t>(gemm.rows[2] / tiling.tile[2], 1);
    chunks = ceilDiv(tiles, chunkTiles);
    int64_t channelUnits = gemm.groups * blocks.getCount();
    const int64_t counts[3] = {ceilDiv(gemm.rows[0], tiling.tile[0]),
                               ceilDiv(gemm.rows[1], tiling.tile[1]), chunks};
    kernel.parallelLoop(channelUnits * counts[0] * counts[1] * counts[2], [&](Value unit) {
      Value position[3], channelUnit;
      auto takeRows = [&] {
        for (int64_t axis : {2, 1, 0})
          position[axis] = take(unit, counts[axis]);
      };
      if (tiling.channelsOuter) {
        takeRows();
        channelUnit = unit;
      } else {
        channelUnit = take(unit, channelUnits);
        takeRows();
      }
      Value block = take(channelUnit, blocks.getCount());
      emitUnit(channelUnit, block, position);
    });
  }

  /// All tiles of a group, in the caller's loops.
  void emitGroup(Value group) {
    assert(gemm.rows[0] == 1 && gemm.rows[1] == 1 && "rows along one axis");
    chunkTiles = std::max<int64_t>(gemm.rows[2] / tiling.tile[2], 1);
    Value zero = constant(0), position[3] = {zero, zero, zero};
    if (blocks.getCount() == 1)
      return emitUnit(group, zero, position);
    auto loop = scf::ForOp::create(b, zero, constant(blocks.getCount()), constant(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    emitUnit(group, loop.getInductionVar(), position);
  }

private:
  /// What is constant in one shape of tile.
  struct Shape {
    Rows tile;
    int64_t vectors;
    bool last; // block of channels
  };

  /// What is constant while a tile runs.
  struct TileState {
    Value group, block, channel;
    SmallVector<Value, 3> start; // of the rows
  };

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value add(Value value, int64_t offset) {
    return offset == 0 ? value : arith::AddIOp::create(b, value, constant(offset));
  }
  Value mul(Value value, int64_t factor) {
    return factor == 1 ? value : arith::MulIOp::create(b, value, constant(factor));
  }
  Value add(Value a, Value c) { return arith::AddIOp::create(b, a, c); }
  Value at(const Place &place) { return add(place.base, place.offset); }

  /// Splits `unit` into (unit / count, unit % count), keeps the first in `unit`.
  Value take(Value &unit, int64_t count) {
    if (count == 1)
      return constant(0);
    Value size = constant(count);
    Value low = arith::RemUIOp::create(b, unit, size);
    unit = arith::DivUIOp::create(b, unit, size);
    return low;
  }

  void branch(bool hasMain, bool hasLast, Value index, int64_t lastIndex,
              function_ref<void(bool)> body) {
    emitBranch(b, hasMain, hasLast, index, lastIndex, body);
  }

  void emitUnit(Value group, Value block, Value position[3]) {
    branch(blocks.full > 0, blocks.lastVectors > 0, block, blocks.full, [&](bool last) {
      Shape shape{tiling.tile, last ? blocks.lastVectors : blocks.vectors, last};
      TileState state;
      state.group = group;
      state.block = block;
      state.channel = mul(block, blocks.vectors * row.lanes);
      for (int64_t axis : {0, 1, 2})
        state.start.push_back(mul(position[axis], tiling.tile[axis]));
      emitAxis(0, shape, state, position);
    });
  }

  void emitAxis(int64_t axis, Shape shape, TileState state, Value position[3]) {
    if (axis == 2)
      return emitChunk(shape, state, position[2]);
    int64_t tile = tiling.tile[axis], main = gemm.rows[axis] / tile, rest = gemm.rows[axis] % tile;
    branch(main > 0, rest > 0, position[axis], main, [&](bool last) {
      Shape part = shape;
      part.tile[axis] = last ? rest : tile;
      emitAxis(axis + 1, part, state, position);
    });
  }

  void emitChunk(const Shape &shape, TileState state, Value chunk) {
    int64_t tile = tiling.tile[2], main = gemm.rows[2] / tile, rest = gemm.rows[2] % tile;
    auto run = [&](Value start, int64_t extent) {
      Shape part = shape;
      part.tile[2] = extent;
      state.start[2] = start;
      emitTile(part, state);
    };
    if (main == 1 && chunks == 1) {
      run(constant(0), tile);
    } else if (main > 0) {
      Value low = mul(chunk, chunkTiles * tile);
      Value high = add(low, chunkTiles * tile);
      if (main % chunkTiles)
        high = arith::MinUIOp::create(b, high, constant(main * tile));
      auto loop = scf::ForOp::create(b, low, high, constant(tile));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      run(loop.getInductionVar(), tile);
    }
    if (rest == 0)
      return;
    auto runRest = [&](bool isLast) {
      if (isLast)
        run(constant(main * tile), rest);
    };
    branch(chunks > 1, true, chunk, chunks - 1, runRest);
  }

  void emitTile(const Shape &shape, const TileState &state) {
    int64_t count = getCount(shape.tile);
    // The accumulators of a row are neighbours.
    Value slot = add(mul(state.group, blocks.getPadded()), state.channel);
    SmallVector<Value> sums;
    SmallVector<Value> first;
    for (int64_t v = 0; v < shape.vectors; ++v)
      first.push_back(ends.begin(add(slot, v * row.lanes)));
    for (int64_t m = 0; m < count; ++m)
      sums.append(first);

    Place lhs = gemm.lhsStart(state.group);
    for (int64_t axis : {0, 1, 2})
      if (gemm.rows[axis] > 1)
        lhs.base = add(lhs.base, mul(state.start[axis], gemm.rowStrides[axis]));
    Place rhs;
    if (gemm.rhsStride)
      rhs.base = add(gemm.rhsStart(state.group), state.channel);
    else
      rhs.base = add(mul(state.group, blocks.getPadded() * steps * row.getDot()),
                     mul(state.channel, steps * row.getDot()));
    tileLine = shape.tile[1] == 1 ? state.start[1] : Value();
    emitReduction(0, shape, lhs, rhs, sums);

    int64_t together = gemm.channelDim < 0 ? 1 : ends.getVectorsAtEnd(gemm.channelDim);
    forEachRow(shape, [&](int64_t m, int64_t d0, int64_t d1, int64_t d2) {
      Value point[3] = {add(state.start[0], d0), add(state.start[1], d1), add(state.start[2], d2)};
      for (int64_t v = 0, count = 0; v < shape.vectors; v += count) {
        count = together;
        while (count > shape.vectors - v)
          count /= 2;
        Position position;
        position.index = gemm.resultIndex(state.group, point, add(state.channel, v * row.lanes));
        position.vectorDim = gemm.channelDim;
        if (gemm.channelDim >= 0) {
          position.lanes = count * row.lanes;
          position.active = (count - 1) * row.lanes + blocks.getActive(shape.last, v + count - 1);
        }
        ends.end(ArrayRef(sums).slice(m * shape.vectors + v, count), add(slot, v * row.lanes),
                 position);
      }
    });
  }

  static void forEachRow(const Shape &shape,
                         function_ref<void(int64_t, int64_t, int64_t, int64_t)> body) {
    int64_t m = 0;
    for (int64_t d0 = 0; d0 < shape.tile[0]; ++d0)
      for (int64_t d1 = 0; d1 < shape.tile[1]; ++d1)
        for (int64_t d2 = 0; d2 < shape.tile[2]; ++d2)
          body(m++, d0, d1, d2);
  }

  /// Elements of the weights between two steps.
  int64_t getRhsStep(const Shape &shape) const {
    return (gemm.rhsStride ? gemm.rhsStride : shape.vectors * row.lanes) * row.getDot();
  }

  /// The least distance between the operands of two rows of a tile.
  int64_t getRowReach(const Shape &shape) const {
    int64_t reach = std::numeric_limits<int64_t>::max();
    for (int64_t axis : {0, 1, 2})
      if (shape.tile[axis] > 1)
        reach = std::min(reach, gemm.rowStrides[axis]);
    return reach;
  }

  /// Emits the axes of the reduction from `axis` on. An axis with little work is
  /// unrolled, so that short reductions have no loop at all; a long innermost one is
  /// unrolled enough to hide the loop's own instructions.
  void emitReduction(size_t axis, const Shape &shape, Place lhs, Place rhs,
                     SmallVectorImpl<Value> &sums) {
    constexpr int64_t kUnrolledMultiplies = 128, kLoopMultiplies = 28;
    int64_t trip = gemm.reduction[axis].trip, stride = gemm.reduction[axis].stride;
    int64_t inner = 1;
    for (size_t i = axis + 1; i < gemm.reduction.size(); ++i)
      inner *= gemm.reduction[i].trip;
    bool innermost = axis + 1 == gemm.reduction.size();
    if (!innermost && gemm.tail >= 0)
      inner += inner / gemm.reduction.back().trip;
    int64_t rhsStride = inner * getRhsStep(shape);
    int64_t multiplies = inner * static_cast<int64_t>(sums.size()) * row.dotCost;

    // Steps of one iteration must not reach the operands of a neighbouring row: LLVM
    // would keep words that two taps share in registers, and spill.
    int64_t reach = getRowReach(shape);
    int64_t unroll = trip;
    if (trip > 1 &&
        (!innermost || trip * stride > reach || trip * multiplies > kUnrolledMultiplies))
      for (unroll = innermost ? 4 : 1; unroll > 1; --unroll)
        if (trip % unroll == 0 && unroll * stride <= reach &&
            unroll * multiplies <= kLoopMultiplies)
          break;
    auto body = [&](const Place &lhsStart, const Place &rhsStart) {
      for (int64_t i = 0; i < unroll; ++i) {
        Place left{lhsStart.base, lhsStart.offset + i * stride};
        Place right{rhsStart.base, rhsStart.offset + i * rhsStride};
        if (innermost)
          emitStep(shape, left, right, /*isTail=*/false, sums);
        else
          emitReduction(axis + 1, shape, left, right, sums);
      }
    };
    if (unroll == trip) {
      body(lhs, rhs);
    } else {
      auto [first, end] = getBounds(axis, trip);
      auto loop = scf::ForOp::create(b, first, end, constant(unroll), sums);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value i = loop.getInductionVar();
      sums.assign(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
      body({add(lhs.base, mul(i, stride)), lhs.offset},
           {add(rhs.base, mul(i, rhsStride)), rhs.offset});
      scf::YieldOp::create(b, sums);
      sums.assign(loop.getResults().begin(), loop.getResults().end());
    }
    if (innermost && gemm.tail >= 0)
      emitStep(shape, {lhs.base, lhs.offset + gemm.tail}, {rhs.base, rhs.offset + trip * rhsStride},
               /*isTail=*/true, sums);
  }

  /// The part of an axis of the reduction that is not known to add nothing.
  std::pair<Value, Value> getBounds(size_t axis, int64_t trip) {
    Value first = constant(0), end = constant(trip);
    if (axis > 0 || !gemm.lines || !tileLine)
      return {first, end};
    const WindowLines &lines = *gemm.lines;
    Value line = mul(tileLine, lines.stride);
    Value above = arith::SubIOp::create(b, constant(lines.pad), line);
    Value below = arith::SubIOp::create(b, constant(lines.extent + lines.pad), line);
    if (lines.getFirst(0) > 0)
      first = arith::MaxSIOp::create(b, first, above);
    if (lines.getEnd(gemm.rows[1] - 1) < trip)
      end = arith::MinSIOp::create(b, end, below);
    return {first, end};
  }

  void emitStep(const Shape &shape, const Place &lhs, const Place &rhs, bool isTail,
                SmallVectorImpl<Value> &sums) {
    SmallVector<DotOperand> weights;
    for (int64_t v = 0; v < shape.vectors; ++v) {
      weights.push_back(loadWeights(shape, rhs, v, isTail));
      constexpr int64_t kLine = 64;
      if (streamsWeights() && v * row.lanes * row.getLaneBytes() % kLine == 0)
        prefetchWeights(rhs, v);
    }
    forEachRow(shape, [&](int64_t m, int64_t d0, int64_t d1, int64_t d2) {
      int64_t offset =
          lhs.offset + d0 * gemm.rowStrides[0] + d1 * gemm.rowStrides[1] + d2 * gemm.rowStrides[2];
      DotOperand word = row.hooks->lhs(b, loadWord({lhs.base, offset}));
      for (int64_t v = 0; v < shape.vectors; ++v) {
        Value &sum = sums[m * shape.vectors + v];
        sum = row.hooks->multiplyAdd(b, sum, word, weights[v]);
      }
    });
  }

  /// Whether weights come from behind L1. A network's weights rarely fit L2, so that
  /// each run reads them from further away; a kernel alone, run again and again, does not
  /// show it.
  bool streamsWeights() const {
    constexpr int64_t kL1 = 32 << 10;
    int64_t bytes = gemm.groups * blocks.getPadded() * steps * row.getLaneBytes();
    return !gemm.rhsStride && bytes >= kL1;
  }

  // The hardware follows the stream too, but stops at every page and starts late.
  // ResNet-50 in INT8 takes 3 % less time so; half or twice the distance are as good.
  void prefetchWeights(Place place, int64_t v) {
    constexpr int64_t kAheadBytes = 8192;
    constexpr unsigned kAllCaches = 3;
    int64_t elementBytes = cast<MemRefType>(gemm.rhs.getType()).getElementTypeBitWidth() / 8;
    place.offset += v * row.lanes * row.getDot() + kAheadBytes / elementBytes;
    memref::PrefetchOp::create(b, gemm.rhs, ValueRange{at(place)}, /*isWrite=*/false, kAllCaches,
                               /*isDataCache=*/true);
  }

  DotOperand loadWeights(const Shape &shape, const Place &rhs, int64_t v, bool isTail) {
    int64_t active = blocks.getActive(shape.last, v);
    Place place = rhs;
    if (!gemm.rhsStride || (active == row.lanes && row.getDot() == 1)) {
      place.offset += v * row.lanes * row.getDot();
      return row.hooks->rhs(b, gemm.rhs, at(place), row.lanes);
    }
    place.offset += v * row.lanes;
    if (row.getDot() == 2)
      return loadPairedRows(place, active, isTail);
    Buffer flat{gemm.rhs, RankedTensorType::get(cast<MemRefType>(gemm.rhs.getType()).getShape(),
                                                b.getF32Type())};
    return {flat.loadVector(b, {at(place)}, row.lanes, active)};
  }

  /// Two rows of bf16 in the halves of each lane. Of a tail, whose first element the
  /// words before have counted, there is one row, and of a single row no second.
  DotOperand loadPairedRows(const Place &place, int64_t active, bool isTail) {
    auto type = VectorType::get({row.lanes}, b.getI32Type());
    auto load = [&](int64_t offset) -> Value {
      Value bits = loadLanes(kernel, gemm.rhs, at({place.base, place.offset + offset}), 1,
                             {row.lanes, active});
      return arith::ExtUIOp::create(b, type, bits);
    };
    auto toUpper = [&](Value bits) -> Value {
      Value half =
          arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getI32IntegerAttr(16)));
      return arith::ShLIOp::create(b, bits, half);
    };
    Value words = isTail ? toUpper(load(0)) : load(0);
    if (!isTail && !gemm.shortWord)
      words = arith::OrIOp::create(b, words, toUpper(load(gemm.rhsStride)));
    // As activations: a vector of words that is not packed otherwise.
    return row.hooks->lhs(b, words);
  }

  /// A word of activations in every lane.
  Value loadWord(const Place &place) {
    Type element = cast<MemRefType>(gemm.lhs.getType()).getElementType();
    Value word;
    if (row.getDot() == 1) {
      word = memref::LoadOp::create(b, gemm.lhs, ValueRange{at(place)});
    } else if (gemm.shortWord) {
      // A row of fewer elements than a word may end the buffer.
      for (int64_t i = 0; i < gemm.shortWord; ++i) {
        Value part =
            memref::LoadOp::create(b, gemm.lhs, ValueRange{at({place.base, place.offset + i})});
        part = arith::ExtUIOp::create(b, b.getI32Type(), part);
        Value shift =
            arith::ConstantIntOp::create(b, b.getI32Type(), i * element.getIntOrFloatBitWidth());
        part = arith::ShLIOp::create(b, part, shift);
        word = word ? arith::OrIOp::create(b, word, part).getResult() : part;
      }
    } else {
      Value parts = vector::LoadOp::create(b, VectorType::get({row.getDot()}, element), gemm.lhs,
                                           ValueRange{at(place)});
      parts = vector::BitCastOp::create(b, VectorType::get({1}, b.getI32Type()), parts);
      word = vector::ExtractOp::create(b, parts, ArrayRef<int64_t>{0});
    }
    return vector::BroadcastOp::create(b, VectorType::get({row.lanes}, word.getType()), word);
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  const ImplicitGemm &gemm;
  const Microkernel &row;
  const Tiling &tiling;
  const ChannelBlocks &blocks;
  const TileSums &ends;
  Value tileLine; ///< of a tile of a single line
  int64_t steps, chunkTiles, chunks = 1;
};

} // namespace

void emitImplicitGemm(KernelBuilder &kernel, const ImplicitGemm &gemm, const Tiling &tiling,
                      const ChannelBlocks &blocks, const TileSums &sums) {
  Emitter(kernel, gemm, tiling, blocks, sums).emit();
}

void emitGemmOfGroup(KernelBuilder &kernel, const ImplicitGemm &gemm, const Tiling &tiling,
                     const ChannelBlocks &blocks, const TileSums &sums, Value group) {
  Emitter(kernel, gemm, tiling, blocks, sums).emitGroup(group);
}

} // namespace octet::codegen
