// Exporters turn sequences around attention (batch first, length first), and heads out of their
// places and back. Between such a transpose and the one that undoes it stand reshapes, slices and
// matrix products with weights, for which it makes no difference. So each transpose is
// followed through these on paper, with dimensions divided into atoms, the parts that stay
// together all the way; ops are written again without both where a second transpose puts all atoms
// back into place. A product moves only if that holds for all that is made of its result: it would
// be computed twice.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_CANCELTRANSPOSES
#include "passes/graph/Passes.h.inc"

namespace {

RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// A value as a permutation of another, its source.
class TurnedValue {
public:
  TurnedValue() = default;
  explicit TurnedValue(RankedTensorType source) {
    for (int64_t extent : source.getShape()) {
      dims.emplace_back();
      if (extent != 1) {
        dims.back().push_back(extents.size());
        order.push_back(extents.size());
        extents.push_back(extent);
      }
    }
  }

  void transpose(ArrayRef<int64_t> permutation) {
    SmallVector<Atoms> moved;
    for (int64_t axis : permutation)
      moved.push_back(dims[axis]);
    dims = moved;
  }

  /// False where an extent is no product of whole atoms or of parts of one.
  bool reshape(ArrayRef<int64_t> shape) {
    Atoms rest;
    for (const Atoms &dim : llvm::reverse(dims))
      rest.append(dim.rbegin(), dim.rend());
    dims.clear();
    for (int64_t extent : shape) {
      dims.emplace_back();
      while (extent > 1) {
        if (rest.empty())
          return false;
        unsigned atom = rest.pop_back_val();
        if (extents[atom] > extent) {
          if (extents[atom] % extent != 0)
            return false;
          rest.push_back(split(atom, extent));
        }
        if (extent % extents[atom] != 0)
          return false;
        extent /= extents[atom];
        dims.back().push_back(atom);
      }
    }
    return true;
  }

  /// The source's axis that is `dim` of the value, if it is an axis.
  std::optional<size_t> getSourceAxis(size_t dim) const {
    if (dims[dim].size() != 1)
      return std::nullopt;
    return llvm::find(order, dims[dim].front()) - order.begin();
  }
  void setExtent(size_t dim, int64_t extent) {
    unsigned atom = dims[dim].front();
    extents[atom] = extent;
    if (extent == 1) {
      dims[dim].clear();
      order.erase(llvm::find(order, atom));
    }
  }

  /// Whether rows of the value are rows of the source.
  bool hasRowsOfSource() const {
    return dims.back().size() <= order.size() &&
           ArrayRef(order).take_back(dims.back().size()) == ArrayRef(dims.back());
  }
  void setRows(int64_t extent) {
    order.truncate(order.size() - dims.back().size());
    dims.back().clear();
    if (extent == 1)
      return;
    dims.back().push_back(extents.size());
    order.push_back(extents.size());
    extents.push_back(extent);
  }
  size_t countRowAtoms() const { return dims.back().size(); }

  SmallVector<int64_t> getSourceShape() const {
    return llvm::map_to_vector(order, [&](unsigned atom) { return extents[atom]; });
  }
  /// From the source to the value, both as atoms.
  SmallVector<int64_t> getPermutation() const {
    SmallVector<int64_t> permutation;
    for (const Atoms &dim : dims)
      for (unsigned atom : dim)
        permutation.push_back(llvm::find(order, atom) - order.begin());
    return permutation;
  }
  bool isInPlace() const { return llvm::is_sorted(getPermutation()); }

private:
  using Atoms = SmallVector<unsigned, 4>;

  /// Leaves `extent` of an atom, gives the part behind it.
  unsigned split(unsigned atom, int64_t extent) {
    unsigned part = extents.size();
    extents.push_back(extents[atom] / extent);
    extents[atom] = extent;
    order.insert(llvm::find(order, atom) + 1, part);
    return part;
  }

  SmallVector<int64_t> extents; ///< of atoms, none 1
  Atoms order;                  ///< atoms of the source
  SmallVector<Atoms> dims;      ///< atoms of each dimension of the value
};

Value reshape(OpBuilder &builder, Value value, ArrayRef<int64_t> shape) {
  if (getType(value).getShape() == shape)
    return value;
  return ReshapeOp::create(builder, getInnerLocation(value.getLoc(), "atoms"), value,
                           builder.getDenseI64ArrayAttr(shape));
}

bool isWhole(SliceOp op, size_t dim) {
  return op.getSizes()[dim] == op.getX().getType().getDimSize(dim) && op.getSteps()[dim] == 1;
}

struct CancelTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    if (op.getX().getType().getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "has no elements");
    TurnedValue value(op.getX().getType());
    value.transpose(op.getPermutation());
    SmallVector<Operation *> users;
    for (Operation *user : op->getUsers())
      if (!llvm::is_contained(users, user) && leadsBack(user, op.getY(), value, false))
        users.push_back(user);
    for (Operation *user : users)
      moveToSource(rewriter, user, op.getX(), op.getY(), value);
    if (!users.empty())
      return success();
    return joinWithNext(rewriter, op, value);
  }

private:
  static constexpr unsigned kMostOps = 8;

  /// What `user` makes of its operand `from`, in terms of the same source.
  static std::optional<TurnedValue> follow(Operation *user, Value from, TurnedValue value) {
    if (auto reshaped = dyn_cast<ReshapeOp>(user)) {
      if (!value.reshape(reshaped.getShape()))
        return std::nullopt;
      return value;
    }
    if (auto slice = dyn_cast<SliceOp>(user)) {
      for (size_t dim = 0; dim < slice.getSizes().size(); ++dim) {
        if (isWhole(slice, dim))
          continue;
        if (slice.getSizes()[dim] == 0 || !value.getSourceAxis(dim))
          return std::nullopt;
        value.setExtent(dim, slice.getSizes()[dim]);
      }
      return value;
    }
    if (auto product = dyn_cast<MatMulOp>(user)) {
      bool isOfWeights = product.getA() == from && product.getB() != from &&
                         product.getBias() != from && getType(from).getRank() >= 2 &&
                         getType(product.getB()).getRank() == 2;
      if (!isOfWeights || !value.hasRowsOfSource())
        return std::nullopt;
      value.setRows(getType(product.getB()).getDimSize(1));
      return value;
    }
    if (auto transposed = dyn_cast<TransposeOp>(user)) {
      value.transpose(transposed.getPermutation());
      return value;
    }
    return std::nullopt;
  }

  /// Whether a transpose behind `user` (behind all paths from it where `all`) restores the
  /// order of the source.
  static bool leadsBack(Operation *user, Value from, const TurnedValue &before, bool all,
                        unsigned depth = 0) {
    std::optional<TurnedValue> value = depth < kMostOps ? follow(user, from, before) : std::nullopt;
    if (!value)
      return false;
    if (isa<TransposeOp>(user))
      return value->isInPlace();
    all |= isa<MatMulOp>(user);
    Value result = user->getResult(0);
    auto isRight = [&](Operation *next) { return leadsBack(next, result, *value, all, depth + 1); };
    if (result.use_empty())
      return false;
    return all ? llvm::all_of(result.getUsers(), isRight)
               : llvm::any_of(result.getUsers(), isRight);
  }

  /// Computes what leads back from `source`.
  static void moveToSource(PatternRewriter &rewriter, Operation *user, Value source, Value from,
                           const TurnedValue &before) {
    TurnedValue value = *follow(user, from, before);
    rewriter.setInsertionPoint(user);
    // Values with the same elements can share a name.
    Location loc = user->getLoc();
    if (isa<TransposeOp>(user)) {
      rewriter.replaceOp(user, reshape(rewriter, source, getType(user->getResult(0)).getShape()));
      return;
    }
    if (auto slice = dyn_cast<SliceOp>(user)) {
      SmallVector<int64_t> sizes = before.getSourceShape(), offsets(sizes.size(), 0),
                           steps(sizes.size(), 1);
      source = reshape(rewriter, source, sizes);
      for (size_t dim = 0; dim < slice.getSizes().size(); ++dim)
        if (!isWhole(slice, dim)) {
          size_t axis = *before.getSourceAxis(dim);
          offsets[axis] = slice.getOffsets()[dim];
          sizes[axis] = slice.getSizes()[dim];
          steps[axis] = slice.getSteps()[dim];
        }
      source = SliceOp::create(rewriter, loc, source, offsets, sizes, steps);
    } else if (auto product = dyn_cast<MatMulOp>(user)) {
      // The dimension that is multiplied may be several atoms.
      SmallVector<int64_t> shape = before.getSourceShape();
      shape.truncate(shape.size() - before.countRowAtoms());
      if (shape.empty())
        shape.push_back(1);
      shape.push_back(getType(product.getB()).getDimSize(0));
      source = MatMulOp::create(rewriter, loc, reshape(rewriter, source, shape), product.getB(),
                                product.getBias());
    }
    Value result = user->getResult(0);
    SmallVector<Operation *> nexts;
    for (Operation *next : result.getUsers())
      if (!llvm::is_contained(nexts, next) && leadsBack(next, result, value, false))
        nexts.push_back(next);
    for (Operation *next : nexts)
      moveToSource(rewriter, next, source, result, value);
  }

  /// transpose(reshape(transpose(x)))  ->  reshape(transpose(reshape(x)))
  static LogicalResult joinWithNext(PatternRewriter &rewriter, TransposeOp op, TurnedValue value) {
    Value from = op.getY();
    Operation *next = op;
    for (unsigned i = 0; i < kMostOps && !(isa<TransposeOp>(next) && next != op); ++i) {
      if (!from.hasOneUse())
        return rewriter.notifyMatchFailure(op, "nothing undoes it");
      next = *from.getUsers().begin();
      std::optional<TurnedValue> after =
          isa<ReshapeOp, TransposeOp>(next) ? follow(next, from, value) : std::nullopt;
      if (!after)
        return rewriter.notifyMatchFailure(op, "nothing undoes it");
      value = *after;
      from = next->getResult(0);
    }
    if (!isa<TransposeOp>(next) || next == op)
      return rewriter.notifyMatchFailure(op, "nothing undoes it");
    rewriter.setInsertionPoint(next);
    Value source = reshape(rewriter, op.getX(), value.getSourceShape());
    source = TransposeOp::create(rewriter, getInnerLocation(next->getLoc(), "moved"), source,
                                 rewriter.getDenseI64ArrayAttr(value.getPermutation()));
    rewriter.replaceOp(next, reshape(rewriter, source, getType(next->getResult(0)).getShape()));
    return success();
  }
};

struct CancelTransposes : impl::CancelTransposesBase<CancelTransposes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<CancelTranspose>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet
