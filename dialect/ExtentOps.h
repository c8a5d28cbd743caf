// Ops that find out how many of something there are. A header of its own, because few
// files need these ops.

#ifndef OCTET_DIALECT_EXTENTOPS_H
#define OCTET_DIALECT_EXTENTOPS_H

#include "dialect/Octet.h"

#define GET_OP_CLASSES
#include "dialect/ExtentOps.h.inc"

namespace octet {

/// On a result of a function whose extent depends on data, [axis, index of the result (i64, no
/// dimensions) that says how many elements along it are used].
inline constexpr llvm::StringLiteral kExtentAttr = "octet.extent";

} // namespace octet

#endif // OCTET_DIALECT_EXTENTOPS_H
