// Ops that make indices or go by computed ones. A header of its own, because few
// files need these ops.

#ifndef OCTET_DIALECT_INDEXOPS_H
#define OCTET_DIALECT_INDEXOPS_H

#include "dialect/Octet.h"

#include "dialect/IndexEnums.h.inc"

#define GET_OP_CLASSES
#include "dialect/IndexOps.h.inc"

#endif // OCTET_DIALECT_INDEXOPS_H
