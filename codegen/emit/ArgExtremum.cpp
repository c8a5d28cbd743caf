// Where the largest or smallest element of each line stands. Neighbouring lines are lanes; a
// line of neighbouring elements is split between sixteen lanes, whose winners are compared at
// the end. Every lane meets its elements in their order, so that of equal ones the
// right one stays.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/Nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;

namespace octet::codegen {
namespace {

constexpr int64_t kLanes = 16;

/// The best element so far and where it stands, or a register of them.
struct Best {
  Value value, place;
};

class ArgExtremumEmitter {
public:
  ArgExtremumEmitter(ArgExtremumOp op, KernelBuilder &kernel)
      : op(op), kernel(kernel), b(kernel.b()), element(op.getX().getType().getElementType()),
        extent(op.getX().getType().getDimSize(op.getAxis())),
        placeType(b.getIntegerType(extent <= std::numeric_limits<int32_t>::max() ? 32 : 64)) {}

  void emit() {
    x = getFlatView(b, kernel.getBuffer(op.getX()));
    FlatView to = getFlatView(b, kernel.getResult());
    stride = x.strides[op.getAxis()];
    bool isLine = stride == 1 && extent >= 2 * kLanes;
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t> strides, Lanes lanes) {
      Value place = isLine ? emitLine(flat[1]) : emitColumns(flat[1], strides[1], lanes);
      Type wide = withShapeOf(b.getI64Type(), place.getType());
      if (place.getType() != wide)
        place = arith::ExtSIOp::create(b, wide, place);
      storeLanes(kernel, place, to.memref, flat[0], strides[0], lanes);
    };
    Nest nest(withoutAxis(op.getX().getType().getShape(), op.getAxis()), {to, x},
              isLine ? 0 : kLanes, body);
    if (nest.dims.back().strides[1] != 1)
      nest.lanes = 0;
    emitNests(kernel, nest);
  }

private:
  Value load(Value at, int64_t laneStride, Lanes lanes) {
    Value stored = loadLanes(kernel, x.memref, at, laneStride, lanes);
    return emitLoaded(LaneMath(b, b.getLoc(), stored.getType()), stored, element);
  }

  Value isBefore(Value p, Value q) { return isBetter(b, op.getWhich(), element, p, q); }

  Value negate(Value condition) {
    TypedAttr ones = b.getBoolAttr(true);
    if (auto vector = dyn_cast<VectorType>(condition.getType()))
      ones = DenseElementsAttr::get(vector, true);
    return arith::XOrIOp::create(b, condition, arith::ConstantOp::create(b, ones));
  }

  Best choose(Value wins, const Best &challenger, const Best &best) {
    return {arith::SelectOp::create(b, wins, challenger.value, best.value),
            arith::SelectOp::create(b, wins, challenger.place, best.place)};
  }

  // The challenger stands behind the best.
  Best meet(const Best &best, const Best &challenger) {
    Value wins = op.getLast() ? negate(isBefore(best.value, challenger.value))
                              : isBefore(challenger.value, best.value);
    return choose(wins, challenger, best);
  }

  // Either may stand before the other.
  Best meetAnywhere(const Best &best, const Best &challenger) {
    Value better = isBefore(challenger.value, best.value);
    Value equal = negate(arith::OrIOp::create(b, better, isBefore(best.value, challenger.value)));
    auto order = op.getLast() ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt;
    Value nearer = arith::CmpIOp::create(b, order, challenger.place, best.place);
    Value wins = arith::OrIOp::create(b, better, arith::AndIOp::create(b, equal, nearer));
    return choose(wins, challenger, best);
  }

  Value toPlace(Value index) { return arith::IndexCastOp::create(b, placeType, index); }

  Best emitLoop(int64_t begin, int64_t end, int64_t step, const Best &initial,
                function_ref<Best(Value i)> challenger) {
    auto loop =
        scf::ForOp::create(b, constantIndex(b, begin), constantIndex(b, end),
                           constantIndex(b, step), ValueRange{initial.value, initial.place});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Best best = meet({loop.getRegionIterArg(0), loop.getRegionIterArg(1)},
                     challenger(loop.getInductionVar()));
    scf::YieldOp::create(b, ValueRange{best.value, best.place});
    return {loop.getResult(0), loop.getResult(1)};
  }

  Value emitColumns(Value base, int64_t laneStride, Lanes lanes) {
    Value first = load(base, laneStride, lanes);
    LaneMath m(b, b.getLoc(), first.getType());
    Best initial{first, m.i(placeType.getIntOrFloatBitWidth(), 0)};
    return emitLoop(1, extent, 1, initial,
                    [&](Value i) -> Best {
                      Value at = linearize(b, 0, {base, i}, {1, stride});
                      return {load(at, laneStride, lanes), m.splat(toPlace(i))};
                    })
        .place;
  }

  Value emitLine(Value base) {
    auto type = VectorType::get({kLanes}, placeType);
    SmallVector<Attribute> numbers;
    for (int64_t lane = 0; lane < kLanes; ++lane)
      numbers.push_back(b.getIntegerAttr(placeType, lane));
    Value lane = arith::ConstantOp::create(b, DenseElementsAttr::get(type, numbers));
    auto block = [&](Value i) -> Best {
      Value start = vector::BroadcastOp::create(b, type, toPlace(i));
      return {load(arith::AddIOp::create(b, base, i), 1, {kLanes, kLanes}),
              arith::AddIOp::create(b, start, lane)};
    };
    int64_t full = extent / kLanes * kLanes;
    Best best = emitLoop(kLanes, full, kLanes, block(constantIndex(b, 0)), block);
    // What remains is the end of a block that overlaps: an element that is met twice
    // changes nothing.
    if (full < extent)
      best = meet(best, block(constantIndex(b, extent - kLanes)));
    Best winner;
    for (int64_t i = 0; i < kLanes; ++i) {
      Best challenger{vector::ExtractOp::create(b, best.value, i),
                      vector::ExtractOp::create(b, best.place, i)};
      winner = i == 0 ? challenger : meetAnywhere(winner, challenger);
    }
    return winner.place;
  }

  ArgExtremumOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  Type element;
  int64_t extent, stride = 0;
  IntegerType placeType;
  FlatView x;
};

struct ArgExtremumKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    ArgExtremumEmitter(cast<ArgExtremumOp>(op), kernel).emit();
    return success();
  }
};

} // namespace

void registerArgExtremumKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ArgExtremumOp::attachInterface<RootKernel<ArgExtremumOp, ArgExtremumKernel>>(*context);
  });
}

} // namespace octet::codegen
