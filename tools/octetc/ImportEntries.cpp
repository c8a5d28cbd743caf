#include "tools/octetc/ImportEntries.h"

#include "dialect/Entries.h"

using namespace mlir;

namespace octet {

// What the runtime tells entries apart by.
static SmallVector<int64_t> getInputBytes(func::FuncOp entry) {
  return llvm::map_to_vector(entry.getArgumentTypes(), [](Type type) {
    return getBufferBytes(cast<RankedTensorType>(type));
  });
}

FailureOr<OwningOpRef<ModuleOp>> importEntries(MLIRContext &context,
                                               const CompilationOptions &options) {
  auto module = importOnnx(context, options.model, options.import);
  if (failed(module) || options.otherEntries.empty())
    return module;
  SmallVector<SmallVector<int64_t>> known = {getInputBytes(getEntry(**module, 0))};
  for (const ImportOptions &import : options.otherEntries) {
    auto other = importOnnx(context, options.model, import);
    if (failed(other))
      return failure();
    func::FuncOp entry = getEntry(**other, 0);
    SmallVector<int64_t> bytes = getInputBytes(entry);
    if (const auto *same = llvm::find(known, bytes); same != known.end())
      return emitError(UnknownLoc::get(&context), options.model)
             << ": expected shapes whose inputs differ in bytes, got the same for shape "
             << same - known.begin() + 1 << " and shape " << known.size() + 1;
    entry->remove();
    entry.setName(getEntryName(known.size()));
    (*module)->push_back(entry);
    known.push_back(std::move(bytes));
  }
  return module;
}

} // namespace octet
