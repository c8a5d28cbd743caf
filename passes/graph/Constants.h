// Reading and making constants, and the way the graph passes apply patterns.

#ifndef OCTET_PASSES_GRAPH_CONSTANTS_H
#define OCTET_PASSES_GRAPH_CONSTANTS_H

#include "dialect/Octet.h"
#include "mlir/IR/PatternMatch.h"

namespace octet {

/// The elements of an f32 constant, expanded if it is a splat; nullopt for any
/// other value.
std::optional<llvm::SmallVector<float>> getFloats(mlir::Value value);

/// The one value that all elements of an f32 constant have.
std::optional<float> getSplat(mlir::Value value);

/// Whether `value` is a splat of nearly `expected`: exporters write fractions such
/// as 1/6 with various numbers of digits.
bool isSplatOf(mlir::Value value, float expected);

/// The elements of a constant that broadcasts into `type` and varies along `axis`
/// only, one for each index of the axis.
std::optional<llvm::SmallVector<double>>
getChannelValues(mlir::Value value, mlir::RankedTensorType type, int64_t axis);

/// A constant of f32 elements; its location gives a blob its name.
mlir::Value createConstant(mlir::OpBuilder &builder, mlir::Location loc,
                           llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<float> values);

/// The location of a value that a rewrite puts before the one at `loc`: the same
/// node, and a tensor name of its own.
mlir::Location getInnerLocation(mlir::Location loc, llvm::StringRef suffix);

/// `root`'s node with `last`'s tensor: where ops were merged into one.
mlir::Location getMergedLocation(mlir::Location root, mlir::Location last);

/// Applies patterns and folds until nothing changes. Constants are neither merged
/// nor moved, so that they keep their names.
mlir::LogicalResult applyPatterns(mlir::Operation *op, mlir::RewritePatternSet patterns);

} // namespace octet

#endif // OCTET_PASSES_GRAPH_CONSTANTS_H
