// Functions of one f32 element beyond those that nearly every network has. Apart from
// dialect/Octet.h, since few files name them: passes know them as elementwise ops.

#ifndef OCTET_DIALECT_MATHOPS_H
#define OCTET_DIALECT_MATHOPS_H

#include "dialect/Octet.h"

#define GET_OP_CLASSES
#include "dialect/MathOps.h.inc"

namespace octet {

/// Called when the dialect is loaded.
void registerMathOps(OctetDialect &dialect);

} // namespace octet

#endif // OCTET_DIALECT_MATHOPS_H
