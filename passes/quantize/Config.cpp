#include "passes/quantize/Config.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
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

Expected<Config> Config::fromJson(StringRef text) {
  Expected<json::Value> parsed = json::parse(text);
  if (!parsed) {
    std::string message = toString(parsed.takeError());
    return makeError("malformed JSON: " + StringRef(message).split('\n').first);
  }
  const json::Object *root = parsed->getAsObject();
  if (!root)
    return makeError("expected an object");
  if (Error error = checkKeys(*root, {"version", "precision", "ops"}, ""))
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
  const json::Value *ops = root->get("ops");
  if (!ops)
    return config;
  if (!ops->getAsArray())
    return makeError("expected an array 'ops'");
  for (auto [i, element] : enumerate(*ops->getAsArray())) {
    std::string where = "ops[" + std::to_string(i) + "]: ";
    const json::Object *object = element.getAsObject();
    if (!object)
      return makeError(where + "expected an object");
    if (Error error = checkKeys(*object, {"names", "types", "precision"}, where))
      return std::move(error);
    Rule rule;
    if (Error error = readStrings(*object, "names", where, rule.names))
      return std::move(error);
    if (Error error = readStrings(*object, "types", where, rule.types))
      return std::move(error);
    if (rule.names.empty() && rule.types.empty())
      return makeError(where + "expected 'names' or 'types'");
    Expected<Precision> precision = readPrecision(*object, where);
    if (!precision)
      return precision.takeError();
    rule.precision = *precision;
    config.rules.push_back(std::move(rule));
  }
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
