#include "tools/npz/ByteStream.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <zip.h>

namespace octet::npz {

namespace {

struct ZipCloser {
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};

class ZipEntry : public ByteStream {
public:
  explicit ZipEntry(zip_file_t *file) : file(file) {}

  // zip_fread may return less than asked.
  int64_t read(char *buffer, int64_t bytes) override {
    int64_t done = 0;
    while (done < bytes) {
      const zip_int64_t count =
          zip_fread(file.get(), buffer + done, static_cast<zip_uint64_t>(bytes - done));
      if (count < 0)
        return -1;
      if (count == 0)
        break;
      done += count;
    }
    return done;
  }
  std::string getError() const override { return zip_file_strerror(file.get()); }

private:
  std::unique_ptr<zip_file_t, ZipCloser> file;
};

struct FileCloser {
  void operator()(std::FILE *file) const { std::fclose(file); }
};

class File : public ByteStream {
public:
  explicit File(std::FILE *file) : file(file) {}

  int64_t read(char *buffer, int64_t bytes) override {
    size_t count = std::fread(buffer, 1, bytes, file.get());
    if (!std::ferror(file.get()))
      return count;
    error = errno;
    return -1;
  }
  std::string getError() const override { return std::strerror(error); }

private:
  std::unique_ptr<std::FILE, FileCloser> file;
  int error = 0;
};

} // namespace

llvm::Expected<std::unique_ptr<ByteStream>> openZipEntry(struct zip *archive, uint64_t index) {
  if (zip_file_t *file = zip_fopen_index(archive, index, 0))
    return std::make_unique<ZipEntry>(file);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), zip_strerror(archive));
}

llvm::Expected<std::unique_ptr<ByteStream>> openFile(llvm::StringRef path) {
  if (std::FILE *file = std::fopen(path.str().c_str(), "rb"))
    return std::make_unique<File>(file);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), std::strerror(errno));
}

} // namespace octet::npz
