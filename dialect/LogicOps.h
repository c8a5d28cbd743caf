// Ops that compare, choose and act on bits. Apart from dialect/Octet.h, since few files
// name them: passes know them as elementwise ops.

#ifndef OCTET_DIALECT_LOGICOPS_H
#define OCTET_DIALECT_LOGICOPS_H

#include "dialect/Octet.h"

#include "dialect/LogicEnums.h.inc"

#define GET_OP_CLASSES
#include "dialect/LogicOps.h.inc"

namespace octet {

/// Whether the predicate holds for two numbers.
template <typename T>
bool isRelated(ComparePredicate predicate, T a, T b) {
  switch (predicate) {
  case ComparePredicate::Equal:
    return a == b;
  case ComparePredicate::NotEqual:
    return a != b;
  case ComparePredicate::Less:
    return a < b;
  case ComparePredicate::LessOrEqual:
    return a <= b;
  case ComparePredicate::Greater:
    return a > b;
  case ComparePredicate::GreaterOrEqual:
    return a >= b;
  }
  llvm_unreachable("unknown predicate");
}

/// Called when the dialect is loaded.
void registerLogicOps(OctetDialect &dialect);

} // namespace octet

#endif // OCTET_DIALECT_LOGICOPS_H
