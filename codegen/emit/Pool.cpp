// Pooling, vectorised over channels. Small windows that lie inside the input are
// unrolled; the others (borders, large windows) run over the taps that exist. What a
// halo holds is never read, since it belongs to other readers (zeros of a
// convolution), not to a maximum.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Quantization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {
namespace {

constexpr int64_t kUnrolledTaps = 16;
// Beyond the slots that Numbers counts up.
constexpr unsigned kTableSlot = 1000;

/// One dimension of the windows.
struct WindowDim {
  int64_t in, out, kernel, stride, dilation, padLow, padHigh;

  int64_t getStart(int64_t o) const { return o * stride - padLow; }
  bool isInside(int64_t o) const {
    return getStart(o) >= 0 && getStart(o) + (kernel - 1) * dilation < in;
  }
  /// Outputs [first, second) whose windows lie inside the input.
  std::pair<int64_t, int64_t> getInterior() const {
    int64_t first = 0, last = out;
    while (first < out && !isInside(first))
      ++first;
    while (last > first && !isInside(last - 1))
      --last;
    return {first, last};
  }
};

/// Taps [begin, end) of a window that exist, and how many lie before `paddedEnd`, the
/// end of the padded input.
struct TapRange {
  Value begin, end, paddedEnd;
};

template <typename PoolOp>
WindowDim getWindowDim(PoolOp op, int64_t d) {
  return {op.getX().getType().getDimSize(2 + d),
          op.getY().getType().getDimSize(2 + d),
          op.getKernel()[d],
          op.getStrides()[d],
          op.getDilations()[d],
          op.getPads()[d],
          op.getPads()[2 + d]};
}

class PoolEmitter {
public:
  template <typename PoolOp>
  PoolEmitter(PoolOp op, KernelBuilder &kernel)
      : kernel(kernel), b(kernel.b()), rows(getWindowDim(op, 0)), columns(getWindowDim(op, 1)),
        element(op.getX().getType().getElementType()) {
    Buffer buffer = kernel.getBuffer(op.getX());
    x = getFlatView(b, buffer);
    type = op.getY().getType();
    int64_t bytes = x.getElementType().getIntOrFloatBitWidth() / 8;
    bool isVector = buffer.getContiguousDim() == 1 && kernel.getResult().getContiguousDim() == 1;
    lanes = isVector ? std::min<int64_t>(getLanesFor(kernel.getTarget(), bytes),
                                         llvm::PowerOf2Ceil(type.getDimSize(1)))
                     : 0;
    lanes = lanes == 1 ? 0 : lanes;
  }
  virtual ~PoolEmitter() = default;

  void emit() {
    kernel.parallelLoop(type.getDimSize(0) * rows.out, [&](Value unit) {
      SmallVector<Value> digits = delinearize(b, unit, {type.getDimSize(0), rows.out});
      emitLoop(b, 0, columns.out, 1,
               [&](Value column) { emitPixel(digits[0], digits[1], column); });
    });
  }

protected:
  /// The elements of one tap joined to `sum`.
  virtual Value combine(Value sum, Value element) = 0;
  virtual Value getInitial() = 0;
  /// The root's result for all taps; `inside` taps exist, `padded` count with padding.
  virtual Value finish(Value sum, Value inside, Value padded) = 0;

  bool hasBorder() const {
    return rows.getInterior() != std::make_pair<int64_t, int64_t>(0, int64_t(rows.out)) ||
           columns.getInterior() != std::make_pair<int64_t, int64_t>(0, int64_t(columns.out));
  }
  int64_t getTaps() const { return rows.kernel * columns.kernel; }
  Lanes getLanes() const { return current; }
  LaneMath getMath(Type element) const {
    return LaneMath(b, b.getLoc(),
                    current.count ? Type(VectorType::get({current.count}, element)) : element);
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  FlatView x;
  WindowDim rows, columns;
  Type element; ///< of the operand, as a tensor

private:
  void emitPixel(Value n, Value row, Value column) {
    bool unroll = getTaps() <= kUnrolledTaps;
    auto [firstRow, lastRow] = rows.getInterior();
    auto [firstColumn, lastColumn] = columns.getInterior();
    bool hasInterior = firstRow < lastRow && firstColumn < lastColumn;
    if (!unroll || !hasInterior)
      return emitChannels(n, row, column, /*isInterior=*/!hasBorder(), /*unroll=*/false);
    if (!hasBorder())
      return emitChannels(n, row, column, true, true);
    Value inside = arith::AndIOp::create(b, isBetween(row, firstRow, lastRow),
                                         isBetween(column, firstColumn, lastColumn));
    auto branch = scf::IfOp::create(b, inside, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emitChannels(n, row, column, true, true);
    b.setInsertionPointToStart(branch.elseBlock());
    emitChannels(n, row, column, false, false);
  }

  Value isBetween(Value i, int64_t begin, int64_t end) {
    return arith::AndIOp::create(
        b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, i, constantIndex(b, begin)),
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, constantIndex(b, end)));
  }

  Value getStart(const WindowDim &dim, Value o) { return linearize(b, -dim.padLow, o, dim.stride); }

  TapRange getTapRange(const WindowDim &dim, Value start, bool isInterior) {
    Value zero = constantIndex(b, 0), all = constantIndex(b, dim.kernel);
    if (isInterior)
      return {zero, all, all};
    // ceil(x / dilation) for x >= 0.
    auto count = [&](Value distance) -> Value {
      Value padded = linearize(b, dim.dilation - 1, distance, 1);
      return arith::DivUIOp::create(b, padded, constantIndex(b, dim.dilation));
    };
    auto until = [&](int64_t end) -> Value {
      Value distance = arith::SubIOp::create(b, constantIndex(b, end), start);
      return arith::MinSIOp::create(b, count(distance), all);
    };
    Value before = arith::MaxSIOp::create(b, arith::SubIOp::create(b, zero, start), zero);
    return {count(before), until(dim.in), until(dim.in + dim.padHigh)};
  }

  void emitChannels(Value n, Value row, Value column, bool isInterior, bool unroll) {
    Value startRow = getStart(rows, row), startColumn = getStart(columns, column);
    TapRange rowTaps = getTapRange(rows, startRow, isInterior);
    TapRange columnTaps = getTapRange(columns, startColumn, isInterior);
    Value inside =
        arith::MulIOp::create(b, arith::SubIOp::create(b, rowTaps.end, rowTaps.begin),
                              arith::SubIOp::create(b, columnTaps.end, columnTaps.begin));
    Value padded = arith::MulIOp::create(b, rowTaps.paddedEnd, columnTaps.paddedEnd);
    Value base = linearize(b, x.offset, {n, startRow, startColumn},
                           {x.strides[0], x.strides[2], x.strides[3]});
    auto emitBlock = [&](Value channel, int64_t active) {
      current = {lanes, active};
      Value at = arith::AddIOp::create(b, base, linearize(b, 0, channel, x.strides[1]));
      Value sum = unroll ? emitUnrolled(at) : emitTaps(at, rowTaps, columnTaps);
      kernel.storeResult(finish(sum, inside, padded),
                         {{n, channel, row, column}, lanes ? 1 : -1, lanes, active});
    };
    int64_t channels = type.getDimSize(1), step = std::max<int64_t>(lanes, 1);
    int64_t full = channels / step * step;
    emitLoop(b, 0, full, step, [&](Value channel) { emitBlock(channel, lanes); });
    if (full < channels)
      emitBlock(constantIndex(b, full), channels - full);
  }

  Value load(Value at) {
    Value stored = loadLanes(kernel, x.memref, at, 1, current);
    return emitLoaded(LaneMath(b, b.getLoc(), stored.getType()), stored, element);
  }

  Value emitUnrolled(Value at) {
    Value sum = getInitial();
    for (int64_t i = 0; i < rows.kernel; ++i)
      for (int64_t j = 0; j < columns.kernel; ++j) {
        int64_t offset = i * rows.dilation * x.strides[2] + j * columns.dilation * x.strides[3];
        sum = combine(sum, load(linearize(b, offset, at, 1)));
      }
    return sum;
  }

  Value emitTaps(Value at, const TapRange &rowTaps, const TapRange &columnTaps) {
    Value one = constantIndex(b, 1);
    auto outer = scf::ForOp::create(b, rowTaps.begin, rowTaps.end, one, getInitial());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(outer.getBody());
    auto inner =
        scf::ForOp::create(b, columnTaps.begin, columnTaps.end, one, outer.getRegionIterArgs());
    b.setInsertionPointToStart(inner.getBody());
    Value offset = linearize(b, 0, {outer.getInductionVar(), inner.getInductionVar()},
                             {rows.dilation * x.strides[2], columns.dilation * x.strides[3]});
    Value sum = combine(inner.getRegionIterArg(0), load(arith::AddIOp::create(b, at, offset)));
    scf::YieldOp::create(b, sum);
    b.setInsertionPointAfter(inner);
    scf::YieldOp::create(b, inner.getResults());
    return outer.getResult(0);
  }

  RankedTensorType type;
  int64_t lanes;
  Lanes current;
};

class MaxPoolEmitter : public PoolEmitter {
public:
  MaxPoolEmitter(MaxPoolOp op, KernelBuilder &kernel)
      : PoolEmitter(op, kernel), quantized(getQuantizedElement(op.getX().getType())) {}

protected:
  // Every window has a tap, so the smallest value never remains by mistake.
  Value getInitial() override {
    LaneMath m = getMath(x.getElementType());
    if (quantized)
      return m.i(quantized.getStorageTypeIntegralWidth(), quantized.getStorageTypeMin());
    return m.f(-std::numeric_limits<double>::infinity());
  }
  Value combine(Value best, Value element) override {
    if (!quantized)
      return getMath(b.getF32Type()).max(best, element);
    if (quantized.isSigned())
      return arith::MaxSIOp::create(b, best, element);
    return arith::MaxUIOp::create(b, best, element);
  }
  Value finish(Value best, Value, Value) override {
    LaneMath m = getMath(b.getF32Type());
    return element.isBF16() ? emitToBF16(m, best) : best; // exact: one of the operand's
  }

private:
  quant::QuantizedType quantized;
};

class AveragePoolEmitter : public PoolEmitter {
public:
  AveragePoolEmitter(AveragePoolOp op, KernelBuilder &kernel)
      : PoolEmitter(op, kernel), op(op), from(getQuantizedElement(op.getX().getType())),
        to(getQuantizedElement(op.getY().getType())) {}

protected:
  Value getInitial() override {
    return from ? getMath(b.getI32Type()).i32(0) : getMath(b.getF32Type()).f(0);
  }
  Value combine(Value sum, Value element) override {
    LaneMath m = getMath(x.getElementType());
    return m.add(sum, from ? emitWidened(m, element, from) : element);
  }
  Value finish(Value sum, Value inside, Value padded) override {
    Value count = op.getCountIncludePad() ? padded : inside;
    if (!from) {
      LaneMath m = getMath(b.getF32Type());
      Value divisor = arith::IndexCastOp::create(b, b.getI32Type(), count);
      return m.div(sum, m.splat(arith::SIToFPOp::create(b, b.getF32Type(), divisor)));
    }
    // Rule Q9. sum(q - zero point) = sum(q) - count * zero point.
    LaneMath m = getMath(b.getI32Type());
    Numbers numbers(kernel, op, m, nullptr);
    Value zeroPoint =
        numbers.get<int32_t>(static_cast<int32_t>(reference::getScale(from).zeroPoint));
    Value taps = arith::IndexCastOp::create(b, b.getI32Type(), inside);
    Value centered = m.sub(sum, m.mul(m.splat(taps), zeroPoint));
    Value multiplier = m.splat(loadMultiplier(count));
    Value real = m.mul(m.fromI32(centered, b.getF32Type()), multiplier);
    return emitStored(numbers, real, to);
  }

private:
  // scale(x) / (scale(y) * count) for every count that occurs.
  Value loadMultiplier(Value count) {
    int64_t entries = hasBorder() ? getTaps() + 1 : 1;
    Value table = kernel.getOrAdd(op, kTableSlot, [&] {
      SmallVector<float> values(entries, 0.0f);
      double scaleX = reference::getScale(from).scale, scaleY = reference::getScale(to).scale;
      for (int64_t i = 1; i < entries; ++i)
        values[i] = reference::getAverageScale(scaleX, scaleY, i);
      if (entries == 1)
        values[0] = reference::getAverageScale(scaleX, scaleY, getTaps());
      return kernel.addConstant(ArrayRef<float>(values),
                                MemRefType::get({entries}, b.getF32Type()));
    });
    return memref::LoadOp::create(b, table, entries == 1 ? constantIndex(b, 0) : count);
  }

  AveragePoolOp op;
  quant::QuantizedType from, to;
};

template <typename Op, typename Emitter>
struct PoolKernel : KernelOpInterface::ExternalModel<PoolKernel<Op, Emitter>, Op> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    Emitter(cast<Op>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerPoolKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    MaxPoolOp::attachInterface<PoolKernel<MaxPoolOp, MaxPoolEmitter>>(*context);
    AveragePoolOp::attachInterface<PoolKernel<AveragePoolOp, AveragePoolEmitter>>(*context);
  });
}

} // namespace octet::codegen
