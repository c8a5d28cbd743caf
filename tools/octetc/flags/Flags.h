// The command line of octetc in parts by what they are about. A part declares its options,
// checks each against misuse and fills in what the compiler is told; nothing else in the
// project reads an option. Errors are one line, as printed after "octetc: error: ".

#ifndef OCTET_TOOLS_OCTETC_FLAGS_FLAGS_H
#define OCTET_TOOLS_OCTETC_FLAGS_FLAGS_H

#include "tools/octetc/Compilation.h"
#include "llvm/Support/CommandLine.h"

namespace octet {

extern llvm::cl::OptionCategory octetcCategory;

llvm::Error makeFlagError(const llvm::Twine &message);

/// Whether nothing but text comes out at this stage.
bool isText(Emit stage);

/// The model, what comes out, where, and for which shapes and CPU.
class OutputFlags {
public:
  llvm::Error apply(CompilationOptions &options) const;
  /// The arguments without a flag.
  llvm::ArrayRef<std::string> getInputs() const { return inputs; }
  llvm::StringRef getOutput() const { return output; }

private:
  llvm::Error applyShapes(CompilationOptions &options) const;

  llvm::cl::list<std::string> inputs{llvm::cl::Positional, llvm::cl::desc("MODEL.onnx"),
                                     llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> output{
      "o", llvm::cl::desc("Output file; - is standard output, the default for MLIR"),
      llvm::cl::value_desc("OUT"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<Emit> emit{
      "emit", llvm::cl::desc("What comes out"), llvm::cl::init(Emit::Library),
      llvm::cl::values(
          clEnumValN(Emit::Library, "lib", "self-contained shared library (default)"),
          clEnumValN(Emit::Object, "obj", "object file, to link with liboctet_runtime.a"),
          clEnumValN(Emit::Archive, "archive", "object file and runtime in a static archive"),
          clEnumValN(Emit::Assembly, "asm", "x86 assembly"),
          clEnumValN(Emit::LLVM, "llvm", "optimized LLVM IR"),
          clEnumValN(Emit::QdqOnnx, "qdq-onnx", "quantized ONNX model for other runtimes"),
          clEnumValN(Emit::Import, "import", "MLIR as imported"),
          clEnumValN(Emit::Graph, "graph", "MLIR after clean-up"),
          clEnumValN(Emit::Quant, "quant", "MLIR with precisions applied"),
          clEnumValN(Emit::Kernels, "kernels", "MLIR of kernels and launches")),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> header{"header", llvm::cl::desc("Also write a C header of the model"),
                                    llvm::cl::value_desc("FILE.h"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> name{
      "name", llvm::cl::desc("Prefix of the model's symbols (default: the file name)"),
      llvm::cl::value_desc("IDENT"), llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> shapes{"shape",
                                     llvm::cl::desc("Shape of an input; {A,B} in place of an "
                                                    "extent: one entry for each"),
                                     llvm::cl::value_desc("NAME=1x3x224x224"),
                                     llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> batch{"batch",
                                   llvm::cl::desc("Extent of a symbolic batch dimension; several: "
                                                  "one entry for each"),
                                   llvm::cl::value_desc("N[,N...]"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> target{"target", llvm::cl::desc("native, or a CPU that LLVM knows"),
                                    llvm::cl::init("native"), llvm::cl::value_desc("CPU"),
                                    llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> noWinograd{
      "no-winograd",
      llvm::cl::desc("Compute 3x3 convolutions of f32 directly: slower, with smaller libraries"),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> reports{
      "report",
      llvm::cl::desc("Write what was decided for each op and why, its SQNR against f32 and its "
                     "time: as JSON, or as a page with plots; may be given twice"),
      llvm::cl::value_desc("R.json|R.html"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> explain{"explain",
                              llvm::cl::desc("Print each op's precision and why, and its tile"),
                              llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> keepLayers{
      "keep-layers",
      llvm::cl::desc("Make a library for octet-run --layers: beside its outputs the model returns "
                     "every tensor between kernels, as f32"),
      llvm::cl::cat(octetcCategory)};
};

/// Where the ranges of activations come from.
class CalibrationFlags {
public:
  /// Whether this run merges tables instead of compiling.
  bool isMerge() const { return merge; }
  llvm::Error apply(CompilationOptions &options) const;
  /// Merges the tables that stand in place of a model.
  llvm::Error mergeTables(const OutputFlags &files) const;

private:
  llvm::cl::opt<std::string> data{
      "calibrate",
      llvm::cl::desc("Calibrate on these samples: arrays named as the model's inputs, in one file "
                     "or in a folder of .npz and .npy files"),
      llvm::cl::value_desc("DATA"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> save{"save-calibration", llvm::cl::desc("Write the calibration table"),
                                  llvm::cl::value_desc("T.json"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> table{"calibration",
                                   llvm::cl::desc("Read a calibration table instead"),
                                   llvm::cl::value_desc("T.json"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> encodings{
      "encodings",
      llvm::cl::desc("Take ranges from another tool instead: AIMET encodings or NNI's "
                     "calibration_config"),
      llvm::cl::value_desc("E.json"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> saveEncodings{
      "save-encodings", llvm::cl::desc("Write scales and offsets as AIMET encodings"),
      llvm::cl::value_desc("E.encodings"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> merge{"merge-calibration",
                            llvm::cl::desc("Merge calibration tables (A.json B.json -o T.json)"),
                            llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> calibrator{
      "calibrator",
      llvm::cl::desc("How ranges come from the table: minmax (default), moving-average, "
                     "percentile[=99.99], entropy or mse"),
      llvm::cl::value_desc("C"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> subset{
      "subset-size",
      llvm::cl::desc("Calibrate on this many samples, evenly spaced over the data (default: 300)"),
      llvm::cl::value_desc("N"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> threads{
      "jobs", llvm::cl::desc("Threads to calibrate with (default: all cores)"),
      llvm::cl::value_desc("N"), llvm::cl::cat(octetcCategory)};
};

/// Which ops run in which precision, and how their numbers are chosen.
class PrecisionFlags {
public:
  llvm::Error apply(CompilationOptions &options) const;

private:
  llvm::Error applyScope(Config &config) const;
  llvm::Error checkWeightOnly(const CompilationOptions &options) const;

  llvm::cl::opt<std::string> precision{
      "precision", llvm::cl::desc("int8, bf16 or f32 (default: int8 with calibration, else f32)"),
      llvm::cl::value_desc("P"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> config{"config", llvm::cl::desc("Precision of ops by name or type"),
                                    llvm::cl::value_desc("C.json"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> preset{
      "preset",
      llvm::cl::desc("mixed: asymmetric ranges of activations (default); performance: symmetric "
                     "ones where they hold negative values"),
      llvm::cl::value_desc("PRESET"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> quantize{
      "quantize",
      llvm::cl::desc("Scales of activations: static, from calibration (default), or dynamic, found "
                     "at run time for each matrix product and convolution"),
      llvm::cl::value_desc("Q"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> weights{
      "weights", llvm::cl::desc("Weight scales: per-channel (default) or per-tensor"),
      llvm::cl::value_desc("W"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> weightOnly{
      "weight-only",
      llvm::cl::desc("Store the weights of convolutions and matrix products in 8 bits and compute "
                     "in f32; needs no calibration"),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> ignoredNames{
      "ignore-name", llvm::cl::desc("Keep the node of this name in f32"),
      llvm::cl::value_desc("NODE"), llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> ignoredTypes{
      "ignore-type", llvm::cl::desc("Keep nodes of this ONNX op type in f32"),
      llvm::cl::value_desc("TYPE"), llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> ignoredPatterns{
      "ignore-pattern",
      llvm::cl::desc("Keep nodes in f32 whose whole name matches this regular expression"),
      llvm::cl::value_desc("REGEX"), llvm::cl::cat(octetcCategory)};
  llvm::cl::list<std::string> ignoredSubgraphs{
      "ignore-subgraph",
      llvm::cl::desc("Keep all nodes in f32 that lie on a path between two nodes"),
      llvm::cl::value_desc("FROM..TO"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> keepInt8{
      "keep-int8",
      llvm::cl::desc("Keep ops in int8 that would be faster in f32, so that one model computes "
                     "the same integers on every target"),
      llvm::cl::cat(octetcCategory)};
};

/// How weights are chosen and what is done against the errors of their rounding.
class RepairFlags {
public:
  llvm::Error apply(CompilationOptions &options) const;

private:
  llvm::cl::opt<std::string> weightRanges{
      "weight-ranges",
      llvm::cl::desc("Integers of weights cover their largest magnitude (max, default) or the "
                     "range of least squared error (mse)"),
      llvm::cl::value_desc("R"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> rounding{
      "rounding",
      llvm::cl::desc("Weights become the nearest integers (nearest), such that errors cancel in "
                     "each channel (balanced, default), or cost least on the samples (adaptive)"),
      llvm::cl::value_desc("R"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> equalize{
      "equalize",
      llvm::cl::desc(
          "Balance the channels between layers: on or off (default: as a table was made, or "
          "on with --weights per-tensor)"),
      llvm::cl::value_desc("E"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> biasCorrection{
      "bias-correction",
      llvm::cl::desc("Make up in biases for what rounding adds to sums: off, fast (default: by "
                     "the means of inputs) or full (the quantized model runs over the samples)"),
      llvm::cl::value_desc("B"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> smoothQuant{
      "smooth-quant",
      llvm::cl::desc("Move the spread of channels from activations of matrix products to their "
                     "weights: all of it with 1, none with 0 (default: 0.5), or off"),
      llvm::cl::value_desc("ALPHA|off"), llvm::cl::ValueOptional, llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> modelType{
      "model-type",
      llvm::cl::desc("transformer: --smooth-quant, residuals in f32 and embeddings in 8 bits"),
      llvm::cl::value_desc("transformer"), llvm::cl::cat(octetcCategory)};
};

/// Mixed precision by trial.
class SearchFlags {
public:
  llvm::Error apply(CompilationOptions &options) const;

private:
  llvm::Error checkAlone() const;
  llvm::Error applyMix(const CompilationOptions &options, SearchOptions &search) const;

  llvm::cl::opt<std::string> data{
      "eval",
      llvm::cl::desc("Search for the cheapest precisions that keep accuracy on these samples"),
      llvm::cl::value_desc("DATA.npz"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> metric{
      "metric",
      llvm::cl::desc(
          "top1 (default), top5, mse, cosine, sqnr, or a program that reads outputs (.npz) "
          "and prints a number"),
      llvm::cl::init("top1"), llvm::cl::value_desc("M|exec:PROGRAM"),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> labels{
      "labels", llvm::cl::desc("Array of labels in the samples of --eval"),
      llvm::cl::init("labels"), llvm::cl::value_desc("NAME"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> drop{
      "accuracy-drop",
      llvm::cl::desc("How far the score may fall behind that of f32: a share of it (default: "
                     "relative=0.01) or an amount, for top1 in points of a hundred"),
      llvm::cl::init("relative=0.01"), llvm::cl::value_desc("relative=S|absolute=A"),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<bool> lowerIsBetter{"lower-is-better",
                                    llvm::cl::desc("The program's number is a loss"),
                                    llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> maxTrials{"max-trials",
                                       llvm::cl::desc("Most trials (default: 20; 0: no limit)"),
                                       llvm::cl::value_desc("N"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> timeout{
      "timeout", llvm::cl::desc("Begin no trial after so many seconds (default: 0, never)"),
      llvm::cl::init("0"), llvm::cl::value_desc("S"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<StrategyKind> strategy{
      "strategy", llvm::cl::desc("How trials are chosen"),
      llvm::cl::init(StrategyKind::Sensitivity),
      llvm::cl::values(
          clEnumValN(StrategyKind::Sensitivity, "sensitivity", "by measured noise (default)"),
          clEnumValN(StrategyKind::Bayesian, "bayesian", "by a model that learns from trials"),
          clEnumValN(StrategyKind::Exhaustive, "exhaustive", "all there are")),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<Objective> objective{
      "objective", llvm::cl::desc("What is to be least"), llvm::cl::init(Objective::Latency),
      llvm::cl::values(clEnumValN(Objective::Latency, "latency", "milliseconds (default)"),
                       clEnumValN(Objective::Size, "size", "bytes of the library")),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> mix{
      "precision-mix",
      llvm::cl::desc("Precisions to choose from (default: int8,bf16,f32 where the CPU computes in "
                     "bf16, else int8,f32)"),
      llvm::cl::value_desc("P,P"), llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> trials{
      "trials", llvm::cl::desc("Folder for the log and the best trials (default: OUT.trials)"),
      llvm::cl::value_desc("FOLDER"), llvm::cl::cat(octetcCategory)};
};

/// Choices by measuring.
class TuningFlags {
public:
  llvm::Error apply(CompilationOptions &options) const;

private:
  llvm::cl::opt<bool> autotune{
      "autotune", llvm::cl::desc("Choose tiles and precisions by measuring on this machine"),
      llvm::cl::cat(octetcCategory)};
  llvm::cl::opt<std::string> cache{
      "autotune-cache",
      llvm::cl::desc("Where measurements are kept (default: octet/tilings.json in "
                     "$XDG_CACHE_HOME or ~/.cache)"),
      llvm::cl::value_desc("FILE"), llvm::cl::cat(octetcCategory)};
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_FLAGS_FLAGS_H
