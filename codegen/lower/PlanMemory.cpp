// All shapes are known, so memory is planned once, here, and the peak is a number
// that the model carries.

#include "codegen/lower/Passes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_PLANMEMORY
#include "codegen/lower/Passes.h.inc"

namespace {

constexpr int64_t kAlignment = 64; // a cache line, and the widest vector

struct Life {
  Operation *op;
  int64_t bytes;
  int64_t first, last; // positions in the block
  int64_t offset = -1;
};

class PlanMemory : public impl::PlanMemoryBase<PlanMemory> {
public:
  void runOnOperation() override {
    Block &block = getOperation().getBody().front();
    placeResults(block);
    DenseMap<Operation *, int64_t> positions;
    for (auto [position, op] : llvm::enumerate(block))
      positions[&op] = position;

    SmallVector<Life> lives;
    for (Operation &op : block) {
      if (op.getNumResults() == 0 || isa<ConstantOp>(op) || op.hasAttr("octet.output"))
        continue;
      if (isView(&op))
        op.setAttr("octet.view", UnitAttr::get(&getContext()));
      else
        lives.push_back({&op, getBufferBytes(cast<RankedTensorType>(op.getResult(0).getType())),
                         positions[&op], getLastUse(op.getResult(0), positions)});
    }
    int64_t arenaBytes = place(lives);
    Builder builder(&getContext());
    for (const Life &life : lives)
      life.op->setAttr("octet.offset", builder.getI64IntegerAttr(life.offset));
    getOperation()->setAttr("octet.arena_bytes", builder.getI64IntegerAttr(arenaBytes));
  }

private:
  /// Row-major order and physical order are the same bytes.
  static bool isRowMajorOrder(RankedTensorType type) {
    ChannelsLastAttr layout = getLayout(type);
    if (!layout)
      return true;
    bool onePixel = type.getDimSize(2) == 1 && type.getDimSize(3) == 1;
    return layout.getPitch() == type.getDimSize(1) &&
           llvm::all_of(layout.getHalo(), [](int64_t extent) { return extent == 0; }) &&
           (onePixel || type.getDimSize(1) == 1);
  }

  /// The bytes of operand 0 serve as the result.
  static bool isView(Operation *op) {
    if (!isa<ReshapeOp, RelayoutOp>(op) || op->hasAttr("octet.output") ||
        getConstantValue(op->getOperand(0)))
      return false;
    return isRowMajorOrder(cast<RankedTensorType>(op->getOperand(0).getType())) &&
           isRowMajorOrder(cast<RankedTensorType>(op->getResult(0).getType()));
  }

  /// Result i of the function is written by the op that computes it, or copied.
  static void placeResults(Block &block) {
    Operation *terminator = block.getTerminator();
    OpBuilder builder(terminator);
    for (OpOperand &operand : terminator->getOpOperands()) {
      Operation *source = operand.get().getDefiningOp();
      bool direct =
          source && !isa<ConstantOp>(source) && !source->hasAttr("octet.output") && !isView(source);
      if (!direct) {
        source = RelayoutOp::create(builder, operand.get().getLoc(), operand.get().getType(),
                                    operand.get());
        operand.set(source->getResult(0));
      }
      source->setAttr("octet.output", builder.getI64IntegerAttr(operand.getOperandNumber()));
    }
  }

  static int64_t getLastUse(Value value, const DenseMap<Operation *, int64_t> &positions) {
    int64_t last = positions.lookup(value.getDefiningOp());
    for (Operation *user : value.getUsers()) {
      last = std::max(last, positions.lookup(user));
      if (user->getNumResults() && isView(user))
        last = std::max(last, getLastUse(user->getResult(0), positions));
    }
    return last;
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
};

} // namespace
} // namespace octet
