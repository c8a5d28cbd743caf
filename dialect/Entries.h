// A module may hold one network for several shapes of its inputs: @main for the first, @main.1,
// @main.2 and so on for the others. They are functions of their own, as every shape is static, and
// what they have in common (integers, packed weights, kernels) is found by comparing.

#ifndef OCTET_DIALECT_ENTRIES_H
#define OCTET_DIALECT_ENTRIES_H

#include "dialect/Octet.h"

#include <string>

namespace octet {

inline std::string getEntryName(unsigned i) {
  return i == 0 ? "main" : "main." + std::to_string(i);
}

/// The function of shape `i`, or null behind the last.
inline mlir::func::FuncOp getEntry(mlir::ModuleOp module, unsigned i) {
  return module.lookupSymbol<mlir::func::FuncOp>(getEntryName(i));
}

/// Calls visit(other, counterpart) for ops of the entries behind the first that make the tensor
/// that an op of @main makes.
void forEachCounterpart(mlir::ModuleOp module,
                        llvm::function_ref<void(mlir::Operation *, mlir::Operation *)> visit);

} // namespace octet

#endif // OCTET_DIALECT_ENTRIES_H
