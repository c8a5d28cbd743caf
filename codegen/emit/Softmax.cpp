// Softmax and log-softmax. Along the innermost dimension, sixteen partial results are
// kept whatever the width of a register, and joined in a fixed order, so that every
// ISA gives the same bits; along another dimension, neighbours are independent lanes.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Polynomials.h"
#include "codegen/emit/Reduction.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {
namespace {

class SoftmaxEmitter {
public:
  SoftmaxEmitter(Operation *op, int64_t axis, bool isLog, KernelBuilder &kernel)
      : kernel(kernel), b(kernel.b()), isLog(isLog),
        element(cast<RankedTensorType>(op->getResult(0).getType()).getElementType()) {
    Buffer buffer = kernel.getBuffer(op->getOperand(0));
    x = getFlatView(b, buffer);
    y = getFlatView(b, kernel.getResult());
    extents.assign(buffer.type.getShape().begin(), buffer.type.getShape().end());
    extent = extents[axis];
    extents[axis] = 1;
    strideX = x.strides[axis];
    strideY = y.strides[axis];
  }

  void emit() {
    // Short lines do not fill sixteen lanes: then lanes are lines there, too.
    bool isInnermost = strideX == 1 && strideY == 1 && extent >= kPartials / 2;
    auto body = [&](ArrayRef<Value> indices, ArrayRef<int64_t> strides, Lanes lanes) {
      if (isInnermost)
        emitLine(indices[0], indices[1]);
      else
        emitColumns(indices, strides, lanes);
    };
    emitNests(kernel, Nest(extents, {y, x}, isInnermost ? 0 : kPartials, body));
  }

private:
  // exp(x - highest) / sum, or its logarithm.
  Value getResult(const LaneMath &m, Value element, Value highest, Value total) {
    Value shifted = m.sub(element, highest);
    return isLog ? m.sub(shifted, total) : m.div(emitExp(m, shifted), total);
  }
  Value getTotal(const LaneMath &m, Value sum) { return isLog ? emitLog(m, sum) : sum; }

  Value load(Value at, int64_t stride, Lanes lanes) {
    Value stored = loadLanes(kernel, x.memref, at, stride, lanes);
    return emitLoaded(LaneMath(b, b.getLoc(), stored.getType()), stored, element);
  }
  void store(const LaneMath &m, Value real, Value at, int64_t stride, Lanes lanes) {
    Value stored = element.isBF16() ? emitToBF16(m, real, kernel.getTarget()) : real;
    storeLanes(kernel, stored, y.memref, at, stride, lanes);
  }

  // One line in memory.
  void emitLine(Value to, Value from) {
    LaneMath m(b, b.getLoc(), VectorType::get({kPartials}, b.getF32Type()));
    LaneMath scalar(b, b.getLoc(), b.getF32Type());
    auto loadAt = [&](Value i, int64_t active) {
      return load(arith::AddIOp::create(b, from, i), 1, {kPartials, active});
    };
    Value lowest = m.f(-std::numeric_limits<double>::infinity());
    Value best = emitAccumulation(b, extent, lowest, [&](Value i, int64_t active, Value best) {
      return m.max(best, selectActive(b, loadAt(i, active), lowest, active));
    });
    Value highest = emitHorizontal(
        b, best, [&](const LaneMath &part, Value p, Value q) { return part.max(p, q); });
    Value everywhere = m.splat(highest);
    Value sums = emitAccumulation(b, extent, m.f(0), [&](Value i, int64_t active, Value sum) {
      Value term = emitExp(m, m.sub(loadAt(i, active), everywhere));
      return m.add(sum, selectActive(b, term, m.f(0), active));
    });
    Value sum = emitHorizontal(
        b, sums, [&](const LaneMath &part, Value p, Value q) { return part.add(p, q); });
    Value total = m.splat(getTotal(scalar, sum));
    auto storeAt = [&](Value i, int64_t active) {
      store(m, getResult(m, loadAt(i, active), everywhere, total), arith::AddIOp::create(b, to, i),
            1, {kPartials, active});
    };
    int64_t full = extent / kPartials * kPartials;
    emitLoop(b, 0, full, kPartials, [&](Value i) { storeAt(i, kPartials); });
    if (full < extent)
      storeAt(constantIndex(b, full), extent - full);
  }

  // Neighbouring lines, one for each lane.
  void emitColumns(ArrayRef<Value> indices, ArrayRef<int64_t> strides, Lanes lanes) {
    Type f32 = b.getF32Type();
    LaneMath m(b, b.getLoc(), lanes.count ? Type(VectorType::get({lanes.count}, f32)) : f32);
    auto loadAt = [&](Value i) {
      Value at = arith::AddIOp::create(b, indices[1], linearize(b, 0, i, strideX));
      return load(at, strides[1], lanes);
    };
    auto accumulate = [&](Value initial, function_ref<Value(Value i, Value sum)> join) {
      auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, extent),
                                     constantIndex(b, 1), initial);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      scf::YieldOp::create(b, join(loop.getInductionVar(), loop.getRegionIterArg(0)));
      return loop.getResult(0);
    };
    Value highest = accumulate(m.f(-std::numeric_limits<double>::infinity()),
                               [&](Value i, Value best) { return m.max(best, loadAt(i)); });
    Value sum = accumulate(m.f(0), [&](Value i, Value sum) {
      return m.add(sum, emitExp(m, m.sub(loadAt(i), highest)));
    });
    Value total = getTotal(m, sum);
    emitLoop(b, 0, extent, 1, [&](Value i) {
      Value at = arith::AddIOp::create(b, indices[0], linearize(b, 0, i, strideY));
      store(m, getResult(m, loadAt(i), highest, total), at, strides[0], lanes);
    });
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  bool isLog;
  Type element; ///< of operand and result, as tensors
  FlatView x, y;
  SmallVector<int64_t> extents;
  int64_t extent, strideX, strideY;
};

template <typename Op>
struct SoftmaxKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    bool isLog = std::is_same_v<Op, LogSoftmaxOp>;
    SoftmaxEmitter(op, cast<Op>(op).getAxis(), isLog, kernel).emit();
    return success();
  }
};

} // namespace

void registerSoftmaxKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    SoftmaxOp::attachInterface<RootKernel<SoftmaxOp, SoftmaxKernel<SoftmaxOp>>>(*context);
    LogSoftmaxOp::attachInterface<RootKernel<LogSoftmaxOp, SoftmaxKernel<LogSoftmaxOp>>>(*context);
  });
}

} // namespace octet::codegen
