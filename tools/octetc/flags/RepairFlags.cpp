#include "tools/octetc/flags/Flags.h"

#include "llvm/ADT/StringSwitch.h"

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
  if (!biasCorrection.empty()) {
    auto parsed = llvm::StringSwitch<std::optional<BiasCorrection>>(biasCorrection)
                      .Case("off", BiasCorrection::Off)
                      .Case("fast", BiasCorrection::Fast)
                      .Case("full", BiasCorrection::Full)
                      .Default(std::nullopt);
    if (!parsed)
      return makeFlagError("expected --bias-correction off, fast or full, got '" + biasCorrection +
                           "'");
    options.repair.biasCorrection = *parsed;
    if (*parsed == BiasCorrection::Full && options.calibration.data.empty())
      return makeFlagError("expected --calibrate beside --bias-correction full");
    // Samples have one shape, and a shift that another one had measured would differ.
    if (*parsed == BiasCorrection::Full && !options.otherEntries.empty())
      return makeFlagError("expected one shape beside --bias-correction full");
  }
  if (!modelType.empty() && modelType != "transformer")
    return makeFlagError("expected --model-type transformer, got '" + modelType + "'");
  options.quantization.isTransformer = !modelType.empty();
  constexpr double kAlpha = 0.5;
  if (options.quantization.isTransformer)
    options.repair.smoothQuant = kAlpha;
  if (smoothQuant == "off") {
    options.repair.smoothQuant.reset();
  } else if (smoothQuant.getNumOccurrences()) {
    double alpha = kAlpha;
    if (!smoothQuant.empty() &&
        (llvm::StringRef(smoothQuant).getAsDouble(alpha) || !(alpha >= 0 && alpha <= 1)))
      return makeFlagError("expected --smooth-quant of 0 to 1, or off, got '" + smoothQuant + "'");
    options.repair.smoothQuant = alpha;
  }
  bool calibrated = !options.calibration.data.empty() || !options.calibration.table.empty();
  bool roundsWeights = options.quantization.weightOnly || options.quantization.dynamic;
  for (const llvm::cl::Option *flag : std::initializer_list<const llvm::cl::Option *>{
           &weightRanges, &rounding, &equalize, &biasCorrection, &smoothQuant, &modelType})
    if (flag->getNumOccurrences() && !calibrated &&
        !(roundsWeights && (flag == &weightRanges || flag == &rounding)) &&
        !(options.quantization.dynamic && flag == &modelType))
      return makeFlagError("expected --calibrate or --calibration beside --" + flag->ArgStr);
  return llvm::Error::success();
}

} // namespace octet
