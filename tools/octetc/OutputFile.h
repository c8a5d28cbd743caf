// The files of a run appear together or not at all: each is written under another
// name beside its place, and all are renamed at the end.

#ifndef OCTET_TOOLS_OCTETC_OUTPUTFILE_H
#define OCTET_TOOLS_OCTETC_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <string>
#include <vector>

namespace octet {

class OutputFiles {
public:
  OutputFiles() = default;
  OutputFiles(const OutputFiles &) = delete;
  /// Leaves nothing behind unless keep() succeeded.
  ~OutputFiles();

  /// Prepares the file `path`; the name under which a writer may make or replace it.
  llvm::Expected<std::string> prepare(llvm::StringRef path);
  /// The same with this content. The path "-" is standard output, printed by keep().
  llvm::Error add(llvm::StringRef path, llvm::StringRef content);
  llvm::Error keep();

private:
  struct File {
    std::string path;
    llvm::sys::fs::TempFile temporary;
  };
  std::vector<File> files;
  std::string text;
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_OUTPUTFILE_H
