// Times of contractions by measurement on this machine, of all else by estimate: what
// octetc --autotune gives to PreferFasterPrecision.

#ifndef OCTET_CODEGEN_TUNE_MEASUREDTIMEMODEL_H
#define OCTET_CODEGEN_TUNE_MEASUREDTIMEMODEL_H

#include "codegen/tune/TargetTimeModel.h"
#include "codegen/tune/TilingCache.h"

namespace octet::codegen {

class MeasuredTimeModel : public TimeModel {
public:
  /// `target` is one that this machine can run (MeasureTilings::create checks). Results
  /// come from `cache` and go there.
  MeasuredTimeModel(llvm::StringRef name, Target target, TilingCache &cache)
      : name(name), target(target), estimate(std::move(target)), cache(cache) {}

  double getTime(mlir::Operation *op, Precision precision) const override;
  double getBorderTime(mlir::RankedTensorType type, Precision from, Precision to,
                       BorderPlace place) const override {
    return estimate.getBorderTime(type, from, to, place);
  }
  double getRangeTime(mlir::RankedTensorType type) const override {
    return estimate.getRangeTime(type);
  }
  /// What medians of a few dozen runs are good for.
  double getMargin() const override { return 1.05; }

  unsigned getMeasured() const { return measured; }

private:
  std::string getSignature(FusedOp group, Precision precision) const;

  std::string name;
  Target target;
  TargetTimeModel estimate;
  TilingCache &cache;
  mutable unsigned measured = 0;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_MEASUREDTIMEMODEL_H
