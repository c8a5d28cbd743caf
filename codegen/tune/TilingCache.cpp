#include "codegen/tune/TilingCache.h"

#include "passes/JsonText.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;

namespace octet::codegen {

constexpr int64_t kVersion = 1;

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Expected<Tiling> readTiling(const json::Value &value) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return makeError("expected an object");
  const json::Array *rows = object->getArray("rows");
  Tiling tiling{{0, 0, 0}, object->getInteger("vectors").value_or(0), false};
  for (size_t i = 0; rows && i < rows->size() && rows->size() == tiling.tile.size(); ++i)
    tiling.tile[i] = (*rows)[i].getAsInteger().value_or(0);
  if (llvm::any_of(tiling.tile, [](int64_t extent) { return extent < 1; }))
    return makeError("expected 'rows', an array of 3 positive integers");
  if (tiling.vectors < 1)
    return makeError("expected 'vectors', a positive integer");
  StringRef outer = object->getString("outer").value_or("");
  if (outer != "channels" && outer != "rows")
    return makeError("expected 'outer', \"channels\" or \"rows\"");
  tiling.channelsOuter = outer == "channels";
  return tiling;
}

Expected<TilingCache> TilingCache::fromJson(StringRef text) {
  Expected<json::Value> parsed = parseJson(text);
  if (!parsed)
    return parsed.takeError();
  const json::Object *root = parsed->getAsObject();
  if (!root || root->getInteger("version") != kVersion)
    return makeError("expected a tiling cache of version " + Twine(kVersion));
  const json::Object *entries = root->getObject("tilings");
  if (!entries)
    return makeError("expected an object 'tilings'");
  TilingCache cache;
  for (const auto &entry : *entries) {
    StringRef signature = entry.first;
    Expected<Tiling> tiling = readTiling(entry.second);
    if (!tiling)
      return makeError("kernel '" + signature + "': " + toString(tiling.takeError()));
    cache.add(signature, *tiling);
  }
  // Absent where precision was never measured.
  if (const json::Value *value = root->get("microseconds")) {
    const json::Object *times = value->getAsObject();
    if (!times)
      return makeError("expected an object 'microseconds'");
    for (const auto &entry : *times) {
      StringRef signature = entry.first;
      std::optional<double> time = entry.second.getAsNumber();
      // Also not -0, nor an infinity, which a number of enough digits is.
      if (!time || !std::isfinite(*time) || std::signbit(*time))
        return makeError("kernel '" + signature + "': expected a time in microseconds");
      cache.addTime(signature, *time);
    }
  }
  return cache;
}

Expected<TilingCache> TilingCache::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) {
    if (buffer.getError() == std::errc::no_such_file_or_directory)
      return TilingCache();
    return makeError(path + ": " + buffer.getError().message());
  }
  Expected<TilingCache> cache = fromJson((*buffer)->getBuffer());
  if (!cache)
    return makeError(path + ": " + toString(cache.takeError()));
  return cache;
}

std::string TilingCache::getDefaultPath() {
  SmallString<128> path;
  if (!sys::path::cache_directory(path))
    return {};
  sys::path::append(path, "octet", "tilings.json");
  return path.str().str();
}

std::string TilingCache::toJson() const {
  std::string text;
  raw_string_ostream os(text);
  json::OStream json(os, /*IndentSize=*/1);
  json.object([&] {
    json.attribute("version", kVersion);
    json.attributeObject("tilings", [&] {
      for (const auto &[signature, tiling] : tilings)
        json.attributeObject(signature, [&, &tiling = tiling] {
          json.attribute("rows", json::Array(tiling.tile));
          json.attribute("vectors", tiling.vectors);
          json.attribute("outer", tiling.channelsOuter ? "channels" : "rows");
        });
    });
    if (!times.empty())
      json.attributeObject("microseconds", [&] {
        for (const auto &[signature, time] : times)
          json.attribute(signature, time);
      });
  });
  os << "\n";
  return text;
}

// The lock is a file of its own, since the cache is replaced, not written. It stays:
// whoever removed it would let two others lock different files of one name.
Error TilingCache::save(StringRef path) const {
  auto fail = [&](std::error_code code) {
    return makeError("cannot write '" + path + "': " + code.message());
  };
  StringRef folder = sys::path::parent_path(path);
  if (!folder.empty())
    if (std::error_code code = sys::fs::create_directories(folder))
      return fail(code);
  int lock;
  if (std::error_code code = sys::fs::openFileForReadWrite(
          path + ".lock", lock, sys::fs::CD_OpenAlways, sys::fs::OF_None))
    return fail(code);
  sys::fs::file_t handle = sys::fs::convertFDToNativeFile(lock);
  scope_exit close([&] { sys::fs::closeFile(handle); });
  if (std::error_code code = sys::fs::lockFile(lock))
    return fail(code);

  // What another compiler stored in the meantime stays: it may have used it.
  Expected<TilingCache> merged = load(path);
  if (!merged)
    return merged.takeError();
  merged->tilings.insert(tilings.begin(), tilings.end());
  merged->times.insert(times.begin(), times.end());
  Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(path + ".%%%%%%.tmp");
  if (!file)
    return makeError("cannot write '" + path + "': " + toString(file.takeError()));
  {
    raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
    stream << merged->toJson();
    stream.flush();
    if (stream.has_error()) {
      std::error_code code = stream.error();
      stream.clear_error();
      consumeError(file->discard());
      return fail(code);
    }
  }
  if (Error error = file->keep(path))
    return makeError("cannot write '" + path + "': " + toString(std::move(error)));
  return Error::success();
}

const Tiling *TilingCache::lookup(StringRef signature) const {
  auto it = tilings.find(signature);
  return it == tilings.end() ? nullptr : &it->second;
}

void TilingCache::add(StringRef signature, const Tiling &tiling) {
  tilings[signature.str()] = tiling;
}

std::optional<double> TilingCache::lookupTime(StringRef signature) const {
  auto it = times.find(signature);
  return it == times.end() ? std::nullopt : std::optional<double>(it->second);
}

void TilingCache::addTime(StringRef signature, double microseconds) {
  times[signature.str()] = microseconds;
}

} // namespace octet::codegen
