#include "tools/octetc/flags/Entries.h"

#include "llvm/ADT/SmallVector.h"

using namespace llvm;

namespace octet {

constexpr size_t kMostEntries = 64;

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Error makeShapeError(StringRef text) {
  return makeError("expected --shape NAME=1x3x224x224 or NAME=1x{16,32}, got '" + text + "'");
}

namespace {

/// "ids=1x{16,32}": what stands between braces, and the alternatives in them.
struct ShapePattern {
  SmallVector<StringRef> literals; ///< one more than groups
  SmallVector<SmallVector<StringRef>> groups;

  static Expected<ShapePattern> parse(StringRef text) {
    ShapePattern pattern;
    StringRef rest = text;
    // Braces belong to the shape; the name of a tensor may hold any character.
    size_t shape = text.rfind('=');
    for (size_t from = shape;;) {
      size_t open = rest.find('{', from == StringRef::npos ? 0 : from);
      if (open == StringRef::npos)
        break;
      size_t close = rest.find('}', open);
      if (close == StringRef::npos)
        return makeShapeError(text);
      pattern.literals.push_back(rest.take_front(open));
      rest.slice(open + 1, close).split(pattern.groups.emplace_back(), ',');
      rest = rest.drop_front(close + 1);
      from = 0;
    }
    pattern.literals.push_back(rest);
    return pattern;
  }

  std::string get(size_t alternative) const {
    std::string text = literals.front().str();
    for (size_t i = 0; i < groups.size(); ++i)
      text += (groups[i][alternative] + literals[i + 1]).str();
    return text;
  }
};

} // namespace

static Expected<SmallVector<std::optional<int64_t>>> parseBatches(StringRef text) {
  if (text.empty())
    return SmallVector<std::optional<int64_t>>{std::nullopt};
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  SmallVector<std::optional<int64_t>> batches;
  for (StringRef part : parts) {
    int64_t extent;
    if (part.getAsInteger(10, extent) || extent < 1)
      return makeError("expected a positive integer, or several, for --batch, got '" + text + "'");
    batches.push_back(extent);
  }
  return batches;
}

Expected<std::vector<ImportOptions>> expandEntries(ArrayRef<std::string> shapes, StringRef batch) {
  auto batches = parseBatches(batch);
  if (!batches)
    return batches.takeError();
  std::vector<ShapePattern> patterns;
  std::optional<size_t> alternatives;
  for (StringRef text : shapes) {
    auto pattern = ShapePattern::parse(text);
    if (!pattern)
      return pattern.takeError();
    for (const auto &group : pattern->groups) {
      if (alternatives.value_or(group.size()) != group.size())
        return makeError("expected as many alternatives in all braces of --shape, got " +
                         Twine(*alternatives) + " and " + Twine(group.size()));
      alternatives = group.size();
    }
    patterns.push_back(std::move(*pattern));
  }
  size_t count = batches->size() * alternatives.value_or(1);
  if (count > kMostEntries)
    return makeError("expected at most " + Twine(kMostEntries) + " shapes, got " + Twine(count));
  std::vector<ImportOptions> entries;
  for (std::optional<int64_t> extent : *batches)
    for (size_t i = 0; i < alternatives.value_or(1); ++i) {
      ImportOptions &entry = entries.emplace_back();
      entry.batch = extent;
      for (auto [pattern, text] : llvm::zip_equal(patterns, shapes)) {
        auto shape = parseShapeOverride(pattern.get(i));
        if (!shape)
          return makeShapeError(text);
        entry.shapes.push_back(std::move(*shape));
      }
    }
  return entries;
}

} // namespace octet
