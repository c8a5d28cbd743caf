// What exporters put between the product of queries and keys and its softmax: scales, masks that
// are added, masks that choose, and reshapes, in any order.

#ifndef OCTET_PASSES_GRAPH_ATTENTIONSCORES_H
#define OCTET_PASSES_GRAPH_ATTENTIONSCORES_H

#include "dialect/Octet.h"

#include <optional>

namespace octet {

/// softmax's operand as scale * q k^T + mask.
class AttentionScores {
public:
  /// Null where `scores` is anything else, or is used for more than its softmax.
  static std::optional<AttentionScores> read(mlir::Value scores);

  MatMulOp getProduct() const { return product; }
  /// The constant factor of the product.
  double getScale() const { return scale; }
  /// The factors in front of the heads' matrices, as [batch, heads], where a mask or a reshape
  /// shows how the product's leading dimensions divide.
  std::optional<std::array<int64_t, 2>> getBatchAndHeads() const;

  /// What is added to the scaled product, in a shape that broadcasts to [batch, heads, queries,
  /// keys]; null where nothing is. There are batch * heads products.
  mlir::Value buildMask(mlir::OpBuilder &builder, int64_t batch, int64_t heads) const;

private:
  /// One op on the way from the product to the softmax, and which of its operands leads to
  /// the product.
  struct Step {
    mlir::Operation *op;
    unsigned chain;
  };

  bool readFrom(mlir::Value value, unsigned depth);
  std::optional<unsigned> getScaled(mlir::Operation *op) const;
  bool computeScale();
  mlir::Value getReplacement(mlir::OpBuilder &builder, const Step &step) const;

  MatMulOp product;
  llvm::SmallVector<Step> steps; ///< the softmax's first
  double scale = 1;
};

/// Far from where the product of a few such numbers leaves f32.
bool isUsualScale(double scale);

/// Whether `mask` may keep all keys from some query with -infinity, so that its weights
/// are NaN.
bool mayHideAllKeys(mlir::Value mask);

/// `value`, which broadcasts to `from`, in a shape that broadcasts to `to`: both divide the same
/// elements, at least one, into dimensions.
mlir::Value reshapeBroadcast(mlir::OpBuilder &builder, mlir::Value value,
                             llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

} // namespace octet

#endif // OCTET_PASSES_GRAPH_ATTENTIONSCORES_H
