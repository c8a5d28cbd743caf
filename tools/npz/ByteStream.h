// The bytes of one array, header and elements, wherever they are stored.

#ifndef OCTET_TOOLS_NPZ_BYTESTREAM_H
#define OCTET_TOOLS_NPZ_BYTESTREAM_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

struct zip;

namespace octet::npz {

class ByteStream {
public:
  virtual ~ByteStream() = default;
  /// Reads `bytes` unless the stream ends before; returns their number, -1 on errors.
  virtual int64_t read(char *buffer, int64_t bytes) = 0;
  /// What went wrong.
  virtual std::string getError() const = 0;
};

/// An entry of a zip archive; reading beyond its end checks the checksum.
llvm::Expected<std::unique_ptr<ByteStream>> openZipEntry(struct zip *archive, uint64_t index);
llvm::Expected<std::unique_ptr<ByteStream>> openFile(llvm::StringRef path);

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_BYTESTREAM_H
