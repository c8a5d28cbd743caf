// How the evaluator finds the evaluation of an op: one table, filled by the
// file of each op family. A table and not an MLIR interface with external
// models, because those work only in a context somebody remembered to attach
// them to.

#ifndef OCTET_DIALECT_REFERENCE_EVALUATIONS_H
#define OCTET_DIALECT_REFERENCE_EVALUATIONS_H

#include "dialect/reference/Tensor.h"

namespace octet::reference {

using Operands = llvm::ArrayRef<Tensor>;

class EvaluationTable {
public:
  using Evaluation = mlir::FailureOr<Tensor> (*)(mlir::Operation *, Operands);

  /// Adds `mlir::FailureOr<Tensor> function(SomeOp op, Operands operands)`.
  template <auto function>
  void add() {
    insert<function>(function);
  }
  /// The evaluation of an op, or null.
  Evaluation lookup(mlir::Operation *op) const {
    return evaluations.lookup(op->getName().getTypeID());
  }

private:
  template <auto function, typename OpTy>
  void insert(mlir::FailureOr<Tensor> (*)(OpTy, Operands)) {
    evaluations[mlir::TypeID::get<OpTy>()] = [](mlir::Operation *op, Operands operands) {
      return function(mlir::cast<OpTy>(op), operands);
    };
  }
  llvm::DenseMap<mlir::TypeID, Evaluation> evaluations;
};

/// Any op with ElementwiseOpInterface that has no evaluation of its own.
mlir::FailureOr<Tensor> evaluateElementwise(ElementwiseOpInterface op, Operands operands);

void addCastEvaluations(EvaluationTable &table);
void addContractionEvaluations(EvaluationTable &table);
void addLogicEvaluations(EvaluationTable &table);
void addDoubleEvaluations(EvaluationTable &table);
void addExtentEvaluations(EvaluationTable &table);
void addIndexEvaluations(EvaluationTable &table);
void addNormalizationEvaluations(EvaluationTable &table);
void addQuantEvaluations(EvaluationTable &table);
void addSampleEvaluations(EvaluationTable &table);
void addShapeEvaluations(EvaluationTable &table);
void addStructureEvaluations(EvaluationTable &table);
void addTransformerEvaluations(EvaluationTable &table);
void addWindowEvaluations(EvaluationTable &table);

/// The type of an op's only result.
inline mlir::RankedTensorType getResultType(mlir::Operation *op) {
  return mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType());
}

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_EVALUATIONS_H
