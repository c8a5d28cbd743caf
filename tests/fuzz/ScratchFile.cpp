#include "tests/fuzz/ScratchFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

namespace octet::test {

ScratchFile::ScratchFile(llvm::StringRef name) {
  // In memory where there is such a place: a disk costs milliseconds for each input.
  llvm::SmallString<128> unique;
  if (llvm::sys::fs::createUniqueDirectory("/dev/shm/octet-fuzz", unique) &&
      llvm::sys::fs::createUniqueDirectory("octet-fuzz", unique))
    llvm::report_fatal_error("cannot create a folder for the fuzzed file");
  folder = unique.str();
  path = folder + "/" + name.str();
}

ScratchFile::~ScratchFile() { llvm::sys::fs::remove_directories(folder); }

void ScratchFile::write(llvm::ArrayRef<uint8_t> bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (code)
    llvm::report_fatal_error("cannot write the fuzzed file");
  stream.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

} // namespace octet::test
