// A file that appears whole or not at all: it is written under another name beside
// its place and renamed at the end.

#ifndef OCTET_TOOLS_OCTETC_OUTPUTFILE_H
#define OCTET_TOOLS_OCTETC_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

namespace octet {

class OutputFile {
public:
  static llvm::Expected<OutputFile> create(llvm::StringRef path);
  OutputFile(OutputFile &&) = default;
  /// Leaves nothing behind unless keep() was called.
  ~OutputFile();

  llvm::StringRef getTemporaryPath() const { return temporary->TmpName; }
  llvm::Error write(llvm::StringRef content);
  llvm::Error keep();

private:
  OutputFile(llvm::StringRef path, llvm::sys::fs::TempFile file)
      : path(path), temporary(std::make_unique<llvm::sys::fs::TempFile>(std::move(file))) {}
  std::string path;
  std::unique_ptr<llvm::sys::fs::TempFile> temporary;
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_OUTPUTFILE_H
