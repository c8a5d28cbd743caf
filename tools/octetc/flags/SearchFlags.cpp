#include "codegen/target/Target.h"
#include "tools/octetc/flags/Flags.h"
#include "llvm/ADT/StringExtras.h"

namespace octet {

llvm::Error SearchFlags::checkAlone() const {
  for (const llvm::cl::Option *flag : std::initializer_list<const llvm::cl::Option *>{
           &metric, &labels, &drop, &lowerIsBetter, &maxTrials, &timeout, &strategy, &objective,
           &mix, &trials})
    if (flag->getNumOccurrences())
      return makeFlagError("expected --eval beside --" + flag->ArgStr);
  return llvm::Error::success();
}

llvm::Error SearchFlags::applyMix(const CompilationOptions &options, SearchOptions &search) const {
  // Where bf16 has no instruction of its own, it is slower than f32.
  std::string text = mix;
  if (text.empty()) {
    std::string error;
    auto target = codegen::lookupTarget(options.target, error);
    bool hasBF16 = mlir::succeeded(target) && target->has(codegen::CpuFeature::AVX512BF16);
    text = hasBF16 ? "int8,bf16,f32" : "int8,f32";
  }
  for (llvm::StringRef name : llvm::split(text, ',')) {
    auto precision = symbolizePrecision(name);
    if (!precision || llvm::is_contained(search.mix, *precision))
      return makeFlagError("expected --precision-mix of int8, bf16 and f32, each at most once, "
                           "got '" +
                           text + "'");
    search.mix.push_back(*precision);
  }
  llvm::sort(search.mix);
  return llvm::Error::success();
}

llvm::Error SearchFlags::apply(CompilationOptions &options) const {
  if (data.empty())
    return checkAlone();
  SearchOptions search;
  search.data = data;
  search.labels = labels;
  if (options.emit != Emit::Library)
    return makeFlagError("expected a library to come out beside --eval");
  if (options.keepLayers)
    return makeFlagError("expected --eval or --keep-layers, got both");
  if (options.calibration.data.empty())
    return makeFlagError("expected --calibrate beside --eval");
  if (!options.otherEntries.empty())
    return makeFlagError("expected one shape beside --eval; what it finds is a file for --config");
  auto parsedMetric = Metric::parse(metric);
  if (!parsedMetric)
    return parsedMetric.takeError();
  search.metric = *parsedMetric;
  if (lowerIsBetter && search.metric.kind != Metric::Program)
    return makeFlagError("expected --metric exec:PROGRAM beside --lower-is-better");
  search.metric.lowerIsBetter |= lowerIsBetter;
  auto parsedDrop = Criterion::parse(drop);
  if (!parsedDrop)
    return parsedDrop.takeError();
  search.criterion = *parsedDrop;
  if (maxTrials.getNumOccurrences() &&
      llvm::StringRef(maxTrials).getAsInteger(10, search.maxTrials))
    return makeFlagError("expected a number of trials for --max-trials, got '" + maxTrials + "'");
  if (llvm::StringRef(timeout).getAsDouble(search.timeout) || !(search.timeout >= 0))
    return makeFlagError("expected seconds for --timeout, got '" + timeout + "'");
  search.strategy = strategy;
  search.objective = objective;
  search.folder = trials.empty() ? options.output + ".trials" : trials.getValue();
  if (llvm::Error error = applyMix(options, search))
    return error;
  options.search = std::move(search);
  return llvm::Error::success();
}

} // namespace octet
