// Tensors that share memory: ops that only give bytes another name, and operands of
// concats that lie in the concat's result.

#ifndef OCTET_CODEGEN_LOWER_VIEWS_H
#define OCTET_CODEGEN_LOWER_VIEWS_H

#include "dialect/Octet.h"

namespace octet {

/// Where the result of `op` lies in the buffer of operand 0, in bytes, if `op` moves no
/// element: a reshape, relayout, transpose or slice between types that place every
/// element the same. Else nullopt.
std::optional<int64_t> getViewOffset(mlir::Operation *op);

/// The op that writes the elements of `value`: its definition, looked through views of
/// all of their operand. Null for arguments of the function.
mlir::Operation *getWriter(mlir::Value value);

/// Where an operand begins in the result of a concat, in bytes.
int64_t getSliceOffset(ConcatOp concat, unsigned operand);

} // namespace octet

#endif // OCTET_CODEGEN_LOWER_VIEWS_H
