// Resampling of planes. Rows and columns come from tables made at compile time by the
// function that the evaluator uses; channels are lanes.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Quantization.h"
#include "dialect/reference/ResizeMap.h"

using namespace mlir;

namespace octet::codegen {
namespace {

/// One dimension's table in the kernel's constants.
struct SourceTable {
  Value low, high;             ///< i32: flat offset of the row or column
  Value lowWeight, highWeight; ///< f32
};

/// The entry of one output row or column.
struct SourceEntry {
  Value low, high, lowWeight, highWeight;
};

class ResizeEmitter {
public:
  ResizeEmitter(ResizeOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), from(getQuantizedElement(op.getX().getType())),
        to(getQuantizedElement(op.getY().getType())) {
    Buffer buffer = kernel.getBuffer(op.getX());
    x = getFlatView(b, buffer);
    isLinear = op.getMode() == ResizeMode::Linear;
    rows = makeTable(0);
    columns = makeTable(1);
    bool isVector = buffer.getContiguousDim() == 1 && kernel.getResult().getContiguousDim() == 1;
    int64_t bytes = x.getElementType().getIntOrFloatBitWidth() / 8;
    lanes = isVector ? std::min<int64_t>(getLanesFor(kernel.getTarget(), bytes),
                                         llvm::PowerOf2Ceil(op.getY().getType().getDimSize(1)))
                     : 0;
    lanes = lanes == 1 ? 0 : lanes;
  }

  void emit() {
    RankedTensorType type = op.getY().getType();
    int64_t channels = type.getDimSize(1), step = std::max<int64_t>(lanes, 1);
    int64_t full = channels / step * step;
    kernel.parallelLoop(type.getDimSize(0) * type.getDimSize(2), [&](Value unit) {
      SmallVector<Value> digits = delinearize(b, unit, {type.getDimSize(0), type.getDimSize(2)});
      SourceEntry row = loadEntry(rows, digits[1]);
      emitLoop(b, 0, type.getDimSize(3), 1, [&](Value w) {
        SourceEntry column = loadEntry(columns, w);
        auto emitBlock = [&](Value channel, int64_t active) {
          Value base = linearize(b, x.offset, {digits[0], channel}, {x.strides[0], x.strides[1]});
          kernel.storeResult(emitElements(base, row, column, {lanes, active}),
                             {{digits[0], channel, digits[1], w}, lanes ? 1 : -1, lanes, active});
        };
        emitLoop(b, 0, full, step, [&](Value channel) { emitBlock(channel, lanes); });
        if (full < channels)
          emitBlock(constantIndex(b, full), channels - full);
      });
    });
  }

private:
  SourceTable makeTable(int dimension) {
    SmallVector<int32_t> low, high;
    SmallVector<float> lowWeight, highWeight;
    int64_t stride = x.strides[2 + dimension];
    for (const reference::ResizeSource &source : reference::getResizeSources(op, dimension)) {
      low.push_back(source.low * stride);
      high.push_back(source.high * stride);
      lowWeight.push_back(source.lowWeight);
      highWeight.push_back(source.highWeight);
    }
    auto integers = MemRefType::get({static_cast<int64_t>(low.size())}, b.getI32Type());
    auto floats = MemRefType::get({static_cast<int64_t>(low.size())}, b.getF32Type());
    SourceTable table;
    table.low = kernel.addConstant(ArrayRef<int32_t>(low), integers);
    if (isLinear) {
      table.high = kernel.addConstant(ArrayRef<int32_t>(high), integers);
      table.lowWeight = kernel.addConstant(ArrayRef<float>(lowWeight), floats);
      table.highWeight = kernel.addConstant(ArrayRef<float>(highWeight), floats);
    }
    return table;
  }

  SourceEntry loadEntry(const SourceTable &table, Value i) {
    auto loadOffset = [&](Value memref) -> Value {
      return arith::IndexCastOp::create(b, b.getIndexType(), memref::LoadOp::create(b, memref, i));
    };
    SourceEntry entry;
    entry.low = loadOffset(table.low);
    if (isLinear) {
      entry.high = loadOffset(table.high);
      entry.lowWeight = memref::LoadOp::create(b, table.lowWeight, i);
      entry.highWeight = memref::LoadOp::create(b, table.highWeight, i);
    }
    return entry;
  }

  Value emitElements(Value base, const SourceEntry &row, const SourceEntry &column, Lanes where) {
    auto load = [&](Value r, Value c) {
      Value at = arith::AddIOp::create(b, base, arith::AddIOp::create(b, r, c));
      return loadLanes(kernel, x.memref, at, 1, where);
    };
    if (!isLinear)
      return load(row.low, column.low);
    Type f32 = b.getF32Type();
    LaneMath m(b, b.getLoc(), where.count ? Type(VectorType::get({where.count}, f32)) : f32);
    Numbers numbers(kernel, op, m, nullptr);
    Value zeroPoint =
        from ? numbers.get<int32_t>(static_cast<int32_t>(reference::getScale(from).zeroPoint))
             : Value();
    auto get = [&](Value r, Value c) {
      Value stored = load(r, c);
      if (!from)
        return emitLoaded(m, stored, op.getX().getType().getElementType());
      return m.fromI32(m.sub(emitWidened(m, stored, from), zeroPoint), f32);
    };
    // Along W, then along H, each operation rounded once: the evaluator's order.
    auto mix = [&](Value low, Value high, const SourceEntry &entry) {
      return m.add(m.mul(low, m.splat(entry.lowWeight)), m.mul(high, m.splat(entry.highWeight)));
    };
    Value upper = mix(get(row.low, column.low), get(row.low, column.high), column);
    Value lower = mix(get(row.high, column.low), get(row.high, column.high), column);
    Value value = mix(upper, lower, row);
    if (!from)
      return op.getY().getType().getElementType().isBF16()
                 ? emitToBF16(m, value, kernel.getTarget())
                 : value;
    Value ratio =
        numbers.get<float>(reference::getRatio(reference::getScale(from), reference::getScale(to)));
    return emitStored(numbers, m.mul(value, ratio), to);
  }

  ResizeOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  quant::QuantizedType from, to;
  FlatView x;
  bool isLinear;
  SourceTable rows, columns;
  int64_t lanes;
};

struct ResizeKernel : KernelOpInterface::ExternalModel<ResizeKernel, ResizeOp> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    ResizeEmitter(cast<ResizeOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerResizeKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ResizeOp::attachInterface<ResizeKernel>(*context);
  });
}

} // namespace octet::codegen
