// Regions of planes, bin by bin. How many samples a bin has may follow from the region,
// so that both loops over them have bounds of run time, which are limited.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "dialect/SampleOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {
namespace {

/// The bins of a region in one direction.
struct Bins {
  Value start, length, samples, realSamples;
  int64_t extent;
};

/// The two elements around a sample, and whether it lies on the plane.
struct Pair {
  Value low, high, lowWeight, highWeight, inside;
};

class RoiAlignEmitter {
public:
  RoiAlignEmitter(RoiAlignOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), m(b, b.getLoc(), b.getF32Type()) {}

  void emit() {
    x = getFlatView(b, kernel.getBuffer(op.getX()));
    rois = getFlatView(b, kernel.getBuffer(op.getRois()));
    FlatView batches = getFlatView(b, kernel.getBuffer(op.getBatchIndices()));
    FlatView to = getFlatView(b, kernel.getResult());
    ArrayRef<int64_t> shape = op.getX().getType().getShape();
    FlatView plane{x.memref, x.offset, {0, x.strides[1], 0, 0}};
    FlatView region = getCoordinateView(to, 4, 0);
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      Value batch = clampIndex(b, loadIndex(b, batches.memref, flat[2]), 0, shape[0] - 1);
      Value base = linearize(b, 0, {flat[1], batch}, {1, x.strides[0]});
      Bins rows = getBins(flat[2], 1, op.getHeight(), shape[2]);
      Bins columns = getBins(flat[2], 0, op.getWidth(), shape[3]);
      Value total = emitSamples(base, rows, flat[3], columns, flat[4]);
      memref::StoreOp::create(b, total, to.memref, flat[0]);
    };
    emitNests(kernel,
              Nest(kernel.getResultType().getShape(),
                   {to, plane, region, getCoordinateView(to, 4, 2), getCoordinateView(to, 4, 3)},
                   /*lanes=*/0, body));
  }

private:
  bool isMax() { return op.getMode() == RoiMode::Maximum; }

  Value toReal(Value index) {
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), index);
    return arith::SIToFPOp::create(b, b.getF32Type(), integer);
  }
  Value toIndex(Value real) {
    Value integer = arith::FPToSIOp::create(b, b.getI64Type(), real);
    return arith::IndexCastOp::create(b, b.getIndexType(), integer);
  }

  Value loadEdge(Value region, int64_t number) {
    Value at = linearize(b, number * rois.strides[1], region, rois.strides[0]);
    Value edge = memref::LoadOp::create(b, rois.memref, at);
    float offset = op.getHalfPixel() ? 0.5f : 0.0f;
    return m.sub(m.mul(edge, m.f(op.getSpatialScale().convertToFloat())), m.f(offset));
  }

  Bins getBins(Value region, int64_t number, int64_t count, int64_t extent) {
    Bins bins;
    bins.extent = extent;
    bins.start = loadEdge(region, number);
    Value whole = m.sub(loadEdge(region, number + 2), bins.start);
    if (!op.getHalfPixel())
      whole = m.select(m.less(m.f(1), whole), whole, m.f(1));
    bins.length = m.div(whole, m.f(static_cast<double>(count)));
    int64_t ratio = op.getSamplingRatio();
    if (ratio > 0)
      bins.samples = constantIndex(b, ratio);
    else
      bins.samples =
          toIndex(m.clampOrLow(m.ceil(bins.length), m.f(0), m.f(2 * static_cast<double>(extent))));
    bins.realSamples = toReal(bins.samples);
    return bins;
  }

  Pair getPair(const Bins &bins, Value bin, Value sample) {
    Value at = m.mul(m.add(toReal(sample), m.f(0.5)), bins.length);
    at = m.add(m.add(bins.start, m.mul(toReal(bin), bins.length)), m.div(at, bins.realSamples));
    using P = arith::CmpFPredicate;
    Pair pair;
    pair.inside = arith::AndIOp::create(b, m.cmp(P::OGE, at, m.f(-1)),
                                        m.cmp(P::OLE, at, m.f(static_cast<double>(bins.extent))));
    double last = static_cast<double>(bins.extent - 1);
    at = m.clampOrLow(at, m.f(0), m.f(last));
    pair.low = clampIndex(b, toIndex(at), 0, bins.extent - 1);
    pair.high = clampIndex(b, linearize(b, 1, pair.low, 1), 0, bins.extent - 1);
    pair.highWeight = m.sub(at, toReal(pair.low));
    pair.lowWeight = m.sub(m.f(1), pair.highWeight);
    return pair;
  }

  Value emitSamples(Value base, const Bins &rows, Value row, const Bins &columns, Value column) {
    Value zero = constantIndex(b, 0), one = constantIndex(b, 1);
    double infinity = std::numeric_limits<double>::infinity();
    Value initial = m.f(isMax() ? -infinity : 0);
    auto outer = scf::ForOp::create(b, zero, rows.samples, one, initial);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(outer.getBody());
      Pair ys = getPair(rows, row, outer.getInductionVar());
      auto inner = scf::ForOp::create(b, zero, columns.samples, one, outer.getRegionIterArg(0));
      b.setInsertionPointToStart(inner.getBody());
      Pair xs = getPair(columns, column, inner.getInductionVar());
      Value sample = emitSample(base, ys, xs);
      Value total = inner.getRegionIterArg(0);
      scf::YieldOp::create(b, isMax() ? m.max(total, sample) : m.add(total, sample));
      b.setInsertionPointAfter(inner);
      scf::YieldOp::create(b, inner.getResults());
    }
    Value total = outer.getResult(0);
    Value count = arith::MulIOp::create(b, rows.samples, columns.samples);
    Value isEmpty = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, count, zero);
    if (!isMax())
      total = m.div(total, toReal(count));
    return m.select(isEmpty, m.f(0), total);
  }

  Value emitSample(Value base, const Pair &ys, const Pair &xs) {
    Value inside = arith::AndIOp::create(b, ys.inside, xs.inside);
    Value joined;
    for (auto [y, yWeight] : {std::pair(ys.low, ys.lowWeight), std::pair(ys.high, ys.highWeight)})
      for (auto [column, xWeight] :
           {std::pair(xs.low, xs.lowWeight), std::pair(xs.high, xs.highWeight)}) {
        Value at = linearize(b, 0, {base, y, column}, {1, x.strides[2], x.strides[3]});
        Value element = memref::LoadOp::create(b, x.memref, at);
        Value part = m.select(inside, m.mul(m.mul(yWeight, xWeight), element), m.f(0));
        double infinity = std::numeric_limits<double>::infinity();
        if (!joined)
          joined = m.f(isMax() ? -infinity : 0);
        joined = isMax() ? m.max(joined, part) : m.add(joined, part);
      }
    return joined;
  }

  RoiAlignOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  LaneMath m;
  FlatView x, rois;
};

struct RoiAlignKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    RoiAlignEmitter(cast<RoiAlignOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerRoiAlignKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    RoiAlignOp::attachInterface<RootKernel<RoiAlignOp, RoiAlignKernel>>(*context);
  });
}

} // namespace octet::codegen
