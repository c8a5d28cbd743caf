#include "frontend/DynamicExtents.h"

#include "dialect/IndexOps.h"
#include "dialect/LogicOps.h"
#include "dialect/reference/Indexing.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;

namespace octet {

std::optional<DynamicExtent> DynamicExtents::lookup(Value value) const {
  auto known = extents.find(value);
  return known == extents.end() ? std::nullopt : std::optional(known->second);
}

namespace {

RankedTensorType getTensor(Value value) { return cast<RankedTensorType>(value.getType()); }

using Extent = std::optional<DynamicExtent>;

/// What an op does to an extent: the one of its result, or nothing where unused elements
/// would get into others.
class Transfer {
public:
  Transfer(Operation *op, const DynamicExtents &known)
      : op(op), result(getTensor(op->getResult(0))),
        operands(llvm::map_to_vector(op->getOperands(),
                                     [&](Value operand) { return known.lookup(operand); })) {}

  bool isNeeded() const {
    return llvm::any_of(operands, [](const Extent &extent) { return extent.has_value(); });
  }
  Extent run() {
    return TypeSwitch<Operation *, Extent>(op)
        .Case<ReshapeOp, TransposeOp, SliceOp, PadOp, ConcatOp, GatherOp, GatherElementsOp,
              GatherNDOp, OneHotOp, ReduceOp, MatMulOp, CumulativeSumOp>(
            [&](auto typed) { return visit(typed); })
        .Case<ArgExtremumOp, TopKIndicesOp, SoftmaxOp, LogSoftmaxOp>(
            [&](auto typed) { return keepUnless({static_cast<int64_t>(typed.getAxis())}); })
        .Case<CastOp, QuantizeOp, DequantizeOp, RequantizeOp, ExpandOp>(
            [&](Operation *) { return visitElementwise(); })
        .Default([&](Operation *) {
          return isa<ElementwiseOpInterface>(op) ? visitElementwise() : Extent();
        });
  }

private:
  Extent at(int64_t axis) const { return DynamicExtent{axis, operands[0]->count}; }
  Extent keepUnless(ArrayRef<int64_t> axes) const {
    return llvm::is_contained(axes, operands[0]->axis) ? Extent() : operands[0];
  }
  int64_t extentOf(unsigned operand) const {
    return getTensor(op->getOperand(operand)).getDimSize(operands[operand]->axis);
  }

  // Dimensions are aligned at the end. Operands without such an extent repeat along it.
  Extent visitElementwise() const {
    Extent common;
    for (auto [operand, extent] : llvm::zip_equal(op->getOperands(), operands)) {
      if (!extent)
        continue;
      int64_t axis = extent->axis + result.getRank() - getTensor(operand).getRank();
      if (getTensor(operand).getDimSize(extent->axis) != result.getDimSize(axis))
        return {};
      if (common && !(*common == DynamicExtent{axis, extent->count}))
        return {};
      common = DynamicExtent{axis, extent->count};
    }
    for (auto [operand, extent] : llvm::zip_equal(op->getOperands(), operands)) {
      RankedTensorType type = getTensor(operand);
      int64_t axis = common->axis - (result.getRank() - type.getRank());
      if (!extent && axis >= 0 && type.getDimSize(axis) != 1)
        return {};
    }
    return common;
  }

  // The dimension stays one of the result if as many elements are in front of it.
  Extent visit(ReshapeOp reshape) const {
    int64_t axis = operands[0]->axis, extent = extentOf(0), before = 1;
    int64_t front = reference::countElements(reshape.getX().getType().getShape().take_front(axis));
    for (auto [d, size] : llvm::enumerate(result.getShape())) {
      if (before == front && size == extent)
        return at(static_cast<int64_t>(d));
      before *= size;
    }
    return {};
  }
  Extent visit(TransposeOp transpose) const {
    return at(llvm::find(transpose.getPermutation(), operands[0]->axis) -
              transpose.getPermutation().begin());
  }
  Extent visit(SliceOp slice) const {
    int64_t axis = operands[0]->axis;
    bool isBeginning = slice.getOffsets()[axis] == 0 && slice.getSteps()[axis] == 1;
    return isBeginning ? operands[0] : Extent();
  }
  Extent visit(PadOp pad) const {
    int64_t axis = operands[0]->axis;
    return pad.getLow()[axis] == 0 && pad.getHigh()[axis] == 0 ? operands[0] : Extent();
  }
  Extent visit(ConcatOp concat) const {
    bool isCommon = llvm::all_of(operands, [&](const Extent &e) { return e && *e == operands[0]; });
    return isCommon ? keepUnless({static_cast<int64_t>(concat.getAxis())}) : Extent();
  }
  Extent visit(GatherOp gather) const {
    int64_t axis = gather.getAxis();
    if (operands[0] && operands[1])
      return {};
    if (operands[1])
      return DynamicExtent{axis + operands[1]->axis, operands[1]->count};
    int64_t known = operands[0]->axis;
    if (known == axis)
      return {};
    return at(known < axis ? known : known - 1 + gather.getIndices().getType().getRank());
  }
  // The best elements are found among the used ones.
  static bool findsUsed(GatherElementsOp gather) {
    auto best = gather.getIndices().getDefiningOp<TopKIndicesOp>();
    auto used = best ? best.getX().getDefiningOp<SelectOp>() : SelectOp();
    return used && used.getA() == gather.getX() && best.getAxis() == gather.getAxis();
  }
  Extent visit(GatherElementsOp gather) const {
    if (operands[0] && operands[1] && findsUsed(gather))
      return operands[1];
    bool fits = operands[1] && (!operands[0] || *operands[0] == *operands[1]) &&
                !(operands[0] && operands[0]->axis == static_cast<int64_t>(gather.getAxis()));
    return fits ? operands[1] : Extent();
  }
  Extent visit(GatherNDOp gather) const {
    int64_t batch = gather.getBatchDims(), rank = gather.getIndices().getType().getRank();
    if (operands[0] && operands[1])
      return {};
    if (operands[1]) {
      bool fits = operands[1]->axis >= batch && operands[1]->axis < rank - 1;
      return fits ? operands[1] : Extent();
    }
    int64_t behind = operands[0]->axis - batch - gather.getIndices().getType().getShape().back();
    return behind >= 0 ? at(rank - 1 + behind) : Extent();
  }
  Extent visit(OneHotOp mark) const {
    if (!operands[0] || operands[1])
      return {};
    return at(operands[0]->axis + (operands[0]->axis >= static_cast<int64_t>(mark.getAxis())));
  }
  Extent visit(ReduceOp reduce) const {
    Extent kept = keepUnless(reduce.getAxes());
    if (!kept || reduce.getKeepdims())
      return kept;
    return at(kept->axis -
              llvm::count_if(reduce.getAxes(), [&](int64_t axis) { return axis < kept->axis; }));
  }
  Extent visit(CumulativeSumOp sum) const {
    return sum.getReverse() ? keepUnless({static_cast<int64_t>(sum.getAxis())}) : operands[0];
  }
  // Rows of the left operand.
  Extent visit(MatMulOp product) const {
    int64_t rank = product.getA().getType().getRank();
    bool areRows = operands[0] && !operands[1] && rank >= 2 && operands[0]->axis == rank - 2 &&
                   rank == result.getRank();
    return areRows ? operands[0] : Extent();
  }

  Operation *op;
  RankedTensorType result;
  SmallVector<Extent> operands;
};

} // namespace

// min(count, most); one value for all that ask, so that their extents are the same.
Value DynamicExtents::limit(Operation *op, Value count, int64_t most) {
  Value &known = limited[{count, most}];
  if (known)
    return known;
  OpBuilder b(op->getContext());
  b.setInsertionPointAfter(op);
  auto type = cast<RankedTensorType>(count.getType());
  Value bound = ConstantOp::create(b, op->getLoc(), DenseElementsAttr::get(type, most));
  return known = MinOp::create(b, op->getLoc(), type, count, bound);
}

// The element that stands in for unused ones, where an op joins all along the axis.
static std::optional<double> getNeutral(Operation *op, int64_t axis) {
  constexpr double kMost = std::numeric_limits<double>::infinity();
  bool isReal = isa<FloatType>(getTensor(op->getOperand(0)).getElementType());
  // NaN is worse than all else.
  auto worst = [&](Extremum which) {
    return isReal                       ? std::numeric_limits<double>::quiet_NaN()
           : which == Extremum::Largest ? -kMost
                                        : kMost;
  };
  if (auto best = dyn_cast<TopKIndicesOp>(op))
    return worst(best.getWhich());
  // Of equal elements the last one might be an unused one.
  if (auto best = dyn_cast<ArgExtremumOp>(op); best && !best.getLast())
    return worst(best.getWhich());
  auto reduce = dyn_cast<ReduceOp>(op);
  if (!reduce || !llvm::is_contained(reduce.getAxes(), axis))
    return std::nullopt;
  switch (reduce.getKind()) {
  case ReduceKind::Sum:
    return 0;
  case ReduceKind::Prod:
    return 1;
  case ReduceKind::Max:
    return -kMost;
  case ReduceKind::Min:
    return kMost;
  case ReduceKind::Mean:
    return std::nullopt;
  }
}

// Replaces unused elements of operand 0 where that is all it takes.
bool DynamicExtents::neutralize(Operation *op) {
  if (op->getNumOperands() != 1)
    return false;
  Value x = op->getOperand(0);
  RankedTensorType type = getTensor(x);
  Extent extent = lookup(x);
  std::optional<double> neutral = getNeutral(op, extent->axis);
  // Places along the axis are a constant.
  constexpr int64_t kMostPlaces = 1 << 20;
  int64_t room = type.getDimSize(extent->axis);
  if (!neutral || room > kMostPlaces)
    return false;
  OpBuilder b(op);
  Location loc = op->getLoc();
  SmallVector<int64_t> shape(type.getRank(), 1);
  shape[extent->axis] = room;
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, room));
  Value places = ConstantOp::create(
      b, loc,
      DenseElementsAttr::get(RankedTensorType::get(shape, b.getI64Type()), ArrayRef(numbers)));
  Value isUsed = CompareOp::create(b, loc, RankedTensorType::get(shape, b.getI1Type()), places,
                                   extent->count, ComparePredicate::Less);
  Type element = type.getElementType();
  reference::Tensor value(RankedTensorType::get({}, element));
  if (auto integer = dyn_cast<IntegerType>(element))
    value.setInteger(0, reference::truncateToInteger(*neutral, integer));
  else
    value.setDouble(0, *neutral);
  Value instead = ConstantOp::create(b, loc, value.getType(), value.toAttr("unused"));
  auto select = SelectOp::create(b, loc, type, isUsed, x, instead);
  neutralizing.insert(select);
  op->setOperand(0, select);
  return true;
}

LogicalResult DynamicExtents::propagate(Operation *op) {
  if (op->getNumResults() != 1 || neutralizing.contains(op))
    return success();
  Transfer transfer(op, *this);
  if (!transfer.isNeeded())
    return success();
  Value result = op->getResult(0);
  Extent extent = transfer.run(), known = lookup(result);
  Extent along = lookup(op->getOperand(0));
  if (!extent && neutralize(op)) {
    // Of the best, as many are used as there are.
    if (auto best = dyn_cast<TopKIndicesOp>(op))
      set(result, {along->axis, limit(op, along->count, best.getK())});
    return success();
  }
  if (auto slice = dyn_cast<SliceOp>(op); slice && extent) {
    int64_t room = getTensor(result).getDimSize(extent->axis);
    if (room < getTensor(slice.getX()).getDimSize(extent->axis))
      extent->count = limit(op, extent->count, room);
  }
  // Two dimensions would depend on data where an importer has found another extent.
  if (extent && (!known || *known == *extent)) {
    set(result, *extent);
    return success();
  }
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    if (auto own = lookup(operand))
      return emitError(op->getLoc())
             << "expected extents that do not depend on data, got operand " << i << " of "
             << operand.getType() << " with such an extent along axis " << own->axis;
  llvm_unreachable("an operand with an extent");
}

} // namespace octet
