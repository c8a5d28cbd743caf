#include "codegen/object/HeaderText.h"
#include "tools/octetc/flags/Entries.h"
#include "tools/octetc/flags/Flags.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace octet {

bool isText(Emit stage) {
  return stage == Emit::Import || stage == Emit::Graph || stage == Emit::Quant ||
         stage == Emit::Kernels || stage == Emit::LLVM || stage == Emit::Assembly;
}

static bool isModule(Emit stage) {
  return isText(stage) && stage != Emit::LLVM && stage != Emit::Assembly;
}

static bool isIdentifier(llvm::StringRef text) {
  return !text.empty() && !llvm::isDigit(text[0]) &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

// What describes one graph has no form for several.
llvm::Error OutputFlags::applyShapes(CompilationOptions &options) const {
  if (batch.getNumOccurrences() && batch.empty())
    return makeFlagError("expected a positive integer, or several, for --batch, got ''");
  auto entries = expandEntries(shapes, batch);
  if (!entries)
    return makeFlagError(llvm::toString(entries.takeError()));
  options.import = entries->front();
  options.otherEntries.assign(entries->begin() + 1, entries->end());
  if (options.otherEntries.empty())
    return llvm::Error::success();
  if (emit == Emit::QdqOnnx)
    return makeFlagError("expected one shape beside --emit=qdq-onnx");
  if (keepLayers)
    return makeFlagError("expected one shape beside --keep-layers");
  if (!options.reports.empty())
    return makeFlagError("expected one shape beside --report");
  return llvm::Error::success();
}

llvm::Error OutputFlags::apply(CompilationOptions &options) const {
  options.emit = emit;
  options.output = output;
  if (inputs.empty() || inputs[0].empty())
    return makeFlagError("expected a model (MODEL.onnx)");
  if (inputs.size() > 1)
    return makeFlagError("expected one model, got '" + inputs[0] + "' and '" + inputs[1] + "'");
  options.model = inputs[0];
  if (options.output.empty() && isText(emit))
    options.output = "-";
  if (options.output.empty())
    return makeFlagError("expected an output file (-o OUT)");
  if (output == "-" && (emit == Emit::Library || emit == Emit::Archive || emit == Emit::QdqOnnx))
    return makeFlagError("expected a file for -o, got standard output");
  if (!header.empty() && (isModule(emit) || emit == Emit::QdqOnnx))
    return makeFlagError("expected --emit=llvm or a later stage beside --header");
  options.header = header;
  options.name = name.empty() ? codegen::makeIdentifier(llvm::sys::path::stem(options.model))
                              : name.getValue();
  if (!isIdentifier(options.name))
    return makeFlagError("expected an identifier for --name, got '" + options.name + "'");
  options.target = target;
  options.explain = explain;
  for (const std::string &path : reports) {
    if (!llvm::StringRef(path).ends_with(".json") && !llvm::StringRef(path).ends_with(".html"))
      return makeFlagError("expected --report R.json or R.html, got '" + path + "'");
    if (emit != Emit::Library)
      return makeFlagError("expected a shared library to come out beside --report");
    if (keepLayers)
      return makeFlagError("expected --report or --keep-layers, got both");
  }
  options.reports.assign(reports.begin(), reports.end());
  options.winograd = !noWinograd;
  if (keepLayers && (emit == Emit::Import || emit == Emit::Graph))
    return makeFlagError("expected --emit=quant or a later stage beside --keep-layers");
  if (keepLayers && emit != Emit::Library && !isText(emit))
    return makeFlagError("expected a shared library to come out beside --keep-layers");
  options.keepLayers = keepLayers;
  return applyShapes(options);
}

} // namespace octet
