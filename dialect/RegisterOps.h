// Families of ops have files of their own, so that a new one is not a reason to compile the
// whole project again; the dialect calls a function of each, and those call this.

#ifndef OCTET_DIALECT_REGISTEROPS_H
#define OCTET_DIALECT_REGISTEROPS_H

#include "mlir/IR/Dialect.h"

namespace octet {

/// What Dialect::addOperations does, which only the dialect itself may call.
template <typename... Ops>
void insertOps(mlir::Dialect &dialect) {
  (mlir::RegisteredOperationName::insert<Ops>(dialect), ...);
}

} // namespace octet

#endif // OCTET_DIALECT_REGISTEROPS_H
