#include "tools/octetc/OutputFile.h"

#include "llvm/Support/raw_ostream.h"

namespace fs = llvm::sys::fs;

namespace octet {

static llvm::Error makeError(llvm::StringRef path, const llvm::Twine &reason) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                 "cannot write '" + path + "': " + reason);
}

llvm::Expected<std::string> OutputFiles::prepare(llvm::StringRef path) {
  fs::file_status status;
  if (!fs::status(path, status) && fs::exists(status)) {
    if (fs::is_directory(status))
      return makeError(path, "it is a directory");
    // A device would be replaced by a file of its name.
    if (!fs::is_regular_file(status))
      return makeError(path, "it is not a regular file");
  }
  unsigned mode = fs::all_read | fs::owner_write;
  auto file = fs::TempFile::create(path + ".%%%%%%.tmp", mode);
  if (!file)
    return makeError(path, llvm::toString(file.takeError()));
  files.push_back({path.str(), std::move(*file)});
  return files.back().temporary.TmpName;
}

llvm::Error OutputFiles::add(llvm::StringRef path, llvm::StringRef content) {
  if (path == "-") {
    text += content;
    return llvm::Error::success();
  }
  auto name = prepare(path);
  if (!name)
    return name.takeError();
  llvm::raw_fd_ostream stream(files.back().temporary.FD, /*shouldClose=*/false);
  stream << content;
  stream.flush();
  if (!stream.has_error())
    return llvm::Error::success();
  std::string reason = stream.error().message();
  stream.clear_error();
  return makeError(path, reason);
}

llvm::Error OutputFiles::keep() {
  llvm::outs() << text;
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    std::string reason = llvm::outs().error().message();
    llvm::outs().clear_error();
    return makeError("-", reason);
  }
  for (size_t i = 0; i < files.size(); ++i)
    if (llvm::Error error = files[i].temporary.keep(files[i].path)) {
      for (size_t k = 0; k < i; ++k)
        fs::remove(files[k].path);
      std::string path = files[i].path;
      files.erase(files.begin(), files.begin() + i + 1);
      return makeError(path, llvm::toString(std::move(error)));
    }
  files.clear();
  return llvm::Error::success();
}

OutputFiles::~OutputFiles() {
  for (File &file : files)
    llvm::consumeError(file.temporary.discard());
}

} // namespace octet
