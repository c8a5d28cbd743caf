// If, Loop and Scan. Shapes are static and ops have no effects, so that control flow becomes
// data flow at import: loops are unrolled, both branches of a condition that is not known are
// computed, and what the condition decides is a select.

#ifndef OCTET_FRONTEND_IMPORTERS_CONTROLFLOW_H
#define OCTET_FRONTEND_IMPORTERS_CONTROLFLOW_H

#include "frontend/NodeBuilder.h"

namespace octet {

inline mlir::RankedTensorType getTensorType(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// `condition ? a : b` of one type; null after a report.
mlir::Value selectValue(NodeReader &node, NodeBuilder &build, mlir::Value condition, mlir::Value a,
                        mlir::Value b);

/// Slice `i` along an axis, without it.
mlir::Value pick(NodeBuilder &build, mlir::Value x, int64_t axis, int64_t i);

/// Joins what iterations gave along a new axis; `type` is that of one of them, where there
/// are none.
mlir::Value stack(NodeReader &node, NodeBuilder &build, llvm::ArrayRef<mlir::Value> values,
                  int64_t axis, mlir::RankedTensorType type);

/// Reports a body of other numbers of inputs and outputs.
bool checkBody(NodeReader &node, const NestedGraph &body, unsigned inputs, unsigned leastOutputs);

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_CONTROLFLOW_H
