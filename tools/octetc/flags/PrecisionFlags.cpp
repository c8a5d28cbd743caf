#include "tools/octetc/flags/Flags.h"

namespace octet {

// Flags name the same things as rules of a file, and come after them: the last rule wins.
llvm::Error PrecisionFlags::applyScope(Config &config) const {
  auto add = [&](const llvm::cl::list<std::string> &flag,
                 std::vector<std::string> Config::Rule::*words) {
    for (const std::string &word : flag) {
      Config::Rule rule;
      rule.origin = ("--" + flag.ArgStr).str();
      rule.isFlag = true;
      (rule.*words).push_back(word);
      rule.precision = Precision::F32;
      config.rules.push_back(std::move(rule));
    }
  };
  add(ignoredNames, &Config::Rule::names);
  add(ignoredTypes, &Config::Rule::types);
  add(ignoredPatterns, &Config::Rule::patterns);
  for (const std::string &text : ignoredSubgraphs) {
    auto subgraph = Config::parseSubgraph(text);
    if (!subgraph)
      return makeFlagError("expected --ignore-subgraph FROM..TO, got '" + text + "'");
    Config::Rule rule;
    rule.origin = "--ignore-subgraph";
    rule.isFlag = true;
    rule.subgraphs.push_back(*subgraph);
    rule.precision = Precision::F32;
    config.rules.push_back(std::move(rule));
  }
  return llvm::Error::success();
}

llvm::Error PrecisionFlags::checkWeightOnly(const CompilationOptions &options) const {
  const CalibrationOptions &calibration = options.calibration;
  if (!calibration.data.empty() || !calibration.table.empty() || !calibration.encodings.empty())
    return makeFlagError("expected no calibration beside --weight-only");
  if (quantize.getNumOccurrences())
    return makeFlagError("expected no --quantize beside --weight-only");
  if (!precision.empty() && precision != "f32")
    return makeFlagError("expected --precision f32 beside --weight-only, got '" + precision + "'");
  if (options.emit == Emit::QdqOnnx)
    return makeFlagError("expected another --emit than qdq-onnx beside --weight-only");
  return llvm::Error::success();
}

llvm::Error PrecisionFlags::apply(CompilationOptions &options) const {
  QuantizeOptions &quantization = options.quantization;
  bool calibrated = !options.calibration.data.empty() || !options.calibration.table.empty() ||
                    !options.calibration.encodings.empty();
  if (!quantize.empty() && quantize != "static" && quantize != "dynamic")
    return makeFlagError("expected --quantize static or dynamic, got '" + quantize + "'");
  quantization.dynamic = quantize == "dynamic";
  if (quantization.dynamic && calibrated)
    return makeFlagError("expected no calibration beside --quantize dynamic");
  if (quantize == "static" && !calibrated)
    return makeFlagError("expected --calibrate or --calibration beside --quantize static");
  if (weightOnly)
    if (llvm::Error error = checkWeightOnly(options))
      return error;
  quantization.weightOnly = weightOnly;
  std::string wanted = calibrated || quantization.dynamic ? "int8" : "f32";
  if (!precision.empty())
    wanted = precision;
  auto parsed = symbolizePrecision(wanted);
  if (!parsed)
    return makeFlagError("expected --precision int8, bf16 or f32, got '" + wanted + "'");
  quantization.precision = *parsed;
  Config rules;
  if (!config.empty()) {
    auto loaded = Config::load(config);
    if (!loaded)
      return loaded.takeError();
    rules = std::move(*loaded);
  }
  if (llvm::Error error = applyScope(rules))
    return error;
  if (!config.empty() || !rules.rules.empty())
    quantization.config = std::make_shared<const Config>(std::move(rules));

  if (!preset.empty() && preset != "mixed" && preset != "performance")
    return makeFlagError("expected --preset mixed or performance, got '" + preset + "'");
  quantization.calibrator.symmetric = preset == "performance";
  if (!weights.empty() && weights != "per-channel" && weights != "per-tensor")
    return makeFlagError("expected --weights per-channel or per-tensor, got '" + weights + "'");
  quantization.weights.perTensor = weights == "per-tensor";
  options.keepInt8 = keepInt8;
  for (const llvm::cl::Option *flag :
       std::initializer_list<const llvm::cl::Option *>{&preset, &weights, &keepInt8})
    if (flag->getNumOccurrences() && !calibrated &&
        !((quantization.dynamic || weightOnly) && flag == &weights) &&
        !(quantization.dynamic && flag == &keepInt8))
      return makeFlagError("expected --calibrate or --calibration beside --" + flag->ArgStr);
  return llvm::Error::success();
}

} // namespace octet
