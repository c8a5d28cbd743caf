// The mask is what the ops between product and softmax make of zeros in place of the product: so
// any order of scales, sums and choices comes out as the model has it. A choice of a constant
// (`Where` with -1e4, -infinity or the lowest number) becomes an addition of a number that swallows
// every score: the sum is that number, as the choice is. A query that sees no key then has equal
// weights, or NaN where the constant is -infinity, as in the model.

#include "passes/graph/AttentionScores.h"

#include "dialect/LogicOps.h"
#include "passes/graph/Constants.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet {

static RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

// A choice of a number above this does not mean that the key is hidden.
constexpr double kHidden = -1e4;
// What is added to a number as low as this is lost.
constexpr double kSwallowing = -1e30;

std::optional<AttentionScores> AttentionScores::read(Value scores) {
  AttentionScores result;
  constexpr unsigned kDeepEnough = 10;
  if (!result.readFrom(scores, kDeepEnough) || !result.computeScale())
    return std::nullopt;
  return result;
}

/// The operand of a product or quotient that a constant of one value scales.
std::optional<unsigned> AttentionScores::getScaled(Operation *op) const {
  if (!isa<MulOp, DivOp>(op))
    return std::nullopt;
  for (unsigned i = 0; i < (isa<DivOp>(op) ? 1 : 2); ++i)
    if (op->getOperand(i).getType() == op->getResult(0).getType() &&
        getSplat(op->getOperand(1 - i)))
      return i;
  return std::nullopt;
}

bool AttentionScores::readFrom(Value value, unsigned depth) {
  Operation *op = value.getDefiningOp();
  if (!op || !value.hasOneUse())
    return false;
  if (auto matrix = dyn_cast<MatMulOp>(op)) {
    product = matrix;
    return !matrix.getBias();
  }
  if (depth == 0)
    return false;
  auto tryOperand = [&](unsigned i) {
    if (op->getOperand(i).getType() != value.getType() && !isa<ReshapeOp>(op))
      return false;
    steps.push_back({op, i});
    if (readFrom(op->getOperand(i), depth - 1))
      return true;
    steps.pop_back();
    return false;
  };
  if (std::optional<unsigned> scaled = getScaled(op))
    return tryOperand(*scaled);
  if (isa<AddOp>(op))
    return tryOperand(0) || tryOperand(1);
  if (isa<SubOp>(op))
    return tryOperand(0);
  if (auto choice = dyn_cast<SelectOp>(op)) {
    constexpr unsigned kA = 1, kB = 2;
    auto isHiding = [](Value constant) {
      std::optional<float> splat = getSplat(constant);
      return splat && *splat <= kHidden;
    };
    return (isHiding(choice.getB()) && tryOperand(kA)) ||
           (isHiding(choice.getA()) && tryOperand(kB));
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    ArrayRef<int64_t> from = getType(reshape.getX()).getShape(), to = getType(value).getShape();
    return from.size() >= 2 && to.size() >= 2 && from.take_back(2) == to.take_back(2) &&
           tryOperand(0);
  }
  return false;
}

bool isUsualScale(double scale) {
  constexpr double kLargest = 1e9;
  return std::fabs(scale) >= 1 / kLargest && std::fabs(scale) <= kLargest;
}

bool AttentionScores::computeScale() {
  for (const Step &step : steps) {
    // A choice before a factor that is not positive chooses the best keys.
    if (isa<SelectOp>(step.op) && !(scale > 0))
      return false;
    if (!isa<MulOp, DivOp>(step.op))
      continue;
    double number = *getSplat(step.op->getOperand(1 - step.chain));
    scale *= isa<DivOp>(step.op) ? 1 / number : number;
  }
  return isUsualScale(scale);
}

std::optional<std::array<int64_t, 2>> AttentionScores::getBatchAndHeads() const {
  for (const Step &step : steps)
    for (Type type : {step.op->getOperand(step.chain).getType(), step.op->getResult(0).getType()})
      if (ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape(); shape.size() == 4)
        return std::array<int64_t, 2>{shape[0], shape[1]};
  return std::nullopt;
}

/// What a choice adds in place of its constant: as low that scores are lost in it, where
/// no other mask counts on its height.
Value AttentionScores::getReplacement(OpBuilder &builder, const Step &step) const {
  Value constant = step.op->getOperand(3 - step.chain);
  double chosen = *getSplat(constant), outer = 1;
  bool isAddedTo = false;
  for (const Step &later : ArrayRef(steps).take_front(&step - steps.data())) {
    isAddedTo |= isa<AddOp, SubOp>(later.op);
    if (isa<MulOp, DivOp>(later.op)) {
      double factor = *getSplat(later.op->getOperand(1 - later.chain));
      outer *= isa<DivOp>(later.op) ? 1 / factor : factor;
    }
  }
  if (std::isfinite(chosen) && chosen > kSwallowing && !isAddedTo)
    chosen = std::numeric_limits<float>::lowest() / std::max(outer, 1.0);
  return createConstant(builder, constant.getLoc(), {}, static_cast<float>(chosen));
}

Value AttentionScores::buildMask(OpBuilder &builder, int64_t batch, int64_t heads) const {
  // The mask so far, the shape that it broadcasts to, and that of the scores at this point.
  Value mask;
  SmallVector<int64_t> known, shape(getType(product->getResult(0)).getShape());
  auto moveTo = [&](ArrayRef<int64_t> to) {
    if (mask && ArrayRef(known) != to)
      mask = reshapeBroadcast(builder, mask, known, to);
    known.assign(to.begin(), to.end());
  };
  for (const Step &step : llvm::reverse(steps)) {
    Operation *op = step.op;
    Location loc = getInnerLocation(op->getLoc(), "mask");
    shape.assign(getType(op->getResult(0)).getShape().begin(),
                 getType(op->getResult(0)).getShape().end());
    if (isa<ReshapeOp>(op) || (!mask && isa<MulOp, DivOp>(op)))
      continue;
    moveTo(shape);
    auto getOrZero = [&] { return mask ? mask : createConstant(builder, loc, {}, 0.0f); };
    if (auto choice = dyn_cast<SelectOp>(op)) {
      Value kept = getOrZero(), hidden = getReplacement(builder, step);
      bool keepsA = step.chain == 1;
      mask = SelectOp::create(builder, loc, choice.getCondition(), keepsA ? kept : hidden,
                              keepsA ? hidden : kept);
      continue;
    }
    Value other = op->getOperand(1 - step.chain);
    if (isa<AddOp>(op))
      mask = mask ? AddOp::create(builder, loc, mask, other).getY() : other;
    else if (isa<SubOp>(op))
      mask = SubOp::create(builder, loc, getOrZero(), other);
    else if (isa<MulOp>(op))
      mask = MulOp::create(builder, loc, mask, other);
    else
      mask = DivOp::create(builder, loc, mask, other);
  }
  // Scores broadcast it anyway.
  while (auto expand = mask ? mask.getDefiningOp<ExpandOp>() : ExpandOp())
    mask = expand.getX();
  moveTo({batch, heads, shape[shape.size() - 2], shape.back()});
  return mask;
}

Value reshapeBroadcast(OpBuilder &builder, Value value, ArrayRef<int64_t> from,
                       ArrayRef<int64_t> to) {
  SmallVector<int64_t> own(from.size() - getType(value).getRank(), 1);
  llvm::append_range(own, getType(value).getShape());
  SmallVector<int64_t> expanded(own), result;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    // A run of dimensions on either side with the same elements.
    size_t firstI = i, firstJ = j;
    int64_t left = 1, right = 1;
    if (i < from.size())
      left = from[i++];
    if (j < to.size())
      right = to[j++];
    while (left != right)
      left < right ? left *= from[i++] : right *= to[j++];
    bool isOne = llvm::all_of(ArrayRef(own).slice(firstI, i - firstI),
                              [](int64_t extent) { return extent == 1; });
    for (size_t k = firstI; k < i && !isOne; ++k)
      expanded[k] = from[k];
    for (size_t k = firstJ; k < j; ++k)
      result.push_back(isOne ? 1 : to[k]);
  }
  Location loc = value.getLoc();
  if (expanded != own)
    value = ExpandOp::create(builder, loc, value, builder.getDenseI64ArrayAttr(expanded));
  if (getType(value).getShape() == ArrayRef(result))
    return value;
  return ReshapeOp::create(builder, loc, value, builder.getDenseI64ArrayAttr(result));
}

bool mayHideAllKeys(Value mask) {
  if (!mask)
    return false;
  auto isFinite = [](Value value) {
    std::optional<float> splat = getSplat(value);
    return splat && std::isfinite(*splat);
  };
  if (auto choice = mask.getDefiningOp<SelectOp>())
    return !isFinite(choice.getA()) || !isFinite(choice.getB());
  std::optional<SmallVector<float>> numbers = getFloats(mask);
  int64_t keys = getType(mask).getRank() > 0 ? getType(mask).getShape().back() : 1;
  if (!numbers || keys == 0)
    return true;
  for (size_t row = 0; row < numbers->size(); row += keys)
    if (llvm::none_of(ArrayRef(*numbers).slice(row, keys), [](float number) {
          return number > -std::numeric_limits<float>::infinity();
        }))
      return true;
  return false;
}

} // namespace octet
