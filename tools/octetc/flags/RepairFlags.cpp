#include "tools/octetc/flags/Flags.h"

namespace octet {

llvm::Error RepairFlags::apply(CompilationOptions &options) const {
  WeightScheme &scheme = options.quantization.weights;
  if (!weightRanges.empty()) {
    std::optional<WeightRanges> parsed = parseWeightRanges(weightRanges);
    if (!parsed)
      return makeFlagError("expected --weight-ranges max or mse, got '" + weightRanges + "'");
    scheme.ranges = *parsed;
  }
  if (!rounding.empty()) {
    std::optional<WeightRounding> parsed = parseWeightRounding(rounding);
    if (!parsed)
      return makeFlagError("expected --rounding nearest, balanced or adaptive, got '" + rounding +
                           "'");
    scheme.rounding = *parsed;
    if (*parsed == WeightRounding::Adaptive && options.calibration.data.empty())
      return makeFlagError("expected --calibrate beside --rounding adaptive");
  }
  if (!equalize.empty() && equalize != "on" && equalize != "off")
    return makeFlagError("expected --equalize on or off, got '" + equalize + "'");
  if (!equalize.empty())
    options.repair.equalize = equalize == "on";
  if (!biasCorrection.empty() && biasCorrection != "off" && biasCorrection != "fast")
    return makeFlagError("expected --bias-correction off or fast, got '" + biasCorrection + "'");
  if (biasCorrection == "off")
    options.repair.biasCorrection = BiasCorrection::Off;
  bool calibrated = !options.calibration.data.empty() || !options.calibration.table.empty();
  for (const llvm::cl::Option *flag : std::initializer_list<const llvm::cl::Option *>{
           &weightRanges, &rounding, &equalize, &biasCorrection})
    if (flag->getNumOccurrences() && !calibrated)
      return makeFlagError("expected --calibrate or --calibration beside --" + flag->ArgStr);
  return llvm::Error::success();
}

} // namespace octet
