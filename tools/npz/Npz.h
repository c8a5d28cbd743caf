// Reading and writing .npz files: zip archives of NumPy arrays. Arrays are read by
// samples (entries of the leading axis), in order of the file, so that data larger
// than memory streams through; what a file says about itself is checked before
// anything is allocated. Array names are never used as paths.

#ifndef OCTET_TOOLS_NPZ_NPZ_H
#define OCTET_TOOLS_NPZ_NPZ_H

#include "tools/npz/NpyHeader.h"

#include <memory>

namespace octet::npz {

/// An array of a file.
struct Array {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  int64_t bytes;

  /// Bytes of one entry of the leading axis; of the whole for a scalar.
  int64_t getSliceBytes() const;
};

/// A file opened for reading. Not for use by several threads at once.
class Reader {
public:
  /// Reads the directory and the headers of all arrays.
  static llvm::Expected<std::unique_ptr<Reader>> open(llvm::StringRef path);
  /// An .npy file, read as an archive of one array of this name.
  static llvm::Expected<std::unique_ptr<Reader>> openArray(llvm::StringRef path,
                                                           llvm::StringRef name);
  ~Reader();

  /// The names of all arrays, as in the file, also of those that cannot be read.
  const std::vector<std::string> &names() const;
  bool contains(llvm::StringRef name) const;

  /// What is known of an array. Fails if there is none of that name, or if it is
  /// none that this reader supports.
  llvm::Expected<const Array *> find(llvm::StringRef name) const;

  /// Copies the entries [first, first + count) of the leading axis to `buffer`, which
  /// holds count * getSliceBytes(). Going forward is cheap, going back is not.
  llvm::Error read(llvm::StringRef name, int64_t first, int64_t count, void *buffer);
  /// Copies the whole array (`bytes`).
  llvm::Error readAll(llvm::StringRef name, void *buffer);

private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

enum class Compression { Stored, Deflate };

/// A file to be written: nothing is on disk before `close` has succeeded. Equal
/// contents give equal bytes.
class Writer {
public:
  static llvm::Expected<std::unique_ptr<Writer>> create(llvm::StringRef path,
                                                        Compression compression);
  ~Writer();

  /// Adds a copy of the array. `data` has the bytes that dtype and shape say.
  llvm::Error add(llvm::StringRef name, DType dtype, llvm::ArrayRef<int64_t> shape,
                  const void *data);
  llvm::Error close();

private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_NPZ_H
