// A 3x3 convolution on transformed tiles. A unit of work transforms the pixels of a block
// of tiles into scratch memory, multiplies them by the transformed weights, which is a
// matrix product [tiles x in channels] x [in channels x channels] for each product of a
// tile, and transforms the sums back on their way to the result. Units of one block of
// tiles follow each other: the first of them transforms the pixels, and so does the first
// of another thread.
//
// Tiles that reach over the end of a line or of the plane read zeros there and drop
// results. They have code of their own, from which what is zero or dropped is gone.

#include "codegen/microkernel/Contractions.h"

#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Memory.h"
#include "codegen/microkernel/ImplicitGemm.h"
#include "codegen/microkernel/StepLoops.h"
#include "codegen/microkernel/TilingDecision.h"
#include "codegen/microkernel/Winograd.h"
#include "codegen/microkernel/WinogradDecision.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

namespace {

/// The first `count` rows of a matrix of constants by `values`, whose lanes are
/// independent. A null value stands for zeros, in the result too.
///
/// Points come in pairs of both signs, so that rows or columns do that differ in signs
/// only; what such a pair shares is computed once.
class ConstantProduct {
public:
  ConstantProduct(ImplicitLocOpBuilder &b, VectorType type, const Matrix &matrix,
                  ArrayRef<Value> values)
      : m(b, b.getLoc(), type), matrix(matrix), values(values) {}

  SmallVector<Value> emit(int64_t count) {
    mergeColumns();
    SmallVector<Value> result(matrix.rows);
    SmallVector<bool> isDone(matrix.rows, false);
    for (int64_t row = 0; row < count; ++row) {
      if (isDone[row])
        continue;
      int64_t twin = row + 1;
      while (twin < count && !areTwins(row, twin, /*byColumn=*/false))
        ++twin;
      Terms even, odd;
      for (int64_t column = 0; column < matrix.columns; ++column) {
        double c = matrix(row, column);
        if (c != 0 && values[column])
          (twin < count && matrix(twin, column) != c ? odd : even).push_back({c, values[column]});
      }
      Term shared = add(even), difference = add(odd);
      result[row] = scale(addTo(shared, difference, 1));
      if (twin < count) {
        result[twin] = scale(addTo(shared, difference, -1));
        isDone[twin] = true;
      }
    }
    result.resize(count);
    return result;
  }

private:
  using Term = std::pair<double, Value>;
  using Terms = SmallVector<Term>;

  /// Whether two rows (or columns) differ in signs, here and there.
  bool areTwins(int64_t a, int64_t b, bool byColumn) const {
    bool hasEqual = false, hasOpposite = false;
    for (int64_t i = 0; i < (byColumn ? matrix.rows : matrix.columns); ++i) {
      double x = byColumn ? matrix(i, a) : matrix(a, i), y = byColumn ? matrix(i, b) : matrix(b, i);
      if (std::abs(x) != std::abs(y))
        return false;
      hasEqual |= x != 0 && x == y;
      hasOpposite |= x != y;
    }
    return hasEqual && hasOpposite;
  }

  /// Of such columns, the sum of their values takes the place of the first, the
  /// difference that of the second.
  void mergeColumns() {
    for (int64_t a = 0; a < matrix.columns; ++a)
      for (int64_t b = a + 1; b < matrix.columns; ++b) {
        if (!values[a] || !values[b] || !areTwins(a, b, /*byColumn=*/true))
          continue;
        Value sum = m.add(values[a], values[b]);
        values[b] = m.sub(values[a], values[b]);
        values[a] = sum;
        for (int64_t row = 0; row < matrix.rows; ++row) {
          bool isOpposite = matrix(row, a) != matrix(row, b);
          matrix(row, b) = isOpposite ? matrix(row, a) : 0;
          matrix(row, a) = isOpposite ? 0 : matrix(row, a);
        }
      }
  }

  /// term + sign * other.
  Term addTo(Term term, Term other, double sign) {
    other.first *= sign;
    if (!term.second || !other.second)
      return term.second ? term : other;
    Value base = scale(term);
    if (other.first == 1)
      return {1, m.add(base, other.second)};
    if (other.first == -1)
      return {1, m.sub(base, other.second)};
    return {1, m.fma(other.second, m.f(other.first), base)};
  }

  /// The sum of terms, as a multiple of one value. The last coefficient is 1 in most rows.
  Term add(const Terms &terms) {
    if (terms.empty())
      return {1, Value()};
    auto [factor, value] = terms.back();
    Term sum = {1, value};
    for (auto [c, other] : llvm::reverse(ArrayRef(terms).drop_back()))
      sum = addTo(sum, {c / factor, other}, 1);
    return {factor, sum.second};
  }

  Value scale(Term term) {
    return !term.second || term.first == 1 ? term.second : m.mul(term.second, m.f(term.first));
  }

  LaneMath m;
  Matrix matrix;
  SmallVector<Value> values;
};

/// Sums of products, kept in scratch memory.
class ScratchSums : public TileSums {
public:
  ScratchSums(ImplicitLocOpBuilder &b, VectorType type, Value scratch)
      : b(b), type(type), scratch(scratch) {}

  Value begin(Value) const override { return arith::ConstantOp::create(b, b.getZeroAttr(type)); }
  void end(ArrayRef<Value> sums, Value, const Position &position) const override {
    vector::StoreOp::create(b, sums.front(), scratch, position.index);
  }
  int64_t getVectorsAtEnd(int64_t) const override { return 1; }

private:
  ImplicitLocOpBuilder &b;
  VectorType type;
  Value scratch;
};

class WinogradEmitter : StepLoops {
public:
  WinogradEmitter(KernelBuilder &kernel, ConvOp op, const WinogradProblem &problem,
                  const WinogradPlan &plan, const Microkernel &row)
      : StepLoops(kernel.b(), plan.getSteps(), plan.getUnits()), kernel(kernel), op(op),
        problem(problem), plan(plan), row(row), transform(getWinogradTransform(plan.outputs)),
        x(getFlatView(b, kernel.getBuffer(op.getX()))),
        vectorType(VectorType::get({row.lanes}, b.getF32Type())) {}

  LogicalResult emit(const reference::Tensor &weights) {
    scratch = kernel.addScratch(plan.getUnits() * plan.getSlot());
    ImplicitGemm gemm = getGemm();
    FailureOr<Tiling> tiling = takeTiling(kernel, gemm);
    if (failed(tiling))
      return failure();
    SmallVector<int64_t> slots;
    for (int64_t i = 0; i < plan.channelBlocks * plan.channels; ++i)
      slots.push_back(i < problem.outChannels ? i : -1);
    auto stage =
        Accumulation::create(kernel, row, op, op.getX(), op.getWeights(), op.getBias(), slots, {});
    if (failed(stage))
      return failure();
    ChannelBlocks blocks(plan.channels, row.lanes, tiling->vectors);
    gemm.rhs = addWeights(weights, blocks);

    kernel.parallelLoop(plan.getUnits(), [&](Value unit) {
      Value slot = mul(kernel.getFirstUnit(), plan.getSlot());
      loop(getFirstStep(unit), getFirstStep(add(unit, 1)), 1, [&](Value step) {
        Value channelBlocks = constant(plan.channelBlocks);
        Value tileBlock = arith::DivUIOp::create(b, step, channelBlocks);
        Value channelBlock = arith::RemUIOp::create(b, step, channelBlocks);
        Value tile = mul(tileBlock, plan.tiles);
        Value left = arith::SubIOp::create(b, constant(plan.tileCount), tile);
        Value tiles = arith::MinUIOp::create(b, left, constant(plan.tiles));
        Value isFirst = equals(step, getFirstStep(kernel.getFirstUnit()));
        Value isNew = arith::OrIOp::create(b, isFirst, equals(channelBlock, constant(0)));
        emitPixels(isNew, slot, tile, tiles);
        emitProducts(gemm, *tiling, blocks, tileBlock, channelBlock, slot);
        emitResults(*stage, channelBlock, slot, tile, tiles);
      });
    });
    return success();
  }

private:
  //===-- Pixels ------------------------------------------------------------------===//

  /// Where a tile stands, and how many of its lines and columns are within the result.
  struct Tile {
    Value local, image, line, column; ///< line and column of the first result
    int64_t lines, columns;
  };

  void forEachTile(Value first, Value count, function_ref<void(const Tile &)> body) {
    loop(constant(0), count, 1, [&](Value local) {
      SmallVector<Value> place =
          delinearize(b, add(first, local), {problem.images, plan.tileRows, plan.tileColumns});
      Tile tile{local, place[0], mul(place[1], plan.outputs), mul(place[2], plan.outputs), 0, 0};
      auto split = [&](Value index, int64_t extent, function_ref<void(int64_t)> emit) {
        int64_t full = extent / plan.outputs, rest = extent % plan.outputs;
        emitBranch(b, full > 0, rest > 0, index, full,
                   [&](bool isLast) { emit(isLast ? rest : plan.outputs); });
      };
      split(place[1], problem.height, [&](int64_t lines) {
        tile.lines = lines;
        split(place[2], problem.width, [&](int64_t columns) {
          tile.columns = columns;
          body(tile);
        });
      });
    });
  }

  /// Calls `body` with the first channel of each vector of `channels`, and how many of its
  /// lanes there are.
  void forEachVector(int64_t channels, function_ref<void(Value, int64_t)> body) {
    int64_t whole = channels / row.lanes * row.lanes;
    if (whole > 0)
      loop(constant(0), constant(whole), row.lanes,
           [&](Value channel) { body(channel, row.lanes); });
    if (whole < channels)
      body(constant(whole), channels - whole);
  }

  void emitPixels(Value isNew, Value slot, Value first, Value count) {
    auto branch = scf::IfOp::create(b, isNew, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    forEachTile(first, count, [&](const Tile &tile) {
      ArrayRef<int64_t> pads = op.getPads();
      Value from = linearize(b, x.offset - pads[0] * x.strides[2] - pads[1] * x.strides[3],
                             {tile.image, tile.line, tile.column},
                             {x.strides[0], x.strides[2], x.strides[3]});
      Value to = add(slot, mul(tile.local, plan.pixelPitch));
      forEachVector(problem.inChannels, [&](Value channel, int64_t active) {
        emitTilePixels(tile, add(from, channel), add(to, channel), active);
      });
    });
  }

  void emitTilePixels(const Tile &tile, Value from, Value to, int64_t active) {
    int64_t extent = transform.getExtent(), border = kWinogradTaps - 1;
    // By column, each line of it transformed.
    SmallVector<SmallVector<Value>> columns;
    for (int64_t j = 0; j < extent; ++j) {
      SmallVector<Value> pixels(extent);
      for (int64_t i = 0; i < tile.lines + border && j < tile.columns + border; ++i)
        pixels[i] = loadLanes(kernel, x.memref, add(from, i * x.strides[2] + j * x.strides[3]), 1,
                              {row.lanes, active});
      columns.push_back(ConstantProduct(b, vectorType, transform.input, pixels).emit(extent));
    }
    for (int64_t i = 0; i < extent; ++i) {
      SmallVector<Value> line;
      for (const SmallVector<Value> &column : columns)
        line.push_back(column[i]);
      SmallVector<Value> pixels =
          ConstantProduct(b, vectorType, transform.input, line).emit(extent);
      for (int64_t j = 0; j < extent; ++j) {
        Value pixel = pixels[j];
        if (!pixel)
          pixel = arith::ConstantOp::create(b, b.getZeroAttr(vectorType));
        vector::StoreOp::create(b, pixel, scratch,
                                ValueRange{add(to, (i * extent + j) * plan.pixelStride)});
      }
    }
  }

  //===-- Products ----------------------------------------------------------------===//

  /// For all but the last, shorter block of tiles. A group is a product of a tile, for one
  /// block of channels.
  ImplicitGemm getGemm() {
    ImplicitGemm gemm;
    gemm.row = &row;
    gemm.groups = plan.channelBlocks * plan.getProducts();
    gemm.rows = {1, 1, plan.tiles};
    gemm.rowStrides = {0, 0, plan.pixelPitch};
    gemm.reduction = {{problem.inChannels, 1}};
    gemm.channels = plan.channels;
    gemm.lhs = scratch;
    gemm.channelDim = 0;
    return gemm;
  }

  Value addWeights(const reference::Tensor &weights, const ChannelBlocks &blocks) {
    int64_t products = plan.getProducts(), pairs = problem.outChannels * problem.inChannels;
    std::vector<float> transformed = transformWeights(transform, weights.as<float>(), pairs);
    auto type = RankedTensorType::get({products, pairs}, b.getF32Type());
    reference::Tensor values(type, ArrayRef<char>(reinterpret_cast<char *>(transformed.data()),
                                                  transformed.size() * sizeof(float)));
    WeightShape shape{plan.channelBlocks * products, plan.channels, problem.inChannels};
    auto place = [&](int64_t group, int64_t channel, int64_t step, int64_t) -> int64_t {
      channel += group / products * plan.channels;
      if (channel >= problem.outChannels)
        return -1;
      return group % products * pairs + channel * problem.inChannels + step;
    };
    SmallVector<char> packed = packWeights(row, values, shape, blocks, place);
    int64_t count = packed.size() / sizeof(float);
    return kernel.addConstant(ArrayRef<char>(packed), MemRefType::get({count}, b.getF32Type()));
  }

  void emitProducts(ImplicitGemm gemm, const Tiling &tiling, const ChannelBlocks &blocks,
                    Value tileBlock, Value channelBlock, Value slot) {
    ScratchSums ends(b, vectorType, scratch);
    loop(constant(0), constant(plan.getProducts()), 1, [&](Value product) {
      Value pixels = add(slot, mul(product, plan.pixelStride));
      Value sums =
          add(add(slot, plan.getProducts() * plan.pixelStride), mul(product, plan.sumStride));
      gemm.lhsStart = [&](Value) { return Place{pixels}; };
      gemm.resultIndex = [&](Value, ArrayRef<Value> point, Value channel) {
        return SmallVector<Value>{add(add(sums, mul(point[2], plan.channels)), channel)};
      };
      Value group = add(mul(channelBlock, plan.getProducts()), product);
      int64_t full = plan.tileCount / plan.tiles, rest = plan.tileCount % plan.tiles;
      emitBranch(b, full > 0, rest > 0, tileBlock, full, [&](bool isLast) {
        gemm.rows[2] = isLast ? rest : plan.tiles;
        emitGemmOfGroup(kernel, gemm, tiling, blocks, ends, group);
      });
    });
  }

  //===-- Results -----------------------------------------------------------------===//

  void emitResults(const Accumulation &stage, Value channelBlock, Value slot, Value first,
                   Value count) {
    Value firstChannel = mul(channelBlock, plan.channels);
    int64_t full = problem.outChannels / plan.channels, rest = problem.outChannels % plan.channels;
    emitBranch(b, full > 0, rest > 0, channelBlock, full, [&](bool isLast) {
      forEachTile(first, count, [&](const Tile &tile) {
        Value from =
            add(add(slot, plan.getProducts() * plan.pixelStride), mul(tile.local, plan.channels));
        forEachVector(isLast ? rest : plan.channels, [&](Value channel, int64_t active) {
          emitTileResults(stage, tile, add(from, channel), add(firstChannel, channel), active);
        });
      });
    });
  }

  void emitTileResults(const Accumulation &stage, const Tile &tile, Value from, Value channel,
                       int64_t active) {
    int64_t extent = transform.getExtent();
    SmallVector<SmallVector<Value>> columns;
    for (int64_t j = 0; j < extent; ++j) {
      SmallVector<Value> sums;
      for (int64_t i = 0; i < extent; ++i)
        sums.push_back(vector::LoadOp::create(
            b, vectorType, scratch, ValueRange{add(from, (i * extent + j) * plan.sumStride)}));
      columns.push_back(ConstantProduct(b, vectorType, transform.output, sums).emit(tile.lines));
    }
    Value bias = op.getBias() ? stage.begin(channel) : Value();
    for (int64_t i = 0; i < tile.lines; ++i) {
      SmallVector<Value> line;
      for (const SmallVector<Value> &column : columns)
        line.push_back(column[i]);
      SmallVector<Value> results =
          ConstantProduct(b, vectorType, transform.output, line).emit(tile.columns);
      for (int64_t j = 0; j < tile.columns; ++j) {
        Position position;
        position.index = {tile.image, channel, add(tile.line, i), add(tile.column, j)};
        position.vectorDim = 1;
        position.lanes = row.lanes;
        position.active = active;
        Value result = results[j];
        if (bias)
          result = arith::AddFOp::create(b, result, bias);
        stage.end({result}, channel, position);
      }
    }
  }

  KernelBuilder &kernel;
  ConvOp op;
  const WinogradProblem &problem;
  const WinogradPlan &plan;
  const Microkernel &row;
  WinogradTransform transform;
  FlatView x;
  VectorType vectorType;
  Value scratch;
};

} // namespace

LogicalResult emitWinograd(KernelBuilder &kernel, ConvOp op, WinogradAttr attr,
                           const reference::Tensor &weights) {
  auto problem = getWinogradProblem(op);
  if (!problem)
    return op.emitOpError("expected a 3x3 window of f32 without strides, dilations and groups for ")
           << attr;
  const Microkernel &row = selectMicrokernel(kernel.getTarget(), DotOperands::F32, true);
  WinogradPlan plan(*problem, attr);
  if (std::string text = checkWinograd(row, plan); !text.empty())
    return op.emitOpError(text);
  int64_t bytes = plan.getScratchBytes();
  auto given = kernel.getOperation()->getAttrOfType<IntegerAttr>(kScratchBytesAttr);
  if (!given || given.getInt() != bytes)
    return op.emitOpError("expected ") << kScratchBytesAttr << " = " << bytes;
  return WinogradEmitter(kernel, op, *problem, plan, row).emit(weights);
}

} // namespace octet::codegen
