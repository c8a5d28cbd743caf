// lld as a library: users need no linker, and the result does not depend on which
// one they have.

#include "codegen/object/LinkLibrary.h"

#include "lld/Common/Driver.h"
#include "llvm/Object/Archive.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;

namespace octet::codegen {

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error linkSharedLibrary(ArrayRef<char> object, StringRef runtime, StringRef output) {
  // lld reads inputs from files only.
  SmallString<128> objectPath;
  int descriptor;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("octet", "o", descriptor, objectPath))
    return makeError("cannot create a temporary file: " + code.message());
  llvm::FileRemover remover(objectPath);
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    stream.write(object.data(), object.size());
    stream.close();
    if (stream.has_error()) {
      std::string reason = stream.error().message();
      stream.clear_error();
      return makeError("cannot write a temporary file: " + reason);
    }
  }
  std::string objectFile(objectPath), runtimeFile(runtime), outputFile(output);
  SmallVector<const char *> arguments = {"ld.lld",
                                         "-shared",
                                         "-m",
                                         "elf_x86_64",
                                         "-o",
                                         outputFile.c_str(),
                                         "--gc-sections",
                                         "--strip-all",
                                         "-Bsymbolic",
                                         "--hash-style=gnu",
                                         "-z",
                                         "relro",
                                         "-z",
                                         "now",
                                         "-z",
                                         "noexecstack",
                                         objectFile.c_str(),
                                         runtimeFile.c_str()};
  // Names the C library that the result needs. Headers and linker scripts of a
  // development package are not needed.
  static constexpr const char *kLibraries[] = {"/lib/x86_64-linux-gnu/libc.so.6",
                                               "/lib64/libc.so.6", "/usr/lib/libc.so.6"};
  for (const char *library : kLibraries)
    if (llvm::sys::fs::exists(library)) {
      arguments.push_back(library);
      break;
    }
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return makeError("cannot link: " + StringRef(messages).rtrim().split('\n').first);
  return llvm::Error::success();
}

llvm::Error writeArchive(ArrayRef<char> object, StringRef objectName, StringRef runtime,
                         StringRef output) {
  auto buffer = llvm::MemoryBuffer::getFile(runtime);
  if (!buffer)
    return makeError("cannot read '" + runtime + "': " + buffer.getError().message());
  auto archive = llvm::object::Archive::create(**buffer);
  if (!archive)
    return archive.takeError();
  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(llvm::MemoryBufferRef(StringRef(object.data(), object.size()), objectName));
  llvm::Error error = llvm::Error::success();
  for (const llvm::object::Archive::Child &child : (*archive)->children(error)) {
    auto member = llvm::NewArchiveMember::getOldMember(child, /*Deterministic=*/true);
    if (!member)
      return member.takeError();
    members.push_back(std::move(*member));
  }
  if (error)
    return error;
  return llvm::writeArchive(output, members, llvm::SymtabWritingMode::NormalSymtab,
                            llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                            /*Thin=*/false);
}

} // namespace octet::codegen
