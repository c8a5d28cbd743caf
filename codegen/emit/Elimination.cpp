// Gaussian elimination inside the result, one matrix by one thread.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "dialect/SampleOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {
namespace {

class Elimination {
public:
  Elimination(KernelBuilder &kernel, Value matrices, int64_t n)
      : b(kernel.b()), m(b, b.getLoc(), b.getF32Type()), a(matrices), n(n) {}

  void emit(Value base) {
    emitLoop(b, 0, n, 1, [&](Value k) {
      Value pivot = findPivot(base, k);
      Value isOther = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, pivot, k);
      emitIf(b, isOther, [&] { swapRows(base, k, pivot); });
      clearBelow(base, k);
    });
  }

private:
  Value at(Value base, Value row, Value column) {
    return linearize(b, 0, {base, row, column}, {1, n, 1});
  }
  Value load(Value base, Value row, Value column) {
    return memref::LoadOp::create(b, a, at(base, row, column));
  }
  void store(Value value, Value base, Value row, Value column) {
    memref::StoreOp::create(b, value, a, at(base, row, column));
  }

  Value findPivot(Value base, Value k) {
    Value largest = m.abs(load(base, k, k));
    auto loop = scf::ForOp::create(b, linearize(b, 1, k, 1), constantIndex(b, n),
                                   constantIndex(b, 1), ValueRange{k, largest});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value candidate = m.abs(load(base, loop.getInductionVar(), k));
    Value wins = m.less(loop.getRegionIterArg(1), candidate);
    scf::YieldOp::create(
        b, ValueRange{m.select(wins, loop.getInductionVar(), loop.getRegionIterArg(0)),
                      m.select(wins, candidate, loop.getRegionIterArg(1))});
    return loop.getResult(0);
  }

  void swapRows(Value base, Value k, Value pivot) {
    emitLoop(b, 0, n, 1, [&](Value j) {
      Value above = load(base, k, j), below = load(base, pivot, j);
      store(below, base, k, j);
      store(m.neg(above), base, pivot, j);
    });
  }

  void clearBelow(Value base, Value k) {
    Value pivot = load(base, k, k), next = linearize(b, 1, k, 1);
    Value isZero = m.cmp(arith::CmpFPredicate::OEQ, pivot, m.f(0));
    auto rows = scf::ForOp::create(b, next, constantIndex(b, n), constantIndex(b, 1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rows.getBody());
    Value i = rows.getInductionVar();
    Value factor = m.select(isZero, m.f(0), m.div(load(base, i, k), pivot));
    store(m.f(0), base, i, k);
    auto columns = scf::ForOp::create(b, next, constantIndex(b, n), constantIndex(b, 1));
    b.setInsertionPointToStart(columns.getBody());
    Value j = columns.getInductionVar();
    store(m.sub(load(base, i, j), m.mul(factor, load(base, k, j))), base, i, j);
  }

  ImplicitLocOpBuilder &b;
  LaneMath m;
  Value a;
  int64_t n;
};

struct TriangularizeKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    ImplicitLocOpBuilder &b = kernel.b();
    FlatView x = getFlatView(b, kernel.getBuffer(op->getOperand(0)));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t n = kernel.getResultType().getShape().back(), size = n * n;
    kernel.parallelLoop(kernel.getResultType().getNumElements() / size, [&](Value unit) {
      Value base = linearize(b, 0, unit, size);
      emitLoop(b, 0, size, 1, [&](Value i) {
        Value place = arith::AddIOp::create(b, base, i);
        memref::StoreOp::create(b, memref::LoadOp::create(b, x.memref, place), to.memref, place);
      });
      Elimination(kernel, to.memref, n).emit(base);
    });
    return success();
  }
};

} // namespace

void registerEliminationKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    TriangularizeOp::attachInterface<RootKernel<TriangularizeOp, TriangularizeKernel>>(*context);
  });
}

} // namespace octet::codegen
