// A file of a folder of its own, for readers that take paths. Both go when the process ends.

#ifndef OCTET_TESTS_FUZZ_SCRATCHFILE_H
#define OCTET_TESTS_FUZZ_SCRATCHFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace octet::test {

class ScratchFile {
public:
  explicit ScratchFile(llvm::StringRef name);
  ~ScratchFile();
  void write(llvm::ArrayRef<uint8_t> bytes);
  const std::string &getPath() const { return path; }

private:
  std::string folder, path;
};

} // namespace octet::test

#endif // OCTET_TESTS_FUZZ_SCRATCHFILE_H
