// Layers are described beside octet_model, not in it: programs that run models have no use for
// them, and the structure stays what they were compiled against.

#include "codegen/object/LayersText.h"

#include "llvm/Support/JSON.h"

using namespace mlir;

namespace octet::codegen {

static llvm::json::Value toJson(Attribute attr) {
  if (auto text = dyn_cast<StringAttr>(attr))
    return llvm::json::fixUTF8(text.getValue());
  if (auto number = dyn_cast<FloatAttr>(attr))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(attr))
    return number.getInt();
  llvm::json::Array array;
  for (Attribute element : cast<ArrayAttr>(attr))
    array.push_back(toJson(element));
  return array;
}

std::string printLayers(const ModelInfo &info) {
  llvm::json::Array layers;
  int64_t outputs = 0;
  for (auto [i, io] : llvm::enumerate(info.outputs)) {
    outputs += !io.layer || !io.layer.get("added");
    if (!io.layer)
      continue;
    llvm::json::Object layer{{"result", static_cast<int64_t>(i)}};
    for (NamedAttribute attribute : io.layer)
      if (!isa<UnitAttr>(attribute.getValue()))
        layer[attribute.getName().getValue()] = toJson(attribute.getValue());
    layers.push_back(std::move(layer));
  }
  if (layers.empty())
    return {};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(
      llvm::json::Object{{"outputs", outputs}, {"layers", std::move(layers)}});
  return text;
}

} // namespace octet::codegen
