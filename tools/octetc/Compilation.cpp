#include "tools/octetc/Compilation.h"

#include "codegen/lower/Pipeline.h"
#include "codegen/object/HeaderText.h"
#include "codegen/object/LinkLibrary.h"
#include "codegen/object/NativeModule.h"
#include "passes/Pipelines.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Pipeline.h"
#include "tools/octetc/Calibration.h"
#include "tools/octetc/OutputFile.h"
#include "tools/octetc/Report.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace octet {

namespace {

class Compilation {
public:
  Compilation(MLIRContext &context, const CompilationOptions &options)
      : context(context), options(options) {}

  LogicalResult run();

private:
  LogicalResult runPasses(llvm::function_ref<void(OpPassManager &)> build) {
    PassManager pm(&context);
    build(pm);
    return pm.run(*module);
  }
  LogicalResult report(llvm::Error error) {
    if (!error)
      return success();
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  }

  LogicalResult obtainTable();
  LogicalResult quantize();
  LogicalResult writeModule();
  LogicalResult writeNative(const codegen::Target &target);
  LogicalResult writeText(StringRef path, StringRef content);

  MLIRContext &context;
  const CompilationOptions &options;
  OwningOpRef<ModuleOp> module;
  std::shared_ptr<CalibrationTable> table;
};

LogicalResult Compilation::run() {
  std::string error;
  auto target = codegen::lookupTarget(options.target, error);
  if (failed(target))
    return emitError(UnknownLoc::get(&context), error);

  auto imported = importOnnx(context, options.model, options.import);
  if (failed(imported))
    return failure();
  module = std::move(*imported);
  if (options.emit == Emit::Import)
    return writeModule();

  if (failed(runPasses([](OpPassManager &pm) { buildGraphPipeline(pm, GraphOptions()); })))
    return failure();
  if (options.emit == Emit::Graph)
    return writeModule();

  if (failed(obtainTable()) || failed(quantize()))
    return failure();
  if (options.emit == Emit::Quant)
    return writeModule();
  if (options.explain)
    printPrecisions(*module, llvm::outs());

  KernelsOptions kernels;
  kernels.target = options.target;
  if (failed(runPasses([&](OpPassManager &pm) { buildKernelsPipeline(pm, kernels); })))
    return failure();
  if (options.emit == Emit::Kernels)
    return writeModule();
  return writeNative(*target);
}

LogicalResult Compilation::obtainTable() {
  if (!options.calibrationTable.empty()) {
    auto loaded = CalibrationTable::load(options.calibrationTable);
    if (!loaded)
      return report(loaded.takeError());
    table = std::make_shared<CalibrationTable>(std::move(*loaded));
  } else if (!options.calibrationData.empty()) {
    auto calibrated = calibrate(*module, options.calibrationData);
    if (failed(calibrated))
      return failure();
    table = std::make_shared<CalibrationTable>(std::move(*calibrated));
  }
  if (options.saveCalibration.empty())
    return success();
  return report(table->save(options.saveCalibration));
}

LogicalResult Compilation::quantize() {
  QuantizeOptions quantization;
  quantization.precision = options.precision;
  quantization.config = options.config;
  quantization.table = table;
  return runPasses([&](OpPassManager &pm) {
    buildAssignPrecisionPipeline(pm, quantization);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    if (table)
      buildQuantizePipeline(pm, quantization);
  });
}

LogicalResult Compilation::writeText(StringRef path, StringRef content) {
  if (path == "-") {
    llvm::outs() << content;
    return success();
  }
  auto file = OutputFile::create(path);
  if (!file)
    return report(file.takeError());
  if (llvm::Error error = file->write(content))
    return report(std::move(error));
  return report(file->keep());
}

LogicalResult Compilation::writeModule() {
  // Weights are named, not spelt out: the text is for reading and for tests.
  constexpr int64_t kLargestPrinted = 16;
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(kLargestPrinted).elideLargeResourceString(kLargestPrinted);
  module->print(stream, flags);
  stream << "\n";
  return writeText(options.output, text);
}

LogicalResult Compilation::writeNative(const codegen::Target &target) {
  auto native = codegen::NativeModule::create(*module, target, options.name);
  if (failed(native))
    return failure();
  // The header goes first: if it cannot be written, nothing else is.
  std::optional<OutputFile> header;
  if (!options.header.empty()) {
    auto file = OutputFile::create(options.header);
    if (!file)
      return report(file.takeError());
    if (llvm::Error error = file->write(codegen::printHeader(native->getInfo())))
      return report(std::move(error));
    header.emplace(std::move(*file));
  }
  auto keepHeader = [&]() { return header ? report(header->keep()) : success(); };

  if (options.emit == Emit::LLVM) {
    std::string text;
    llvm::raw_string_ostream(text) << native->getModule();
    if (failed(writeText(options.output, text)))
      return failure();
    return keepHeader();
  }
  if (options.emit == Emit::Assembly || options.emit == Emit::Object) {
    SmallVector<char, 0> bytes = options.emit == Emit::Object ? native->emitObject()
                                                              : native->emitAssembly();
    if (failed(writeText(options.output, StringRef(bytes.data(), bytes.size()))))
      return failure();
    return keepHeader();
  }
  auto file = OutputFile::create(options.output);
  if (!file)
    return report(file.takeError());
  if (options.emit == Emit::Library) {
    native->addGenericGetter();
    SmallVector<char, 0> object = native->emitObject();
    // lld replaces the file it is asked to write, so it gets a name of its own.
    std::string linked = file->getTemporaryPath().str() + ".so";
    llvm::Error error = codegen::linkSharedLibrary(object, options.runtime, linked);
    if (!error)
      if (std::error_code code = llvm::sys::fs::rename(linked, options.output))
        error = llvm::createStringError(code, "cannot write '" + options.output +
                                                  "': " + code.message());
    if (error) {
      llvm::sys::fs::remove(linked);
      return report(std::move(error));
    }
  } else {
    SmallVector<char, 0> object = native->emitObject();
    if (llvm::Error error = codegen::writeArchive(object, options.name + ".o", options.runtime,
                                                  options.output))
      return report(std::move(error));
  }
  if (failed(keepHeader()))
    return failure();
  printSummary(native->getInfo(), options.output, llvm::outs());
  return success();
}

} // namespace

LogicalResult compile(MLIRContext &context, const CompilationOptions &options) {
  return Compilation(context, options).run();
}

} // namespace octet
