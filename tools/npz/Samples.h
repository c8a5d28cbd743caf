// Samples for a model out of an .npz file. An array has a leading axis that counts
// samples before the model's input shape; or none, and is then cut along the
// input's own batch axis.

#ifndef OCTET_TOOLS_NPZ_SAMPLES_H
#define OCTET_TOOLS_NPZ_SAMPLES_H

#include "tools/npz/Npz.h"

namespace octet::npz {

/// An input of a model.
struct TensorSpec {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
};

class Samples {
public:
  /// Finds an array for every spec. Fails, in one line, where one is missing (naming
  /// those that exist), has another type, a shape that is no sequence of samples,
  /// another number of samples than the first, or none. `prefix` stands before the
  /// names in the file.
  static llvm::Expected<Samples> open(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                      llvm::StringRef prefix = "");

  int64_t size() const { return count; }
  /// Copies sample `sample` of spec `index` to `buffer`. Going forward is cheap.
  llvm::Error read(int64_t sample, size_t index, void *buffer);
  Reader &getReader() { return *reader; }

private:
  struct Source {
    std::string array;
    int64_t slices; // entries of the array's leading axis that make a sample
  };

  std::unique_ptr<Reader> reader;
  std::vector<Source> sources;
  int64_t count = 0;
};

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_SAMPLES_H
