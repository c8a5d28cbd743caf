// The compiler: an ONNX file in, a library (or any stage before it) out.

#include "codegen/object/HeaderText.h"
#include "codegen/tune/TilingCache.h"
#include "frontend/DiagnosticPrinter.h"
#include "tools/RegisterEverything.h"
#include "tools/octetc/Compilation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace octet;
namespace cl = llvm::cl;

static cl::OptionCategory category("octetc options");
static cl::opt<std::string> model(cl::Positional, cl::desc("MODEL.onnx"), cl::cat(category));
static cl::opt<std::string> output("o",
                                   cl::desc("Output file; - is standard output, the default "
                                            "for MLIR"),
                                   cl::value_desc("OUT"), cl::cat(category));
static cl::opt<Emit> emit(
    "emit", cl::desc("What comes out"), cl::init(Emit::Library),
    cl::values(clEnumValN(Emit::Library, "lib", "self-contained shared library (default)"),
               clEnumValN(Emit::Object, "obj", "object file, to link with liboctet_runtime.a"),
               clEnumValN(Emit::Archive, "archive", "object file and runtime in a static archive"),
               clEnumValN(Emit::Assembly, "asm", "x86 assembly"),
               clEnumValN(Emit::LLVM, "llvm", "optimized LLVM IR"),
               clEnumValN(Emit::Import, "import", "MLIR as imported"),
               clEnumValN(Emit::Graph, "graph", "MLIR after clean-up"),
               clEnumValN(Emit::Quant, "quant", "MLIR with precisions applied"),
               clEnumValN(Emit::Kernels, "kernels", "MLIR of kernels and launches")),
    cl::cat(category));
static cl::opt<std::string> header("header", cl::desc("Also write a C header of the model"),
                                   cl::value_desc("FILE.h"), cl::cat(category));
static cl::opt<std::string> name("name",
                                 cl::desc("Prefix of the model's symbols (default: the file name)"),
                                 cl::value_desc("IDENT"), cl::cat(category));
static cl::list<std::string> shapes("shape", cl::desc("Shape of an input"),
                                    cl::value_desc("NAME=1x3x224x224"), cl::cat(category));
static cl::opt<std::string> batch("batch", cl::desc("Extent of a symbolic batch dimension"),
                                  cl::value_desc("N"), cl::cat(category));
static cl::opt<std::string>
    precision("precision", cl::desc("int8, bf16 or f32 (default: int8 with calibration, else f32)"),
              cl::value_desc("P"), cl::cat(category));
static cl::opt<std::string>
    calibrationData("calibrate",
                    cl::desc("Calibrate on these samples, arrays named as the model's inputs"),
                    cl::value_desc("DATA.npz"), cl::cat(category));
static cl::opt<std::string> saveCalibration("save-calibration",
                                            cl::desc("Write the calibration table"),
                                            cl::value_desc("T.json"), cl::cat(category));
static cl::opt<std::string> calibration("calibration", cl::desc("Read a calibration table instead"),
                                        cl::value_desc("T.json"), cl::cat(category));
static cl::opt<std::string> config("config", cl::desc("Precision of ops by name or type"),
                                   cl::value_desc("C.json"), cl::cat(category));
static cl::opt<bool>
    keepInt8("keep-int8",
             cl::desc("Keep ops in int8 that would be faster in f32, so that one model computes "
                      "the same integers on every target"),
             cl::cat(category));
static cl::opt<std::string> target("target", cl::desc("native, or a CPU that LLVM knows"),
                                   cl::init("native"), cl::value_desc("CPU"), cl::cat(category));
static cl::opt<bool> explain("explain", cl::desc("Print each op's precision and why, and its tile"),
                             cl::cat(category));

static cl::opt<bool> autotune("autotune",
                              cl::desc("Choose tiles and precisions by measuring on this machine"),
                              cl::cat(category));
static cl::opt<std::string>
    autotuneCache("autotune-cache",
                  cl::desc("Where measurements are kept (default: octet/tilings.json in "
                           "$XDG_CACHE_HOME or ~/.cache)"),
                  cl::value_desc("FILE"), cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "octetc: error: " << message << "\n";
  return 1;
}

static bool isIdentifier(llvm::StringRef text) {
  return !text.empty() && !llvm::isDigit(text[0]) &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// liboctet_runtime.a lies in ../lib beside the folder of this program.
static std::string findRuntime(const char *argv0) {
  llvm::SmallString<128> path(
      llvm::sys::fs::getMainExecutable(argv0, reinterpret_cast<void *>(&findRuntime)));
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, "..", "lib", "liboctet_runtime.a");
  return path.str().str();
}

static bool isText(Emit stage) {
  return stage == Emit::Import || stage == Emit::Graph || stage == Emit::Quant ||
         stage == Emit::Kernels || stage == Emit::LLVM || stage == Emit::Assembly;
}

/// The mistakes in how the files of a command line go together.
static std::string checkFiles() {
  if (output.empty() && !isText(emit))
    return "expected an output file (-o OUT)";
  if (output == "-" && (emit == Emit::Library || emit == Emit::Archive))
    return "expected a file for -o, got standard output";
  bool isModule =
      emit == Emit::Import || emit == Emit::Graph || emit == Emit::Quant || emit == Emit::Kernels;
  if (!header.empty() && isModule)
    return "expected --emit=llvm or a later stage beside --header";
  if (!saveCalibration.empty() && (emit == Emit::Import || emit == Emit::Graph))
    return "expected --emit=quant or a later stage beside --save-calibration";
  if (!saveCalibration.empty() && calibrationData.empty())
    return "expected --calibrate beside --save-calibration";
  if (!calibrationData.empty() && !calibration.empty())
    return "expected --calibrate or --calibration, got both";
  if (keepInt8 && calibrationData.empty() && calibration.empty())
    return "expected --calibrate or --calibration beside --keep-int8";
  if (!autotuneCache.empty() && !autotune)
    return "expected --autotune beside --autotune-cache";
  if (autotune && (emit == Emit::Import || emit == Emit::Graph || emit == Emit::Quant))
    return "expected --emit=kernels or a later stage beside --autotune";
  std::set<std::string> inputs = {model, calibrationData, calibration, config}, outputs;
  if (!autotuneCache.empty())
    inputs.insert(autotuneCache);
  for (const std::string &path :
       {output.getValue(), header.getValue(), saveCalibration.getValue()}) {
    if (path.empty() || path == "-")
      continue;
    if (inputs.count(path))
      return "expected an output other than the inputs, got '" + path + "'";
    if (!outputs.insert(path).second)
      return "expected different outputs, got '" + path + "' twice";
  }
  return {};
}

/// Whether anything is asked to run in integers.
static bool wantsInt8(const CompilationOptions &options) {
  if (!options.config)
    return options.precision == Precision::Int8;
  return options.config->precision.value_or(options.precision) == Precision::Int8 ||
         llvm::any_of(options.config->rules,
                      [](const Config::Rule &rule) { return rule.precision == Precision::Int8; });
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  std::string problem;
  llvm::raw_string_ostream problemOs(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, "compiles ONNX models to native x86 code\n",
                                   &problemOs)) {
    // Empty if the parser has already spoken.
    llvm::StringRef text = llvm::StringRef(problem).split(".  Try:").first;
    return text.empty() ? 1 : fail(text.split('\n').first.split(": ").second);
  }
  if (model.empty())
    return fail("expected a model (MODEL.onnx)");
  if (std::string mistake = checkFiles(); !mistake.empty())
    return fail(mistake);

  CompilationOptions options;
  options.model = model;
  options.emit = emit;
  options.output = output;
  if (options.output.empty() && isText(emit))
    options.output = "-";
  options.header = header;
  options.name = name.empty() ? codegen::makeIdentifier(llvm::sys::path::stem(model)) : name;
  if (!isIdentifier(options.name))
    return fail("expected an identifier for --name, got '" + options.name + "'");
  for (const std::string &text : shapes) {
    auto shape = parseShapeOverride(text);
    if (!shape)
      return fail("expected --shape NAME=1x3x224x224, got '" + text + "'");
    options.import.shapes.push_back(*shape);
  }
  if (batch.getNumOccurrences()) {
    int64_t extent;
    if (llvm::StringRef(batch).getAsInteger(10, extent) || extent < 1)
      return fail("expected a positive integer for --batch, got '" + batch + "'");
    options.import.batch = extent;
  }
  options.target = target;
  options.calibrationData = calibrationData;
  options.calibrationTable = calibration;
  options.saveCalibration = saveCalibration;
  options.explain = explain;
  options.keepInt8 = keepInt8;
  options.runtime = findRuntime(argv[0]);
  if (autotune) {
    options.tilingCache =
        autotuneCache.empty() ? codegen::TilingCache::getDefaultPath() : autotuneCache.getValue();
    if (options.tilingCache.empty())
      return fail("expected --autotune-cache FILE where neither XDG_CACHE_HOME nor HOME is set");
  }

  bool calibrated = !calibrationData.empty() || !calibration.empty();
  std::string wanted = calibrated ? "int8" : "f32";
  if (!precision.empty())
    wanted = precision;
  auto parsed = symbolizePrecision(wanted);
  if (!parsed)
    return fail("expected --precision int8, bf16 or f32, got '" + wanted + "'");
  options.precision = *parsed;
  if (!config.empty()) {
    auto loaded = Config::load(config);
    if (!loaded)
      return fail(llvm::toString(loaded.takeError()));
    options.config = std::make_shared<Config>(std::move(*loaded));
  }
  if (wantsInt8(options) && !calibrated)
    return fail("int8 needs activation ranges: give --calibrate DATA.npz or --calibration T.json");

  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  DiagnosticPrinter printer(&context, "octetc", model);
  return mlir::failed(compile(context, options));
}
