#include "tools/run/Layers.h"

#include "passes/JsonText.h"

#include "llvm/Support/JSON.h"

using namespace llvm;

namespace octet::run {

static bool fromJSON(const json::Value &value, Layer &layer, json::Path path) {
  json::ObjectMapper map(value, path);
  int64_t result;
  std::optional<int64_t> axis;
  if (!map || !map.map("result", result) || !map.map("tensor", layer.tensor) ||
      !map.map("node", layer.node) || !map.map("op", layer.op) ||
      !map.map("precision", layer.precision) || !map.map("stored", layer.stored) ||
      !map.mapOptional("scale", layer.scale) || !map.mapOptional("zero_point", layer.zeroPoint) ||
      !map.mapOptional("channel_axis", axis) || !map.map("inputs", layer.inputs))
    return false;
  layer.result = static_cast<uint32_t>(result);
  if (axis)
    layer.channelAxis = static_cast<uint32_t>(*axis);
  return true;
}

static bool fromJSON(const json::Value &value, LayersText &text, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("outputs", text.outputs) && map.map("layers", text.layers);
}

Expected<LayersText> parseLayers(StringRef text, uint32_t results) {
  auto parsed = parseJson(text);
  if (!parsed)
    return parsed.takeError();
  LayersText layers;
  json::Path::Root root("octet_layers");
  if (!fromJSON(*parsed, layers, root))
    return root.getError();
  if (layers.outputs > results ||
      any_of(layers.layers, [&](const Layer &layer) { return layer.result >= results; }))
    return createStringError(inconvertibleErrorCode(), "octet_layers names outputs that are none");
  return layers;
}

} // namespace octet::run
