// libzip writes to a temporary file beside the target and renames it when all is
// well, so a failure leaves whatever was there before.

#include "tools/npz/Npz.h"

#include "llvm/ADT/Twine.h"

#include <cstdlib>
#include <cstring>
#include <zip.h>

using namespace llvm;

namespace octet::npz {

struct Writer::State {
  std::string path;
  Compression compression;
  zip_t *archive = nullptr;

  ~State() {
    if (archive)
      zip_discard(archive);
  }

  Error fail(const Twine &message) const {
    return createStringError(inconvertibleErrorCode(), path + ": " + message);
  }
};

Writer::Writer(std::unique_ptr<State> state) : state(std::move(state)) {}
Writer::~Writer() = default;

Expected<std::unique_ptr<Writer>> Writer::create(StringRef path, Compression compression) {
  auto state = std::make_unique<State>();
  state->path = path.str();
  state->compression = compression;
  int code = 0;
  state->archive = zip_open(state->path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!state->archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string message = zip_error_strerror(&error);
    zip_error_fini(&error);
    return state->fail(message);
  }
  return std::unique_ptr<Writer>(new Writer(std::move(state)));
}

Error Writer::add(StringRef name, DType dtype, ArrayRef<int64_t> shape, const void *data) {
  const std::string header = printNpyHeader(dtype, shape);
  int64_t bytes = getElementBytes(dtype);
  for (int64_t extent : shape)
    bytes *= extent;
  const size_t total = header.size() + static_cast<size_t>(bytes);
  auto *copy = static_cast<char *>(std::malloc(total));
  if (!copy)
    return state->fail("out of memory");
  std::memcpy(copy, header.data(), header.size());
  if (bytes)
    std::memcpy(copy + header.size(), data, static_cast<size_t>(bytes));
  // The source owns the copy from here on, the archive the source.
  zip_source_t *source = zip_source_buffer(state->archive, copy, total, 1);
  if (!source) {
    std::free(copy);
    return state->fail(zip_strerror(state->archive));
  }
  const std::string entry = (name + ".npy").str();
  const zip_int64_t index = zip_file_add(state->archive, entry.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return state->fail("array '" + name + "': " + zip_strerror(state->archive));
  }
  const auto position = static_cast<zip_uint64_t>(index);
  const zip_int32_t method =
      state->compression == Compression::Stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
  // The first day of the format, instead of the time of day.
  constexpr zip_uint16_t kDosDate = 1 << 5 | 1;
  if (zip_set_file_compression(state->archive, position, method, 0) != 0 ||
      zip_file_set_dostime(state->archive, position, 0, kDosDate, 0) != 0)
    return state->fail(zip_strerror(state->archive));
  return Error::success();
}

Error Writer::close() {
  if (zip_close(state->archive) != 0)
    return state->fail(zip_strerror(state->archive));
  state->archive = nullptr;
  return Error::success();
}

} // namespace octet::npz
