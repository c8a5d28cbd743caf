// How long kernels take on a target, estimated from shapes: what passes ask when they
// decide on precisions (passes/precision/TimeModel.h). Deterministic, so that a model
// compiles to the same code everywhere.

#ifndef OCTET_CODEGEN_TUNE_TARGETTIMEMODEL_H
#define OCTET_CODEGEN_TUNE_TARGETTIMEMODEL_H

#include "codegen/microkernel/Microkernel.h"
#include "dialect/TransformerOps.h"
#include "passes/precision/TimeModel.h"

#include <memory>

namespace octet::codegen {

class TargetTimeModel : public TimeModel {
public:
  /// Without `winograd`, convolutions of f32 are all direct.
  explicit TargetTimeModel(Target target, bool winograd = true)
      : target(std::move(target)), winograd(winograd) {}

  double getTime(mlir::Operation *op, Precision precision) const override;
  double getBorderTime(mlir::RankedTensorType type, Precision from, Precision to,
                       BorderPlace place) const override;
  double getRangeTime(mlir::RankedTensorType type) const override;
  /// Estimates of one row against another are good for a fifth.
  double getMargin() const override { return 1.2; }

  /// A TimeModelFactory.
  static std::shared_ptr<const TimeModel> create(llvm::StringRef target, std::string &error);

private:
  double getContractionCycles(mlir::Operation *root, Precision precision) const;
  double getAttentionCycles(AttentionOp op, Precision precision) const;
  double getDepthwiseCycles(ConvOp op, const Microkernel &row) const;

  Target target;
  bool winograd;
};

/// Registers octet-prefer-faster-precision with this model for octet-opt.
void registerTimedPasses();

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_TARGETTIMEMODEL_H
