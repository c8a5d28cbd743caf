#include "passes/quantize/Encodings.h"

#include "dialect/reference/QuantRules.h"
#include "passes/JsonText.h"
#include "passes/quantize/Graph.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
namespace json = llvm::json;

namespace octet {

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

// One number, or a list of one.
static std::optional<double> getNumber(const json::Object &object, StringRef key) {
  if (auto number = object.getNumber(key))
    return number;
  const json::Array *list = object.getArray(key);
  return list && list->size() == 1 ? (*list)[0].getAsNumber() : std::nullopt;
}

// The range of an activation in AIMET's form; nullopt if it is not of 8-bit integers.
static llvm::Expected<std::optional<Range>> readEncoding(StringRef name,
                                                         const json::Object &entry) {
  std::string type = entry.getString("dtype").value_or("int").lower();
  int64_t bits = entry.getInteger("bw").value_or(entry.getInteger("bitwidth").value_or(8));
  if (type != "int" || bits != 8)
    return std::nullopt;
  std::optional<double> scale = getNumber(entry, "scale"), offset = getNumber(entry, "offset");
  Range range{0, 0};
  if (scale && offset) {
    range = {*scale * *offset, *scale * (*offset + 255)};
  } else {
    std::optional<double> low = getNumber(entry, "min"), high = getNumber(entry, "max");
    if (!low || !high)
      return makeError("tensor '" + name +
                       "': expected one 'scale' and 'offset', or 'min' and "
                       "'max'");
    range = {*low, *high};
  }
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || range.low > range.high)
    return makeError("tensor '" + name + "': expected a finite range, got one from " +
                     llvm::formatv("{0} to {1}", range.low, range.high).str());
  return range;
}

static llvm::Error readActivations(const json::Value &value,
                                   std::map<std::string, Range> &tensors) {
  auto add = [&](StringRef name, const json::Object *entry) -> llvm::Error {
    if (!entry)
      return makeError("tensor '" + name + "': expected an object");
    auto range = readEncoding(name, *entry);
    if (!range)
      return range.takeError();
    if (*range)
      tensors[name.str()] = **range;
    return llvm::Error::success();
  };
  if (const json::Array *list = value.getAsArray()) {
    for (const json::Value &item : *list) {
      const json::Object *entry = item.getAsObject();
      auto name = entry ? entry->getString("name") : std::nullopt;
      if (!name)
        return makeError("expected 'activation_encodings' to hold objects with a 'name'");
      if (llvm::Error error = add(*name, entry))
        return error;
    }
    return llvm::Error::success();
  }
  const json::Object *entries = value.getAsObject();
  if (!entries)
    return makeError("expected 'activation_encodings' to be an object or a list");
  for (const auto &entry : *entries) {
    const json::Object *object = entry.second.getAsObject();
    if (const json::Array *list = entry.second.getAsArray())
      object = list->size() == 1 ? (*list)[0].getAsObject() : nullptr;
    if (llvm::Error error = add(entry.first, object))
      return error;
  }
  return llvm::Error::success();
}

static llvm::Expected<Encodings::Layer> readLayer(StringRef name, const json::Object &object) {
  Encodings::Layer layer;
  layer.bits =
      object.getInteger("weight_bits").value_or(object.getInteger("weight_bit").value_or(8));
  if (layer.bits != 8 && layer.bits != 16 && layer.bits != 32)
    return makeError("layer '" + name + "': expected weights of 8, 16 or 32 bits, got " +
                     llvm::Twine(layer.bits));
  for (auto [range, suffix] :
       {std::pair(&layer.input, "input"), std::pair(&layer.output, "output")}) {
    std::string least = std::string("tracked_min_") + suffix,
                most = std::string("tracked_max_") + suffix;
    auto low = object.getNumber(least), high = object.getNumber(most);
    if (!low && !high)
      continue;
    if (!low || !high || !(*low <= *high) || !std::isfinite(*low) || !std::isfinite(*high))
      return makeError("layer '" + name + "': expected finite numbers '" + least + "' and '" +
                       most + "' in order");
    *range = Range{*low, *high};
  }
  return layer;
}

llvm::Expected<Encodings> Encodings::fromJson(StringRef text) {
  llvm::Expected<json::Value> parsed = parseJson(text);
  if (!parsed)
    return parsed.takeError();
  const json::Object *root = parsed->getAsObject();
  if (!root)
    return makeError("expected an object");
  Encodings result;
  if (const json::Value *activations = root->get("activation_encodings")) {
    if (llvm::Error error = readActivations(*activations, result.tensors))
      return std::move(error);
    return result;
  }
  for (const auto &entry : *root) {
    const json::Object *object = entry.second.getAsObject();
    bool isLayer =
        object && llvm::any_of(*object, [](const auto &field) {
          StringRef key = field.first;
          return key.starts_with("tracked_") || key.ends_with("_bits") || key.ends_with("_bit");
        });
    if (!isLayer)
      return makeError("expected 'activation_encodings' (AIMET) or layers with bits and tracked "
                       "ranges (NNI), got '" +
                       StringRef(entry.first) + "'");
    auto layer = readLayer(entry.first, *object);
    if (!layer)
      return layer.takeError();
    result.layers[entry.first.str()] = *layer;
  }
  return result;
}

llvm::Expected<Encodings> Encodings::load(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return makeError(path + ": " + buffer.getError().message());
  llvm::Expected<Encodings> result = fromJson((*buffer)->getBuffer());
  if (!result)
    return makeError(path + ": " + llvm::toString(result.takeError()));
  return result;
}

// The names of the constants behind `value`, through what only moves them.
static StringRef getConstantName(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && op->getNumOperands() == 1)
    op = op->getOperand(0).getDefiningOp();
  return isa_and_nonnull<ConstantOp>(op) ? getTensorName(op->getLoc()) : StringRef();
}

static std::string getValueName(Value value, func::FuncOp function) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
    return name ? name.getValue().str() : std::string();
  }
  return getTensorName(value.getLoc()).str();
}

llvm::Expected<CalibrationTable> Encodings::resolve(func::FuncOp function,
                                                    std::vector<Config::Rule> &rules) const {
  std::map<std::string, Range> found;
  llvm::StringSet<> known;
  for (Value argument : function.getArguments())
    known.insert(getValueName(argument, function));
  llvm::StringSet<> used;
  auto add = [&](const std::string &tensor, const std::optional<Range> &range) {
    if (range && !tensor.empty())
      found.try_emplace(tensor, *range);
  };
  function.walk([&](Operation *op) {
    if (StringRef tensor = getTensorName(op->getLoc()); !tensor.empty())
      known.insert(tensor);
    bool isContraction = getRole(op) == QuantizationRole::Contraction;
    for (const auto &[name, layer] : layers) {
      bool isNamed = getNodeName(op->getLoc()) == name;
      for (unsigned i = 1; isContraction && i < op->getNumOperands(); ++i) {
        StringRef constant = getConstantName(op->getOperand(i));
        isNamed |= constant == name + ".weight" || constant == name + ".bias";
      }
      if (!isNamed || op->getNumOperands() == 0)
        continue;
      used.insert(name);
      add(getValueName(op->getOperand(0), function), layer.input);
      add(getValueName(op->getResult(0), function), layer.output);
      if (layer.bits != 8) {
        Config::Rule rule;
        rule.names.push_back(getNodeName(op->getLoc()).str());
        rule.precision = layer.bits == 16 ? Precision::BF16 : Precision::F32;
        rule.origin = "layer '" + name + "'";
        rules.push_back(std::move(rule));
      }
    }
  });
  for (const auto &[name, layer] : layers)
    if (layer.bits != 8 && !used.contains(name))
      return makeError("layer '" + name +
                       "': expected a node or weights of that name in the model");
  for (const auto &[tensor, range] : tensors)
    if (known.contains(tensor))
      found.try_emplace(tensor, range);
  if (found.empty())
    return makeError("expected ranges of tensors or layers of the model, got none");
  json::Object entries;
  for (const auto &[tensor, range] : found)
    entries[tensor] = json::Object{{"min", range.low}, {"max", range.high}};
  json::Value root = json::Object{{"version", 1}, {"tensors", std::move(entries)}};
  auto table = CalibrationTable::fromJson(llvm::formatv("{0}", root).str());
  if (table)
    table->setPartial();
  return table;
}

static json::Object printEncoding(const reference::Scale &scale, int64_t offset, bool isSymmetric) {
  double s = scale.scale;
  return json::Object{{"bitwidth", 8},
                      {"dtype", "int"},
                      {"is_symmetric", isSymmetric ? "True" : "False"},
                      {"max", s * static_cast<double>(offset + 255)},
                      {"min", s * static_cast<double>(offset)},
                      {"offset", offset},
                      {"scale", s}};
}

std::string printEncodings(ModuleOp module) {
  json::Object activations, parameters;
  module.walk([&](Operation *op) {
    if (op->getNumResults() != 1)
      return;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    auto element =
        type ? dyn_cast<quant::QuantizedType>(type.getElementType()) : quant::QuantizedType();
    StringRef name = getTensorName(op->getLoc());
    if (!element || element.getStorageTypeIntegralWidth() != 8 || name.empty())
      return;
    json::Object &section = isa<ConstantOp>(op) ? parameters : activations;
    json::Array entries;
    size_t channels = 1;
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element))
      channels = perAxis.getScales().size();
    for (size_t c = 0; c < channels; ++c) {
      // Offsets count from the lowest integer of 8 bits, signed or not.
      reference::Scale scale = reference::getScale(element, c);
      entries.push_back(printEncoding(scale, (element.isSigned() ? -128 : 0) - scale.zeroPoint,
                                      element.isSigned()));
    }
    section.try_emplace(name.str(), std::move(entries));
  });
  json::Value root = json::Object{{"version", "0.6.1"},
                                  {"activation_encodings", std::move(activations)},
                                  {"param_encodings", std::move(parameters)}};
  return llvm::formatv("{0:2}\n", root).str();
}

} // namespace octet
