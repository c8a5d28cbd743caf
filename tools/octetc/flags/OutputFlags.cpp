#include "codegen/object/HeaderText.h"
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

llvm::Error OutputFlags::applyShapes(ImportOptions &import) const {
  for (const std::string &text : shapes) {
    auto shape = parseShapeOverride(text);
    if (!shape)
      return makeFlagError("expected --shape NAME=1x3x224x224, got '" + text + "'");
    import.shapes.push_back(*shape);
  }
  if (batch.getNumOccurrences()) {
    int64_t extent;
    if (llvm::StringRef(batch).getAsInteger(10, extent) || extent < 1)
      return makeFlagError("expected a positive integer for --batch, got '" + batch + "'");
    import.batch = extent;
  }
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
  return applyShapes(options.import);
}

} // namespace octet
