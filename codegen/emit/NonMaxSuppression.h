#ifndef OCTET_CODEGEN_EMIT_NONMAXSUPPRESSION_H
#define OCTET_CODEGEN_EMIT_NONMAXSUPPRESSION_H

#include "dialect/ExtentOps.h"

namespace octet::codegen {

/// Memory that the kernel of a suppression needs: for each batch and class a list of all boxes.
int64_t getSuppressionScratchBytes(NonMaxSuppressionOp op);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_EMIT_NONMAXSUPPRESSION_H
