#include "passes/JsonText.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace octet {

// Brackets in strings do not count. Where quotes do not match, the parser says so.
static int getNesting(StringRef text) {
  int depth = 0, deepest = 0;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isString) {
      i += c == '\\';
      isString = c != '"';
    } else if (c == '"') {
      isString = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// Value::getAsInteger takes a double of 2^63 for an i64. As an unsigned integer it is the same
// number, and not taken.
static void replaceTooLarge(json::Value &value) {
  if (json::Array *array = value.getAsArray()) {
    for (json::Value &element : *array)
      replaceTooLarge(element);
  } else if (json::Object *object = value.getAsObject()) {
    for (auto &entry : *object)
      replaceTooLarge(entry.second);
  } else if (value.getAsNumber() == 0x1p63 && !value.getAsUINT64()) {
    value = uint64_t(1) << 63;
  }
}

Expected<json::Value> parseJson(StringRef text) {
  if (int nesting = getNesting(text); nesting > kMaxJsonNesting)
    return createStringError(inconvertibleErrorCode(),
                             "expected JSON of at most " + Twine(kMaxJsonNesting) +
                                 " arrays and objects in each other, got " + Twine(nesting));
  Expected<json::Value> parsed = json::parse(text);
  if (parsed) {
    replaceTooLarge(*parsed);
    return parsed;
  }
  std::string message = toString(parsed.takeError());
  return createStringError(inconvertibleErrorCode(),
                           "malformed JSON: " + StringRef(message).split('\n').first);
}

} // namespace octet
