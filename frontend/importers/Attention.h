// What importers of the several attention operators share.

#ifndef OCTET_FRONTEND_IMPORTERS_ATTENTION_H
#define OCTET_FRONTEND_IMPORTERS_ATTENTION_H

#include "frontend/OpTable.h"

namespace octet {

/// `hidden` where a key stands behind its query, else 0. Null after a report.
mlir::Value makeCausalMask(NodeReader &node, NodeBuilder &build, int64_t queries, int64_t keys,
                           float hidden);

/// `count` elements of the last dimension from `first` on; null operands give null.
mlir::Value sliceLast(NodeBuilder &build, mlir::Value x, int64_t first, int64_t count);

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_ATTENTION_H
