// Extents that depend on data. Shapes are static: such a tensor has the most room that it
// can need, and another value says how much of it is used. What is derived from it has
// unused room, too, as far as an op keeps the used part together. Where an op would mix
// unused elements into a result, they are replaced by some that change nothing, if there are
// such; else that is an error.

#ifndef OCTET_FRONTEND_DYNAMICEXTENTS_H
#define OCTET_FRONTEND_DYNAMICEXTENTS_H

#include "dialect/Octet.h"

namespace octet {

/// Along `axis` the first `count` (i64, no dimensions) elements are used.
struct DynamicExtent {
  int64_t axis;
  mlir::Value count;

  bool operator==(const DynamicExtent &other) const {
    return axis == other.axis && count == other.count;
  }
};

class DynamicExtents {
public:
  void set(mlir::Value value, DynamicExtent extent) { extents[value] = extent; }
  std::optional<DynamicExtent> lookup(mlir::Value value) const;

  /// Finds the extent of the op's result from those of its operands, unless it is known. May
  /// build ops behind it. Fails with a report where the op would read unused elements.
  mlir::LogicalResult propagate(mlir::Operation *op);

private:
  mlir::Value limit(mlir::Operation *op, mlir::Value count, int64_t most);
  bool neutralize(mlir::Operation *op);

  llvm::DenseMap<mlir::Value, DynamicExtent> extents;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> limited;
  /// Replace unused elements: results have none.
  llvm::DenseSet<mlir::Operation *> neutralizing;
};

} // namespace octet

#endif // OCTET_FRONTEND_DYNAMICEXTENTS_H
