// The zip container is libzip's work; here are the streams into it and the checks.
// A directory may lie about sizes: an array is accepted only if header and directory
// agree, and its last byte only if the stream ends there with the right checksum.

#include "tools/npz/ByteStream.h"
#include "tools/npz/Npz.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <zip.h>

using namespace llvm;

namespace octet::npz {
namespace {

struct Entry {
  Array array;
  std::string problem; // why the array cannot be read; empty if it can
  zip_uint64_t index = 0;
  int64_t dataOffset = 0;
  std::unique_ptr<ByteStream> stream;
  int64_t position = 0; // of the stream, from the first element
};

} // namespace

int64_t Array::getSliceBytes() const {
  if (shape.empty())
    return bytes;
  return shape.front() == 0 ? 0 : bytes / shape.front();
}

struct Reader::State {
  std::string path;
  zip_t *archive = nullptr; ///< null for an .npy file
  std::vector<std::string> names;
  std::vector<Entry> entries;
  StringMap<size_t> byName;

  ~State() {
    entries.clear();
    if (archive)
      zip_discard(archive);
  }

  Error fail(const Entry &entry, const Twine &message) const {
    return createStringError(inconvertibleErrorCode(),
                             path + ": array '" + entry.array.name + "': " + message);
  }

  Error scan();
  Error addEntry(Entry entry);
  Expected<std::unique_ptr<ByteStream>> openStream(const Entry &entry) const;
  Expected<int64_t> getStoredBytes(const Entry &entry) const;
  void readHeader(Entry &entry);
  Error rewind(Entry &entry);
  Error readExactly(Entry &entry, char *buffer, int64_t bytes);
  Error skip(Entry &entry, int64_t bytes);
  Error checkEnd(Entry &entry);
};

Expected<std::unique_ptr<ByteStream>> Reader::State::openStream(const Entry &entry) const {
  return archive ? openZipEntry(archive, entry.index) : openFile(path);
}

/// Header and elements.
Expected<int64_t> Reader::State::getStoredBytes(const Entry &entry) const {
  uint64_t bytes;
  if (!archive) {
    if (std::error_code code = sys::fs::file_size(path, bytes))
      return errorCodeToError(code);
    return bytes;
  }
  zip_stat_t stat;
  if (zip_stat_index(archive, entry.index, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
    return createStringError("the archive does not say how long it is");
  return static_cast<int64_t>(stat.size);
}

Error Reader::State::rewind(Entry &entry) {
  auto stream = openStream(entry);
  if (!stream)
    return fail(entry, toString(stream.takeError()));
  entry.stream = std::move(*stream);
  entry.position = -entry.dataOffset;
  return skip(entry, entry.dataOffset);
}

Error Reader::State::readExactly(Entry &entry, char *buffer, int64_t bytes) {
  const int64_t count = entry.stream->read(buffer, bytes);
  if (count == bytes) {
    entry.position += bytes;
    return Error::success();
  }
  std::string reason = count < 0 ? entry.stream->getError() : "unexpected end of data";
  entry.stream.reset();
  return fail(entry, reason);
}

Error Reader::State::skip(Entry &entry, int64_t bytes) {
  char scratch[1 << 14];
  while (bytes > 0) {
    const int64_t part = std::min<int64_t>(bytes, sizeof scratch);
    if (Error error = readExactly(entry, scratch, part))
      return error;
    bytes -= part;
  }
  return Error::success();
}

/// libzip compares the checksum when it is asked for more than there is.
Error Reader::State::checkEnd(Entry &entry) {
  char extra;
  const int64_t count = entry.stream->read(&extra, 1);
  if (count == 0)
    return Error::success();
  std::string reason = count < 0 ? entry.stream->getError() : "more data than the archive says";
  entry.stream.reset();
  return fail(entry, reason);
}

/// Fills in the array, or the problem with it.
void Reader::State::readHeader(Entry &entry) {
  auto record = [&](Error error) { entry.problem = toString(std::move(error)); };
  Expected<int64_t> stored = getStoredBytes(entry);
  if (!stored)
    return record(stored.takeError());
  auto stream = openStream(entry);
  if (!stream)
    return record(stream.takeError());
  char start[kMaxNpyPreamble];
  const int64_t got = (*stream)->read(start, sizeof start);
  if (got < 0) {
    entry.problem = (*stream)->getError();
    return;
  }
  Expected<NpyPreamble> preamble = parseNpyPreamble(StringRef(start, got));
  if (!preamble)
    return record(preamble.takeError());
  // A version 1 preamble is shorter than what has been read: its dictionary begins
  // within it.
  std::string dictionary(start + preamble->bytes, static_cast<size_t>(got) - preamble->bytes);
  const size_t have = std::min(dictionary.size(), preamble->dictionaryBytes);
  dictionary.resize(preamble->dictionaryBytes);
  const int64_t missing = static_cast<int64_t>(preamble->dictionaryBytes - have);
  if ((*stream)->read(dictionary.data() + have, missing) != missing) {
    entry.problem = "unexpected end of data";
    return;
  }
  Expected<NpyHeader> header = parseNpyDictionary(dictionary);
  if (!header)
    return record(header.takeError());
  entry.dataOffset = static_cast<int64_t>(preamble->bytes + preamble->dictionaryBytes);
  entry.array.dtype = header->dtype;
  entry.array.shape = std::move(header->shape);
  entry.array.bytes = header->getBytes();
  const auto inArchive = *stored - entry.dataOffset;
  if (inArchive != entry.array.bytes)
    entry.problem =
        ("expected " + Twine(entry.array.bytes) + " bytes of elements, got " + Twine(inArchive))
            .str();
}

Error Reader::State::scan() {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char *raw = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
    StringRef name = raw ? raw : "";
    // Anything may be stored beside the arrays.
    if (!name.consume_back(".npy"))
      continue;
    Entry entry;
    entry.array = {name.str(), DType::F32, {}, 0};
    entry.index = static_cast<zip_uint64_t>(i);
    if (Error error = addEntry(std::move(entry)))
      return error;
  }
  return Error::success();
}

Error Reader::State::addEntry(Entry entry) {
  if (!byName.try_emplace(entry.array.name, entries.size()).second)
    return fail(entry, "there are two arrays of this name");
  readHeader(entry);
  names.push_back(entry.array.name);
  entries.push_back(std::move(entry));
  return Error::success();
}

Reader::Reader(std::unique_ptr<State> state) : state(std::move(state)) {}
Reader::~Reader() = default;

Expected<std::unique_ptr<Reader>> Reader::open(StringRef path) {
  auto state = std::make_unique<State>();
  state->path = path.str();
  int code = 0;
  state->archive = zip_open(state->path.c_str(), ZIP_RDONLY, &code);
  if (!state->archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string message = state->path + ": " + zip_error_strerror(&error);
    zip_error_fini(&error);
    return createStringError(inconvertibleErrorCode(), message);
  }
  if (Error error = state->scan())
    return error;
  return std::unique_ptr<Reader>(new Reader(std::move(state)));
}

Expected<std::unique_ptr<Reader>> Reader::openArray(StringRef path, StringRef name) {
  auto state = std::make_unique<State>();
  state->path = path.str();
  Entry entry;
  entry.array = {name.str(), DType::F32, {}, 0};
  if (Error error = state->addEntry(std::move(entry)))
    return error;
  return std::unique_ptr<Reader>(new Reader(std::move(state)));
}

const std::vector<std::string> &Reader::names() const { return state->names; }

bool Reader::contains(StringRef name) const { return state->byName.contains(name); }

Expected<const Array *> Reader::find(StringRef name) const {
  auto found = state->byName.find(name);
  if (found == state->byName.end())
    return createStringError(inconvertibleErrorCode(),
                             Twine(state->path) + ": there is no array '" + name + "'");
  const Entry &entry = state->entries[found->second];
  if (!entry.problem.empty())
    return state->fail(entry, entry.problem);
  return &entry.array;
}

Error Reader::read(StringRef name, int64_t first, int64_t count, void *buffer) {
  Expected<const Array *> array = find(name);
  if (!array)
    return array.takeError();
  Entry &entry = state->entries[state->byName.lookup(name)];
  const int64_t slices = (*array)->shape.empty() ? 1 : (*array)->shape.front();
  if (first < 0 || count < 0 || first > slices || count > slices - first)
    return state->fail(entry, "there is no sample " + Twine(std::max(first, slices)));
  const int64_t slice = (*array)->getSliceBytes(), offset = first * slice;
  if (!entry.stream || offset < entry.position)
    if (Error error = state->rewind(entry))
      return error;
  if (Error error = state->skip(entry, offset - entry.position))
    return error;
  if (Error error = state->readExactly(entry, static_cast<char *>(buffer), count * slice))
    return error;
  if (entry.position == entry.array.bytes)
    return state->checkEnd(entry);
  return Error::success();
}

Error Reader::readAll(StringRef name, void *buffer) {
  Expected<const Array *> array = find(name);
  if (!array)
    return array.takeError();
  return read(name, 0, (*array)->shape.empty() ? 1 : (*array)->shape.front(), buffer);
}

} // namespace octet::npz
