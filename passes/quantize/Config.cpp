#include "passes/quantize/Config.h"

#include "passes/JsonText.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace octet {

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

std::optional<Precision> parsePrecision(StringRef name) { return symbolizePrecision(name); }

std::string normalizeOpType(StringRef type) {
  std::string plain;
  for (char c : type)
    if (c != '_')
      plain += toLower(c);
  // ONNX ops that the frontend imports as an op of another name.
  return StringSwitch<std::string>(plain)
      .Case("gemm", "matmul")
      .Case("globalaveragepool", "averagepool")
      .Case("globalmaxpool", "maxpool")
      .Case("batchnormalization", "batchnorm")
      .Cases({"flatten", "squeeze", "unsqueeze"}, "reshape")
      .Case("split", "slice")
      .Case("upsample", "resize")
      .Cases({"reducemean", "reducesum", "reducemax", "reducemin", "reduceprod"}, "reduce")
      .Default(plain);
}

StringRef findNearest(StringRef word, ArrayRef<StringRef> known) {
  StringRef nearest;
  unsigned limit = std::max<size_t>(2, word.size() / 3);
  for (StringRef candidate : known) {
    unsigned distance = word.edit_distance_insensitive(candidate, true, limit);
    if (distance > limit || (distance == limit && !nearest.empty()))
      continue;
    nearest = candidate;
    limit = distance;
  }
  return nearest;
}

// Reads a "precision" key.
static Expected<Precision> readPrecision(const json::Object &object, const Twine &where) {
  std::optional<StringRef> text = object.getString("precision");
  if (!text)
    return makeError(where + "expected a string 'precision'");
  std::optional<Precision> precision = parsePrecision(*text);
  if (!precision)
    return makeError(where + "expected precision 'int8', 'bf16' or 'f32', got '" + *text + "'");
  return *precision;
}

static Error readStrings(const json::Object &object, StringRef key, const Twine &where,
                         std::vector<std::string> &strings) {
  const json::Value *value = object.get(key);
  if (!value)
    return Error::success();
  const json::Array *array = value->getAsArray();
  if (!array)
    return makeError(where + "expected an array '" + key + "'");
  for (const json::Value &element : *array) {
    std::optional<StringRef> text = element.getAsString();
    if (!text)
      return makeError(where + "expected '" + key + "' of strings");
    strings.push_back(text->str());
  }
  return Error::success();
}

static Error checkKeys(const json::Object &object, ArrayRef<StringRef> known, const Twine &where) {
  for (const auto &entry : object) {
    StringRef key = entry.first;
    if (is_contained(known, key))
      continue;
    StringRef nearest = findNearest(key, known);
    return makeError(where + "unknown key '" + key + "'" +
                     (nearest.empty() ? "" : "; did you mean '" + nearest.str() + "'?"));
  }
  return Error::success();
}

// A rule of "ops".
static Expected<Config::Rule> readRule(const json::Object &object, const Twine &where) {
  if (Error error = checkKeys(
          object, {"names", "types", "patterns", "subgraphs", "precision", "weights"}, where))
    return std::move(error);
  Config::Rule rule;
  std::vector<std::string> subgraphs;
  for (auto [key, words] : {std::pair("names", &rule.names),
                            {"types", &rule.types},
                            {"patterns", &rule.patterns},
                            {"subgraphs", &subgraphs}})
    if (Error error = readStrings(object, key, where, *words))
      return std::move(error);
  for (const std::string &text : subgraphs) {
    std::optional<Config::Subgraph> subgraph = Config::parseSubgraph(text);
    if (!subgraph)
      return makeError(where + "expected 'subgraphs' of 'FROM..TO', got '" + text + "'");
    rule.subgraphs.push_back(std::move(*subgraph));
  }
  if (rule.names.empty() && rule.types.empty() && rule.patterns.empty() && rule.subgraphs.empty())
    return makeError(where + "expected 'names', 'types', 'patterns' or 'subgraphs'");
  Expected<Precision> precision = readPrecision(object, where);
  if (!precision)
    return precision.takeError();
  rule.precision = *precision;
  if (object.get("weights")) {
    if (object.getString("weights") != stringifyPrecision(Precision::Int8) ||
        rule.precision != Precision::F32)
      return makeError(where + "expected 'weights' of 'int8' beside 'precision' of 'f32'");
    rule.weightsInInt8 = true;
  }
  return rule;
}

// The precision that computes with this many bits.
static Expected<Precision> readBits(const json::Value &value, const Twine &where) {
  std::optional<int64_t> bits = value.getAsInteger();
  if (bits == 8)
    return Precision::Int8;
  if (bits == 16)
    return Precision::BF16;
  if (bits == 32)
    return Precision::F32;
  return makeError(where + "expected 'quant_bits' of 8, 16 or 32");
}

// "quant_types" and "quant_bits" of an entry: one number, or one for each role. Sets the rule's
// precision.
static Error readRoles(const json::Object &object, const Twine &where, Config::Rule &rule) {
  std::vector<std::string> roles;
  if (Error error = readStrings(object, "quant_types", where, roles))
    return error;
  if (roles.empty())
    return makeError(where + "expected 'quant_types'");
  const json::Value *bits = object.get("quant_bits");
  if (!bits)
    return makeError(where + "expected 'quant_bits'");
  const json::Object *perRole = bits->getAsObject();
  if (perRole)
    for (const auto &entry : *perRole)
      if (!is_contained(roles, StringRef(entry.first)))
        return makeError(where + "'quant_bits' for '" + StringRef(entry.first) +
                         "', which is not among 'quant_types'");
  std::optional<Precision> computed, weights;
  for (StringRef role : roles) {
    if (!is_contained({"input", "weight", "output"}, role))
      return makeError(where + "expected 'quant_types' of 'input', 'weight' and 'output', got '" +
                       role + "'");
    const json::Value *number = perRole ? perRole->get(role) : bits;
    if (!number)
      return makeError(where + "expected 'quant_bits' for '" + role + "'");
    Expected<Precision> wanted = readBits(*number, where);
    if (!wanted)
      return wanted.takeError();
    std::optional<Precision> &part = role == "weight" ? weights : computed;
    if (part && *part != *wanted)
      return makeError(where + "expected the same 'quant_bits' for 'input' and 'output'");
    part = *wanted;
  }
  rule.precision = computed ? *computed : *weights;
  rule.weightsInInt8 = weights == Precision::Int8 && computed == Precision::F32;
  if (computed && weights && *weights != *computed && !rule.weightsInInt8)
    return makeError(where + "expected 'quant_bits' that are the same for all roles, or 8 for "
                             "'weight' beside 32");
  return Error::success();
}

// An entry of "configure_list". Its op types may be those of PyTorch's modules.
static Expected<Config::Rule> readEntry(const json::Object &object, const Twine &where) {
  if (Error error = checkKeys(
          object, {"op_names", "op_types", "quant_types", "quant_bits", "exclude"}, where))
    return std::move(error);
  Config::Rule rule;
  if (Error error = readStrings(object, "op_names", where, rule.names))
    return std::move(error);
  std::vector<std::string> types;
  if (Error error = readStrings(object, "op_types", where, types))
    return std::move(error);
  for (StringRef type : types)
    rule.types.push_back(StringSwitch<std::string>(type)
                             .Cases({"Conv1d", "Conv2d"}, "Conv")
                             .Case("Linear", "matmul")
                             .Default(type.str()));
  if (rule.names.empty() && rule.types.empty())
    return makeError(where + "expected 'op_names' or 'op_types'");
  if (const json::Value *exclude = object.get("exclude")) {
    if (exclude->getAsBoolean() != true)
      return makeError(where + "expected 'exclude' of true");
    rule.precision = Precision::F32;
    return rule;
  }
  if (Error error = readRoles(object, where, rule))
    return std::move(error);
  return rule;
}

static Error
readRules(const json::Object &root, StringRef key, Config &config,
          function_ref<Expected<Config::Rule>(const json::Object &, const Twine &)> read) {
  const json::Value *value = root.get(key);
  if (!value)
    return Error::success();
  if (!value->getAsArray())
    return makeError("expected an array '" + key + "'");
  for (auto [i, element] : enumerate(*value->getAsArray())) {
    std::string origin = (key + "[" + Twine(i) + "]").str();
    const json::Object *object = element.getAsObject();
    if (!object)
      return makeError(origin + ": expected an object");
    Expected<Config::Rule> rule = read(*object, origin + ": ");
    if (!rule)
      return rule.takeError();
    rule->origin = std::move(origin);
    config.rules.push_back(std::move(*rule));
  }
  return Error::success();
}

std::string Config::toJson() const {
  json::Array ops;
  for (const Rule &rule : rules) {
    json::Object object{{"precision", stringifyPrecision(rule.precision)}};
    if (rule.weightsInInt8)
      object["weights"] = stringifyPrecision(Precision::Int8);
    std::vector<std::string> paths;
    for (const Subgraph &subgraph : rule.subgraphs)
      paths.push_back(subgraph.from + ".." + subgraph.to);
    for (auto [key, words] :
         {std::pair("names", &rule.names), {"types", &rule.types}, {"patterns", &rule.patterns}})
      if (!words->empty())
        object[key] = json::Array(*words);
    if (!paths.empty())
      object["subgraphs"] = json::Array(paths);
    ops.push_back(std::move(object));
  }
  json::Object root{{"version", 1}, {"ops", std::move(ops)}};
  if (precision)
    root["precision"] = stringifyPrecision(*precision);
  std::string text;
  raw_string_ostream(text) << formatv("{0:2}\n", json::Value(std::move(root)));
  return text;
}

std::optional<Config::Subgraph> Config::parseSubgraph(StringRef text) {
  auto [from, to] = text.split("..");
  if (from.empty() || to.empty())
    return std::nullopt;
  return Subgraph{from.str(), to.str()};
}

Expected<Config> Config::fromJson(StringRef text) {
  Expected<json::Value> parsed = parseJson(text);
  if (!parsed)
    return parsed.takeError();
  const json::Object *root = parsed->getAsObject();
  if (!root)
    return makeError("expected an object");
  if (Error error = checkKeys(*root, {"version", "precision", "ops", "configure_list"}, ""))
    return std::move(error);
  if (root->getInteger("version") != 1)
    return makeError("expected version 1");
  Config config;
  if (root->get("precision")) {
    Expected<Precision> precision = readPrecision(*root, "");
    if (!precision)
      return precision.takeError();
    config.precision = *precision;
  }
  if (Error error = readRules(*root, "ops", config, readRule))
    return std::move(error);
  if (Error error = readRules(*root, "configure_list", config, readEntry))
    return std::move(error);
  return config;
}

Expected<Config> Config::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return makeError(path + ": " + buffer.getError().message());
  Expected<Config> config = fromJson((*buffer)->getBuffer());
  if (!config)
    return makeError(path + ": " + toString(config.takeError()));
  config->source = path.str();
  return config;
}

} // namespace octet
