// The header of an .npy file: versions 1 to 3 of NumPy's format, numeric arrays in
// C order and little endian. Anything else is refused by name.

#ifndef OCTET_TOOLS_NPZ_NPYHEADER_H
#define OCTET_TOOLS_NPZ_NPYHEADER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace octet::npz {

enum class DType { F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool };

/// Bytes of an element.
int64_t getElementBytes(DType dtype);
/// NumPy's name: `float32`, `uint8`, ...
llvm::StringRef getName(DType dtype);

struct NpyHeader {
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  int64_t elementCount = 0;

  /// The bytes of all elements; known not to overflow.
  int64_t getBytes() const { return elementCount * getElementBytes(dtype); }
};

/// The bytes in front of the dictionary: magic, version, and its length, which is
/// two or four bytes.
inline constexpr size_t kMaxNpyPreamble = 12;

struct NpyPreamble {
  size_t bytes;           // of the preamble
  size_t dictionaryBytes; // that follow
};

/// Reads the preamble out of the first bytes of a file (kMaxNpyPreamble if it has
/// so many).
llvm::Expected<NpyPreamble> parseNpyPreamble(llvm::StringRef bytes);

/// Reads the dictionary: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
llvm::Expected<NpyHeader> parseNpyDictionary(llvm::StringRef text);

/// Preamble and dictionary, padded to 64 bytes as NumPy does.
std::string printNpyHeader(DType dtype, llvm::ArrayRef<int64_t> shape);

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_NPYHEADER_H
