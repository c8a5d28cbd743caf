#include "dialect/Entries.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace octet {

void forEachCounterpart(ModuleOp module, llvm::function_ref<void(Operation *, Operation *)> visit) {
  func::FuncOp main = getEntry(module, 0);
  if (!main || !getEntry(module, 1))
    return;
  // Null for a name that several ops have: nobody could tell which is meant.
  llvm::StringMap<Operation *> named;
  for (Operation &op : main.getBody().front())
    if (StringRef name = getTensorName(op.getLoc()); !name.empty()) {
      auto [entry, isNew] = named.try_emplace(name, &op);
      if (!isNew)
        entry->second = nullptr;
    }
  for (unsigned i = 1; func::FuncOp other = getEntry(module, i); ++i)
    for (Operation &op : other.getBody().front())
      if (Operation *counterpart = named.lookup(getTensorName(op.getLoc()));
          counterpart && counterpart->getName() == op.getName())
        visit(&op, counterpart);
}

} // namespace octet
