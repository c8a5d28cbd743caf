// From an object file to what users take: a shared library that needs nothing but
// libc, or an archive.

#ifndef OCTET_CODEGEN_OBJECT_LINKLIBRARY_H
#define OCTET_CODEGEN_OBJECT_LINKLIBRARY_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace octet::codegen {

/// Links `object` (bytes) and the archive `runtime` (path) into the shared library
/// `output` (path), with lld, in this process.
llvm::Error linkSharedLibrary(llvm::ArrayRef<char> object, llvm::StringRef runtime,
                              llvm::StringRef output);

/// Writes an archive of `object` and the members of `runtime`.
llvm::Error writeArchive(llvm::ArrayRef<char> object, llvm::StringRef objectName,
                         llvm::StringRef runtime, llvm::StringRef output);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_LINKLIBRARY_H
