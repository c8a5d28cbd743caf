// Reductions over any axes. If neighbours in memory stay apart in the result they are
// lanes, and the reduced dimensions are loops around them; else each result element
// joins lines of memory by sixteen partial results.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Reduction.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {
namespace {

class ReduceEmitter {
public:
  ReduceEmitter(ReduceOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), element(op.getX().getType().getElementType()) {
    Buffer buffer = kernel.getBuffer(op.getX());
    x = getFlatView(b, buffer);
    y = getFlatView(b, kernel.getResult());
    keptX = FlatView{x.memref, x.offset, {}};
    keptY = FlatView{y.memref, y.offset, {}};
    size_t next = 0;
    for (auto [d, extent] : llvm::enumerate(buffer.type.getShape())) {
      bool isReduced = llvm::is_contained(op.getAxes(), static_cast<int64_t>(d));
      if (isReduced) {
        if (extent != 1)
          addReduced(extent, x.strides[d]);
        count *= extent;
        next += op.getKeepdims();
        continue;
      }
      kept.push_back(extent);
      keptX.strides.push_back(x.strides[d]);
      keptY.strides.push_back(y.strides[next++]);
    }
  }

  void emit() {
    bool isLine = !reduced.empty() && reduced.back().stride == 1;
    auto body = [&](ArrayRef<Value> indices, ArrayRef<int64_t> strides, Lanes lanes) {
      Value result = isLine ? emitLines(indices[1]) : emitColumns(indices[1], strides[1], lanes);
      if (element.isBF16())
        result = emitToBF16(getMath(lanes), result, kernel.getTarget());
      storeLanes(kernel, result, y.memref, indices[0], strides[0], lanes);
    };
    Nest nest(kept, {keptY, keptX}, isLine ? 0 : kPartials, body);
    emitNests(kernel, nest);
  }

private:
  struct Dim {
    int64_t extent, stride;
  };

  // Neighbouring reduced dimensions that step evenly are one.
  void addReduced(int64_t extent, int64_t stride) {
    if (!reduced.empty() && reduced.back().stride == stride * extent)
      reduced.back() = {reduced.back().extent * extent, stride};
    else
      reduced.push_back({extent, stride});
  }

  bool isFloat() const { return isa<FloatType>(element); }
  bool isUnsigned() const { return element.isUnsignedInteger() || element.isInteger(1); }

  // A mean of integers is taken of their exact sum.
  bool isWidened() { return !isFloat() && op.getKind() == ReduceKind::Mean; }
  Type getAccumulatorType() {
    if (element.isBF16())
      return b.getF32Type();
    return isWidened() ? Type(b.getI64Type()) : x.getElementType();
  }

  Value load(const LaneMath &m, Value at, int64_t stride, Lanes lanes) {
    Value value = loadLanes(kernel, x.memref, at, stride, lanes);
    value = emitLoaded(LaneMath(b, b.getLoc(), value.getType()), value, element);
    if (!isWidened() || getElementTypeOrSelf(value).isInteger(64))
      return value;
    return isUnsigned() ? arith::ExtUIOp::create(b, m.integer(64), value).getResult()
                        : arith::ExtSIOp::create(b, m.integer(64), value).getResult();
  }

  LaneMath getMath(Lanes lanes) {
    Type scalar = getAccumulatorType();
    return LaneMath(b, b.getLoc(),
                    lanes.count ? Type(VectorType::get({lanes.count}, scalar)) : scalar);
  }

  Value join(const LaneMath &m, Value p, Value q) {
    switch (op.getKind()) {
    case ReduceKind::Mean:
    case ReduceKind::Sum:
      return m.add(p, q);
    case ReduceKind::Prod:
      return m.mul(p, q);
    case ReduceKind::Max:
    case ReduceKind::Min:
      break;
    }
    bool isMax = op.getKind() == ReduceKind::Max;
    if (isFloat())
      return isMax ? m.max(p, q) : m.min(p, q);
    auto less = isUnsigned() ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
    return m.select(m.cmp(less, p, q), isMax ? q : p, isMax ? p : q);
  }

  // What changes nothing.
  Value getNeutral(const LaneMath &m) {
    ReduceKind kind = op.getKind();
    bool isMax = kind == ReduceKind::Max, isMin = kind == ReduceKind::Min;
    Type scalar = getAccumulatorType();
    if (isFloat()) {
      double infinity = std::numeric_limits<double>::infinity();
      return m.constant(scalar, isMax                      ? -infinity
                                : isMin                    ? infinity
                                : kind == ReduceKind::Prod ? 1
                                                           : 0);
    }
    unsigned width = scalar.getIntOrFloatBitWidth();
    APInt value = APInt(width, kind == ReduceKind::Prod ? 1 : 0);
    if (isMax)
      value = isUnsigned() ? APInt::getMinValue(width) : APInt::getSignedMinValue(width);
    if (isMin)
      value = isUnsigned() ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
    return m.i(width, value.getSExtValue());
  }

  Value finish(const LaneMath &m, Value total) {
    if (op.getKind() != ReduceKind::Mean)
      return total;
    if (isFloat())
      return m.div(total, m.constant(getAccumulatorType(), static_cast<double>(count)));
    Value divisor = m.i(64, count);
    Value mean = isUnsigned() ? arith::DivUIOp::create(b, total, divisor).getResult()
                              : arith::DivSIOp::create(b, total, divisor).getResult();
    Type stored = x.getElementType();
    return stored.isInteger(64) ? mean
                                : arith::TruncIOp::create(b, m.typeOf(stored), mean).getResult();
  }

  // Loops over the reduced dimensions [depth, depths) around `innermost`, which gets
  // the flat index.
  Value emitLoops(size_t depth, size_t depths, Value at, Value sum,
                  function_ref<Value(Value at, Value sum)> innermost) {
    if (depth == depths)
      return innermost(at, sum);
    auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, reduced[depth].extent),
                                   constantIndex(b, 1), sum);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value step = linearize(b, 0, loop.getInductionVar(), reduced[depth].stride);
    Value next = emitLoops(depth + 1, depths, arith::AddIOp::create(b, at, step),
                           loop.getRegionIterArg(0), innermost);
    scf::YieldOp::create(b, next);
    return loop.getResult(0);
  }

  Value emitColumns(Value at, int64_t stride, Lanes lanes) {
    LaneMath m = getMath(lanes);
    Value total = emitLoops(0, reduced.size(), at, getNeutral(m), [&](Value element, Value sum) {
      return join(m, sum, load(m, element, stride, lanes));
    });
    return finish(m, total);
  }

  Value emitLines(Value at) {
    LaneMath m = getMath({kPartials, kPartials}), scalar = getMath({});
    Value neutral = getNeutral(m);
    Value partials = emitLoops(0, reduced.size() - 1, at, neutral, [&](Value line, Value sums) {
      return emitAccumulation(
          b, reduced.back().extent, sums, [&](Value i, int64_t active, Value sum) {
            Value elements = load(m, arith::AddIOp::create(b, line, i), 1, {kPartials, active});
            return join(m, sum, selectActive(b, elements, neutral, active));
          });
    });
    Value total = emitHorizontal(
        b, partials, [&](const LaneMath &part, Value p, Value q) { return join(part, p, q); });
    return finish(scalar, total);
  }

  ReduceOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  Type element;
  FlatView x, y, keptX, keptY;
  SmallVector<int64_t> kept;
  SmallVector<Dim> reduced;
  int64_t count = 1;
};

struct ReduceKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto reduce = cast<ReduceOp>(op);
    Type element = reduce.getX().getType().getElementType();
    if (element.isF16())
      return op->emitOpError("expected f32, bf16, f64 or integers, got ") << element;
    ReduceEmitter(reduce, kernel).emit();
    return success();
  }
};

} // namespace

void registerReduceKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ReduceOp::attachInterface<RootKernel<ReduceOp, ReduceKernel>>(*context);
  });
}

} // namespace octet::codegen
