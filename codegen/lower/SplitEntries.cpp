// A network that is unrolled over time launches thousands of kernels, and LLVM takes time that
// grows with the square of a block (kill flags, live ranges of addresses). Parts of a bounded
// number of launches make it proportional. Memory is planned and launches are listed before, for
// the entry as a whole.

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_SPLITENTRIES
#include "codegen/lower/Passes.h.inc"

namespace {

class SplitEntries : public impl::SplitEntriesBase<SplitEntries> {
public:
  using SplitEntriesBase::SplitEntriesBase;

  void runOnOperation() override {
    if (launches < 1) {
      getOperation().emitError("expected at least one launch for each part, got ")
          << launches.getValue();
      return signalPassFailure();
    }
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function.getName() == "entry" || function.getName().starts_with("entry."))
        split(function);
  }

private:
  void split(func::FuncOp entry) {
    SmallVector<LaunchOp> all(entry.getOps<LaunchOp>());
    if (all.size() <= static_cast<size_t>(launches))
      return;
    Block &body = entry.getBody().front();
    unsigned parts = 0;
    for (ArrayRef<LaunchOp> rest = all; !rest.empty(); ++parts) {
      ArrayRef<LaunchOp> part = rest.take_front(launches);
      rest = rest.drop_front(part.size());
      move(entry, part, (entry.getName() + ".part." + Twine(parts)).str());
    }
    // Addresses, which each part computes for itself.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  /// The ops that `values` come from, operands first, and the arguments among them.
  static void collect(ValueRange values, llvm::SmallSetVector<Operation *, 16> &ops,
                      llvm::SmallSetVector<Value, 4> &arguments) {
    for (Value value : values) {
      Operation *op = value.getDefiningOp();
      if (!op) {
        arguments.insert(value);
      } else if (!ops.contains(op)) {
        collect(op->getOperands(), ops, arguments);
        ops.insert(op);
      }
    }
  }

  void move(func::FuncOp entry, ArrayRef<LaunchOp> part, StringRef name) {
    llvm::SmallSetVector<Operation *, 16> ops;
    llvm::SmallSetVector<Value, 4> arguments;
    arguments.insert(entry.getArgument(0)); // the context
    for (LaunchOp launch : part)
      collect(launch->getOperands(), ops, arguments);

    OpBuilder builder(entry);
    SmallVector<Value> passed = arguments.takeVector();
    auto function = func::FuncOp::create(
        builder, entry.getLoc(), name, builder.getFunctionType(ValueRange(passed).getTypes(), {}));
    function.setPrivate();
    for (auto [i, value] : llvm::enumerate(passed))
      function.setArgAttr(i, "octet.argument",
                          builder.getI64IntegerAttr(cast<BlockArgument>(value).getArgNumber()));
    Block *block = function.addEntryBlock();
    IRMapping mapping;
    mapping.map(passed, block->getArguments());
    builder.setInsertionPointToEnd(block);
    for (Operation *op : ops)
      builder.clone(*op, mapping);
    for (LaunchOp launch : part) {
      builder.clone(*launch, mapping);
      launch.erase();
    }
    func::ReturnOp::create(builder, entry.getLoc());
    builder.setInsertionPoint(entry.getBody().front().getTerminator());
    func::CallOp::create(builder, entry.getLoc(), function, passed);
  }
};

} // namespace
} // namespace octet
