// The compiler: an ONNX file in, a library (or any stage before it) out.

#include "frontend/DiagnosticPrinter.h"
#include "tools/RegisterEverything.h"
#include "tools/octetc/flags/Flags.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"

#include <set>

namespace octet {

llvm::cl::OptionCategory octetcCategory("octetc options");

llvm::Error makeFlagError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

} // namespace octet

using namespace octet;

static OutputFlags outputFlags;
static CalibrationFlags calibrationFlags;
static PrecisionFlags precisionFlags;
static RepairFlags repairFlags;
static TuningFlags tuningFlags;
static SearchFlags searchFlags;

static int fail(const llvm::Twine &message) {
  llvm::errs() << "octetc: error: " << message << "\n";
  return 1;
}

/// liboctet_runtime.a lies in ../lib beside the folder of this program.
static std::string findRuntime(const char *argv0) {
  llvm::SmallString<128> path(
      llvm::sys::fs::getMainExecutable(argv0, reinterpret_cast<void *>(&findRuntime)));
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, "..", "lib", "liboctet_runtime.a");
  return path.str().str();
}

/// No output may replace an input or another output.
static llvm::Error checkFiles(const CompilationOptions &options) {
  std::set<std::string> inputs = {options.model, options.calibration.data,
                                  options.calibration.table, options.calibration.encodings,
                                  options.tilingCache},
                        outputs;
  if (options.search)
    inputs.insert(options.search->data);
  if (options.quantization.config)
    inputs.insert(options.quantization.config->source);
  std::vector<std::string> written = options.reports;
  written.insert(written.end(), {options.output, options.header, options.calibration.save,
                                 options.calibration.saveEncodings});
  for (const std::string &path : written) {
    if (path.empty() || path == "-")
      continue;
    if (inputs.count(path))
      return makeFlagError("expected an output other than the inputs, got '" + path + "'");
    if (!outputs.insert(path).second)
      return makeFlagError("expected different outputs, got '" + path + "' twice");
  }
  return llvm::Error::success();
}

static llvm::Error parseOptions(CompilationOptions &options) {
  if (llvm::Error error = outputFlags.apply(options))
    return error;
  if (llvm::Error error = calibrationFlags.apply(options))
    return error;
  if (llvm::Error error = precisionFlags.apply(options))
    return error;
  if (llvm::Error error = repairFlags.apply(options))
    return error;
  if (llvm::Error error = tuningFlags.apply(options))
    return error;
  if (llvm::Error error = searchFlags.apply(options))
    return error;
  return checkFiles(options);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::HideUnrelatedOptions(octetcCategory);
  std::string problem;
  llvm::raw_string_ostream problemOs(problem);
  if (!llvm::cl::ParseCommandLineOptions(argc, argv, "compiles ONNX models to native x86 code\n",
                                         &problemOs)) {
    // Empty if the parser has already spoken.
    llvm::StringRef text = llvm::StringRef(problem).split(".  Try:").first;
    return text.empty() ? 1 : fail(text.split('\n').first.split(": ").second);
  }
  if (calibrationFlags.isMerge()) {
    llvm::Error error = calibrationFlags.mergeTables(outputFlags);
    return error ? fail(llvm::toString(std::move(error))) : 0;
  }
  CompilationOptions options;
  options.runtime = findRuntime(argv[0]);
  if (llvm::Error error = parseOptions(options))
    return fail(llvm::toString(std::move(error)));

  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  DiagnosticPrinter printer(&context, "octetc", options.model);
  return compile(context, options);
}
