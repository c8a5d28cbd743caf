// All shapes are known, so memory is planned once, here, and the peak is a number
// that the model carries.

#include "codegen/lower/Passes.h"
#include "codegen/lower/Views.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_PLANMEMORY
#include "codegen/lower/Passes.h.inc"

namespace {

constexpr int64_t kAlignment = 64; // a cache line, and the widest vector

/// Bytes that one op owns, and others may lie in; or those it needs while it runs.
struct Life {
  Operation *owner;
  int64_t bytes;
  int64_t first, last; // positions in the block
  bool isScratch = false;
  int64_t offset = -1;
};

/// Bytes of an owner from an offset on. No owner: an argument of the function.
struct Place {
  Operation *owner = nullptr;
  int64_t offset = 0;
};

class PlanMemory : public impl::PlanMemoryBase<PlanMemory> {
public:
  void runOnOperation() override {
    Block &block = getOperation().getBody().front();
    findParts(block);
    placeResults(block);
    overwriteOperands(block);
    SmallVector<Life> lives = findLives(block);
    int64_t arenaBytes = place(lives);

    Builder builder(&getContext());
    DenseMap<Operation *, int64_t> offsets;
    for (const Life &life : lives)
      if (life.isScratch)
        life.owner->setAttr("octet.scratch", builder.getI64IntegerAttr(life.offset));
      else
        offsets[life.owner] = life.offset;
    for (Operation &op : block) {
      if (!isPlaced(&op))
        continue;
      auto set = [&](StringRef name, int64_t value) {
        op.setAttr(name, builder.getI64IntegerAttr(value));
      };
      if (std::optional<int64_t> offset = getView(&op)) {
        set("octet.view", *offset);
        continue;
      }
      Place place = getPlace(&op);
      auto output = outputs.find(place.owner);
      if (output != outputs.end())
        set("octet.output", output->second);
      else
        place.offset += offsets.lookup(place.owner);
      if (output == outputs.end() || place.offset)
        set("octet.offset", place.offset);
    }
    getOperation()->setAttr("octet.arena_bytes", builder.getI64IntegerAttr(arenaBytes));
  }

private:
  static int64_t getBytes(Value value) {
    return getBufferBytes(cast<RankedTensorType>(value.getType()));
  }

  /// Whether the op's result lies in memory that is planned.
  static bool isPlaced(Operation *op) { return op->getNumResults() && !isa<ConstantOp>(op); }

  void findParts(Block &block) {
    parts.clear();
    for (ConcatOp concat : block.getOps<ConcatOp>())
      for (auto [i, operand] : llvm::enumerate(concat.getInputs()))
        if (concat.isInPlace(i))
          parts[getWriter(operand)] = {concat, getSliceOffset(concat, i)};
  }

  /// The owner of an output may be a relayout that copies.
  std::optional<int64_t> getView(Operation *op) const {
    return outputs.contains(op) ? std::nullopt : getViewOffset(op);
  }

  Place getPlace(Operation *op) const {
    Place place{op, 0};
    while (place.owner) {
      if (std::optional<int64_t> offset = getView(place.owner))
        place = {place.owner->getOperand(0).getDefiningOp(), place.offset + *offset};
      else if (auto part = parts.find(place.owner); part != parts.end())
        place = {part->second.owner, place.offset + part->second.offset};
      else
        break;
    }
    return place;
  }

  Place getPlace(Value value) const {
    Operation *op = value.getDefiningOp();
    return op && isPlaced(op) ? getPlace(op) : Place();
  }

  /// Result i of the function is written by the op that computes it, or copied.
  void placeResults(Block &block) {
    outputs.clear();
    Operation *terminator = block.getTerminator();
    OpBuilder builder(terminator);
    for (OpOperand &operand : terminator->getOpOperands()) {
      auto [owner, offset] = getPlace(operand.get());
      bool direct = owner && offset == 0 && !outputs.contains(owner) &&
                    getBytes(owner->getResult(0)) == getBytes(operand.get());
      if (!direct) {
        owner = RelayoutOp::create(builder, operand.get().getLoc(), operand.get().getType(),
                                   operand.get());
        operand.set(owner->getResult(0));
      }
      outputs[owner] = operand.getOperandNumber();
    }
  }

  /// Whether each element of the operand is read where one of the result is written,
  /// before that, and by nothing but the code that computes this element.
  static bool isReadInPlace(Operation *op, unsigned i) {
    auto x = cast<RankedTensorType>(op->getOperand(i).getType());
    auto y = cast<RankedTensorType>(op->getResult(0).getType());
    if (x.getShape() != y.getShape() || getLayout(x) != getLayout(y) ||
        getElementBytes(x.getElementType()) != getElementBytes(y.getElementType()))
      return false;
    auto group = dyn_cast<FusedOp>(op);
    if (!group)
      return isa<ElementwiseOpInterface, QuantizeOp, DequantizeOp, RequantizeOp, LookupOp, CastOp>(
          op);
    Operation *root = group.getRoot();
    if (!root)
      return true;
    // Partial vectors are stored under masks, and a load of the neighbours behind one
    // waits until it is in the cache: twice the time for 24 channels of 56x56.
    constexpr int64_t kLanes = 16;
    if (y.getRank() == 0 || y.getDimSize(getLayout(y) ? 1 : y.getRank() - 1) % kLanes)
      return false;
    auto role = dyn_cast<QuantizableOpInterface>(root);
    return role && role.getQuantizationRole() == QuantizationRole::Contraction &&
           !llvm::is_contained(root->getOperands(), group.getBlock().getArgument(i));
  }

  /// An op may write over an operand that nothing reads behind it.
  void overwriteOperands(Block &block) {
    DenseMap<Operation *, int64_t> positions = getPositions(block), last;
    for (const Life &life : findLives(block))
      if (!life.isScratch)
        last[life.owner] = life.last;
    for (Operation &op : block) {
      if (!isPlaced(&op) || getPlace(&op).owner != &op || outputs.contains(&op))
        continue;
      for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
        Place place = getPlace(operand);
        if (!place.owner || outputs.contains(place.owner) ||
            last.lookup(place.owner) != positions.lookup(&op) || !isReadInPlace(&op, i))
          continue;
        // Another part of the same bytes would be read elsewhere.
        if (llvm::any_of(op.getOperands(), [&, value = operand](Value other) {
              return other != value && getPlace(other).owner == place.owner;
            }))
          continue;
        parts[&op] = place;
        last[place.owner] = last.lookup(&op);
        break;
      }
    }
  }

  static DenseMap<Operation *, int64_t> getPositions(Block &block) {
    DenseMap<Operation *, int64_t> positions;
    for (auto [position, op] : llvm::enumerate(block))
      positions[&op] = position;
    return positions;
  }

  SmallVector<Life> findLives(Block &block) const {
    DenseMap<Operation *, int64_t> positions = getPositions(block);
    SmallVector<Life> lives;
    DenseMap<Operation *, unsigned> known;
    for (Operation &op : block) {
      int64_t position = positions.lookup(&op);
      if (auto scratch = op.getAttrOfType<IntegerAttr>("octet.scratch_bytes"))
        lives.push_back({&op, scratch.getInt(), position, position, /*isScratch=*/true});
      Operation *owner = isPlaced(&op) ? getPlace(&op).owner : nullptr;
      if (!owner || outputs.contains(owner))
        continue;
      auto [entry, isNew] = known.try_emplace(owner, lives.size());
      if (isNew)
        lives.push_back({owner, getBytes(owner->getResult(0)), position, position});
      Life &life = lives[entry->second];
      for (Operation *user : op.getResult(0).getUsers())
        life.last = std::max(life.last, positions.lookup(user));
    }
    return lives;
  }

  static int64_t place(MutableArrayRef<Life> lives) {
    SmallVector<Life *> order;
    for (Life &life : lives)
      order.push_back(&life);
    llvm::sort(order, [](Life *a, Life *b) {
      return a->bytes != b->bytes ? a->bytes > b->bytes : a->first < b->first;
    });
    int64_t total = 0;
    SmallVector<Life *> placed; // by ascending offset
    for (Life *life : order) {
      int64_t offset = 0;
      for (Life *other : placed) {
        if (other->last < life->first || life->last < other->first)
          continue;
        if (offset + life->bytes <= other->offset)
          break;
        int64_t next = llvm::alignTo(other->offset + other->bytes, kAlignment);
        offset = std::max(offset, next);
      }
      life->offset = offset;
      total = std::max(total, offset + life->bytes);
      auto byOffset = [](Life *a, Life *b) { return a->offset < b->offset; };
      placed.insert(llvm::upper_bound(placed, life, byOffset), life);
    }
    return llvm::alignTo(total, kAlignment);
  }

  DenseMap<Operation *, Place> parts;     ///< what lies in bytes of another op
  DenseMap<Operation *, int64_t> outputs; ///< owners of what the function returns
};

} // namespace
} // namespace octet
