// An int8 contraction as it stands between the borders of values and the rounding of its
// weights: the one moment at which a bias can still make up for both.

#ifndef OCTET_PASSES_REPAIR_CORRECTABLECONTRACTION_H
#define OCTET_PASSES_REPAIR_CORRECTABLECONTRACTION_H

#include "passes/graph/Contraction.h"
#include "passes/quantize/IntegerWeights.h"

namespace octet {

class CorrectableContraction {
public:
  /// nullopt where `op`, a group or an op, is none: another op or precision, an input that is
  /// not quantized, weights or a bias that are not constant or not finite.
  static std::optional<CorrectableContraction> match(mlir::Operation *op,
                                                     const WeightScheme &scheme);

  mlir::Operation *getRoot() const { return contraction.op; }
  Contraction &getContraction() { return contraction; }
  /// Gives the input its real values.
  DequantizeOp getInput() const { return input; }
  const DecidedWeights &getDecided() const { return decided; }

  /// Writes down what the weights become, and adds `shift` (one number for each output
  /// channel) to the bias; a contraction without a bias gets one.
  void correct(llvm::ArrayRef<double> shift);
  /// Replaces the weights by what their integers stand for.
  void roundWeights();

private:
  CorrectableContraction(mlir::Operation *op, Contraction contraction)
      : op(op), contraction(std::move(contraction)) {}
  RealWeights getReal() const;
  /// Makes `value` operand `i` of the contraction.
  void setOperand(unsigned i, mlir::Value value);

  mlir::Operation *op;
  Contraction contraction;
  DequantizeOp input;
  mlir::RankedTensorType type; ///< of the weights
  llvm::SmallVector<float> bias;
  DecidedWeights decided;
};

} // namespace octet

#endif // OCTET_PASSES_REPAIR_CORRECTABLECONTRACTION_H
