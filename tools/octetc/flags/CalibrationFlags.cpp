#include "tools/octetc/OutputFile.h"
#include "tools/octetc/flags/Flags.h"

namespace octet {

static llvm::Error parsePositive(llvm::StringRef flag, const llvm::cl::opt<std::string> &text,
                                 unsigned &value) {
  if (text.getNumOccurrences() &&
      (llvm::StringRef(text).getAsInteger(10, value) || value == 0 || value > INT32_MAX))
    return makeFlagError("expected a positive integer for " + flag + ", got '" + text + "'");
  return llvm::Error::success();
}

llvm::Error CalibrationFlags::apply(CompilationOptions &options) const {
  bool isEarly = options.emit == Emit::Import || options.emit == Emit::Graph;
  if (!save.empty() && isEarly)
    return makeFlagError("expected --emit=quant or a later stage beside --save-calibration");
  if (!save.empty() && data.empty())
    return makeFlagError("expected --calibrate beside --save-calibration");
  if (!data.empty() && !table.empty())
    return makeFlagError("expected --calibrate or --calibration, got both");
  if (subset.getNumOccurrences() && data.empty())
    return makeFlagError("expected --calibrate beside --subset-size");
  if (threads.getNumOccurrences() && data.empty())
    return makeFlagError("expected --calibrate beside --jobs");
  if (!saveEncodings.empty() && isEarly)
    return makeFlagError("expected --emit=quant or a later stage beside --save-encodings");
  for (const auto *flag : {&data, &table})
    if (!encodings.empty() && !flag->empty())
      return makeFlagError("expected --encodings or --" + flag->ArgStr + ", got both");
  options.calibration.encodings = encodings;
  options.calibration.saveEncodings = saveEncodings;
  options.calibration.data = data;
  options.calibration.table = table;
  options.calibration.save = save;
  if (calibrator.getNumOccurrences()) {
    if (data.empty() && table.empty())
      return makeFlagError("expected --calibrate or --calibration beside --calibrator");
    auto parsed = Calibrator::parse(calibrator);
    if (!parsed)
      return parsed.takeError();
    options.quantization.calibrator = *parsed;
  }
  if (llvm::Error error = parsePositive("--subset-size", subset, options.calibration.subset))
    return error;
  return parsePositive("--jobs", threads, options.calibration.threads);
}

llvm::Error CalibrationFlags::mergeTables(const OutputFlags &files) const {
  for (const auto &entry : llvm::cl::getRegisteredOptions()) {
    llvm::StringRef flag = entry.first;
    if (entry.second->getNumOccurrences() && flag != merge.ArgStr && flag != "o")
      return makeFlagError("expected nothing but tables and -o beside --merge-calibration, got --" +
                           flag);
  }
  if (files.getInputs().size() < 2)
    return makeFlagError("expected two or more tables for --merge-calibration");
  if (files.getOutput().empty())
    return makeFlagError("expected an output file (-o OUT)");
  if (llvm::is_contained(files.getInputs(), files.getOutput()))
    return makeFlagError("expected an output other than the inputs, got '" + files.getOutput() +
                         "'");
  CalibrationTable merged;
  for (const std::string &path : files.getInputs()) {
    auto shard = CalibrationTable::load(path);
    if (!shard)
      return shard.takeError();
    merged.merge(*shard);
  }
  OutputFiles outputs;
  if (llvm::Error error = outputs.add(files.getOutput(), merged.toJson()))
    return error;
  return outputs.keep();
}

} // namespace octet
