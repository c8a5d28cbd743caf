// Sampling at computed points. Points differ from element to element, so the code is
// scalar; each step is the evaluator's.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/LaneMath.h"
#include "codegen/emit/Nest.h"
#include "dialect/SampleOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace octet::codegen {
namespace {

/// One element that has a part in a sample: its index along a dimension, inside of the
/// tensor whatever happens, whether the point really saw an element, and its weight.
struct Tap {
  Value index, inside, weight;
};

class GridSampleEmitter {
public:
  GridSampleEmitter(GridSampleOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), m(b, b.getLoc(), b.getF32Type()),
        extents(op.getX().getType().getShape().drop_front(2)) {}

  void emit() {
    x = getFlatView(b, kernel.getBuffer(op.getX()));
    FlatView grid = getFlatView(b, kernel.getBuffer(op.getGrid()));
    FlatView to = getFlatView(b, kernel.getResult());
    int64_t spatial = extents.size();
    FlatView plane{x.memref, x.offset, SmallVector<int64_t>(spatial + 2, 0)};
    plane.strides[0] = x.strides[0];
    plane.strides[1] = x.strides[1];
    FlatView point{grid.memref, grid.offset, {grid.strides[0], 0}};
    for (int64_t d = 0; d < spatial; ++d)
      point.strides.push_back(grid.strides[1 + d]);
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t>, Lanes) {
      SmallVector<SmallVector<Tap>> dims;
      for (int64_t d = 0; d < spatial; ++d) {
        // The last coordinate of a point belongs to the first dimension.
        Value at = linearize(b, (spatial - 1 - d) * grid.strides.back(), flat[2], 1);
        dims.push_back(getTaps(memref::LoadOp::create(b, grid.memref, at), extents[d]));
      }
      memref::StoreOp::create(b, joinTaps(dims, 0, flat[1], Value()), to.memref, flat[0]);
    };
    emitNests(kernel,
              Nest(kernel.getResultType().getShape(), {to, plane, point}, /*lanes=*/0, body));
  }

private:
  float low() { return op.getAlignCorners() ? 0.0f : -0.5f; }
  float high(int64_t extent) {
    return op.getAlignCorners() ? static_cast<float>(extent - 1)
                                : static_cast<float>(extent) - 0.5f;
  }

  Value truncate(Value x) { return math::TruncOp::create(b, x); }

  Value reflect(Value x, int64_t extent) {
    float range = high(extent) - low();
    if (range == 0)
      return m.f(0);
    Value isBelow = m.less(x, m.f(low()));
    Value distance = m.select(isBelow, m.sub(m.f(low()), x), m.sub(x, m.f(high(extent))));
    Value times = truncate(m.div(distance, m.f(range)));
    Value rest = m.sub(distance, m.mul(times, m.f(range)));
    Value odd = m.sub(times, m.mul(m.f(2), truncate(m.div(times, m.f(2)))));
    Value isEven = m.cmp(arith::CmpFPredicate::OEQ, odd, m.f(0));
    Value fromLow = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, isBelow, isEven);
    Value reflected = m.select(fromLow, m.add(m.f(low()), rest), m.sub(m.f(high(extent)), rest));
    return m.select(m.less(m.f(0), distance), reflected, x);
  }

  Value getPosition(Value normal, int64_t extent) {
    Value size = m.f(static_cast<double>(extent)), one = m.f(1);
    Value shifted = m.add(normal, one);
    Value at = op.getAlignCorners() ? m.mul(m.div(shifted, m.f(2)), m.sub(size, one))
                                    : m.div(m.sub(m.mul(shifted, size), one), m.f(2));
    at = m.clampOrLow(at, m.f(-kFarthestPoint), m.f(kFarthestPoint));
    if (op.getMode() == GridMode::Nearest)
      at = m.roundEven(at);
    return op.getPadding() == GridPadding::Reflection ? reflect(at, extent) : at;
  }

  Tap getTap(Value place, Value weight, int64_t extent) {
    if (op.getPadding() == GridPadding::Reflection)
      place = truncate(reflect(place, extent));
    Value index = arith::IndexCastOp::create(b, b.getIndexType(),
                                             arith::FPToSIOp::create(b, b.getI64Type(), place));
    Value inside = op.getPadding() == GridPadding::Zeros ? isInside(b, index, extent) : Value();
    return {clampIndex(b, index, 0, extent - 1), inside, weight};
  }

  SmallVector<Tap> getTaps(Value normal, int64_t extent) {
    Value at = getPosition(normal, extent);
    if (op.getMode() == GridMode::Nearest)
      return {getTap(at, m.f(1), extent)};
    Value first = m.floor(at), t = m.sub(at, first), one = m.f(1), two = m.f(2);
    auto tap = [&](float offset, Value weight) {
      return getTap(m.add(first, m.f(offset)), weight, extent);
    };
    Value rest = m.sub(one, t);
    if (op.getMode() == GridMode::Linear)
      return {tap(0, rest), tap(1, t)};
    float a = kGridCubicFactor;
    auto inner = [&](Value d) {
      Value slope = m.sub(m.mul(m.f(a + 2), d), m.f(a + 3));
      return m.add(m.mul(m.mul(slope, d), d), one);
    };
    auto outer = [&](Value d) {
      Value slope = m.add(m.mul(m.sub(m.mul(m.f(a), d), m.f(5 * a)), d), m.f(8 * a));
      return m.sub(m.mul(slope, d), m.f(4 * a));
    };
    return {tap(-1, outer(m.add(t, one))), tap(0, inner(t)), tap(1, inner(rest)),
            tap(2, outer(m.sub(two, t)))};
  }

  Value joinTaps(ArrayRef<SmallVector<Tap>> dims, size_t d, Value at, Value inside) {
    if (d == dims.size()) {
      Value element = memref::LoadOp::create(b, x.memref, at);
      return inside ? m.select(inside, element, m.f(0)) : element;
    }
    Value sum = m.f(0);
    for (const Tap &tap : dims[d]) {
      Value here = !tap.inside ? inside
                   : inside    ? arith::AndIOp::create(b, inside, tap.inside).getResult()
                               : tap.inside;
      Value place = linearize(b, 0, {at, tap.index}, {1, x.strides[2 + d]});
      sum = m.add(sum, m.mul(joinTaps(dims, d + 1, place, here), tap.weight));
    }
    return sum;
  }

  GridSampleOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  LaneMath m;
  ArrayRef<int64_t> extents;
  FlatView x;
};

struct GridSampleKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    GridSampleEmitter(cast<GridSampleOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerGridSampleKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    GridSampleOp::attachInterface<RootKernel<GridSampleOp, GridSampleKernel>>(*context);
  });
}

} // namespace octet::codegen
