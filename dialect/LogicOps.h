// Ops that compare, choose and act on bits. Apart from dialect/Octet.h, since few files
// name them: passes know them as elementwise ops.

#ifndef OCTET_DIALECT_LOGICOPS_H
#define OCTET_DIALECT_LOGICOPS_H

#include "dialect/Octet.h"

#include "dialect/LogicEnums.h.inc"

#define GET_OP_CLASSES
#include "dialect/LogicOps.h.inc"

namespace octet {

/// Called when the dialect is loaded.
void registerLogicOps(OctetDialect &dialect);

} // namespace octet

#endif // OCTET_DIALECT_LOGICOPS_H
