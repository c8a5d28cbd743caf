#include "tools/octetc/OutputFile.h"

#include "llvm/Support/raw_ostream.h"

namespace octet {

static llvm::Error makeError(llvm::StringRef path, const llvm::Twine &reason) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "cannot write '" + path + "': " + reason);
}

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path) {
  if (llvm::sys::fs::is_directory(path))
    return makeError(path, "it is a directory");
  unsigned mode = llvm::sys::fs::all_read | llvm::sys::fs::owner_write;
  auto file = llvm::sys::fs::TempFile::create(path + ".%%%%%%.tmp", mode);
  if (!file)
    return makeError(path, llvm::toString(file.takeError()));
  return OutputFile(path, std::move(*file));
}

OutputFile::~OutputFile() {
  if (temporary)
    llvm::consumeError(temporary->discard());
}

llvm::Error OutputFile::write(llvm::StringRef content) {
  llvm::raw_fd_ostream stream(temporary->FD, /*shouldClose=*/false);
  stream << content;
  stream.flush();
  if (!stream.has_error())
    return llvm::Error::success();
  std::string reason = stream.error().message();
  stream.clear_error();
  return makeError(path, reason);
}

llvm::Error OutputFile::keep() {
  std::unique_ptr<llvm::sys::fs::TempFile> file = std::move(temporary);
  if (llvm::Error error = file->keep(path))
    return makeError(path, llvm::toString(std::move(error)));
  return llvm::Error::success();
}

} // namespace octet
