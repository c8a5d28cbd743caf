// The analytic form of bias correction: what the weights' rounding adds to a sum on the
// average follows from the means of the inputs, without running the quantized model.

#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/repair/BiasShift.h"
#include "passes/repair/CorrectableContraction.h"
#include "passes/repair/Passes.h"

namespace octet {

#define GEN_PASS_DEF_CORRECTBIAS
#include "passes/repair/Passes.h.inc"

using namespace mlir;

namespace {

struct CorrectBias : impl::CorrectBiasBase<CorrectBias> {
  using CorrectBiasBase::CorrectBiasBase;
  CorrectBias(std::shared_ptr<const CalibrationTable> table, const WeightScheme &scheme)
      : table(std::move(table)), scheme(scheme) {}

  LogicalResult initialize(MLIRContext *context) override {
    return loadTable(context, calibrationPath, table);
  }

  void runOnOperation() override {
    if (!table) {
      getOperation().emitError() << "expected a calibration table to correct biases by";
      return signalPassFailure();
    }
    for (Block &block : getOperation().getBody())
      for (Operation &op : block)
        if (auto contraction = CorrectableContraction::match(&op, scheme))
          correct(*contraction);
  }

private:
  void correct(CorrectableContraction &correctable) {
    Contraction &contraction = correctable.getContraction();
    const ChannelStatistics *statistics =
        table->lookupChannels(getTensorName(correctable.getInput().getLoc()));
    if (!statistics || statistics->size() != contraction.inputChannels)
      return;
    SmallVector<double> means;
    for (int64_t c = 0; c < statistics->size(); ++c) {
      std::optional<double> mean = statistics->getMean(c);
      if (!mean)
        return;
      means.push_back(*mean);
    }
    correctable.correct(getExpectedShift(contraction, correctable.getDecided(), means));
  }

  std::shared_ptr<const CalibrationTable> table;
  WeightScheme scheme;
};

} // namespace

std::unique_ptr<Pass> createCorrectBias(std::shared_ptr<const CalibrationTable> table,
                                        const WeightScheme &scheme) {
  return std::make_unique<CorrectBias>(std::move(table), scheme);
}

} // namespace octet
