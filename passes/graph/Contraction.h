// Convolutions and matrix products with constant weights, as far as rewrites that scale
// and shift channels ask about them.

#ifndef OCTET_PASSES_GRAPH_CONTRACTION_H
#define OCTET_PASSES_GRAPH_CONTRACTION_H

#include "dialect/Octet.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/FunctionExtras.h"

namespace octet {

/// A contraction with constant weights, and the channels its weights belong to.
struct Contraction {
  mlir::Operation *op;
  int64_t resultAxis, inputAxis, inputChannels;
  bool padded = false;
  /// Of the weight with an index in row-major order.
  llvm::unique_function<int64_t(int64_t)> outputChannel, inputChannel;
  llvm::SmallVector<float> weights;
  std::optional<llvm::SmallVector<float>> bias;

  /// nullopt where `op` is no contraction of channels.
  static std::optional<Contraction> match(mlir::Operation *op);
  /// Fills `weights` and `bias`; fails where they are not constant.
  mlir::LogicalResult readConstants();
  mlir::Value x() { return op->getOperand(0); }
  int64_t outputChannels() {
    return mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType()).getDimSize(resultAxis);
  }
  /// Replaces the constants by `weights` and, unless it is empty, `newBias`; the op keeps
  /// its place.
  void write(mlir::RewriterBase &rewriter, llvm::ArrayRef<double> newBias);
};

} // namespace octet

#endif // OCTET_PASSES_GRAPH_CONTRACTION_H
