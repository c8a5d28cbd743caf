// Forms the groups that become kernels. Groups are closed under one rule: only
// one of their values is used outside. It also rules out cycles: an operand
// that depended on the group by a path around it would need a second such
// value.
//
// Roots are visited last to first, so that an addition of two branches joins
// the branch that is computed later, when the other one lies in memory already.

#include "dialect/TransformerOps.h"
#include "passes/graph/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_FUSEEPILOGUES
#include "passes/graph/Passes.h.inc"

namespace {

constexpr StringLiteral kPrecision = "octet.precision";
constexpr StringLiteral kReason = "octet.reason";

// Beyond this many ops a kernel's epilogue spills registers, and the search for
// the far end of a diamond is given up.
constexpr size_t kMaxGroup = 32;

bool isRoot(Operation *op) {
  if (op->hasTrait<TakesEpilogue>())
    return true;
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable)
    return false;
  QuantizationRole role = quantizable.getQuantizationRole();
  return role == QuantizationRole::Contraction || role == QuantizationRole::Averaging;
}

bool isElementwise(Operation *op) { return isa<ElementwiseOpInterface>(op); }

Precision getPrecision(Operation *op) {
  auto attr = op->getAttrOfType<PrecisionAttr>(kPrecision);
  return attr ? attr.getValue() : Precision::F32;
}

RankedTensorType getResultType(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

class Group {
public:
  explicit Group(Operation *start) : start(start) { ops.insert(start); }

  /// Takes in followers as long as a set with a single outside value comes out.
  void growDown() {
    llvm::SmallSetVector<Operation *, 8> tried = ops;
    while (tried.size() < kMaxGroup) {
      Operation *next = nullptr;
      for (Operation *op : tried)
        for (Operation *user : op->getUsers())
          if (!tried.contains(user) && (!next || user->isBeforeInBlock(next)))
            next = user;
      if (!next || !(canJoin(next) || isInnerBorder(next, tried)))
        return;
      tried.insert(next);
      if (isGroup(tried))
        ops = tried;
    }
  }

  /// Takes in producers that nothing but the group uses.
  void growUp() {
    for (bool grew = true; grew && ops.size() < kMaxGroup;) {
      grew = false;
      for (Operation *op : llvm::to_vector(ops)) {
        for (Value operand : op->getOperands()) {
          Operation *producer = operand.getDefiningOp();
          if (!producer || ops.contains(producer) || !canJoin(producer) ||
              !llvm::all_of(producer->getUsers(),
                            [&](Operation *user) { return ops.contains(user); }))
            continue;
          grew |= ops.insert(producer);
        }
      }
    }
  }

  /// Moves the ops into an `octet.fused` at the place of the last one.
  void materialize() {
    SmallVector<Operation *> ordered = ops.takeVector();
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    Operation *last = ordered.back();

    llvm::SmallSetVector<Value, 4> inputs;
    auto collect = [&](Operation *op) {
      for (Value operand : op->getOperands())
        if (!llvm::is_contained(ordered, operand.getDefiningOp()))
          inputs.insert(operand);
    };
    // Operand 0 of a group is operand 0 of its root: layouts rely on it.
    if (isRoot(start))
      collect(start);
    llvm::for_each(ordered, collect);

    OpBuilder builder(last);
    Location loc = last->getLoc();
    if (!getNodeName(start->getLoc()).empty())
      loc = getOnnxLocation(last->getContext(), getNodeName(start->getLoc()),
                            getTensorName(last->getLoc()), getNodeType(start->getLoc()));
    auto fused = FusedOp::create(builder, loc, last->getResult(0).getType(), inputs.getArrayRef());
    for (StringRef name : {StringRef(kPrecision), StringRef(kReason)})
      if (Attribute attr = start->getAttr(name))
        fused->setAttr(name, attr);

    Block &block = fused.getBody().emplaceBlock();
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, block.addArgument(input.getType(), input.getLoc()));
    builder.setInsertionPointToStart(&block);
    for (Operation *op : ordered) {
      Operation *clone = builder.clone(*op, mapping);
      clone->removeAttr(kPrecision);
      clone->removeAttr(kReason);
    }
    YieldOp::create(builder, loc, mapping.lookup(last->getResult(0)));
    last->getResult(0).replaceAllUsesWith(fused.getY());
    for (Operation *op : llvm::reverse(ordered))
      op->erase();
  }

private:
  bool canJoin(Operation *op) {
    return op->getBlock() == start->getBlock() && isElementwise(op) &&
           getPrecision(op) == getPrecision(start) &&
           getResultType(op).getShape() == getResultType(start).getShape();
  }

  /// Whether `op` may be half of a quantize and dequantize that stand inside of a group. What
  /// the two of them do to a value, a group can do in registers.
  bool isInnerBorder(Operation *op, const llvm::SmallSetVector<Operation *, 8> &set) const {
    if (!isa<QuantizeOp, DequantizeOp>(op) || op->getBlock() != start->getBlock() ||
        getResultType(op).getShape() != getResultType(start).getShape())
      return false;
    if (isa<DequantizeOp>(op))
      return set.contains(op->getOperand(0).getDefiningOp());
    return llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>);
  }

  /// Whether one value is used outside, and one that is stored as it is: a border at the end
  /// says how memory holds the group's result, and so belongs to the readers as well. What
  /// leaves the kernel of a root has its element type: layouts and precisions rely on it.
  bool isGroup(const llvm::SmallSetVector<Operation *, 8> &set) const {
    auto isUsedOutside = [&](Operation *op) {
      return llvm::any_of(op->getUsers(), [&](Operation *user) { return !set.contains(user); });
    };
    if (llvm::count_if(set, isUsedOutside) != 1)
      return false;
    Operation *last = *llvm::find_if(set, isUsedOutside);
    return !isa<QuantizeOp, DequantizeOp>(last) &&
           (!isRoot(start) || getResultType(last) == getResultType(start));
  }

  Operation *start;
  llvm::SmallSetVector<Operation *, 8> ops;
};

struct FuseEpilogues : impl::FuseEpiloguesBase<FuseEpilogues> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      // The last op of a group is the one that is used outside only if all are used.
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
        if (isOpTriviallyDead(&op))
          op.erase();
      SmallVector<Operation *> roots;
      for (Operation &op : block)
        if (isRoot(&op))
          roots.push_back(&op);
      for (Operation *root : llvm::reverse(roots)) {
        Group group(root);
        group.growDown();
        group.materialize();
      }
      // The op in front of the first elementwise one, which no group takes.
      Operation *before = nullptr;
      while (Operation *start = findElementwise(block, before)) {
        Group group(start);
        group.growDown();
        group.growUp();
        group.materialize();
      }
    }
  }

private:
  /// The first elementwise op behind `before`, which moves to the op in front of it.
  static Operation *findElementwise(Block &block, Operation *&before) {
    for (Operation *op = before ? before->getNextNode() : &block.front(); op;
         before = op, op = op->getNextNode())
      if (isElementwise(op))
        return op;
    return nullptr;
  }
};

} // namespace
} // namespace octet
